"""The words of each e-mail. No subject has a name in it, and no text anything of a member of staff."""

from dataclasses import dataclass

from agent.domain.errors import NotFound
from agent.domain.workforce import Organisation
from agent.organisation.notifications import NotificationKind, NotificationRow, Notifications
from agent.organisation.people.links import LIFE, new_token
from agent.organisation.people.service import People

_HOURS = int(LIFE.total_seconds() // 3600)
_ENDING = (
    "\n\nThis message was sent by the staff passport of {organisation}. If you did not expect it, "
    "do nothing and tell your information governance team.\n"
)


@dataclass(frozen=True, slots=True)
class Message:
    """One e-mail, ready to be sent."""

    to: str
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Messages:
    """Writes what is sent, at the moment of sending. `portal` is where links lead."""

    people: People
    notifications: Notifications
    organisation: Organisation
    portal: str

    async def write(self, notification: str) -> Message:
        """The message, with a fresh link where it has one: any earlier one is good for nothing from now on.

        Raises `NotFound` when nobody need be told any more.
        """
        row = await self.notifications.get(notification)
        subject, text = await _WRITERS[NotificationKind(row.kind)](self, row)
        person = await self.people.get(row.person)
        return Message(person.email, subject, text + _ENDING.format(organisation=self.organisation.name))

    async def invitation(self, row: NotificationRow) -> tuple[str, str]:
        """Somebody is to act for the organisation."""
        link = await self._link(row, "invitations")
        text = (
            f"You have been nominated to act for {self.organisation.name} in Staff Passport.\n\n"
            f"To begin, open this link and sign in. It works once, for {_HOURS} hours:\n\n{link}"
        )
        return "Staff Passport: you are invited", text

    async def email_proof(self, row: NotificationRow) -> tuple[str, str]:
        """Somebody registers the organisation."""
        link = await self._link(row, "email-proofs")
        text = (
            f"You are registering {self.organisation.name} with Staff Passport.\n\n"
            "To show that this is your address, open this link."
            f" It works once, for {_HOURS} hours:\n\n{link}"
        )
        return "Staff Passport: is this your address?", text

    async def registration(self, _row: NotificationRow) -> tuple[str, str]:
        """The operator has said something."""
        text = (
            f"The registration of {self.organisation.name} has changed. What it says now, and what is to be"
            f" done, stands here:\n\n{self.portal}/organisation"
        )
        return "Staff Passport: your organisation's registration", text

    async def searches(self, _row: NotificationRow) -> tuple[str, str]:
        """A burst of searches that found nobody."""
        text = (
            f"Somebody at {self.organisation.name} has searched the staff record again and again within a few"
            " minutes, and found no one. Please ask them why. Who it was, and when, stands here, and so does"
            f" where you say that you have seen to it:\n\n{self.portal}/search-alerts"
        )
        return "Staff Passport: searches to look into", text

    async def _link(self, row: NotificationRow, page: str) -> str:
        token = new_token()
        link = None if row.about is None else await self.people.token_for(row.about, token)
        if link is None:
            await self.notifications.no_longer_needed(row.id)
            raise NotFound("The link was replaced or used.", code="link_not_found")
        # A portal is many organisations': it has to know whose agent the link is for.
        return f"{self.portal}/{page}/{self.organisation.ods_code}/{token}"


_WRITERS = {
    NotificationKind.INVITATION: Messages.invitation,
    NotificationKind.EMAIL_PROOF: Messages.email_proof,
    NotificationKind.REGISTRATION: Messages.registration,
    NotificationKind.SEARCHES: Messages.searches,
}

"""One passport: how far it is, what is to be done next, and what became of its credentials."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from agent.domain.credentials import ENDED_STATES, CredentialState, CredentialType, RejectionReason
from agent.domain.passport import ENDED, ConfirmationMethod, PassportState
from portal.agent_client.passports import Credential, Invitation, PassportDetails
from portal.pages.words import CREDENTIAL, CREDENTIAL_STATE, PASSPORT, REJECTION, REVOCATION, Word

DONE = "Completed"
TO_DO, THEIRS = Word("To do", "yellow"), Word("Waiting for them", "blue")
NOT_YET, NEVER = Word("Cannot start yet", "grey"), Word("Not reached", "grey")
STEPS = (
    "Make the passport and invite",
    "The person takes up the invitation",
    "Confirm that it is them",
    "Offer the credentials",
    "The person accepts them",
)
REACHED = {
    PassportState.INVITED: 1,
    PassportState.CONNECTED: 2,
    PassportState.CONFIRMED: 3,
    PassportState.OFFERED: 4,
    PassportState.ACTIVE: 5,
}
"""How many of the steps are done in which state."""
OF_THE_PERSON = frozenset({1, 4})
"""The steps that are not HR's, counted from nought."""
METHOD = {
    ConfirmationMethod.COMPARED_CODE: "by the code that their wallet showed",
    ConfirmationMethod.ONE_TIME_CODE: "by a one-time code",
}
HELD = frozenset({CredentialState.ISSUED, CredentialState.ACTIVE})
UNDER_WAY = frozenset(
    {CredentialState.OFFERING, CredentialState.PENDING, CredentialState.ISSUING, CredentialState.ISSUED}
)
_REJECTED = {str(reason): text for reason, text in REJECTION.items()}
SUSPENDED = Word("Suspended", "orange")
ENDS = {
    "invitation_expired": "Nobody took up the invitation in time.",
    "wrong_codes": "A wrong code was entered five times.",
}
MEANS = {
    CredentialState.OFFERING: "It is being sent to their phone.",
    CredentialState.PENDING: "It waits for their answer.",
    CredentialState.ISSUING: "They accepted. It is checked against ESR once more, and signed.",
    CredentialState.ISSUED: "It was sent. Their phone has not said yet that it has it.",
    CredentialState.ACTIVE: "It is on their phone.",
    CredentialState.FAILED: "It came to nothing, and nobody has it. Offer it again.",
    CredentialState.REVOKING: "This is decided. Hosts learn of it as soon as it is published.",
    CredentialState.REVOKED: "It does not count any more.",
    CredentialState.EXPIRED: "It was short-lived, and has run out.",
}
WITHDRAWN = {
    "no_answer": "They did not answer in time.",
    "record_changed": "The record in ESR changed after the offer. Offer it again, as the record is now.",
    "checks_incomplete": "An employment check has a gap now.",
    "person_left": "The person has left.",
    "assignment_ended": "The assignment has ended.",
    "assignment_status": "The assignment's status does not allow it now.",
    "other_subject": "Another wallet answered than before. Talk to the person.",
    "subject_missing": "Their wallet did not say whom to bind it to. Talk to the person.",
    "subject_unknown": "Their wallet named somebody whom no host could check. Talk to the person.",
    "request_differs": "Their wallet asked for something else. Talk to the person.",
    "organisation_suspended": "Your organisation is suspended.",
    "organisation_succeeded": "Another organisation has taken your organisation's place.",
    "passport_terms_not_accepted": "Your organisation has not accepted the newest terms.",
    "issuer_not_trusted": "Your organisation is not on the trust list for it.",
    "cannot_be_signed": "It could not be signed. Tell whoever looks after this service.",
}


@dataclass(frozen=True, slots=True)
class CredentialLine:
    """The newest credential of one type, in words, and what can be done with it."""

    id: str
    title: str
    state: CredentialState
    word: Word
    means: str
    comment: str | None
    """In the person's own words."""
    acts: Sequence[tuple[str, str]]
    """What can be done, and the last part of its address."""


@dataclass(frozen=True, slots=True)
class Happened:
    """One line of the history."""

    at: datetime
    what: str
    who: str | None


@dataclass(frozen=True, slots=True)
class InvitationPart:
    """The invitation, for whoever may hand it on."""

    url: str
    picture: str
    mail: str


@dataclass(frozen=True, slots=True)
class PassportPart:
    """What changes by itself, and what a screen reader says of it."""

    id: str
    name: str
    word: Word
    steps: Sequence[Mapping[str, object]]
    """As the design system's task list takes them."""
    state: PassportState
    may_offer: bool
    """Whether there is something to offer."""
    credentials: Sequence[CredentialLine]
    ended_for: str | None
    history: Sequence[Happened]
    details: PassportDetails
    """As the agent told them."""

    @property
    def says(self) -> str:
        """The whole of it in a sentence."""
        lines = ", ".join(f"{each.title}: {each.word.text}" for each in self.credentials)
        return f"{self.word.text}. {lines}" if lines else self.word.text

    @property
    def is_invited(self) -> bool:
        """Whether the invitation may still be open."""
        return self.state is PassportState.INVITED

    @property
    def awaits_confirmation(self) -> bool:
        """Whether a wallet is there, and nobody knows yet whose."""
        return self.state is PassportState.CONNECTED

    def credential(self, identifier: str) -> CredentialLine | None:
        """The newest of its type that has this id."""
        return next((each for each in self.credentials if each.id == identifier), None)

    @property
    def ended(self) -> bool:
        """Whether there is nothing more to be done."""
        return self.state in ENDED


def passport_part(passport: PassportDetails, credentials: Sequence[Credential]) -> PassportPart:
    """How it stands."""
    newest = newest_of(credentials)
    return PassportPart(
        passport.id,
        passport.holder_name,
        PASSPORT[passport.state],
        steps(passport, newest),
        passport.state,
        passport.state in _OFFERABLE and bool(_missing(newest)),
        [_line(each, passport) for each in newest.values()],
        _ended_for(passport),
        history(passport, credentials),
        passport,
    )


_OFFERABLE = frozenset({PassportState.CONFIRMED, PassportState.OFFERED, PassportState.ACTIVE})


def newest_of(credentials: Sequence[Credential]) -> dict[CredentialType, Credential]:
    """The newest of each type, in the order of the types; short-lived ones repeat another."""
    newest = {each.type: each for each in credentials if each.expires_at is None}
    return {kind: newest[kind] for kind in CREDENTIAL if kind in newest}


def steps(passport: PassportDetails, newest: Mapping[CredentialType, Credential]) -> list[dict[str, object]]:
    """Each step and how it stands."""
    reached = REACHED.get(passport.state) or _reached_before_the_end(passport, newest)
    return [_step(number, reached, passport, newest) for number in range(len(STEPS))]


def invitation_part(invitation: Invitation, name: str, employer: str) -> InvitationPart:
    """The link, its picture, and a letter with it that is only to be sent."""
    picture = base64.b64encode(invitation.qr_svg.encode()).decode()
    subject = f"Your staff passport from {employer}"
    body = (
        f"Dear {name},\n\n{employer} invites you to your staff passport.\n"
        "Open this link on the phone that has your wallet, or paste it there:\n\n"
        f"{invitation.url}\n\nYour wallet shows who invites you. Ask us if you did not expect this.\n"
    )
    mail = f"mailto:?subject={quote(subject)}&body={quote(body)}"
    return InvitationPart(invitation.url, f"data:image/svg+xml;base64,{picture}", mail)


def history(passport: PassportDetails, credentials: Sequence[Credential]) -> list[Happened]:
    """What the passport itself knows of who did what, the newest first."""
    told = [Happened(passport.created_at, "Passport made, and the person invited", passport.created_by)]
    if passport.confirmed_at is not None and passport.confirmation is not None:
        how = f"Confirmed {METHOD[passport.confirmation]}"
        told.append(Happened(passport.confirmed_at, how, _who(passport.confirmed_by)))
    for each in credentials:
        title = CREDENTIAL[each.type]
        told.append(Happened(each.offered_at, f"{title} offered", each.offered_by))
        if each.state is not CredentialState.PENDING:
            word = CREDENTIAL_STATE[each.state].text.lower()
            told.append(Happened(each.changed_at, f"{title}: {word}", None))
    return sorted(told, key=lambda each: each.at, reverse=True)


def means(credential: Credential) -> str:
    """What the state of a credential says to HR, with the reason for it."""
    if credential.state is CredentialState.REJECTED:
        said = _REJECTED.get(credential.reason or "", REJECTION[RejectionReason.OTHER])
        return f"{said} Put right what is wrong, and offer it again."
    if credential.state is CredentialState.WITHDRAWN:
        return _withdrawn(credential.reason or "")
    if credential.suspended and credential.state in HELD:
        return "It does not count until it is reinstated."
    if credential.state in {CredentialState.REVOKED, CredentialState.REVOKING}:
        return f"{MEANS[credential.state]}{_because(credential.reason)}"
    return MEANS[credential.state]


def _line(credential: Credential, passport: PassportDetails) -> CredentialLine:
    suspended = credential.suspended and credential.state in HELD
    return CredentialLine(
        credential.id,
        CREDENTIAL[credential.type],
        credential.state,
        SUSPENDED if suspended else CREDENTIAL_STATE[credential.state],
        means(credential),
        credential.comment,
        _acts(credential) if passport.state not in ENDED else (),
    )


def _acts(credential: Credential) -> tuple[tuple[str, str], ...]:
    if credential.state not in HELD:
        return ()
    pause = ("Reinstate", "reinstatement") if credential.suspended else ("Suspend", "suspension")
    return (pause, ("Revoke", "revocation"))


def _step(
    number: int, reached: int, passport: PassportDetails, newest: Mapping[CredentialType, Credential]
) -> dict[str, object]:
    step: dict[str, object] = {"title": {"text": STEPS[number]}}
    if number < reached and not (number == len(STEPS) - 1 and _unanswered(newest)):
        return step | {"status": {"text": DONE}}
    if passport.state in ENDED:
        word = NEVER
    elif number <= reached:
        word = THEIRS if number in OF_THE_PERSON else TO_DO
    else:
        word = NOT_YET
    return step | {"status": {"tag": {"text": word.text, "colour": word.colour}}}


def _unanswered(newest: Mapping[CredentialType, Credential]) -> bool:
    return any(each.state in UNDER_WAY for each in newest.values())


def _reached_before_the_end(passport: PassportDetails, newest: Mapping[CredentialType, Credential]) -> int:
    """Of a passport that has ended: its state says no more how far it came."""
    if any(each.state in {CredentialState.REVOKED, CredentialState.REVOKING} for each in newest.values()):
        return REACHED[PassportState.ACTIVE]
    if newest:
        return REACHED[PassportState.OFFERED]
    if passport.confirmed_at is not None:
        return REACHED[PassportState.CONFIRMED]
    tried = passport.wrong_codes > 0
    return REACHED[PassportState.CONNECTED if tried else PassportState.INVITED]


def _missing(newest: Mapping[CredentialType, Credential]) -> list[CredentialType]:
    return [kind for kind in CREDENTIAL if kind not in newest or newest[kind].state in ENDED_STATES]


def _ended_for(passport: PassportDetails) -> str | None:
    if passport.ended_for is None:
        return None
    words = {str(reason): f"{text}." for reason, text in REVOCATION.items()} | ENDS
    return words.get(passport.ended_for, passport.ended_for.replace("_", " "))


def _withdrawn(codes: str) -> str:
    sentences = [WITHDRAWN.get(code) for code in codes.split(",")]
    known = [each for each in sentences if each is not None]
    return " ".join(known) or f"The offer was taken back.{_because(codes)}"


def _because(reason: str | None) -> str:
    if not reason:
        return ""
    words = {str(each): text for each, text in REVOCATION.items()}
    return f" Reason: {words.get(reason, reason.replace('_', ' ')).lower()}."


def _who(actor: str | None) -> str | None:
    return "the person" if actor == "holder" else actor

"""Who acts for the organisation, and what can be done about it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from agent.domain.actors import Permission, Role
from portal.agent_client.people import Person, PersonPage, PersonStatus, PersonStep
from portal.forms.people import ROLE_FIELD, PeopleFilter
from portal.pages.words import Word

ROLES = {
    Role.HR_DIRECTOR: "HR director",
    Role.ADMINISTRATOR: "Administrator",
    Role.NOMINATED_USER: "Nominated user",
    Role.VERIFIER: "Verifier",
    Role.AUDITOR: "Auditor",
    Role.OPERATOR: "Service operator",
}
ROLE_HINTS = {
    Role.HR_DIRECTOR: "Registers the organisation, accepts terms, and nominates administrators",
    Role.ADMINISTRATOR: "Nominates people, and looks after settings, audit and retention",
    Role.NOMINATED_USER: "Searches ESR, issues passports, and asks for and reviews those of others",
    Role.VERIFIER: "Asks for passports of others, and reviews them",
    Role.AUDITOR: "Reads the audit, and exports it",
    Role.OPERATOR: "Invites organisations to register, and decides on them",
}
OFFERED_TO: Mapping[Role, Permission] = {
    Role.HR_DIRECTOR: Permission.ORGANISATION_REGISTER,
    Role.ADMINISTRATOR: Permission.ADMINISTRATOR_NOMINATE,
    Role.NOMINATED_USER: Permission.USER_NOMINATE,
    Role.VERIFIER: Permission.USER_NOMINATE,
    Role.AUDITOR: Permission.USER_NOMINATE,
    Role.OPERATOR: Permission.USER_NOMINATE,
}
"""To whom a form shows each role; whether it may be given, the agent says."""
STATUS = {
    PersonStatus.INVITED: Word("Invited", "blue"),
    PersonStatus.ACTIVE: Word("Active", "green"),
    PersonStatus.SUSPENDED: Word("Suspended", "yellow"),
    PersonStatus.REMOVED: Word("Removed", "grey"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """Something that is done to somebody, once its page was read."""

    step: PersonStep
    link: str
    heading: str
    means: str
    button: str
    done: str
    warns: bool = True


STEPS = {
    PersonStep.INVITATION: Step(
        PersonStep.INVITATION,
        "Send the invitation again",
        "Send another invitation",
        "Another link goes to their e-mail address. It works once, for 72 hours, in place of the first.",
        "Send the invitation",
        "Another invitation is on its way.",
        warns=False,
    ),
    PersonStep.SUSPENSION: Step(
        PersonStep.SUSPENSION,
        "Suspend",
        "Suspend this person",
        "They can do nothing from now on, and are signed out everywhere. You can restore them later.",
        "Suspend",
        "This person is suspended, and signed out everywhere.",
    ),
    PersonStep.RESTORATION: Step(
        PersonStep.RESTORATION,
        "Restore",
        "Restore this person",
        "They can act again, with the roles that they had. They have to sign in anew.",
        "Restore",
        "This person can act again, once they have signed in.",
        warns=False,
    ),
    PersonStep.REMOVAL: Step(
        PersonStep.REMOVAL,
        "Remove",
        "Remove this person",
        "They can do nothing from now on, are signed out everywhere, and their links work no more. To have"
        " them back, you have to nominate them anew.",
        "Remove",
        "This person is removed.",
    ),
}
POSSIBLE: Mapping[PersonStatus, Sequence[PersonStep]] = {
    PersonStatus.INVITED: (PersonStep.INVITATION, PersonStep.REMOVAL),
    PersonStatus.ACTIVE: (PersonStep.SUSPENSION, PersonStep.REMOVAL),
    PersonStatus.SUSPENDED: (PersonStep.RESTORATION, PersonStep.REMOVAL),
    PersonStatus.REMOVED: (),
}
"""Which pages a record leads to."""
DONE = {str(step): each.done for step, each in STEPS.items()} | {
    "nomination": "This person is nominated. An invitation is on its way to their e-mail address.",
    "changes": "The record is changed.",
}
"""What a page says of what was done just now."""


@dataclass(frozen=True, slots=True)
class Row:
    """One person."""

    name: str
    href: str
    roles: str
    number: str
    word: Word


@dataclass(frozen=True, slots=True)
class PeopleList:
    """One page of the list, and the ways on from it."""

    rows: Sequence[Row]
    statuses: list[dict[str, object]]
    roles: list[dict[str, object]]
    name: str
    next: str | None
    first: str | None


@dataclass(frozen=True, slots=True)
class Record:
    """One person, as their page shows them."""

    person: Person
    roles: str
    word: Word
    is_oneself: bool
    steps: Sequence[Step]
    done: str | None


def people_list(page: PersonPage, chosen: PeopleFilter) -> PeopleList:
    """The page that was asked for."""
    return PeopleList(
        [_row(person) for person in page.people],
        _choices({status: word.text for status, word in STATUS.items()}, chosen.status),
        _choices(ROLES, chosen.role),
        chosen.name or "",
        None if page.next is None else _address(chosen, page.next),
        None if chosen.cursor is None else _address(chosen, None),
    )


def record(person: Person, *, reader: str, done: str | None) -> Record:
    """What there is about somebody, for whoever signs in as `reader`."""
    is_oneself = person.user == reader
    steps = [] if is_oneself else [STEPS[step] for step in POSSIBLE[person.status]]
    return Record(
        person, role_words(person.roles), STATUS[person.status], is_oneself, steps, DONE.get(done or "")
    )


def role_words(roles: Collection[Role]) -> str:
    """Roles as people say them."""
    return ", ".join(words for role, words in ROLES.items() if role in roles)


def offered(held: Collection[Permission], *, at_operator: bool) -> tuple[Role, ...]:
    """The roles that a form asks about."""
    return tuple(
        role
        for role, permission in OFFERED_TO.items()
        if permission in held and (role is not Role.OPERATOR or at_operator)
    )


def role_items(roles: Sequence[Role], ticked: Collection[Role]) -> list[dict[str, object]]:
    """As the design system's checkboxes take them."""
    return [
        {
            "name": f"{ROLE_FIELD}{role}",
            "id": "roles" if place == 0 else f"roles-{role}",
            "value": "yes",
            "text": ROLES[role],
            "hint": {"text": ROLE_HINTS[role]},
            "checked": role in ticked,
        }
        for place, role in enumerate(roles)
    ]


def _row(person: Person) -> Row:
    return Row(
        person.name,
        f"/people/{person.id}",
        role_words(person.roles),
        person.employee_number or "None",
        STATUS[person.status],
    )


def _choices(
    words: Mapping[PersonStatus, str] | Mapping[Role, str], chosen: str | None
) -> list[dict[str, object]]:
    known = [
        {"value": str(value), "text": text, "selected": value == chosen} for value, text in words.items()
    ]
    return [{"value": "", "text": "All", "selected": chosen is None}, *known]


def _address(chosen: PeopleFilter, cursor: str | None) -> str:
    told = {"status": chosen.status, "role": chosen.role, "name": chosen.name, "cursor": cursor}
    query = urlencode({name: str(value) for name, value in told.items() if value})
    return f"/people?{query}" if query else "/people"

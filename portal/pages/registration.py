"""How far the registration has come, and what each step asks."""

from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from agent.domain.actors import Permission
from agent.domain.registration import Region, RegistrationState
from portal.agent_client.registration import Registration
from portal.agent_client.terms import TermsKind, TermsOverview
from portal.pages.terms import CAPACITIES
from portal.pages.words import Word

DONE = Word("Done", "green")
TO_DO = Word("To do", "blue")
WAITING = Word("Waiting", "yellow")
NOT_YET = Word("Cannot start yet", "grey")
DECLINED = Word("Declined", "red")
STATES = {
    RegistrationState.DRAFT: Word("Not submitted", "blue"),
    RegistrationState.SUBMITTED: Word("Waiting for the operator", "yellow"),
    RegistrationState.APPROVED: Word("Approved", "green"),
    RegistrationState.DECLINED: Word("Declined", "red"),
    RegistrationState.SUSPENDED: Word("Suspended", "red"),
    RegistrationState.SUCCEEDED: Word("Succeeded by another organisation", "grey"),
}
SAID = {
    "details": "The details are kept.",
    "email-proof": "A link is on its way to your e-mail address. Open it, and sign in if you are asked to.",
    "email": "Your e-mail address is proven.",
    "operator": "The operator's invitation is taken up. A code to compare appears here once its agent has"
    " answered.",
    "submission": "The registration is sent to the operator.",
    "activation": "The organisation is active.",
}
"""What the page says of what was done just now."""
MAY_BEGIN_WITHOUT = frozenset({"details_missing", "nomination_missing", "email_outside_domains"})
PREPARED = MAY_BEGIN_WITHOUT | {"email_not_proven", "operator_not_connected"}
"""What stands in the way of submission."""
UNDECIDED = frozenset({"not_submitted", "not_approved", "registration_declined"})


@dataclass(frozen=True, slots=True)
class Task:
    """One step of the list; without an address where there is nothing to do for this reader."""

    text: str
    word: Word
    href: str | None
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Missing:
    """A step that is left, in the agent's words."""

    sentence: str
    mended_by: str | None


@dataclass(frozen=True, slots=True)
class TaskList:
    """The whole page."""

    registration: Registration
    word: Word
    tasks: Sequence[Task]
    missing: Sequence[Missing]
    said: str


def task_list(
    registration: Registration, terms: TermsOverview, held: Collection[Permission], said: str | None
) -> TaskList:
    """Every step in its order, each for whoever may take it."""
    left = {each.code for each in registration.missing}
    registers, activates = Permission.ORGANISATION_REGISTER in held, Permission.ORGANISATION_ACTIVATE in held
    tasks = [
        _step("Organisation details", left & MAY_BEGIN_WITHOUT, _if(registers, "/registration/details")),
        _email(left, registers=registers),
        _operator(left, registers=registers),
        _submission(left, registers=registers),
        _decision(registration),
        *_terms(terms, left),
        *_administrators(left, sees=Permission.PERSON_READ in held),
        _activation(left, activates=activates),
    ]
    missing = [Missing(each.sentence, each.mended_by) for each in registration.missing]
    return TaskList(registration, STATES[registration.state], tasks, missing, SAID.get(said or "", ""))


def _step(text: str, left: AbstractSet[str], href: str | None, *, hint: str = "") -> Task:
    return Task(text, TO_DO if left else DONE, href, hint)


def _email(left: AbstractSet[str], *, registers: bool) -> Task:
    text, hint = "Your e-mail address", "It has to be in one of the organisation's domains"
    if "details_missing" in left:
        return Task(text, NOT_YET, None, "Give the organisation's details first")
    to_do = {"email_not_proven"} & left
    return _step(text, to_do, _if(registers and bool(to_do), "/registration/email"), hint=hint)


def _operator(left: AbstractSet[str], *, registers: bool) -> Task:
    to_do = {"operator_not_connected"} & left
    open_to = registers and bool(left & (PREPARED | UNDECIDED))
    return _step("The operator's invitation", to_do, _if(open_to, "/registration/operator"))


def _submission(left: AbstractSet[str], *, registers: bool) -> Task:
    text = "Check your answers, and send them"
    if not left & {"not_submitted", "registration_declined"}:
        return Task(text, DONE, None)
    if left & PREPARED:
        return Task(text, NOT_YET, None, "Take the steps above first")
    return Task(text, TO_DO, _if(registers, "/registration/submission"))


def _decision(registration: Registration) -> Task:
    text = "The operator's decision"
    match registration.state:
        case RegistrationState.DRAFT:
            return Task(text, NOT_YET, None)
        case RegistrationState.SUBMITTED:
            return Task(text, WAITING, None, "The operator calls your organisation, and asks for the code")
        case RegistrationState.DECLINED:
            return Task(text, DECLINED, None, f"The reason: {registration.reason}")
        case RegistrationState.APPROVED:
            return Task(text, DONE, None)
        case other:
            return Task(text, STATES[other], None, registration.reason or "")


def _terms(terms: TermsOverview, left: AbstractSet[str]) -> list[Task]:
    """Those of ESR only where they are asked for, or were accepted."""
    tasks = [_step("Staff passport terms", {"passport_terms_not_accepted"} & left, "/terms/passport")]
    if "esr_terms_not_accepted" in left or terms.newest(TermsKind.ESR) is not None:
        tasks.append(_step("ESR API terms", {"esr_terms_not_accepted"} & left, "/terms/esr"))
    return tasks


def _administrators(left: AbstractSet[str], *, sees: bool) -> list[Task]:
    nominated = {"administrators_not_nominated"} & left
    signed_in = {"administrators_not_signed_in"} & left
    word = DONE if not signed_in else NOT_YET if nominated else WAITING
    return [
        _step("Nominate at least two administrators", nominated, _if(sees, "/people/nomination")),
        Task("At least two administrators have signed in", word, _if(sees, "/people?role=administrator")),
    ]


def _activation(left: AbstractSet[str], *, activates: bool) -> Task:
    text = "Activate the organisation"
    if "not_activated" not in left:
        return Task(text, DONE, None)
    if left != {"not_activated"}:
        return Task(text, NOT_YET, None, "All other steps come first")
    return Task(text, TO_DO, _if(activates, "/registration/activation"))


def _if(may: bool, href: str) -> str | None:  # noqa: FBT001  # reads as the sentence that it is
    return href if may else None


def region_items(chosen: str) -> list[dict[str, object]]:
    """As the design system's select takes them."""
    regions = [{"value": str(each), "text": str(each), "selected": each == chosen} for each in Region]
    return [{"value": "", "text": "Choose a region", "selected": not chosen}, *regions]


def answers(registration: Registration) -> list[Mapping[str, object]]:
    """What was said, as the design system's summary list takes it."""
    told, nomination = registration.details, registration.nomination
    if told is None:
        return []
    rows = {
        "Name": told.name,
        "ODS code": told.ods_code,
        "ESR VPD number": told.vpd or "None",
        "Region": told.region,
        "E-mail domains": ", ".join(told.email_domains),
        "Contact": f"{told.contact.name}, {told.contact.email}, {told.contact.phone}",
        "Registered by": CAPACITIES[registration.capacity] if registration.capacity else "",
    }
    if nomination is not None:
        rows["Nominated by"] = f"{nomination.director_name}, {nomination.director_email}"
        rows["Nomination"] = nomination.reference
    return [
        {"key": {"text": key}, "value": {"text": text, "classes": "portal-wide"}}
        for key, text in rows.items()
    ]

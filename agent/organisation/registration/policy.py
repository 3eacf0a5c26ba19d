"""What has to be done before an organisation is submitted, before it is active, and before it may act."""

from dataclasses import dataclass
from datetime import date

from agent.domain.errors import Refusal
from agent.domain.policy import Policy, Rule
from agent.domain.ports.standing import Use
from agent.domain.registration import (
    EDITABLE,
    Capacity,
    Details,
    Nomination,
    RegistrationState,
    Succession,
    domain_of,
)
from agent.organisation.people.policy import ADMINISTRATORS
from agent.organisation.terms import TermsKind

_REGISTRANT = "the HR director, or the deputy whom they nominated"
_OPERATOR = "the service operator"
_ADMINISTRATORS = "the administrators who were invited"
_ACTIVATES = "the HR director or an administrator"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an organisation has come, on a day."""

    details: Details | None
    registrant_email: str | None
    capacity: Capacity | None
    nomination: Nomination | None
    email_proven: bool
    connected: bool  # to the operator
    state: RegistrationState
    reason: str | None
    succession: Succession | None
    terms_hold: frozenset[TermsKind]
    administrators_nominated: int
    administrators_signed_in: int
    activated: bool
    has_staff_records: bool
    on: date


def details_are_given(progress: Progress) -> Refusal | None:
    """Name, codes, region, domains and contact."""
    if progress.details is not None:
        return None
    return Refusal("details_missing", "The organisation's details are not given yet.", _REGISTRANT)


def a_deputy_was_nominated(progress: Progress) -> Refusal | None:
    """Who registers in the director's place says with what nomination."""
    if progress.capacity is not Capacity.NOMINATED_DEPUTY or progress.nomination is not None:
        return None
    return Refusal("nomination_missing", "The director's nomination of the deputy is not given.", _REGISTRANT)


def email_is_the_organisations(progress: Progress) -> Refusal | None:
    """The registrant's address is in one of the organisation's domains."""
    if progress.details is None or progress.registrant_email is None:
        return None
    if domain_of(progress.registrant_email) in progress.details.email_domains:
        return None
    sentence = "Your e-mail address is not in any of the organisation's domains."
    return Refusal("email_outside_domains", sentence, _REGISTRANT)


def email_is_proven(progress: Progress) -> Refusal | None:
    """The registrant opened a link that was sent there."""
    if progress.email_proven:
        return None
    return Refusal("email_not_proven", "It is not proven that your e-mail address is yours.", _REGISTRANT)


def operator_is_connected(progress: Progress) -> Refusal | None:
    """The operator's invitation was taken up."""
    if progress.connected:
        return None
    sentence = "The operator's invitation has not been taken up, or its answer has not come yet."
    return Refusal("operator_not_connected", sentence, _REGISTRANT)


def operator_has_approved(progress: Progress) -> Refusal | None:
    """Only an approved organisation is a registered data controller."""
    reason = f" The reason: {progress.reason}" if progress.reason else ""
    match progress.state:
        case RegistrationState.APPROVED:
            return None
        case RegistrationState.DRAFT:
            return Refusal("not_submitted", "The registration has not been submitted.", _REGISTRANT)
        case RegistrationState.SUBMITTED:
            return Refusal("not_approved", "The operator has not decided yet.", _OPERATOR)
        case RegistrationState.DECLINED:
            return Refusal("registration_declined", f"The operator has declined.{reason}", _REGISTRANT)
        case RegistrationState.SUSPENDED:
            return Refusal("organisation_suspended", f"The organisation is suspended.{reason}", _OPERATOR)
        case RegistrationState.SUCCEEDED:
            return _succeeded(progress)


def _succeeded(progress: Progress) -> Refusal | None:
    """Until the day on which the successor takes over, everything goes on."""
    succession = progress.succession
    if succession is not None and progress.on < succession.on:
        return None
    successor = f" {succession.successor} has taken its place." if succession else ""
    return Refusal("organisation_succeeded", f"This organisation has ended.{successor}", "its successor")


def passport_terms_hold(progress: Progress) -> Refusal | None:
    """The passport's terms were accepted, in the version that counts."""
    if TermsKind.PASSPORT in progress.terms_hold:
        return None
    sentence = "The staff passport's terms are not accepted in the version that counts."
    return Refusal("passport_terms_not_accepted", sentence, _REGISTRANT)


def esr_terms_hold(progress: Progress) -> Refusal | None:
    """The ESR API's terms were, too, by an organisation that has staff records there."""
    if not progress.has_staff_records or TermsKind.ESR in progress.terms_hold:
        return None
    sentence = "The ESR API's terms are not accepted in the version that counts."
    return Refusal("esr_terms_not_accepted", sentence, _REGISTRANT)


def administrators_are_nominated(progress: Progress) -> Refusal | None:
    """At least two, whether they have signed in or not."""
    if progress.administrators_nominated >= ADMINISTRATORS:
        return None
    sentence = (
        f"At least {ADMINISTRATORS} local system administrators have to be nominated;"
        f" {progress.administrators_nominated} are."
    )
    return Refusal("administrators_not_nominated", sentence, _REGISTRANT)


def administrators_have_signed_in(progress: Progress) -> Refusal | None:
    """At least two have taken up their invitation."""
    if progress.administrators_signed_in >= ADMINISTRATORS:
        return None
    sentence = (
        f"At least {ADMINISTRATORS} local system administrators have to have signed in once;"
        f" {progress.administrators_signed_in} have."
    )
    return Refusal("administrators_not_signed_in", sentence, _ADMINISTRATORS)


def is_activated(progress: Progress) -> Refusal | None:
    """Somebody has activated the organisation, which gives automatic changes their authority."""
    if progress.activated:
        return None
    return Refusal("not_activated", "The organisation is not active yet.", _ACTIVATES)


def until_submitted(rule: Rule[Progress]) -> Rule[Progress]:
    """What is judged when it is submitted, and not again: people and their addresses change."""

    def judged(progress: Progress) -> Refusal | None:
        return rule(progress) if progress.state in EDITABLE else None

    return judged


SUBMISSION = Policy(
    "submission of a registration",
    tuple(
        map(
            until_submitted,
            (
                details_are_given,
                a_deputy_was_nominated,
                email_is_the_organisations,
                email_is_proven,
                operator_is_connected,
            ),
        )
    ),
)
ACTIVATION = Policy(
    "activation of an organisation",
    (
        *SUBMISSION.rules,
        operator_has_approved,
        passport_terms_hold,
        esr_terms_hold,
        administrators_are_nominated,
        administrators_have_signed_in,
    ),
)
ALL_DONE = Policy("an organisation's registration", (*ACTIVATION.rules, is_activated))
"""What it still lacks is every step that is left."""
STANDING = {
    Use.ISSUING: Policy("standing to issue", (operator_has_approved, passport_terms_hold, is_activated)),
    Use.ESR: Policy("standing to use ESR", (operator_has_approved, esr_terms_hold, is_activated)),
}

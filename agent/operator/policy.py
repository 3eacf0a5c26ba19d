"""Whom the operator approves."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agent.domain.errors import Refusal
from agent.domain.policy import Policy
from agent.domain.registration import Capacity, domain_of

_APPLICANT = "the organisation that applies"
_OPERATOR = "the service operator"


@dataclass(frozen=True, slots=True)
class Candidate:
    """Who applies, and what was found out by calling back."""

    invited_as: str
    application: Mapping[str, Any]
    call_back: Mapping[str, Any] | None


def is_who_was_invited(candidate: Candidate) -> Refusal | None:
    """An invitation is for one organisation."""
    if candidate.application["details"]["ods_code"] == candidate.invited_as:
        return None
    return Refusal("other_organisation", "Another organisation applied than was invited.", _APPLICANT)


def email_is_theirs(candidate: Candidate) -> Refusal | None:
    """The registrant's address was proven, and is in one of their domains."""
    registrant, details = candidate.application["registrant"], candidate.application["details"]
    in_domain = domain_of(str(registrant["email"])) in details["email_domains"]
    if in_domain and candidate.application["email_proven_at"]:
        return None
    sentence = "The registrant's e-mail address is not proven to be in the organisation's domains."
    return Refusal("email_not_proven", sentence, _APPLICANT)


def deputy_was_nominated(candidate: Candidate) -> Refusal | None:
    """A deputy comes with the director's nomination."""
    registrant = candidate.application["registrant"]
    if registrant["capacity"] != Capacity.NOMINATED_DEPUTY or registrant["nomination"]:
        return None
    return Refusal("nomination_missing", "The deputy gives no nomination by the director.", _APPLICANT)


def was_called_back(candidate: Candidate) -> Refusal | None:
    """Somebody called a number that did not come from the applicant, and the code was compared."""
    if candidate.call_back is not None and candidate.call_back["confirmed"]:
        return None
    return Refusal("not_called_back", "The organisation has not been called back and confirmed.", _OPERATOR)


APPROVAL = Policy(
    "approval of an organisation",
    (is_who_was_invited, email_is_theirs, deputy_was_nominated, was_called_back),
)

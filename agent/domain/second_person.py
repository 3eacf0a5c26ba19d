"""What one person asks for and another must agree to."""

from dataclasses import dataclass

from agent.domain.actors import Actor
from agent.domain.errors import Refusal
from agent.domain.policy import Policy

_SOMEBODY_ELSE = "another person with the same permission"


@dataclass(frozen=True, slots=True)
class Agreement:
    """Who asked, by the name they sign in with, and who would agree to it."""

    asked_by: Actor | None  # None of somebody who is not nominated any more
    asked_as: str
    agreed_by: Actor


def is_a_person(agreement: Agreement) -> Refusal | None:
    """A program agrees to nothing."""
    if agreement.agreed_by.person is not None:
        return None
    return Refusal("not_a_person", "Only a person can agree to this.", _SOMEBODY_ELSE)


def is_somebody_else(agreement: Agreement) -> Refusal | None:
    """Nobody agrees to what they asked for themselves, whatever name they sign in with."""
    if not _same(agreement):
        return None
    return Refusal("own_request", "You asked for this, so another person has to agree to it.", _SOMEBODY_ELSE)


def _same(agreement: Agreement) -> bool:
    one, other = agreement.asked_by, agreement.agreed_by
    if agreement.asked_as == other.id:
        return True
    if one is None:
        return False
    number = one.employee_number
    return one.person == other.person or (number is not None and number == other.employee_number)


SECOND_PERSON = Policy("second person", (is_a_person, is_somebody_else))

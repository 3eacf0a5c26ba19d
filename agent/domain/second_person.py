"""What one person asks for and another must agree to."""

from dataclasses import dataclass

from agent.domain.actors import Actor
from agent.domain.errors import Refusal
from agent.domain.policy import Policy
from agent.domain.workforce import EmployeeNumber

_SOMEBODY_ELSE = "another person with the same permission"


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asked: by the sign-in they used then, and by who they are, whatever became of them since."""

    user: str
    person: str | None
    employee_number: EmployeeNumber | None


@dataclass(frozen=True, slots=True)
class Agreement:
    """Who asked, and who would agree to it."""

    asked_by: Asker
    agreed_by: Actor


def is_a_person(agreement: Agreement) -> Refusal | None:
    """A program agrees to nothing."""
    if agreement.agreed_by.person is not None:
        return None
    return Refusal("not_a_person", "Only a person can agree to this.", _SOMEBODY_ELSE)


def is_somebody_else(agreement: Agreement) -> Refusal | None:
    """Nobody agrees to what they asked for themselves, whatever name they sign in with."""
    asked, agreed = agreement.asked_by, agreement.agreed_by
    same = asked.user == agreed.id or (asked.person is not None and asked.person == agreed.person)
    number = asked.employee_number
    if not same and (number is None or number != agreed.employee_number):
        return None
    return Refusal("own_request", "You asked for this, so another person has to agree to it.", _SOMEBODY_ELSE)


SECOND_PERSON = Policy("second person", (is_a_person, is_somebody_else))

"""Who may make whom what."""

from dataclasses import dataclass

from agent.domain.actors import Actor, Permission, Role
from agent.domain.errors import Refusal
from agent.domain.policy import Policy

ADMINISTRATORS = 2
"""So many there are at any time, once there were."""
_ADMINISTRATOR = "a local system administrator of your organisation"
_ANOTHER = "another local system administrator of your organisation"

GIVEN_BY: dict[Role, Permission] = {
    Role.OPERATOR: Permission.USER_NOMINATE,
    Role.HR_DIRECTOR: Permission.ORGANISATION_REGISTER,
    Role.ADMINISTRATOR: Permission.ADMINISTRATOR_NOMINATE,
    Role.NOMINATED_USER: Permission.USER_NOMINATE,
    Role.VERIFIER: Permission.USER_NOMINATE,
    Role.AUDITOR: Permission.USER_NOMINATE,
}
"""What a person needs to give and take each role."""


@dataclass(frozen=True, slots=True)
class PersonChange:
    """What `by` would make of somebody.

    `touched` are the roles that are given, taken, or held by somebody who is suspended, restored or removed.
    `administrators_left` counts those who are active afterwards; None when it was no administrator's change.
    """

    by: Actor
    person: str | None  # None of somebody who is new
    touched: frozenset[Role]
    is_operator: bool
    administrators_left: int | None = None
    suspends: bool = False
    numbers: frozenset[str] = frozenset()  # ESR employee numbers that they have or are to have


def is_not_oneself(change: PersonChange) -> Refusal | None:
    """Nobody gives themselves roles, nor an employee number; nor under a second record of theirs."""
    own_number = change.by.employee_number is not None and change.by.employee_number in change.numbers
    if not own_number and (change.person is None or change.person != change.by.person):
        return None
    return Refusal("own_record", "You cannot change your own record.", _ANOTHER)


def roles_may_be_given(change: PersonChange) -> Refusal | None:
    """Each role is given and taken by whoever may."""
    not_theirs = sorted(role for role in change.touched if not _may_touch(role, change))
    if not not_theirs:
        return None
    names = ", ".join(role.replace("_", " ") for role in not_theirs)
    mended_by = "your HR director" if Role.HR_DIRECTOR in not_theirs else _ADMINISTRATOR
    return Refusal("role_not_yours_to_give", f"You cannot give or take these roles: {names}.", mended_by)


def _may_touch(role: Role, change: PersonChange) -> bool:
    """Administrators suspend a director, too: a stolen sign-in does not wait for another director."""
    suspended_by_administrator = change.suspends and change.by.may(Permission.ADMINISTRATOR_NOMINATE)
    return change.by.may(GIVEN_BY[role]) or (role is Role.HR_DIRECTOR and suspended_by_administrator)


def operators_are_the_operators(change: PersonChange) -> Refusal | None:
    """Nobody is an operator but at the operator, whose staff are nothing else."""
    if Role.OPERATOR not in change.touched or change.is_operator:
        return None
    return Refusal("not_the_operator", "This organisation is not the service operator.", None)


def two_administrators_remain(change: PersonChange) -> Refusal | None:
    """The last but one administrator stays."""
    if change.administrators_left is None or change.administrators_left >= ADMINISTRATORS:
        return None
    sentence = (
        f"There would be {change.administrators_left} local system administrator(s) left, and there have to"
        f" be {ADMINISTRATORS}. Nominate another first, and wait until they have signed in."
    )
    return Refusal("two_administrators_needed", sentence, _ADMINISTRATOR)


CHANGE = Policy(
    "change of a person",
    (is_not_oneself, roles_may_be_given, operators_are_the_operators, two_administrators_remain),
)

"""A policy is a value: named rules that a subject must keep, every one of them."""

from collections.abc import Callable
from dataclasses import dataclass

from agent.domain.errors import EmptyPolicy, PolicyRefused, Refusal

type Rule[T] = Callable[[T], Refusal | None]
"""Answers None when `T` keeps the rule, and the refusal when it does not."""


@dataclass(frozen=True, slots=True)
class Policy[T]:
    """Refuses a subject for every rule it breaks, so that a person can mend all at once."""

    name: str
    rules: tuple[Rule[T], ...]

    def __post_init__(self) -> None:
        if not self.rules:
            raise EmptyPolicy(f"The policy {self.name} has no rules, so it would allow anything.")

    def refusals(self, subject: T) -> tuple[Refusal, ...]:
        """Every rule that `subject` breaks, in the order of the rules."""
        return tuple(refusal for rule in self.rules if (refusal := rule(subject)) is not None)

    def require(self, subject: T) -> None:
        """Raise `PolicyRefused`, naming every rule that `subject` breaks."""
        if refusals := self.refusals(subject):
            raise PolicyRefused(self.name, refusals)

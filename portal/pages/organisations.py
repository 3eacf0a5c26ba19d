"""For which organisations somebody may act."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Choice:
    """Where the person is known, and which agents did not say."""

    known: Mapping[str, str]
    """ODS code → name."""
    unasked: Sequence[str]
    """The names of those whose agent did not answer."""

    @property
    def only(self) -> str | None:
        """The one organisation, if there is no choice to be made."""
        return next(iter(self.known)) if len(self.known) == 1 and not self.unasked else None

    @property
    def items(self) -> list[dict[str, object]]:
        """As the design system's radios take it."""
        return [
            {"value": code, "text": name, "hint": {"text": f"ODS code {code}"}}
            for code, name in sorted(self.known.items(), key=lambda each: each[1])
        ]

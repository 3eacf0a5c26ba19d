"""What the person sends from a page."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from wallet.holder.offers import DeclineReason

LONGEST_INVITATION = 20_000
LONGEST_COMMENT = 500
_ONE_TIME_CODE = re.compile(r"[A-Za-z0-9]{4,20}")

type Sent = Mapping[str, Sequence[str]]
"""A form as it came: each field's values, for a list of ticks has several."""


def first(sent: Sent, name: str) -> str:
    """The one value of a field; nothing if it was not sent."""
    return next(iter(sent.get(name, ())), "")


def pasted(sent: Sent) -> str:
    """An invitation's link as it was pasted: an e-mail may have broken it into lines."""
    return "".join(first(sent, "invitation").split())


def one_time_code(sent: Sent) -> str | None:
    """The code that HR told the person; None for what is none."""
    code = re.sub(r"[\s-]", "", first(sent, "code"))
    return code if _ONE_TIME_CODE.fullmatch(code) else None


@dataclass(frozen=True, slots=True)
class Rejection:
    """Which offers the person does not want, and why."""

    offers: frozenset[str]
    reason: DeclineReason | None
    comment: str

    @classmethod
    def read(cls, sent: Sent) -> "Rejection":
        """Whatever was sent."""
        known = {str(each): each for each in DeclineReason}
        return cls(
            frozenset(sent.get("offer", ())),
            known.get(first(sent, "reason")),
            first(sent, "comment").strip(),
        )

    @property
    def errors(self) -> dict[str, str]:
        """Which fields cannot be taken, and why."""
        found: dict[str, str] = {}
        if not self.offers:
            found["offer"] = "Choose what you reject"
        if self.reason is None:
            found["reason"] = "Choose why you reject it"
        if len(self.comment) > LONGEST_COMMENT:
            found["comment"] = f"Write {LONGEST_COMMENT} characters at most"
        return found

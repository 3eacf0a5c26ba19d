"""What the importing process is told on its standard input, and what it answers on its standard output."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Self

from agent.domain.ports.audit import Intent, IntentId
from agent.esr_feed.layout import Layout
from agent.esr_feed.outbound import Header
from agent.esr_feed.rejections import Rejections


class ImportState(StrEnum):
    """How an import ended, or that it has not."""

    RUNNING = "running"
    IMPORTED = "imported"
    UNCHANGED = "unchanged"  # the same file was imported before
    REJECTED = "rejected"  # there are lines that cannot be taken, so nothing was
    REFUSED = "refused"  # it is not the file's turn, or not ours
    FAILED = "failed"  # something did not answer, or the process was stopped: it is tried again


class RefusedFor(StrEnum):
    """Why it is not a file's turn; the codes never change once published."""

    VPD_NOT_OURS = "vpd_not_ours"
    OUT_OF_ORDER = "file_out_of_order"
    MISSING = "file_missing"
    TOO_MANY_GONE = "too_many_gone"  # a full file that leaves so many out is more likely wrong than true


@dataclass(frozen=True, slots=True)
class Job:
    """One file to import; without a `path`, the day alone to go on to. `key` is 32 bytes."""

    database: str = field(repr=False)
    organisation: str
    vpd: str
    day: date
    intent: Intent
    key: bytes = field(repr=False)
    layout: Layout
    most_gone: float  # of the people who are known, the share that a full file may leave out
    path: str | None = None
    import_id: str | None = None

    def as_json(self) -> str:
        """The job as it goes over the pipe."""
        told = {
            "database": self.database,
            "organisation": self.organisation,
            "vpd": self.vpd,
            "day": self.day.isoformat(),
            "intent": asdict(self.intent),
            "key": self.key.hex(),
            "layout": self.layout.on_the_wire(),
            "most_gone": self.most_gone,
            "path": self.path,
            "import_id": self.import_id,
        }
        return json.dumps(told)

    @classmethod
    def of(cls, text: str) -> Self:
        """What `as_json` gave."""
        told: dict[str, Any] = json.loads(text)
        intent = told.pop("intent")
        return cls(
            **told
            | {
                "day": date.fromisoformat(told["day"]),
                "intent": Intent(**intent | {"id": IntentId(intent["id"])}),
                "key": bytes.fromhex(told["key"]),
                "layout": Layout.of(told["layout"]),
            }
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a job. Rejected lines are `[line, column or null, reason]`."""

    state: ImportState
    code: str | None = None
    digest: str | None = None
    kind: str | None = None
    sequence: int | None = None
    counts: Mapping[str, Any] = field(default_factory=dict)
    rejected: tuple[tuple[int, str | None, str], ...] = ()
    rejected_count: int = 0

    @classmethod
    def about(
        cls,
        state: ImportState,
        *,
        digest: str | None = None,
        header: Header | None = None,
        code: str | None = None,
        rejections: Rejections | None = None,
    ) -> Self:
        """An answer about a file, as far as it was read."""
        told = rejections or Rejections()
        return cls(
            state,
            code,
            digest,
            header.kind.value if header else None,
            header.sequence if header else None,
            {},
            tuple((each.line, each.column, each.reason.value) for each in told.kept),
            told.count,
        )

    def as_json(self) -> str:
        """The answer as it goes over the pipe."""
        return json.dumps(asdict(self))

    @classmethod
    def of(cls, text: str) -> Self:
        """What `as_json` gave. Raises `ValueError` or `TypeError` for anything else."""
        told: dict[str, Any] = json.loads(text)
        rejected = tuple((line, column, reason) for line, column, reason in told["rejected"])
        return cls(**told | {"state": ImportState(told["state"]), "rejected": rejected})

"""How what is kept as evidence is shown."""

from collections.abc import Iterable
from datetime import datetime

from agent.audit.evidence import EvidenceRow
from agent.routing import Answer


class KeptAnswer(Answer):
    """One thing that was said, as it was."""

    kind: str
    kept_at: datetime
    content: dict[str, object]


class EvidenceAnswer(Answer):
    """All of it, oldest first."""

    evidence: tuple[KeptAnswer, ...]


def evidence_answer(rows: Iterable[EvidenceRow]) -> EvidenceAnswer:
    """The rows as an answer has them."""
    return EvidenceAnswer(
        evidence=tuple(KeptAnswer(kind=row.kind, kept_at=row.kept_at, content=row.content) for row in rows)
    )

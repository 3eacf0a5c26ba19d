"""The two sets of terms: each version's exact text, and who accepted it by name."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from uuid import uuid4

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy import Index, String, select
from sqlalchemy.orm import Mapped, mapped_column

from agent.domain.actors import Actor
from agent.domain.clock import Clock, london_day, utc_now
from agent.domain.errors import Conflict, NotFound
from agent.domain.ports.audit import Audit
from agent.domain.registration import Capacity
from agent.domain.workforce import Organisation
from agent.store.engine import Store
from agent.store.tables import Instant, OfOrganisation, Table


class TermsKind(StrEnum):
    """Which set of terms; also the name of its folder."""

    PASSPORT = "passport"
    ESR = "esr"


class TermsUnreadable(ValueError):
    """A text of the terms is missing or malformed; the message is one line that says which."""


@dataclass(frozen=True, slots=True)
class TermsText:
    """One version. It counts from `published` on; whoever accepted an earlier one has until `accept_by`."""

    kind: TermsKind
    version: str
    title: str
    published: date
    accept_by: date
    text: str
    digest: str  # SHA-256 of the file's bytes, in hex


class _Heading(BaseModel):
    """What stands above the text, between two lines of three hyphens."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    version: str
    published: date
    accept_by: date


class TermsAcceptanceRow(OfOrganisation, Table):
    """One acceptance. The application may add rows, and neither change nor remove one."""

    __tablename__ = "terms_acceptances"
    __table_args__ = (
        Index("acceptances_of_terms", "organisation", "terms", "accepted_at"),
        {"schema": "organisation"},
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    terms: Mapped[str] = mapped_column(String(10))
    version: Mapped[str] = mapped_column(String(20))
    digest: Mapped[str] = mapped_column(String(64))
    accepted_by: Mapped[str] = mapped_column(String(120))
    name: Mapped[str] = mapped_column(String(200))
    capacity: Mapped[str] = mapped_column(String(20))
    accepted_at: Mapped[datetime] = mapped_column(Instant)


class Texts(dict[TermsKind, Sequence[TermsText]]):
    """Every version of both sets, oldest first."""


def read_terms(folder: Path) -> Texts:
    """Read them from a folder for each set. Raises `TermsUnreadable`."""
    return Texts({kind: _versions(kind, folder / kind) for kind in TermsKind})


def _versions(kind: TermsKind, folder: Path) -> Sequence[TermsText]:
    texts = [_text(kind, file) for file in folder.glob("*.md")]
    if not texts:
        raise TermsUnreadable(f"{folder}: there are no terms")
    if len({each.version for each in texts}) < len(texts):
        raise TermsUnreadable(f"{folder}: two texts are of one version")
    return sorted(texts, key=lambda each: (each.published, each.version))


def _text(kind: TermsKind, file: Path) -> TermsText:
    try:
        content = file.read_bytes()
        before, heading, text = content.decode().split("---\n", maxsplit=2)
        read = _Heading.model_validate(yaml.safe_load(heading))
    except (OSError, ValueError, yaml.YAMLError, ValidationError) as error:
        raise TermsUnreadable(f"{file}: is not a text of terms") from error
    if before or read.accept_by < read.published:
        raise TermsUnreadable(f"{file}: is not a text of terms")
    digest = hashlib.sha256(content).hexdigest()
    return TermsText(kind, read.version, read.title, read.published, read.accept_by, text.strip(), digest)


@dataclass(frozen=True, slots=True)
class TermsState:
    """How the organisation stands with one set of terms on a day."""

    published: Sequence[TermsText]  # oldest first; the last one counts
    accepted: TermsAcceptanceRow | None  # the newest acceptance, of whatever version
    on: date

    @property
    def current(self) -> TermsText:
        """The text that counts now."""
        return self.published[-1]

    @property
    def is_current(self) -> bool:
        """Whether exactly the text that counts now was accepted."""
        accepted = self.accepted
        return accepted is not None and accepted.digest == self.current.digest

    @property
    def holds(self) -> bool:
        """Whether the organisation is bound: by this text, or by an earlier one while none since is overdue.

        A text that was edited since is none that we know, and nothing was accepted with it.
        """
        return self.accepted is not None and all(self.on <= text.accept_by for text in self._newer)

    @property
    def _newer(self) -> Sequence[TermsText]:
        """Every text that came after the one that was accepted."""
        digests = [text.digest for text in self.published]
        accepted = self.accepted.digest if self.accepted is not None else None
        return self.published[digests.index(accepted) + 1 :] if accepted in digests else self.published


@dataclass(frozen=True, slots=True)
class Terms:
    """One organisation's terms."""

    store: Store
    organisation: Organisation
    audit: Audit
    texts: Texts
    clock: Clock = utc_now

    def current(self, kind: TermsKind) -> TermsText:
        """The newest version that is published by now."""
        return self._published(kind)[-1]

    def _published(self, kind: TermsKind) -> Sequence[TermsText]:
        today = london_day(self.clock())
        known = [text for text in self.texts[kind] if text.published <= today]
        if not known:
            raise NotFound("No version of these terms is published yet.", code="no_terms")
        return known

    def text(self, kind: TermsKind, version: str) -> TermsText:
        """One version, published or yet to be. Raises `NotFound`."""
        for text in self.texts[kind]:
            if text.version == version:
                return text
        raise NotFound("There is no such version of these terms.")

    async def state(self) -> Mapping[TermsKind, TermsState]:
        """How the organisation stands with both."""
        today = london_day(self.clock())
        accepted = await self.acceptances()
        return {kind: TermsState(self._published(kind), _newest(accepted, kind), today) for kind in TermsKind}

    async def acceptances(self) -> Sequence[TermsAcceptanceRow]:
        """Everything that was ever accepted, oldest first: the evidence."""
        row = TermsAcceptanceRow
        query = select(row).where(row.organisation == self.organisation.ods_code)
        async with self.store.joined(self.organisation.ods_code) as session:
            return (await session.scalars(query.order_by(row.accepted_at))).all()

    async def accept(
        self, kind: TermsKind, *, digest: str, name: str, capacity: Capacity, by: Actor
    ) -> TermsAcceptanceRow:
        """Accept the text that counts now, which must be the one that `by` has read.

        Raises `Conflict` with code `terms_changed` when it is not.
        """
        own = self.organisation.ods_code
        unit, subject = self.store.unit(own), f"{kind}:{digest}"
        async with self.audit.kept_with(unit, "accept terms", actor=by.id, subject=subject) as session:
            current = self.current(kind)
            if digest != current.digest:
                raise Conflict("The terms have changed since; read them again.", code="terms_changed")
            row = TermsAcceptanceRow(
                organisation=own,
                id=str(uuid4()),
                terms=kind,
                version=current.version,
                digest=digest,
                accepted_by=by.id,
                name=name,
                capacity=capacity,
                accepted_at=self.clock(),
            )
            session.add(row)
        return row


def _newest(rows: Iterable[TermsAcceptanceRow], kind: TermsKind) -> TermsAcceptanceRow | None:
    of_kind = [row for row in rows if row.terms == kind]
    return of_kind[-1] if of_kind else None

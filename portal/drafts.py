"""What somebody typed and could not be sent: kept sealed, for them alone, until it can be."""

import base64
import hashlib
import json
import secrets
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NewType

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from portal.accounts import AccountId
from portal.form_tokens import FIELD
from portal.sessions import Session

DraftId = NewType("DraftId", str)
"""What the page's address says; the database has its hash."""

KEPT = timedelta(hours=2)
SECRET = ("password", "code")
"""A field that has one of these in its name is never kept."""


@dataclass(frozen=True, slots=True)
class SealedDraft:
    """A draft as it is kept: whose it is, and nothing that can be read."""

    digest: str
    account: AccountId
    sealed: bytes
    at: datetime


class KeptDrafts(ABC):
    """Where drafts are kept."""

    @abstractmethod
    async def add(self, draft: SealedDraft) -> None:
        """Keep one."""

    @abstractmethod
    async def find(self, digest: str, account: AccountId) -> SealedDraft | None:
        """One of that account's."""

    @abstractmethod
    async def remove_before(self, instant: datetime) -> None:
        """Forget what is older."""


@dataclass(frozen=True, slots=True)
class Drafts:
    """Keeps what was typed for the same person, at the same organisation, on the same page."""

    kept: KeptDrafts
    seal: Fernet
    now: Callable[[], datetime]

    async def keep(self, session: Session, path: str, form: Mapping[str, str]) -> DraftId:
        """Keep what was typed, but for secrets."""
        identifier, now = DraftId(secrets.token_urlsafe(16)), self.now()
        typed = {name: value for name, value in form.items() if not _is_secret(name)}
        told = json.dumps([session.organisation, path, typed]).encode()
        await self.kept.remove_before(now - KEPT)
        await self.kept.add(SealedDraft(_digest(identifier), session.account, self.seal.encrypt(told), now))
        return identifier

    async def find(self, identifier: DraftId, session: Session, path: str) -> Mapping[str, str]:
        """What was typed there; nothing if it is somebody else's, another organisation's, or too old."""
        draft = await self.kept.find(_digest(identifier), session.account)
        if draft is None or draft.at < self.now() - KEPT:
            return {}
        organisation, of_path, typed = json.loads(self.seal.decrypt(draft.sealed))
        if (organisation, of_path) != (session.organisation, path):
            return {}
        return dict(typed)


def draft_seal(form_key: bytes) -> Fernet:
    """What drafts are sealed with: from the key of forms, and for nothing else."""
    derived = HKDF(SHA256(), 32, salt=None, info=b"staff-passport:portal:drafts").derive(form_key)
    return Fernet(base64.urlsafe_b64encode(derived))


def _is_secret(name: str) -> bool:
    return name == FIELD or any(word in name for word in SECRET)


def _digest(identifier: DraftId) -> str:
    return hashlib.sha256(identifier.encode()).hexdigest()

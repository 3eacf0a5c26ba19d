"""The records of issue-credential 2.0 exchanges (RFC 0453) as ACA-Py stores them: each message as JSON.

ACA-Py's own handlers, for what we leave to them, read and write the same.
"""

import json
from dataclasses import dataclass
from typing import Any, Self

from acapy_agent.core.profile import ProfileSession
from acapy_agent.messaging.util import time_now
from acapy_agent.protocols.issue_credential.v2_0.models.cred_ex_record import V20CredExRecord
from acapy_agent.storage.base import BaseStorage
from acapy_agent.storage.error import StorageNotFoundError
from acapy_agent.storage.record import StorageRecord

from agent.didcomm import JsonMessage
from agent.domain.errors import NotFound

type Json = dict[str, Any]

OFFERED: str = V20CredExRecord.STATE_OFFER_SENT
REQUESTED: str = V20CredExRecord.STATE_REQUEST_RECEIVED
ISSUED: str = V20CredExRecord.STATE_ISSUED
DONE: str = V20CredExRecord.STATE_DONE
ABANDONED: str = V20CredExRecord.STATE_ABANDONED
_FOR_UPDATE = {"forUpdate": True}
_NO_AUTOPILOT = dict.fromkeys(("auto_offer", "auto_issue", "auto_remove", "auto_remove_on_failure"), False)


@dataclass(frozen=True, slots=True)
class ExchangeRecord:
    """One exchange, on the issuer's side; `value` is what is stored."""

    id: str
    thread: str
    value: Json

    @classmethod
    def offered(cls, identifier: str, connection: str, message: JsonMessage) -> Self:
        """A new one, for an offer that is about to be sent."""
        value = {
            "connection_id": connection,
            "initiator": V20CredExRecord.INITIATOR_SELF,
            "role": V20CredExRecord.ROLE_ISSUER,
            "state": OFFERED,
            "cred_offer": message.content,
            "trace": False,
            **_NO_AUTOPILOT,
        }
        return cls(identifier, message.thread, value)

    @classmethod
    async def load(cls, session: ProfileSession, identifier: str) -> Self:
        """Raises `NotFound`."""
        try:
            found = await session.inject(BaseStorage).get_record(V20CredExRecord.RECORD_TYPE, identifier)
        except StorageNotFoundError as error:
            raise NotFound("There is no such exchange.") from error
        return cls._of(found)

    @classmethod
    async def of_thread(cls, session: ProfileSession, connection: str, thread: str) -> Self:
        """Ours on this thread of this connection, locked until the transaction ends. Raises `NotFound`."""
        storage = session.inject(BaseStorage)
        query = V20CredExRecord.prefix_tag_filter({"thread_id": thread})
        for found in await storage.find_all_records(V20CredExRecord.RECORD_TYPE, query, options=_FOR_UPDATE):
            record = cls._of(found)
            if record.connection == connection and record.value.get("role") == V20CredExRecord.ROLE_ISSUER:
                return record
        raise NotFound("There is no such exchange.")

    @classmethod
    def _of(cls, stored: StorageRecord) -> Self:
        tags = V20CredExRecord.strip_tag_prefix(stored.tags or {})
        return cls(str(stored.id), str(tags.get("thread_id", "")), json.loads(stored.value))

    @property
    def connection(self) -> str:
        return str(self.value.get("connection_id") or "")

    @property
    def state(self) -> str:
        return str(self.value.get("state"))

    @property
    def note(self) -> str | None:
        """What the wallet said when it ended the exchange."""
        note: str | None = self.value.get("error_msg")
        return note

    @property
    def proposal(self) -> Json:
        return self._message("cred_proposal")

    @property
    def offer(self) -> Json:
        return self._message("cred_offer")

    @property
    def request(self) -> Json:
        return self._message("cred_request")

    @property
    def issued(self) -> Json:
        return self._message("cred_issue")

    def _message(self, name: str) -> Json:
        """What is kept of a message; nothing before it was sent or came."""
        message: Json = self.value.get(name) or {}
        return message

    async def insert(self, session: ProfileSession) -> None:
        """Keep a new record."""
        await session.inject(BaseStorage).add_record(self._stored({"created_at": time_now()}))

    async def update(self, session: ProfileSession, **changed: object) -> None:
        """Keep this one, with these values changed."""
        stored = self._stored(changed)
        await session.inject(BaseStorage).update_record(stored, str(stored.value), stored.tags)

    def _stored(self, changed: Json) -> StorageRecord:
        value = {**self.value, **changed, "thread_id": self.thread, "updated_at": time_now()}
        tags = V20CredExRecord.prefix_tag_filter({"thread_id": self.thread})
        return StorageRecord(V20CredExRecord.RECORD_TYPE, json.dumps(value), tags, self.id)

"""Protocol exchanges as ACA-Py stores them, each message as JSON, and the answers that come to them.

ACA-Py's own record classes make objects of every message in a record, and check each, whenever a record is
looked at or written. Its handlers, for what we leave to them, read and write the same.
"""

import json
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, Self, cast

from acapy_agent.core.profile import Profile, ProfileSession
from acapy_agent.messaging.base_handler import BaseHandler, HandlerException
from acapy_agent.messaging.models.base_record import BaseExchangeRecord
from acapy_agent.messaging.request_context import RequestContext
from acapy_agent.messaging.responder import BaseResponder
from acapy_agent.messaging.util import time_now
from acapy_agent.storage.base import BaseStorage
from acapy_agent.storage.error import StorageNotFoundError
from acapy_agent.storage.record import StorageRecord

from agent.didcomm import JsonMessage
from agent.domain.errors import NotFound

type Json = dict[str, Any]
_FOR_UPDATE = {"forUpdate": True}


@dataclass(frozen=True, slots=True)
class ExchangeRecord:
    """One exchange; `value` is what is stored. `KIND` is ACA-Py's class for it, `ROLE` our part in it."""

    KIND: ClassVar[type[BaseExchangeRecord]]
    ROLE: ClassVar[str]

    id: str
    thread: str
    value: Json

    @classmethod
    def begun(cls, identifier: str, connection: str, message: JsonMessage, **told: object) -> Self:
        """A new one, of which `message` is about to be sent. Nothing happens by itself."""
        value = {"connection_id": connection, "initiator": "self", "role": cls.ROLE, "trace": False, **told}
        return cls(identifier, message.thread, value)

    @classmethod
    async def load(cls, session: ProfileSession, identifier: str) -> Self:
        """Raises `NotFound`."""
        try:
            found = await session.inject(BaseStorage).get_record(cls._type(), identifier)
        except StorageNotFoundError as error:
            raise NotFound("There is no such exchange.") from error
        return cls._of(found)

    @classmethod
    async def erase(cls, session: ProfileSession, identifier: str) -> None:
        """Delete the record and all that was said; one that is gone is no fault."""
        storage = session.inject(BaseStorage)
        try:
            await storage.delete_record(await storage.get_record(cls._type(), identifier))
        except StorageNotFoundError:
            return

    @classmethod
    async def of_thread(cls, session: ProfileSession, connection: str, thread: str) -> Self:
        """Ours on this thread of this connection, locked until the transaction ends. Raises `NotFound`."""
        query = cls.KIND.prefix_tag_filter({"thread_id": thread})
        found = await session.inject(BaseStorage).find_all_records(cls._type(), query, options=_FOR_UPDATE)
        for record in map(cls._of, found):
            if record.connection == connection and record.value.get("role") == cls.ROLE:
                return record
        raise NotFound("There is no such exchange.")

    @classmethod
    def _type(cls) -> str:
        return str(cls.KIND.RECORD_TYPE)

    @classmethod
    def _of(cls, stored: StorageRecord) -> Self:
        tags = cls.KIND.strip_tag_prefix(stored.tags or {})
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

    def message(self, name: str) -> Json:
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
        tags = self.KIND.prefix_tag_filter({"thread_id": self.thread})
        return StorageRecord(self._type(), json.dumps(value), tags, self.id)


class AnswerHandler[Record: ExchangeRecord](BaseHandler, ABC):
    """Puts an answer into the exchange on whose thread it comes, if the exchange waits for it."""

    records: ClassVar[type[ExchangeRecord]]

    @abstractmethod
    async def take(self, record: Record, message: JsonMessage, transaction: ProfileSession) -> str | None:
        """Keep the answer, and the state of which to tell; None for one that nobody waits for."""

    async def handle(self, context: RequestContext, _responder: BaseResponder) -> None:
        """Keep it, and then tell that it came."""
        connection = context.connection_record
        if connection is None or not context.connection_ready:
            raise HandlerException("An answer came over no connection that is ready")
        profile: Profile = context.profile
        message = cast("JsonMessage", context.message)
        async with profile.transaction() as transaction:
            try:
                found = await self.records.of_thread(transaction, connection.connection_id, message.thread)
            except NotFound as error:
                raise HandlerException("An answer came to nothing that was asked") from error
            state = await self.take(cast("Record", found), message, transaction)
            await transaction.commit()
        if state is not None:
            kind = self.records.KIND
            topic = f"{kind.EVENT_NAMESPACE}::{kind.RECORD_TOPIC}::{state}"
            await profile.notify(topic, {kind.RECORD_ID_NAME: found.id})

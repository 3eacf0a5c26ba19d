"""DIDComm messages as JSON (RFC 0005).

ACA-Py's own classes make objects of every part of a message and check each, whenever it is looked at; what a
message says is for its reader to check, once.
"""

import base64
import json
from collections.abc import Iterable
from typing import Any, ClassVar, Self
from uuid import uuid4

from acapy_agent.messaging.base_handler import BaseHandler
from acapy_agent.messaging.base_message import BaseMessage, DIDCommVersion
from acapy_agent.messaging.models.base import BaseModelError
from acapy_agent.protocols.didcomm_prefix import DIDCommPrefix

type Json = dict[str, Any]


class JsonMessage(BaseMessage):
    """A message as it is on the wire; a kind that is received names its `handler`."""

    handler: ClassVar[type[BaseHandler] | None] = None

    def __init__(self, content: Json) -> None:
        self.content = content

    @classmethod
    def new(cls, kind: str, content: Json, *, thread: str | None = None) -> Self:
        """A message of ours of a kind (`protocol/version/name`), on a new thread unless one is given."""
        started = {"@type": DIDCommPrefix.qualify_current(kind), "@id": str(uuid4()), **content}
        return cls(started if thread is None else {**started, "~thread": {"thid": thread}})

    @property
    def _type(self) -> str:
        return str(self.content["@type"])

    @property
    def _message_type(self) -> str:
        return self._type

    @property
    def _id(self) -> str:
        return str(self.content["@id"])

    @property
    def _thread_id(self) -> str:
        return self.thread

    @property
    def thread(self) -> str:
        """The id of the thread, which is the first message's own."""
        return str((self.content.get("~thread") or {}).get("thid") or self.content["@id"])

    def serialize(self, msg_format: DIDCommVersion = DIDCommVersion.v1) -> Json:  # noqa: ARG002  # there is one
        return dict(self.content)

    @classmethod
    def deserialize(cls, value: Json, msg_format: DIDCommVersion = DIDCommVersion.v1) -> Self:  # noqa: ARG003
        """Whatever it says beside its id and its thread is kept as it came."""
        thread = value.get("~thread", {})
        if not isinstance(value.get("@id"), str) or not isinstance(thread, dict):
            raise BaseModelError("This is no message")
        return cls(value)

    @property
    def Handler(self) -> type[BaseHandler]:  # noqa: N802  # ACA-Py's name
        if self.handler is None:
            raise BaseModelError("Nobody handles this message")
        return self.handler


def attachment(identifier: str, content: Json) -> Json:
    """JSON, attached (RFC 0017)."""
    data = base64.b64encode(json.dumps(content).encode()).decode()
    return {"@id": identifier, "mime-type": "application/json", "data": {"base64": data}}


def attached(identifiers: Iterable[str], attachments: object) -> Json | None:
    """The one JSON object that is attached under any of `identifiers`; None when there is none such."""
    wanted = set(identifiers)
    listed = attachments if isinstance(attachments, list) else []
    found = [each for each in listed if isinstance(each, dict) and each.get("@id") in wanted]
    match found:
        case [{"data": {"json": dict(content)}}]:
            return content
        case [{"data": {"base64": str(text)}}]:
            return _decoded(text)
    return None


def _decoded(text: str) -> Json | None:
    try:
        padded = text + "=" * (-len(text) % 4)
        content = json.loads(base64.b64decode(padded, altchars=b"-_" if set(text) & set("-_") else None))
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None

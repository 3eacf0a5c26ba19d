"""What was shared with whom, and when: the person's own diary, which outlives the exchanges."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Self

from acapy_agent.connections.models.conn_record import ConnRecord
from acapy_agent.core.profile import Profile, ProfileSession
from acapy_agent.protocols.present_proof.v2_0.models.pres_exchange import V20PresExRecord
from acapy_agent.storage.base import BaseStorage
from acapy_agent.storage.record import StorageRecord

from wallet.holder.hosts import Host
from wallet.holder.selection import Ask, Selection

RECORD_TYPE = "staff_passport_shared"


@dataclass(frozen=True, slots=True)
class SharedCredential:
    """The names of what one credential showed, and of what it proved without showing it."""

    credential_id: str
    type: str | None
    issuer: str
    attributes: Sequence[str]
    predicates: Sequence[str]


@dataclass(frozen=True, slots=True)
class Shared:
    """One presentation. `label` is what the other agent calls itself; `shared_at` is UTC, ISO 8601.

    `name` and `ods_code` are those of the registered organisation that it proved to be, if it did.
    """

    request_id: str
    connection_id: str | None
    label: str | None
    name: str | None
    ods_code: str | None
    shared_at: str
    credentials: Sequence[SharedCredential]

    @classmethod
    def of(cls, record: V20PresExRecord, host: Host, selection: Selection, asks: Sequence[Ask]) -> Self:
        """What `record` shares with `host`, now, with a label yet to be looked up."""
        credentials = {credential.id: credential for credential in selection.chosen.values()}
        return cls(
            request_id=record.pres_ex_id,
            connection_id=record.connection_id,
            label=None,
            name=host.name,
            ods_code=host.ods_code,
            shared_at=datetime.now(UTC).isoformat(timespec="seconds"),
            credentials=[
                SharedCredential(
                    credential_id=credential.id,
                    type=credential.type,
                    issuer=credential.issuer,
                    attributes=_names(asks, selection, credential.id, shown=True),
                    predicates=_names(asks, selection, credential.id, shown=False),
                )
                for credential in credentials.values()
            ],
        )


class SharingDiary:
    """The diary of one wallet."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile

    async def note(self, shared: Shared) -> None:
        """Write down `shared`, under the name that the other agent has now."""
        async with self._profile.session() as session:
            entry = asdict(shared) | {"label": await _label(session, shared.connection_id)}
            record = StorageRecord(RECORD_TYPE, json.dumps(entry), id=shared.request_id)
            await session.inject(BaseStorage).add_record(record)

    async def all(self) -> list[Mapping[str, Any]]:
        """Every entry, the oldest first."""
        async with self._profile.session() as session:
            records = await session.inject(BaseStorage).find_all_records(RECORD_TYPE)
        entries: list[Mapping[str, Any]] = [json.loads(record.value) for record in records]
        return sorted(entries, key=lambda entry: str(entry["shared_at"]))


async def _label(session: ProfileSession, connection_id: str | None) -> str | None:
    if connection_id is None:
        return None
    return (await ConnRecord.retrieve_by_id(session, connection_id)).their_label


def _names(asks: Sequence[Ask], selection: Selection, credential_id: str, *, shown: bool) -> list[str]:
    return [
        name
        for ask in asks
        if (ask.predicate is None) is shown and selection.chosen[ask.referent].id == credential_id
        for name in ask.names
    ]

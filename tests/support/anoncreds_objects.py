"""Where AnonCreds objects stand, for tests that ask a part of it."""

from collections.abc import Mapping, Sequence
from typing import Any

from agent.domain.credentials import CredentialType
from agent.domain.ports.anoncreds_objects import AnonCredsObjects, ObjectIds, RevocationLists
from agent.national_schemas import national_schema_ids


def unasked() -> Any:
    """What is not to be asked anything."""
    return None


class ObjectsOf(AnonCredsObjects):
    """On did:webvh, with the national schemas of `operator`."""

    def __init__(self, operator: str) -> None:
        self.operator = operator

    async def issuer_id(self) -> str:
        raise NotImplementedError

    async def national_schemas(self) -> Mapping[CredentialType, str]:
        return national_schema_ids(self.operator)

    def belong_together(self, ids: ObjectIds) -> bool:
        raise NotImplementedError

    async def issuer_of(self, definition: str) -> str:
        return definition.partition("/")[0]

    async def lists_at(self, registry: str, moments: Sequence[int | None]) -> RevocationLists:
        raise NotImplementedError

"""What a person calls a credential: the name of its schema, as the registry has it."""

import asyncio

from signed_documents.attested_resources import ResourceType
from signed_documents.errors import SignedDocumentError
from signed_documents.resolution import WebvhReader

PATIENCE_SECONDS = 3.0
"""A name is a nicety: a list must not wait long for it."""


class SchemaNames:
    """Looks names up. What cannot be found out has none."""

    def __init__(self, reader: WebvhReader) -> None:
        self._reader = reader

    async def of(self, schema_id: str | None) -> str | None:
        """The name of the schema, or None."""
        if schema_id is None:
            return None
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                schema = await self._reader.resource(schema_id, ResourceType.SCHEMA)
        except (SignedDocumentError, TimeoutError):
            return None
        return str(schema.content["name"])

    async def of_all(self, schema_ids: set[str]) -> dict[str, str | None]:
        """The names of several schemas, looked up together."""
        ordered = sorted(schema_ids)
        names = await asyncio.gather(*(self.of(schema_id) for schema_id in ordered))
        return dict(zip(ordered, names, strict=True))

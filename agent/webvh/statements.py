"""Statements between organisations, signed with the key of attested resources, and anybody's verified."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from acapy_agent.core.profile import Profile

from agent.domain.errors import InvalidInput, Unavailable
from agent.domain.ports.identity import Statement, StatementSigner, StatementVerifier
from agent.webvh.identity import StoredIdentity
from signed_documents.errors import DocumentNotFound, DocumentRefused, DocumentUnavailable
from signed_documents.resolution import WebvhReader
from signed_documents.statements import sign_statement


class WebvhStatementSigner(StatementSigner):
    """One wallet's."""

    def __init__(self, profile: Profile, clock: Callable[[], datetime]) -> None:
        self._profile = profile
        self._clock = clock

    async def state(self, kind: str, content: Mapping[str, Any]) -> dict[str, Any]:
        identity = await StoredIdentity.in_use(self._profile)
        signer = identity.resource_signer(self._profile)
        return await sign_statement(
            kind, dict(content), issuer=identity.did, signer=signer, now=self._clock()
        )


class WebvhStatementVerifier(StatementVerifier):
    """Anybody's, by the document that their DID has now."""

    def __init__(self, reader: WebvhReader) -> None:
        self._reader = reader

    async def verified(self, statement: object, kind: str) -> Statement:
        try:
            found = await self._reader.statement(statement, kind)
        except DocumentUnavailable as error:
            raise Unavailable("The signer's DID cannot be read now.", code="registry_unavailable") from error
        except (DocumentRefused, DocumentNotFound) as error:
            raise InvalidInput("The statement does not verify.", code="statement_refused") from error
        return Statement(str(found.issuer), found.type, found.issued, found.content)

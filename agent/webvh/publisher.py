"""Writes to the registry over HTTP, with this organisation's write token."""

import asyncio
import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import NoReturn

import aiohttp
from yarl import URL

from agent.domain.errors import Conflict, StaffPassportError, Unavailable
from agent.domain.ports.contexts import ContextPublisher
from agent.domain.ports.trust_register import TrustListHost
from signed_documents.checkpoints import Checkpoint, Extension, claimed
from signed_documents.encoding import JsonObject
from signed_documents.identifiers import LOG_FILE, ResourceId, WebvhDid
from signed_documents.webvh_logs import VerifiedLog

TIMEOUT = aiohttp.ClientTimeout(total=20)


class PublicationRefused(StaffPassportError):
    """The registry answered that this may not be published; trying again will not help."""

    code = "publication_refused"


class RegistryPublisher(ContextPublisher, TrustListHost):
    """Every write may come twice. Raises `Unavailable`, `Conflict` or `PublicationRefused`."""

    def __init__(
        self, registry_url: str, token: str, former: Mapping[str, tuple[str, str]] | None = None
    ) -> None:
        """`former` are registries, and tokens, of places where the DID was before, by URL."""
        self._registry_url = registry_url
        self._token = token
        self._former = former or {}
        self._session: aiohttp.ClientSession | None = None

    async def log(self, log: VerifiedLog) -> None:
        """Publish a DID, or further entries of its log."""
        await self._put(f"{log.did.base_url}/{LOG_FILE}", log.text, "text/jsonl")

    async def witness_proofs(self, did: WebvhDid, proofs: bytes) -> None:
        """Publish the witnesses' approvals beside the log of `did` (did-witness.json)."""
        await self._put(did.witness_url, proofs, "application/json")

    async def resource(self, resource: JsonObject) -> None:
        """Publish an attested resource."""
        await self._put(
            ResourceId.parse(resource["id"]).url, json.dumps(resource).encode(), "application/json"
        )

    async def status_list(self, status_list: JsonObject) -> None:
        """Publish a version of a bitstring status list; `Conflict` when a newer one is there."""
        await self._put(status_list["id"], json.dumps(status_list).encode(), "application/vc")

    async def checkpoint(self, did: WebvhDid, extension: Extension) -> None:
        """Publish a checkpoint of the audit; `Conflict` when another than it extends is there."""
        await self._put(_checkpoint_of(did), extension.encoded(), "text/plain")

    async def published_checkpoint(self, did: WebvhDid) -> Checkpoint | None:
        """What the registry says was the newest checkpoint of the audit of `did`."""
        try:
            async with self._opened().get(self._writing(_checkpoint_of(did))[0]) as answer:
                if answer.status == HTTPStatus.NOT_FOUND:
                    return None
                if answer.status != HTTPStatus.OK:
                    await _refuse(answer)
                return claimed(await answer.read())
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Unavailable("The registry does not answer.", code="registry_unavailable") from error

    async def publish(self, url: str, context: JsonObject) -> None:
        """Publish a JSON-LD context, as the operator alone may. A version never changes."""
        body = json.dumps(context, sort_keys=True).encode()
        await self._put(url, body, "application/ld+json")

    async def publish_trust_list(self, publication: bytes) -> None:
        """Publish the trust list, as the operator alone may."""
        await self._put("/trust-list", publication, "application/json")

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    def _opened(self) -> aiohttp.ClientSession:
        self._session = self._session or aiohttp.ClientSession(timeout=TIMEOUT)
        return self._session

    def _writing(self, url: str) -> tuple[str, str]:
        """Where this machine writes what strangers read at `url`, and with which token."""
        here = (self._registry_url, self._token)
        registry_url, token = next((to for base, to in self._former.items() if url.startswith(base)), here)
        return f"{registry_url}{URL(url).path}", token

    async def _put(self, public_url: str, body: bytes, content_type: str) -> None:
        url, token = self._writing(public_url)
        headers = {"Authorization": f"Bearer {token}", "Content-Type": content_type}
        try:
            async with self._opened().put(url, data=body, headers=headers, allow_redirects=False) as answer:
                if answer.status not in (HTTPStatus.OK, HTTPStatus.CREATED):
                    await _refuse(answer)
        except (aiohttp.ClientError, TimeoutError, asyncio.IncompleteReadError) as error:
            raise Unavailable("The registry does not answer.", code="registry_unavailable") from error


def _checkpoint_of(did: WebvhDid) -> str:
    return f"{did.base_url}/audit/checkpoint"


async def _refuse(answer: aiohttp.ClientResponse) -> NoReturn:
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR or answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        raise Unavailable("The registry cannot take a publication now.", code="registry_unavailable")
    if answer.status == HTTPStatus.CONFLICT:
        raise Conflict("Somebody else published in between.", code="registry_conflict")
    problem = await answer.json(content_type=None)
    detail = problem.get("detail", "") if isinstance(problem, dict) else ""
    raise PublicationRefused(f"The registry refuses the publication: {detail}.")

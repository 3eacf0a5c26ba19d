"""Starts and drives one stock Credo wallet, the person's phone of the interop tests."""

import asyncio
import importlib.util
import json
import os
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import aiohttp

from tests.interop.credo.install import ASKAR_LIBRARY, HERE, install

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

STARTING = 60.0
"""Seconds a wallet may take to say that it is ready; two on an idle machine, several on a busy one."""
STOPPING = 10.0
"""Seconds a wallet may take to close its store."""
POLL = 10.0
"""Seconds that one look at the events is left open."""
ANY_REQUEST = aiohttp.ClientTimeout(total=60)

Json = dict[str, Any]


class WalletFailed(Exception):
    """The wallet could not do what the person asked; `code` is one of errors.mjs (`no_credentials`, …)."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(f"{code}: {reason}")
        self.code = code
        self.reason = reason


@dataclass(frozen=True, slots=True)
class RegistryAt:
    """Where the registry that identifiers call `host` really listens, and its certificate's CA."""

    host: str
    port: int
    ca_file: Path

    def environment(self) -> dict[str, str]:
        place = f"{self.host}=127.0.0.1:{self.port}"
        return {"REGISTRY_MAP": place, "NODE_EXTRA_CA_CERTS": str(self.ca_file)}


@dataclass(frozen=True, slots=True)
class Connection:
    """A connection; `state` as in RFC 0023."""

    connection_id: str
    state: str
    did: str | None
    their_did: str | None
    their_label: str | None
    error: str | None


@dataclass(frozen=True, slots=True)
class Exchange:
    """A credential exchange (states of RFC 0453) or a proof exchange (RFC 0454), as the holder sees it.

    `thread_id` is the other party's thread id too; `error` is what a problem report from them said.
    """

    id: str
    connection_id: str | None
    thread_id: str
    state: str
    error: str | None


@dataclass(frozen=True, slots=True)
class Offer(Exchange):
    """A credential that was offered; `attributes` are the preview a person sees before accepting."""

    formats: tuple[str, ...]
    attributes: dict[str, str]
    cred_def_id: str | None
    schema_id: str | None
    comment: str | None


@dataclass(frozen=True, slots=True)
class PresentationRequest(Exchange):
    """What a verifier asked for, by referent, in the words of the AnonCreds presentation request."""

    formats: tuple[str, ...]
    name: str | None
    comment: str | None
    requested_attributes: dict[str, Json]
    requested_predicates: dict[str, Json]
    non_revoked: dict[str, int] | None
    host: Json | None


@dataclass(frozen=True, slots=True)
class StoredCredential:
    """An AnonCreds credential in the phone; `revocation_index` counts within its revocation registry."""

    id: str
    cred_def_id: str
    schema_id: str
    revocation_registry_id: str | None
    revocation_index: str | None
    attributes: dict[str, Any]


@dataclass(frozen=True, slots=True)
class StoredW3cCredential:
    """A W3C credential in the phone: its type, who signed it, the DID that it is about, when it ends."""

    id: str
    type: str
    issuer: str
    subject: str | None
    expires: str | None


@dataclass(frozen=True, slots=True)
class Event:
    """One change in the phone. Kinds: connection, credential, revocation, proof, message.

    `number` counts from 1 in each phone. A message's `state` is the phone's role: `sender` or `receiver`.
    """

    number: int
    kind: str
    state: str
    previous_state: str | None = None
    id: str | None = None
    connection_id: str | None = None
    thread_id: str | None = None
    content: str | None = None
    error: str | None = None


def any_event(_: Event) -> bool:
    return True


class CredoWallet:
    """A running phone. Made by `CredoWallet.start`."""

    def __init__(self, session: aiohttp.ClientSession, *, didcomm_port: int) -> None:
        self._session = session
        self.endpoint = f"http://127.0.0.1:{didcomm_port}"

    @classmethod
    @asynccontextmanager
    async def start(cls, *, registry: RegistryAt | None = None) -> AsyncIterator[Self]:
        """A phone with an empty store, stopped and forgotten on leaving."""
        async with _running(registry) as ready:
            control = f"http://127.0.0.1:{ready['control']}"
            async with aiohttp.ClientSession(control, timeout=ANY_REQUEST) as session:
                yield cls(session, didcomm_port=ready["didcomm"])

    async def connect(self, invitation: str) -> str:
        """Scan the invitation URL; answers our connection's id when both sides have agreed."""
        answer: Json = await self._post("/connections", invitation=invitation)
        return str(answer["connectionId"])

    async def connection(self, connection_id: str) -> Connection:
        return _made(Connection, await self._get(f"/connections/{connection_id}"))

    async def send_message(self, connection_id: str, content: str) -> None:
        await self._post("/messages", connectionId=connection_id, content=content)

    async def offers(self, *, connection_id: str | None = None, state: str | None = None) -> list[Offer]:
        found = await self._get("/offers", connectionId=connection_id, state=state)
        return [_made(Offer, one) for one in found]

    async def accept_offer(self, offer_id: str) -> Exchange:
        """Ask for the offered credential; `wait_for("credential", state="done")` tells that it is stored."""
        return _made(Exchange, await self._post(f"/offers/{offer_id}/accept"))

    async def decline_offer(self, offer_id: str, reason: str) -> Exchange:
        return _made(Exchange, await self._post(f"/offers/{offer_id}/decline", reason=reason))

    async def credentials(self) -> list[StoredCredential]:
        return [_made(StoredCredential, one) for one in await self._get("/credentials")]

    async def w3c_credentials(self) -> list[StoredW3cCredential]:
        return [_made(StoredW3cCredential, one) for one in await self._get("/w3c-credentials")]

    async def forget_outdated(self) -> None:
        """Delete the W3C credentials that ran out or were renewed, which Credo itself goes on presenting."""
        await self._post("/w3c-credentials/outdated")

    async def make_key(self) -> str:
        """A new key of the phone's own; its `did:key`."""
        answer: Json = await self._post("/keys")
        return str(answer["did"])

    async def propose(self, connection_id: str, detail: Json) -> Exchange:
        """Propose a W3C credential, in the words of the `ld_proof` format."""
        proposal = {"connectionId": connection_id, "detail": json.dumps(detail)}
        return _made(Exchange, await self._post("/proposals", **proposal))

    async def requests(
        self, *, connection_id: str | None = None, state: str | None = None
    ) -> list[PresentationRequest]:
        found = await self._get("/requests", connectionId=connection_id, state=state)
        return [_made(PresentationRequest, one) for one in found]

    async def present(self, request_id: str) -> Exchange:
        """Present; raises `WalletFailed` (`no_credentials`, nothing sent) when there is nothing to show."""
        return _made(Exchange, await self._post(f"/requests/{request_id}/present"))

    async def decline_request(self, request_id: str, reason: str) -> Exchange:
        return _made(Exchange, await self._post(f"/requests/{request_id}/decline", reason=reason))

    async def events(self, *, after: int = 0, within: float = 0) -> list[Event]:
        """Events numbered above `after`; waits up to `within` seconds for the first of them."""
        found = await self._get("/events", after=str(after), timeout=str(within))
        return [_made(Event, one) for one in found]

    async def wait_for(
        self,
        kind: str,
        *,
        state: str | None = None,
        where: Callable[[Event], bool] = any_event,
        after: int = 0,
        within: float = 120,
    ) -> Event:
        """The first event above number `after` of this kind and state where `where` holds, past or to come.

        Raises `TimeoutError` when `within` seconds have passed without one.
        """
        async with asyncio.timeout(within):
            while True:
                for event in await self.events(after=after, within=POLL):
                    after = event.number
                    if event.kind == kind and state in (None, event.state) and where(event):
                        return event

    async def _get(self, path: str, **query: str | None) -> Any:
        given = {name: value for name, value in query.items() if value is not None}
        async with self._session.get(path, params=given) as response:
            return await _answer(response)

    async def _post(self, path: str, **body: str) -> Any:
        async with self._session.post(path, json=body) as response:
            return await _answer(response)


async def _answer(response: aiohttp.ClientResponse) -> Any:
    answer = await response.json()
    if not response.ok:
        raise WalletFailed(answer["error"], answer["reason"])
    return answer


def _made[T: "DataclassInstance"](kind: type[T], record: Json) -> T:
    """`record`, with its camelCase names, as a `kind`; names that `kind` does not have are left out."""
    wanted = {field.name for field in fields(kind)}
    values = {_snake(name): _frozen(value) for name, value in record.items()}
    return kind(**{name: value for name, value in values.items() if name in wanted})


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


@asynccontextmanager
async def _running(registry: RegistryAt | None) -> AsyncIterator[Json]:
    await asyncio.to_thread(install)
    environment = os.environ | _libraries() | (registry.environment() if registry else {})
    process = await asyncio.create_subprocess_exec(
        "node", "wallet.mjs", cwd=HERE, env=environment, stdin=PIPE, stdout=PIPE
    )
    try:
        yield await _ready(process)
    finally:
        await _stop(process)


def _libraries() -> dict[str, str]:
    """Where the native libraries are: Askar's beside us, AnonCreds' in the package that ACA-Py uses."""
    found = importlib.util.find_spec("anoncreds")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("the Credo wallet takes its native library from the package anoncreds")
    anoncreds = Path(found.origin).parent
    settings = {"LIB_ASKAR_PATH": str(ASKAR_LIBRARY), "LIB_ANONCREDS_PATH": str(anoncreds)}
    return settings | {"STOP_WITH_STDIN": "1"}


async def _ready(process: Process) -> Json:
    if process.stdout is None:
        raise RuntimeError("the wallet was started without a pipe")
    async with asyncio.timeout(STARTING):
        line = await process.stdout.readline()
    if not line:
        raise WalletFailed("not_started", f"it ended with {await process.wait()}; see its standard error")
    ready: Json = json.loads(line)
    return ready


async def _stop(process: Process) -> None:
    """Close the wallet's standard input, upon which it stops; kill it if it does not."""
    if process.stdin is not None:
        process.stdin.close()
    try:
        async with asyncio.timeout(STOPPING):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()

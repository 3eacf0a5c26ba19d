"""How a program calls an agent: for the person in front of it, or in its own name, each call signed for."""

import asyncio
import base64
import hashlib
import json
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from http import HTTPStatus
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from yarl import URL

type Json = dict[str, Any]

ASSERTION_TYPE = "staff-passport-assertion+jwt"
LIFE_SECONDS = 30
CHUNK = 64 * 1024
SILENCE_SECONDS = 30
"""An agent gives a sign of life twice as often."""


class CallFailed(Exception):
    """The agent answered with a problem (RFC 9457)."""

    def __init__(self, status: int, problem: Json, retry_after: int | None = None) -> None:
        super().__init__(f"{status} {problem.get('code', '')}: {problem.get('detail', '')}")
        self.status = status
        self.problem = problem
        self.retry_after = retry_after
        """Seconds, where the agent says so."""

    @property
    def code(self) -> str:
        """The problem's code, for machines."""
        return str(self.problem.get("code", ""))


@dataclass(frozen=True, slots=True)
class Event:
    """Something changed: which thing of which kind, for whoever may read it to read anew.

    `ready` and `missed` name no thing: what comes is told from here on; something before is gone for good.
    """

    id: str
    kind: str
    subject: str | None


@dataclass(frozen=True, slots=True)
class PortalKey:
    """The key with which one portal, or one machine, signs its assertions."""

    id: str
    private: Ed25519PrivateKey

    @classmethod
    def new(cls) -> "PortalKey":
        """Make a key."""
        return cls(f"portal-{uuid4().hex[:8]}", Ed25519PrivateKey.generate())

    @property
    def public_pem(self) -> str:
        """The public half, as an agent's settings take it."""
        encoded = self.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        return encoded.decode()

    @property
    def private_pem(self) -> str:
        """The private half, as the settings of its own program take it."""
        pem = self.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return pem.decode()

    def assertion(self, claims: Mapping[str, object]) -> str:
        """Sign `claims`."""
        headers = {"kid": self.id, "typ": ASSERTION_TYPE}
        return jwt.encode(dict(claims), self.private, algorithm="EdDSA", headers=headers)


@dataclass(frozen=True, slots=True)
class AgentClient:
    """One person's way to the admin API of their organisation's agent."""

    session: aiohttp.ClientSession
    base: str
    api_key: str
    ods_code: str
    portal: PortalKey
    user: str
    token: str | None = None  # of the organisation, where one agent speaks for many
    signed_in_ago: int = 0  # seconds
    assurance: str = "urn:staff-passport:acr:unspecified"

    def acting_as(self, user: str) -> "AgentClient":
        """The same agent, with another person in front of the portal."""
        return replace(self, user=user)

    def signed_in(self, seconds_ago: int) -> "AgentClient":
        """The same person, who signed in so long ago."""
        return replace(self, signed_in_ago=seconds_ago)

    async def get(self, path: str) -> Json:
        """Read. Raises `CallFailed`."""
        return await self.call("GET", path)

    async def post(self, path: str, body: Json | None = None, *, key: str | None = None) -> Json:
        """Act; `key` is the idempotency key, a fresh one when none is given. Raises `CallFailed`."""
        return await self.call("POST", path, body, key=key)

    async def call(self, method: str, path: str, body: Json | None = None, *, key: str | None = None) -> Json:
        """Call once, with an assertion for this very call."""
        data = b"" if body is None else json.dumps(body).encode()
        headers = {
            **self._who_acts(method, path, data),
            "Idempotency-Key": key or str(uuid4()),
            "Content-Type": "application/json",
        }
        async with self.session.request(method, self._address(path), data=data, headers=headers) as answer:
            content: Json = await answer.json(content_type=None)
            if answer.status >= HTTPStatus.BAD_REQUEST:
                raise CallFailed(answer.status, content, _seconds(answer.headers.get("Retry-After")))
            return content

    async def download(self, path: str, to: Path) -> None:
        """Write what the agent gives as a file. Raises `CallFailed`."""
        async with aclosing(self.chunks(path)) as chunks:
            first = await anext(chunks, b"")  # what is refused leaves no file
            with to.open("wb") as file:
                await asyncio.to_thread(file.write, first)
                async for chunk in chunks:
                    await asyncio.to_thread(file.write, chunk)

    async def chunks(self, path: str) -> AsyncGenerator[bytes]:
        """What the agent gives as a file, however long it is, as it comes. Raises `CallFailed`."""
        headers, patience = self._who_acts("GET", path, b""), aiohttp.ClientTimeout(sock_read=SILENCE_SECONDS)
        async with self.session.get(self._address(path), headers=headers, timeout=patience) as answer:
            if answer.status >= HTTPStatus.BAD_REQUEST:
                raise CallFailed(answer.status, await answer.json(content_type=None))
            async for chunk in answer.content.iter_chunked(CHUNK):
                yield chunk

    async def events(self, after: str | None = None) -> AsyncGenerator[Event]:
        """What changes from now on, or came after the event with the id `after`; ends within a minute.

        Raises `CallFailed`.
        """
        path = "/events" if after is None else f"/events?after={after}"
        headers, patience = self._who_acts("GET", path, b""), aiohttp.ClientTimeout(sock_read=SILENCE_SECONDS)
        async with self.session.get(self._address(path), headers=headers, timeout=patience) as answer:
            if answer.status >= HTTPStatus.BAD_REQUEST:
                raise CallFailed(answer.status, await answer.json(content_type=None))
            said: Json = {}
            async for line in answer.content:
                name, _, value = line.decode().rstrip("\n").partition(": ")
                if name:
                    said[name] = value
                elif "event" in said:
                    yield Event(said["id"], said["event"], json.loads(said["data"]).get("id"))
                    said = {}

    def _address(self, path: str) -> URL:
        """As it was signed for: otherwise `%27` would be sent as an apostrophe, and be another path."""
        return URL(self.base + path, encoded=True)

    def _who_acts(self, method: str, path: str, body: bytes) -> dict[str, str]:
        let_in = {"X-API-Key": self.api_key}
        if self.token is not None:
            let_in = {"Authorization": f"Bearer {self.token}"}
        return {
            **let_in,
            "X-Staff-Passport-Assertion": self.portal.assertion(self.claims(method, path, body)),
        }

    def claims(self, method: str, path: str, body: bytes) -> dict[str, object]:
        """What the assertion says of one call."""
        now = int(time.time())
        digest = base64.urlsafe_b64encode(hashlib.sha256(body).digest()).rstrip(b"=").decode()
        return {
            "iss": self.portal.id,
            "sub": self.user,
            "aud": f"urn:staff-passport:agent:{self.ods_code}",
            "org": self.ods_code,
            "iat": now,
            "exp": now + LIFE_SECONDS,
            "jti": uuid4().hex,
            "auth_time": now - self.signed_in_ago,
            "acr": self.assurance,
            "htm": method,
            "htu": path,
            "bdh": digest,
        }


def _seconds(said: str | None) -> int | None:
    return int(said) if said is not None and said.isascii() and said.isdigit() else None

"""Our client and the sandbox prove to each other who they are (RFC 8705), or nothing is said."""

import asyncio
import shutil
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.typedefs import Handler

from agent.domain.errors import Unavailable
from agent.domain.workforce import EmployeeNumber
from agent.esr_plugin import mapping
from agent.esr_plugin.client import EsrClient
from agent.esr_plugin.settings import Timeouts
from esr_sandbox.mutual_tls import certificate_of
from staff_passport.demo.local_authority import Certified, LocalAuthority
from tests.support.esr import sandbox_settings
from tests.support.esr_sandbox_server import SandboxServer, a_sandbox
from tests.support.ports import free_port
from tests.support.unwell_esr import client_settings

NURSE = EmployeeNumber("90100010")
LOOPBACK = "127.0.0.1"


@pytest.fixture
def authority(tmp_path: Path) -> LocalAuthority:
    return LocalAuthority.new(tmp_path / "esr")


@pytest.fixture
def stranger(tmp_path: Path) -> LocalAuthority:
    return LocalAuthority.new(tmp_path / "stranger", "A stranger's authority")


@pytest.fixture
def ours(authority: LocalAuthority) -> Certified:
    return authority.certify("northmoor")


@dataclass
class Watch:
    """Which certificate was shown at each request of the contract."""

    seen: list[tuple[str, str | None]] = field(default_factory=list)

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        self.seen.append((request.path, certificate_of(request)))
        return await handler(request)


@asynccontextmanager
async def a_tls_sandbox(
    authority: LocalAuthority,
    *,
    served: Certified | None = None,
    bound_to: Certified | None = None,
    watch: Watch | None = None,
) -> AsyncIterator[SandboxServer]:
    """A sandbox that takes certificates by `authority`, and is certified by it unless `served` is another's.

    Northmoor's client is `bound_to` a certificate, or may show any.
    """
    served = served or authority.certify("sandbox", LOOPBACK)
    tls = {"certificate": served.certificate, "key": served.key, "client_authority": authority.certificate}
    northmoor = {"client_id": "northmoor", "client_secret": "northmoor-secret", "vpd": "901"}
    client = northmoor | {"certificate_sha256": bound_to.sha256 if bound_to else None}
    settings = sandbox_settings(tls=tls, clients=[client])
    seen = watch.middleware if watch else None
    async with a_sandbox(settings, authority=authority, watch=seen) as server:
        yield server


@asynccontextmanager
async def a_client(
    url: str, authority: LocalAuthority, ours: Certified, **others: Any
) -> AsyncIterator[EsrClient]:
    """Our client with this certificate, which believes `authority`."""
    tls = {
        "certificate": ours.certificate,
        "key": ours.key,
        "certificate_authority": authority.certificate,
    }
    client = EsrClient(client_settings(url, tls=tls, **others))
    try:
        yield client
    finally:
        await client.close()


async def refused(client: EsrClient) -> str:
    """With which code it ends when the nurse is asked for."""
    with pytest.raises(Unavailable) as unavailable:
        await client.person(NURSE)
    return unavailable.value.code


async def test_both_sides_prove_themselves_and_a_person_is_read(
    authority: LocalAuthority, ours: Certified
) -> None:
    watch = Watch()
    async with (
        a_tls_sandbox(authority, bound_to=ours, watch=watch) as sandbox,
        a_client(sandbox.url, authority, ours) as client,
    ):
        assert mapping.person(await client.person(NURSE)).employee_number == NURSE
    assert watch.seen == [("/oauth2/token", ours.sha256), (f"/v1/people/{NURSE}", ours.sha256)]


async def test_an_esr_by_another_authority_is_not_believed_and_hears_no_secret(
    authority: LocalAuthority, stranger: LocalAuthority, ours: Certified
) -> None:
    watch = Watch()
    served = stranger.certify("sandbox", LOOPBACK)
    async with (
        a_tls_sandbox(authority, served=served, watch=watch) as sandbox,
        a_client(sandbox.url, authority, ours) as client,
    ):
        assert await refused(client) == "esr_not_trusted"
    assert watch.seen == []


@pytest.mark.parametrize(
    ("host", "lasting"), [("another.example", timedelta(days=1)), (LOOPBACK, timedelta(days=-1))]
)
async def test_an_esr_under_another_name_or_with_a_certificate_that_ended_is_not_believed(
    authority: LocalAuthority, ours: Certified, host: str, lasting: timedelta
) -> None:
    watch = Watch()
    served = authority.certify("sandbox", host, lasting=lasting)
    async with (
        a_tls_sandbox(authority, served=served, watch=watch) as sandbox,
        a_client(sandbox.url, authority, ours) as client,
    ):
        assert await refused(client) == "esr_not_trusted"
    assert watch.seen == []


async def test_a_client_that_is_bound_to_another_certificate_gets_no_token(
    authority: LocalAuthority, ours: Certified
) -> None:
    async with (
        a_tls_sandbox(authority, bound_to=authority.certify("another")) as sandbox,
        a_client(sandbox.url, authority, ours) as client,
    ):
        assert await refused(client) == "esr_client_refused"


async def test_a_certificate_that_ended_is_refused(authority: LocalAuthority) -> None:
    ended = authority.certify("northmoor", lasting=timedelta(days=-1))
    watch = Watch()
    async with (
        a_tls_sandbox(authority, watch=watch) as sandbox,
        a_client(sandbox.url, authority, ended) as client,
    ):
        assert await refused(client) == "esr_client_refused"
    assert watch.seen == []


async def test_a_strangers_certificate_gets_no_further_than_the_handshake(
    authority: LocalAuthority, stranger: LocalAuthority
) -> None:
    """The sandbox's TLS, which is asyncio's, cuts the connection without the alert that says why."""
    watch = Watch()
    async with (
        a_tls_sandbox(authority, watch=watch) as sandbox,
        a_client(sandbox.url, authority, stranger.certify("northmoor")) as client,
    ):
        assert await refused(client) == "esr_unavailable"
    assert watch.seen == []


@contextmanager
def an_esr_that_says_why(authority: LocalAuthority, at_most: ssl.TLSVersion) -> Iterator[str]:
    """A server that sends TLS's alert, and lets the client read it before the connection goes."""
    served = authority.certify("alerting", LOOPBACK)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=authority.certificate)
    context.load_cert_chain(served.certificate, served.key)
    context.verify_mode = ssl.CERT_REQUIRED
    context.maximum_version = at_most
    with socket.create_server((LOOPBACK, 0)) as listening:
        thread = threading.Thread(target=_refuse_one, args=(listening, context))
        thread.start()
        try:
            yield f"https://{LOOPBACK}:{listening.getsockname()[1]}"
        finally:
            thread.join(timeout=10)
    assert not thread.is_alive()


def _refuse_one(listening: socket.socket, context: ssl.SSLContext) -> None:
    plain, _ = listening.accept()
    with plain.dup() as still_open:  # for what is wrapped is closed when the handshake fails
        still_open.settimeout(5)
        with pytest.raises(ssl.SSLError):
            context.wrap_socket(plain, server_side=True)
        # What is closed with something unread in it takes the alert back.
        while still_open.recv(4096):
            pass


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_an_alert_over_a_strangers_certificate_is_a_refusal(
    authority: LocalAuthority, stranger: LocalAuthority, version: ssl.TLSVersion
) -> None:
    with an_esr_that_says_why(authority, version) as url:
        async with a_client(url, authority, stranger.certify("northmoor"), attempts=1) as client:
            assert await refused(client) == "esr_client_refused"


async def test_who_shows_no_certificate_gets_no_token_and_can_use_none(
    authority: LocalAuthority, ours: Certified
) -> None:
    async with a_tls_sandbox(authority) as sandbox:
        form = await sandbox.form(client_id="northmoor", client_secret="northmoor-secret")
        assert form == (401, {"error": "invalid_client"})
        token = await token_of(sandbox, authority.client_tls(ours))
        status, _ = await sandbox.ask("GET", f"/v1/people/{NURSE}", token=token)
        assert status == 401


async def token_of(sandbox: SandboxServer, tls: ssl.SSLContext) -> str:
    """Fetched over a connection with this certificate."""
    form = {
        "grant_type": "client_credentials",
        "client_id": "northmoor",
        "client_secret": "northmoor-secret",
    }
    async with sandbox.session.post(f"{sandbox.url}/oauth2/token", data=form, ssl=tls) as answer:
        assert answer.status == 200
        return str((await answer.json())["access_token"])


async def test_a_stolen_token_is_worth_nothing_with_another_certificate(
    authority: LocalAuthority, ours: Certified
) -> None:
    thiefs = authority.certify("thief")
    async with a_tls_sandbox(authority) as sandbox:
        token = await token_of(sandbox, authority.client_tls(ours))
        for certificate, status in ((thiefs, 401), (ours, 200)):
            async with sandbox.session.get(
                f"{sandbox.url}/v1/people/{NURSE}",
                headers={"Authorization": f"Bearer {token}"},
                ssl=authority.client_tls(certificate),
            ) as answer:
                assert answer.status == status


async def test_a_certificate_that_was_replaced_is_used_from_the_next_question_on(
    authority: LocalAuthority, ours: Certified
) -> None:
    watch = Watch()
    async with (
        a_tls_sandbox(authority, watch=watch) as sandbox,
        a_client(sandbox.url, authority, ours) as client,
    ):
        await client.person(NURSE)
        renewed = authority.certify("northmoor")  # into the same files
        await asyncio.gather(*(client.person(NURSE) for _ in range(5)))
    shown = [certificate for _, certificate in watch.seen]
    assert shown == [ours.sha256] * 2 + [renewed.sha256] * 6
    assert [path for path, _ in watch.seen].count("/oauth2/token") == 2


async def test_halfway_through_a_replacement_questions_are_answered_as_before(
    authority: LocalAuthority, ours: Certified
) -> None:
    async with (
        a_tls_sandbox(authority, bound_to=ours) as sandbox,
        a_client(sandbox.url, authority, ours) as client,
    ):
        shutil.copy(authority.certify("renewed").key, ours.key)
        assert mapping.person(await client.person(NURSE)).employee_number == NURSE


async def test_a_new_authority_of_esrs_is_believed_from_the_next_question_on(
    authority: LocalAuthority, stranger: LocalAuthority, ours: Certified
) -> None:
    served = stranger.certify("sandbox", LOOPBACK)
    async with (
        a_tls_sandbox(authority, served=served) as sandbox,
        a_client(sandbox.url, LocalAuthority.new(authority.folder / "old"), ours) as client,
    ):
        assert await refused(client) == "esr_not_trusted"
        shutil.copy(stranger.certificate, authority.folder / "old" / "authority.pem")
        assert mapping.person(await client.person(NURSE)).employee_number == NURSE


@pytest.mark.parametrize("mode", ["error", "hang"])
async def test_an_outage_is_unavailable_and_over_when_it_is_over(
    authority: LocalAuthority, ours: Certified, mode: str
) -> None:
    waits = Timeouts(connect=5, answer=0.3, overall=10)
    async with (
        a_tls_sandbox(authority) as sandbox,
        a_client(sandbox.url, authority, ours, timeouts=waits) as client,
    ):
        assert await sandbox.control("POST", "outage", {"mode": mode}) == 204
        assert await refused(client) == "esr_unavailable"
        assert await sandbox.control("DELETE", "outage") == 204
        assert mapping.person(await client.person(NURSE)).employee_number == NURSE


@pytest.mark.parametrize("lasting", [timedelta(days=1), timedelta(days=-1)])
async def test_nobody_there_is_unavailable_whatever_our_certificate(
    authority: LocalAuthority, lasting: timedelta
) -> None:
    ours = authority.certify("northmoor", lasting=lasting)
    async with a_client(f"https://{LOOPBACK}:{free_port()}", authority, ours) as client:
        assert await refused(client) == "esr_unavailable"


async def test_an_esr_that_speaks_no_tls_is_unavailable_and_hears_no_secret(
    authority: LocalAuthority, ours: Certified
) -> None:
    watch = Watch()
    async with a_sandbox(sandbox_settings(), watch=watch.middleware) as plain:
        url = plain.url.replace("http:", "https:")
        async with a_client(url, authority, ours) as client:
            assert await refused(client) == "esr_unavailable"
    assert watch.seen == []


async def test_the_control_api_asks_for_no_certificate_but_for_tls(authority: LocalAuthority) -> None:
    async with a_tls_sandbox(authority) as sandbox:
        assert await sandbox.control("GET", "personas") == 200
        with pytest.raises(aiohttp.ClientError):
            await sandbox.session.get(sandbox.url.replace("https:", "http:"))

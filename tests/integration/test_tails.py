"""Where tails are, a stranger says: a wallet goes there behind the guard, or not at all."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from acapy_agent.anoncreds.models.revocation import RevRegDef, RevRegDefValue
from aiohttp import web

from signed_documents.errors import DocumentRefused, Reason
from signed_documents.fetching import GuardedFetcher
from tests.support.strange_hosts import a_strange_host
from wallet.holder.registry import ObjectRefused, TailsFiles

NAME = "9LYDtDKTFtsYVTjqwAQQPGpTjbC3UYXpG9pQh4MnMBJd"
ORIGIN = "https://registry.staff-passport.example"


@pytest.fixture
async def fetcher() -> AsyncIterator[GuardedFetcher]:
    fetcher = GuardedFetcher({}, timeout=5)
    yield fetcher
    await fetcher.close()


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))


def registry(location: str, name: str = NAME, credentials: int = 10) -> RevRegDef:
    value = RevRegDefValue(public_keys={}, max_cred_num=credentials, tails_location=location, tails_hash=name)
    return RevRegDef(issuer_id="did:x", type="CL_ACCUM", cred_def_id="did:x/a", tag="0", value=value)


def files_in(folder: Path) -> list[Path]:
    return [each for each in folder.rglob("*") if each.is_file()]


async def why_not(fetcher: GuardedFetcher, definition: RevRegDef) -> Reason:
    with pytest.raises(ObjectRefused) as refused:
        await TailsFiles(fetcher).have(definition)
    cause = refused.value.__cause__
    assert isinstance(cause, DocumentRefused)
    return cause.reason


@pytest.mark.parametrize(
    "spelling", ["http://{}", "https://{}", "http://localhost:{port}", "file:///etc/passwd"]
)
async def test_nothing_behind_the_walls_is_asked_for_tails(fetcher: GuardedFetcher, spelling: str) -> None:
    async with a_strange_host() as inside:
        location = spelling.format(f"{inside.address}:{inside.port}", port=inside.port)

        assert await why_not(fetcher, registry(f"{location}/hash/{NAME}")) is Reason.FORBIDDEN_ADDRESS

        assert (inside.connections, inside.requests) == (0, 0)


async def test_a_host_that_redirects_behind_the_walls_leads_nowhere() -> None:
    async with a_strange_host() as inside:

        async def elsewhere(_request: web.BaseRequest) -> web.StreamResponse:
            raise web.HTTPFound(f"{inside.url}/hash/{NAME}")

        async with a_strange_host("127.0.0.2", elsewhere) as outside:
            fetcher = GuardedFetcher({ORIGIN: outside.url})
            assert await why_not(fetcher, registry(f"{ORIGIN}/hash/{NAME}")) is Reason.FORBIDDEN_ADDRESS
            await fetcher.close()

        assert (outside.requests, inside.connections) == (1, 0)


async def test_what_is_larger_than_such_a_file_or_another_one_is_not_kept(tmp_path: Path) -> None:
    async def endless(_request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(body=bytes(100_000))

    async with a_strange_host(answer=endless) as host:
        fetcher = GuardedFetcher({ORIGIN: host.url})
        small, large = (registry(f"{ORIGIN}/hash/{NAME}", credentials=number) for number in (10, 1_000))
        assert await why_not(fetcher, small) is Reason.TOO_LARGE
        assert await why_not(fetcher, large) is Reason.WRONG_DIGEST
        await fetcher.close()

    assert files_in(tmp_path) == []


@pytest.mark.parametrize("name", ["../../etc/passwd", ".", "", NAME + "/x"])
async def test_a_name_is_a_hash_and_no_path(fetcher: GuardedFetcher, name: str) -> None:
    assert await why_not(fetcher, registry(f"{ORIGIN}/hash/x", name)) is Reason.MALFORMED

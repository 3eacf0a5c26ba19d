"""Which addresses are public, in whatever spelling, and what may be named as private."""

import pytest
from yarl import URL

from signed_documents.outbound_guard import ForbiddenAddress, OutboundGuard, is_public, private_endpoint
from tests.support.strange_hosts import Names


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "127.0.0.1",
        "127.255.255.254",
        "0.0.0.0",  # noqa: S104  # refused
        "255.255.255.255",
        "169.254.169.254",
        "100.64.0.1",
        "100.100.100.200",
        "192.0.0.192",
        "168.63.129.16",
        "192.88.99.1",
        "198.18.0.1",
        "203.0.113.1",
        "224.0.0.251",
        "239.255.255.250",
        "240.0.0.1",
        "::",
        "::1",
        "::127.0.0.1",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "fc00::1",
        "fd12:3456::1",
        "ff02::1",
        "ff0e::fb",
        "::ffff:127.0.0.1",
        "::ffff:a9fe:a9fe",
        "64:ff9b::10.0.0.1",
        "64:ff9b:1::7f00:1",
        "2002:7f00:1::",
        "2002:a9fe:a9fe::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2001:db8::1",
        "4000::1",
        "5f00::1",
    ],
)
def test_an_address_that_is_not_a_public_hosts_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    ["9.9.9.9", "151.101.1.140", "2606:4700::1111", "::ffff:9.9.9.9", "64:ff9b::9.9.9.9", "2002:909:909::1"],
)
def test_a_public_hosts_address_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/",
        "https://127.0.0.1./",
        "https://127.1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0x7f.0.0.1/",
        "https://0177.0.0.1/",
        "https://017700000001/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://9.9.9.9/",  # a certificate is for a name
        "https://localhost/",
        "https://localhost./",
        "https://１２７.0.0.1/",  # noqa: RUF001  # full-width digits, which IDNA turns into the others
        "https://127。0。0。1/",
        "https://wallet/",
        "https://someone@wallets.example/",
        "https://:secret@wallets.example/",
        "ws://wallets.example/",
        "wss://wallets.example/",
        "ftp://wallets.example/",
        "file:///etc/passwd",
        "gopher://wallets.example/",
        "didcomm:transport/queue",
        "did:sov:LjgpST2rjsoxYegQDRm7EL;routing",
        "//wallets.example/",
        "wallets.example",
        "",
    ],
)
def test_what_names_no_host_or_an_address_is_refused_before_anything_is_looked_up(url: str) -> None:
    with pytest.raises((ForbiddenAddress, ValueError)):
        OutboundGuard().require(URL(url))


@pytest.mark.parametrize(
    "answers", [["127.0.0.1"], ["9.9.9.9", "10.0.0.1"], ["2606:4700::1111", "::1"], ["fe80::1%eth0"]]
)
async def test_a_name_with_any_address_that_is_not_public_is_refused(answers: list[str]) -> None:
    with pytest.raises(ForbiddenAddress, match="not public"):
        await OutboundGuard(resolver=Names(answers)).check(URL("https://wallets.example/"))


async def test_a_name_without_address_is_unknown_and_not_forbidden() -> None:
    with pytest.raises(OSError, match="no address"):
        await OutboundGuard(resolver=Names([])).check(URL("https://wallets.example/"))


async def test_a_name_that_only_looks_like_anothers_is_judged_by_its_own_addresses() -> None:
    guard = OutboundGuard(["wallets.internal"], resolver=Names(["10.2.0.7"]))

    await guard.check(URL("https://wallets.internal/"))
    with pytest.raises(ForbiddenAddress, match="not public"):
        await guard.check(URL("https://wаllets.internal/"))  # noqa: RUF001  # its second letter is Cyrillic


async def test_what_is_public_is_reached_with_tls_alone() -> None:
    guard = OutboundGuard(resolver=Names(["9.9.9.9"]))

    await guard.check(URL("https://wallets.example:8443/didcomm"))
    with pytest.raises(ForbiddenAddress, match="TLS"):
        await guard.check(URL("http://wallets.example/didcomm"))


@pytest.mark.parametrize(
    ("private", "url", "addresses"),
    [
        ("127.0.0.1", "http://127.0.0.1:8030", []),
        ("10.2.0.0/16", "http://10.2.9.9/didcomm", []),
        ("10.2.0.0/16", "http://agents.internal/didcomm", ["10.2.9.9"]),
        ("agents.internal", "http://AGENTS.internal/didcomm", ["10.7.0.1"]),
        ("agents.internal", "https://agents.internal:8443/didcomm", ["10.7.0.1"]),
        ("wallet", "http://wallet:8040", []),
        ("fd12::/16", "http://[fd12::7]:8030", []),
        ("10.2.0.0/16", "https://elsewhere.example", ["10.2.9.9", "9.9.9.9"]),
    ],
)
async def test_what_the_operator_names_as_private_is_reached(
    private: str, url: str, addresses: list[str]
) -> None:
    await OutboundGuard([private], resolver=Names(addresses)).check(URL(url))


@pytest.mark.parametrize(
    ("private", "url", "addresses"),
    [
        ("127.0.0.1", "http://127.0.0.2:8030", []),
        ("127.0.0.1", "https://[::1]:8030", []),
        ("127.0.0.1", "https://rebound.example", ["127.0.0.2"]),
        ("10.2.0.0/16", "http://agents.internal/didcomm", ["10.2.9.9", "10.3.0.1"]),
        ("10.2.0.0/16", "http://agents.internal/didcomm", ["10.2.9.9", "9.9.9.9"]),
        ("agents.internal", "http://other.internal/", ["10.7.0.1"]),
        ("agents.internal", "http://sub.agents.internal/", ["10.7.0.1"]),
        ("10.2.0.0/16", "ftp://10.2.9.9/", []),
        ("10.2.0.0/16", "http://someone@10.2.9.9/", []),
    ],
)
async def test_nothing_beside_it_is(private: str, url: str, addresses: list[str]) -> None:
    with pytest.raises(ForbiddenAddress):
        await OutboundGuard([private], resolver=Names(addresses)).check(URL(url))


@pytest.mark.parametrize(
    "text", ["", "*", "*.internal", "http://10.2.0.1", "10.2.0.1/8", "10.2.0.1:80", "300.1.1.1", "a b", "-a"]
)
def test_what_is_no_host_address_or_network_cannot_be_named_as_private(text: str) -> None:
    with pytest.raises(ValueError, match="must be a host"):
        private_endpoint(text)

"""Where this process may connect to when a stranger names the address: to public addresses, with TLS."""

import ipaddress
import re
import socket
from collections.abc import Callable, Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Literal

from aiohttp import TCPConnector
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from yarl import URL

type Network = IPv4Network | IPv6Network
type Scheme = Literal["http", "https"]

_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*", re.IGNORECASE)
_HOST = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
_LONGEST_HOST = 253
_NAT64 = IPv6Network("64:ff9b::/96")
_UNICAST = IPv6Network("2000::/3")
_OF_A_PLATFORM = (IPv4Network("168.63.129.16"), IPv4Network("192.88.99.0/24"))
"""Global by the registry, and yet no stranger's: Azure's service in each machine there, 6to4's relays."""


class ForbiddenAddress(Exception):
    """An address to which nothing is sent, whoever names it. The message says why, without the address."""


class OutboundGuard:
    """Lets a connection be made with TLS, to a named host all of whose addresses are public.

    `private` are hosts, addresses and networks (`10.2.0.0/16`) that are reached besides, also without TLS:
    an operator names there what is within the own walls. A host of which any other address is answered, too,
    is refused: whoever answers so has something in mind.
    """

    def __init__(self, private: Iterable[str] = (), *, resolver: AbstractResolver | None = None) -> None:
        named = [private_endpoint(each) for each in private]
        self._networks = [found for each in named if (found := _network(each)) is not None]
        self._hosts = {each for each in named if _network(each) is None}
        self._resolver = resolver

    def require(self, url: URL) -> None:
        """Raise `ForbiddenAddress` for what is refused before any name is looked up."""
        if url.scheme not in ("http", "https") or url.user or url.password:
            raise ForbiddenAddress("only http and https without a password are spoken")
        if self._is_own(url.host):
            return
        if _is_address(url.host):
            raise ForbiddenAddress("the host must have a name")

    async def check(self, url: URL) -> None:
        """Look the host up, too. Raises `ForbiddenAddress`, and `OSError` when nobody knows the name."""
        self.require(url)
        host, port = str(url.host), int(url.port or 0)
        if not _is_address(host):
            await self._checking(url.scheme).resolve(host, port, socket.AF_UNSPEC)

    def connector(self, scheme: Scheme, *, limit: int = 100, limit_per_host: int = 0) -> TCPConnector:
        """Connects to exactly the addresses that were looked up and checked."""
        return TCPConnector(resolver=self._checking(scheme), limit=limit, limit_per_host=limit_per_host)

    def _checking(self, scheme: str) -> AbstractResolver:
        resolver = self._resolver or ThreadedResolver()
        if scheme == "https":
            return _Checking(
                resolver, self._hosts, self._allows, "the host has an address that is not public"
            )
        return _Checking(resolver, self._hosts, self._is_own, "what is not private is reached with TLS alone")

    def _allows(self, address: str) -> bool:
        return self._is_own(address) or is_public(address)

    def _is_own(self, host: str | None) -> bool:
        """Whether it is named as private, as a host or by a network of those that are."""
        if host in self._hosts:
            return True
        try:
            address = ipaddress.ip_address(host or "")
        except ValueError:
            return False
        return any(address in network for network in self._networks)


class _Checking(AbstractResolver):
    """Answers the addresses of hosts of ours, and those of others if all are allowed."""

    def __init__(
        self, resolver: AbstractResolver, hosts: set[str], allowed: Callable[[str], bool], refusal: str
    ) -> None:
        self._resolver = resolver
        self._hosts = hosts
        self._allowed = allowed
        self._refusal = refusal

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        answers = await self._resolver.resolve(host, port, family)
        if not answers:
            raise OSError("the host has no address")
        if host not in self._hosts and not all(self._allowed(answer["host"]) for answer in answers):
            raise ForbiddenAddress(self._refusal)
        return answers

    async def close(self) -> None:
        await self._resolver.close()


def private_endpoint(text: str) -> str:
    """A host, an address or a network, as it is compared. Raises `ValueError` for anything else."""
    named = text.strip().lower()
    if _network(named) is None and (
        len(named) > _LONGEST_HOST or not _HOST.fullmatch(named) or _ends_in_a_number(named)
    ):
        raise ValueError("must be a host, an address, or a network such as 10.2.0.0/16")
    return named


def is_public(host: str) -> bool:
    """Whether an address is on the public internet, also one that carries an IPv4 one (RFC 6052, 3056)."""
    address = _carried(ipaddress.ip_address(host))
    if isinstance(address, IPv6Address) and address not in _UNICAST:
        return False
    if address.is_multicast or any(address in network for network in _OF_A_PLATFORM):
        return False
    return address.is_global


def _carried(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or address


def _network(text: str) -> Network | None:
    try:
        return ipaddress.ip_network(text)
    except ValueError:
        return None


def _is_address(host: str | None) -> bool:
    """Whether `host` is none, a bare name, or an address in any spelling: `127.1` and `0x7f.1` are, too."""
    return not host or ":" in host or "." not in host.rstrip(".") or _ends_in_a_number(host)


def _ends_in_a_number(host: str) -> bool:
    """As browsers tell addresses from names (WHATWG URL, "ends in a number")."""
    return _NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]) is not None

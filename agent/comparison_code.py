"""The short code by which two people can tell that nobody stands between their wallets."""

import asyncio
import hashlib

from agent.domain.ports.connections import ConnectionDids

_SALT = b"staff-passport/comparison-code/v1"
_DIGITS = 8


async def comparison_code(dids: ConnectionDids) -> str:
    """Eight digits that both ends derive from the DIDs of both.

    Slow on purpose (scrypt, about 0.1 s): who stands in between may choose their own DIDs, and would
    otherwise try keys until the codes on both sides agree.
    """
    return await asyncio.to_thread(_code, *sorted(map(short_form, (dids.ours, dids.theirs))))


def short_form(did: str) -> str:
    """A did:peer:4 without the document that its long form carries; any other DID as it is."""
    if not did.startswith("did:peer:4"):
        return did
    return ":".join(did.split(":")[:3])


def _code(first: str, second: str) -> str:
    digest = hashlib.scrypt(
        f"{first}\n{second}".encode(), salt=_SALT, n=2**15, r=8, p=1, dklen=8, maxmem=64 * 2**20
    )
    return f"{int.from_bytes(digest) % 10**_DIGITS:0{_DIGITS}}"

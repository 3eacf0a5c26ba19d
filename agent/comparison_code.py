"""The short code by which two people can tell that nobody stands between their wallets."""

import asyncio
import hashlib
from concurrent.futures import ThreadPoolExecutor

from agent.domain.ports.connections import ConnectionDids

_SALT = b"staff-passport/comparison-code/v1"
_DIGITS = 8
_ONE_AT_A_TIME = ThreadPoolExecutor(max_workers=1, thread_name_prefix="comparison-code")
"""Each code takes 32 MB while it is made."""


async def comparison_code(dids: ConnectionDids) -> str:
    """Eight digits that both ends derive from the DIDs of both.

    Slow on purpose (scrypt, about 0.1 s): who stands in between may choose their own DIDs, and would
    otherwise try keys until the codes on both sides agree.
    """
    first, second = sorted(map(short_form, (dids.ours, dids.theirs)))
    return await asyncio.get_running_loop().run_in_executor(_ONE_AT_A_TIME, _code, first, second)


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

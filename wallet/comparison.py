"""The short code by which two people see that nobody stands between their agents."""

import hashlib

SALT = b"staff-passport/comparison-code/v1"
DIGITS = 8
_PEER_4 = "did:peer:4"
_MEMORY = 64 * 1024 * 1024  # bytes; scrypt with these parameters needs half


def comparison_code(did_a: str, did_b: str) -> str:
    """The eight digits that both ends of a connection work out from its two DIDs, whichever is named first.

    It takes about 0.1 s, in which it blocks: somebody in the middle would have to try DIDs until the codes
    on both sides agree, and each try costs that much.
    """
    message = "\n".join(sorted((_short(did_a), _short(did_b)))).encode()
    digest = hashlib.scrypt(message, salt=SALT, n=2**15, r=8, p=1, maxmem=_MEMORY, dklen=8)
    return f"{int.from_bytes(digest, 'big') % 10**DIGITS:0{DIGITS}d}"


def _short(did: str) -> str:
    """The short form of a did:peer:4, which its long form begins with; any other DID as it is."""
    if not did.startswith(_PEER_4):
        return did
    short, _, _document = did.removeprefix(_PEER_4).partition(":")
    return _PEER_4 + short

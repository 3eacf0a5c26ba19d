"""The short code by which two people can tell that nobody stands between their wallets.

Who invites commits to its DID in the invitation, and shows it only to who has named their own. So whoever
stands in between has chosen both of their DIDs before they can know what either code will be: one chance
in 10⁸, and nothing to search, however many computers they have.
"""

import hashlib

from agent.domain.ports.connections import ConnectionDids
from signed_documents.encoding import multihash_multibase
from signed_documents.peer_dids import short_form

COMMITMENT = "did-commitment"
"""The decorator (RFC 0011) of an invitation that holds the commitment, as a multihash in base58btc."""
_DOMAIN = "staff-passport/comparison-code/v2"
_DIGITS = 8


def commitment(did: str) -> str:
    """What stands in the invitation for the DID that will answer it; its key makes it no DID to guess."""
    return multihash_multibase(short_form(did).encode())


def comparison_code(dids: ConnectionDids) -> str:
    """Eight digits that both ends work out from the DIDs by which they met, who invited (we) first."""
    text = "\n".join((_DOMAIN, short_form(dids.ours), short_form(dids.theirs)))
    return f"{int.from_bytes(hashlib.sha256(text.encode()).digest()) % 10**_DIGITS:0{_DIGITS}}"

"""The short code by which two people see that nobody stands between their agents."""

import hashlib

from signed_documents.encoding import multihash_multibase
from signed_documents.peer_dids import short_form

COMMITMENT = "did-commitment"
"""The decorator of an invitation in which agents commit to the DID that they will answer with."""
DOMAIN = "staff-passport/comparison-code/v2"
DIGITS = 8


def comparison_code(commitment: object, *, inviter: str, invitee: str) -> str | None:
    """The eight digits that both ends of a connection work out from its two DIDs.

    None unless `commitment`, which came with the invitation, is to the DID of who invited: else that could
    have been chosen after ours was seen, and a code that can be made to fit says nothing.
    """
    if commitment != multihash_multibase(short_form(inviter).encode()):
        return None
    digest = hashlib.sha256("\n".join((DOMAIN, short_form(inviter), short_form(invitee))).encode()).digest()
    return f"{int.from_bytes(digest) % 10**DIGITS:0{DIGITS}}"

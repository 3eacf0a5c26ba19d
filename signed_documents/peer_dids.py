"""did:peer:4, whose long form carries its document and whose short form is the hash of that."""

_PEER_4 = "did:peer:4"


def short_form(did: str) -> str:
    """A did:peer:4 without its document; any other DID as it is."""
    return ":".join(did.split(":")[:3]) if did.startswith(_PEER_4) else did

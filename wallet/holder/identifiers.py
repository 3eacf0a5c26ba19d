"""Identifiers of AnonCreds objects, on did:webvh or on an Indy ledger."""

import re

_ON_A_LEDGER = re.compile(r"[1-9A-HJ-NP-Za-km-z]{21,22}:")


def issuer_of(identifier: str) -> str:
    """The DID in the name of an object, in whose name alone it could be published."""
    if _ON_A_LEDGER.match(identifier):
        return f"did:sov:{identifier.partition(':')[0]}"
    return identifier.partition("/")[0]

"""Identifiers of AnonCreds objects on did:webvh."""


def issuer_of(identifier: str) -> str:
    """The DID in the name of an object, which the resource under that name must have been signed by."""
    did, _, _resource = identifier.partition("/")
    return did

"""What a DID document says of services that belong to the DID, beside those of did:webvh itself."""

from signed_documents.encoding import JsonObject

TRUST_REGISTRY = "TrustRegistry"
TRUST_REGISTRY_NAME = "trust-registry"
LINKED_DOMAINS = "LinkedDomains"
TRQP_PROFILE = "https://trustoverip.org/profiles/trp/v2"


def trust_registry_service(did: str, origin: str) -> JsonObject:
    """Where the registry stands that answers questions to the trust list, of which `did` is the authority.

    In the form of Trust over IP's Service Profile: TRQP itself recommends that the DID document says it, and
    names no form.
    """
    return {
        "id": f"{did}#{TRUST_REGISTRY_NAME}",
        "type": TRUST_REGISTRY,
        "serviceEndpoint": {"uri": origin, "profile": TRQP_PROFILE},
    }


def linked_domains_service(did: str, origin: str) -> JsonObject:
    """An origin that belongs to the DID, and says so, too (DIF Well Known DID Configuration)."""
    return {"id": f"{did}#linked-domain", "type": LINKED_DOMAINS, "serviceEndpoint": origin}

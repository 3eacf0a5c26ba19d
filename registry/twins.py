"""The did:web twin of a did:webvh, for readers who know no more (did:webvh 1.0, section 3.7.10)."""

import json

from did_webvh.resolver import extend_document_services

from signed_documents.encoding import JsonObject
from signed_documents.errors import DocumentRefused, Reason
from signed_documents.webvh_logs import VerifiedLog


def did_web_twin(log: VerifiedLog) -> bytes:
    """The DID document that the last entry states, in the name of the did:web of the same place.

    Whoever reads it believes the host; `alsoKnownAs` leads to what can be verified. Raises `DocumentRefused`
    for a document whose services cannot be read.
    """
    document: JsonObject = json.loads(json.dumps(log.document_json))
    try:
        extend_document_services(
            document, f"{log.did.base_url}/"
        )  # what resolvers of did:webvh add themselves
    except Exception as error:  # did_webvh 1.0.1 raises whatever a hostile document makes it stumble over
        raise DocumentRefused(Reason.MALFORMED, "the services of the DID document cannot be read") from error
    # In the text, because identifiers stand within longer ones.
    twin = json.loads(json.dumps(document).replace(f"did:webvh:{log.did.scid}:", "did:web:"))
    aliases = (*_aliases(twin), str(log.did))
    twin["alsoKnownAs"] = [alias for alias in dict.fromkeys(aliases) if alias != twin["id"]]
    return json.dumps(twin, separators=(",", ":")).encode()


def _aliases(document: JsonObject) -> tuple[str, ...]:
    aliases = document.get("alsoKnownAs", [])
    return tuple(map(str, aliases)) if isinstance(aliases, list) else ()

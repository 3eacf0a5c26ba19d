"""The W3C form of a credential (VC Data Model 1.1, JSON-LD): all but its subject's DID and its proof."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, cast

from pyld import jsonld

import schemas
from agent.domain.errors import Refusal, Refused
from agent.domain.ports.exchanges import CredentialOffer
from signed_documents.bitstring_status_lists import StatusListEntry
from signed_documents.did_documents import credential_key_id
from signed_documents.linked_data_proofs import SUITE, PinnedContexts
from signed_documents.proofs import iso_utc

type Json = dict[str, Any]
_OPERATOR = "the service operator"


def unsigned_credential(
    offer: CredentialOffer, *, identifier: str, issuer: str, origin: str, now: datetime
) -> Json:
    """The credential, with every claim that is not empty. The wallet adds its DID as the subject's id."""
    definition = schemas.load(offer.credential)
    return {
        "@context": schemas.credential_contexts(origin),
        "id": f"urn:uuid:{identifier}",
        "type": ["VerifiableCredential", definition.type_name],
        "issuer": issuer,
        "issuanceDate": iso_utc(now),
        "credentialSubject": {name: value for name, value in offer.claims.items() if value},
        "credentialStatus": [StatusListEntry.parse(entry).to_json() for entry in offer.status],
    }


def ld_proof_detail(credential: Json) -> Json:
    """What an `ld_proof` attachment says: the credential, and how it will be signed."""
    options = {
        "proofType": SUITE,
        "proofPurpose": "assertionMethod",
        "verificationMethod": credential_key_id(credential["issuer"]),
    }
    return {"credential": credential, "options": options}


def require_meaning(credential: Json, *, origin: str, contexts: PinnedContexts) -> None:
    """Raise `Refused`, naming the terms, unless JSON-LD keeps every claim under our own meaning.

    A term that no context defines would be dropped, and not be signed; one that is defined twice would be
    refused by every reader. Either depends on the names alone, so that each set of names is tried once.
    """
    names = frozenset(credential["credentialSubject"])
    lost = _without_meaning(tuple(credential["@context"]), tuple(credential["type"]), names, origin, contexts)
    if lost:
        sentence = f"These terms have no meaning of their own in JSON-LD: {', '.join(lost)}."
        raise Refused(sentence, (Refusal("term_without_meaning", sentence, _OPERATOR),))


@lru_cache(maxsize=256)
def _without_meaning(
    context: tuple[str, ...], types: tuple[str, ...], names: frozenset[str], origin: str, load: PinnedContexts
) -> tuple[str, ...]:
    document = {
        "@context": list(context),
        "type": list(types),
        "credentialSubject": {"id": "urn:subject", **dict.fromkeys(sorted(names), "x")},
    }
    try:
        (expanded,) = jsonld.expand(document, {"documentLoader": cast("Any", load)})
    except jsonld.JsonLdError as error:
        return (_redefined(error),)
    (subject,) = expanded["https://www.w3.org/2018/credentials#credentialSubject"]
    vocabulary = schemas.vocabulary(origin)
    lost = {name for name in names if f"{vocabulary}{name}" not in subject}
    return (*sorted(lost), *(each for each in types[1:] if f"{vocabulary}{each}" not in expanded["@type"]))


def _redefined(error: BaseException) -> str:
    """The term that a context may not define again, from the depth of PyLD's error."""
    cause: BaseException | None = error
    while cause is not None:
        details: Mapping[str, Any] = getattr(cause, "details", None) or {}
        if term := details.get("term"):
            return str(term)
        cause = getattr(cause, "cause", None) or cause.__cause__
    return "a context"

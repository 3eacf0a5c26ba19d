"""The W3C form of a credential, in either data model: all but its subject's DID and its proof."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, cast

from pyld import jsonld

import schemas
from agent.domain.credentials import W3cDataModel
from agent.domain.errors import Refusal, Refused
from agent.domain.ports.exchanges import CredentialOffer
from signed_documents.bitstring_status_lists import StatusListEntry
from signed_documents.linked_data_proofs import PinnedContexts
from signed_documents.proofs import iso_utc

type Json = dict[str, Any]
DATE_OF_ISSUE = {W3cDataModel.V1_1: "issuanceDate", W3cDataModel.V2_0: "validFrom"}
_OPERATOR = "the service operator"


def unsigned_credential(offer: CredentialOffer, *, identifier: str, issuer: str, origin: str) -> Json:
    """The credential, with every claim that is not empty. The wallet adds its DID as the subject's id."""
    definition = schemas.load(offer.credential)
    return {
        "@context": schemas.credential_contexts(origin, offer.data_model),
        "id": f"urn:uuid:{identifier}",
        "type": ["VerifiableCredential", definition.type_name],
        "issuer": issuer,
        DATE_OF_ISSUE[offer.data_model]: iso_utc(offer.issued_at),
        "credentialSubject": {name: value for name, value in offer.claims.items() if value},
        "credentialStatus": [StatusListEntry.parse(entry).to_json() for entry in offer.status],
    }


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
    except jsonld.JsonLdError:
        return _redefined(context, load)
    (subject,) = expanded["https://www.w3.org/2018/credentials#credentialSubject"]
    vocabulary = schemas.vocabulary(origin)
    lost = {name for name in names if f"{vocabulary}{name}" not in subject}
    return (*sorted(lost), *(each for each in types[1:] if f"{vocabulary}{each}" not in expanded["@type"]))


def _redefined(contexts: Sequence[str], load: PinnedContexts) -> tuple[str, ...]:
    """The terms to which a context gives another meaning than one before it; PyLD does not say which."""
    known: dict[str, object] = {}
    for url in contexts:
        terms: Json = load(url)["document"]["@context"]
        again = [name for name, meaning in terms.items() if known.setdefault(name, meaning) != meaning]
        if names := sorted(name for name in again if not name.startswith("@")):
            return tuple(names)
    return ("a context",)

"""W3C credentials and presentations of invented people, signed with made-up keys."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import schemas
from agent.domain.credentials import CredentialFormat, CredentialType, W3cDataModel
from agent.domain.errors import Unavailable
from agent.domain.ports.exchanges import CredentialOffer
from agent.domain.ports.status_lists import StatusEntryId
from agent.domain.ports.trust import TrustedOrganisation, TrustList
from agent.issuer.claims import claims_of
from agent.issuer.w3c_credentials import unsigned_credential
from agent.webvh.document_loader import national_and_w3c_contexts
from signed_documents.bitstring_status_lists import StatusListEntry, StatusListId, StatusPurpose
from signed_documents.contexts import CREDENTIALS_V1, CREDENTIALS_V2, SUBMISSION_V1
from signed_documents.encoding import multikey
from signed_documents.identifiers import WebvhDid
from signed_documents.keys import Signer, SoftwareSigner, did_key_method
from signed_documents.w3c_documents import ANYBODY, DataModel, MadeFor, signed
from tests.support.signing import HOST, NOON, Publisher, public
from tests.support.staff import NORTHMOOR, TODAY, a_record, a_trusted_organisation

type Json = dict[str, Any]

ORIGIN = f"https://{HOST}"
CONTEXTS = national_and_w3c_contexts(ORIGIN)
ISSUED = datetime(TODAY.year, TODAY.month, TODAY.day, 9, tzinfo=NOON.tzinfo)
CHALLENGE, DOMAIN = "6d2dd2ba-8a3c-4d2e-9a63-6d9f3a0a6a11", f"{ORIGIN}/organisations/calder-bay"
EXCHANGE = "0b9c6f5e-6d1c-4f0e-9a51-5a7f0c1d2e3f"


@dataclass(frozen=True)
class Person:
    """Somebody with a wallet, by the key to which their credentials are bound."""

    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)

    @property
    def did(self) -> str:
        return f"did:key:{multikey(public(self.key))}"

    @property
    def signer(self) -> Signer:
        return SoftwareSigner(self.key, did_key_method(public(self.key)))


def an_offer(
    credential: CredentialType, model: DataModel = DataModel.V1_1, *, status: Iterable[StatusEntryId] = ()
) -> CredentialOffer:
    claims = claims_of(credential, a_record(), NORTHMOOR, passport="a-passport", on=TODAY)
    formats = frozenset({CredentialFormat.W3C})
    return CredentialOffer(credential, claims, tuple(status), formats, W3cDataModel(model), ISSUED)


def entries(issuer: str, index: int = 7) -> list[StatusEntryId]:
    """Where the status of one credential stands, one entry a purpose."""
    lists = [StatusListId.of(WebvhDid.parse(issuer), purpose, 1) for purpose in StatusPurpose]
    return [StatusEntryId(str(StatusListEntry(each, index))) for each in lists]


async def a_credential(
    publisher: Publisher,
    person: Person,
    credential: CredentialType,
    model: DataModel,
    **changed: Any,
) -> Json:
    """A credential that `publisher` issued to `person`; `changed` members were changed before that."""
    offer = an_offer(credential, model, status=entries(publisher.did))
    document = unsigned_credential(offer, identifier=EXCHANGE, issuer=publisher.did, origin=ORIGIN)
    document["credentialSubject"]["id"] = person.did
    document |= changed
    signer = publisher.signer if model is DataModel.V2_0 else publisher.credential_signer
    return await signed(document, signer, ANYBODY, created=ISSUED, load=CONTEXTS)


async def a_presentation(
    person: Person,
    *credentials: Json,
    challenge: str = CHALLENGE,
    domain: str = DOMAIN,
    **changed: Any,
) -> Json:
    """What `person` shows; `changed` members are changed before they signed."""
    in_json = any(DataModel.of(one) is DataModel.V2_0 for one in credentials)
    document = {
        "@context": [CREDENTIALS_V2 if in_json else CREDENTIALS_V1, SUBMISSION_V1],
        "type": ["VerifiablePresentation", "PresentationSubmission"],
        "holder": person.did,
        "verifiableCredential": list(credentials),
        "presentation_submission": {
            "id": "a-submission",
            "definition_id": "a-definition",
            "descriptor_map": [
                {"id": str(place), "format": "ldp_vp", "path": f"$.verifiableCredential[{place}]"}
                for place, _ in enumerate(credentials)
            ],
        },
        **changed,
    }
    made_for = MadeFor.verifier(challenge, domain)
    return await signed(document, person.signer, made_for, created=ISSUED, load=CONTEXTS)


def national_schemas() -> dict[CredentialType, str]:
    return {credential: f"schema of {schemas.load(credential).type_name}" for credential in CredentialType}


class Registered(TrustList):
    """A trust list of these DIDs."""

    def __init__(self, *dids: str) -> None:
        self._dids = dids

    async def organisation(self, did: str) -> TrustedOrganisation | None:
        return a_trusted_organisation(did=did) if did in self._dids else None

    async def operator(self) -> str:
        raise Unavailable("Nobody asks.")

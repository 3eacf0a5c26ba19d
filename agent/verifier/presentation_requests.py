"""What a wallet is asked for, in the words of each format."""

import secrets
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import schemas
from agent.domain.credentials import CredentialType
from signed_documents.contexts import CREDENTIALS_V1
from signed_documents.linked_data_proofs import SUITE


def proof_request(
    types: tuple[CredentialType, ...], schema_ids: Mapping[CredentialType, str], *, purpose: str, at: int
) -> dict[str, Any]:
    """Every claim of each type, from one unrevoked credential each, on its national schema.

    `at` is the moment for which non-revocation is to be proven, in Unix seconds.

    Issuers are judged afterwards: AnonCreds restrictions by issuer do not work with did:webvh.
    """
    return {
        "name": purpose,
        "version": "1.0",
        "nonce": str(int.from_bytes(secrets.token_bytes(10))),  # AnonCreds: 80 random bits, decimal
        "requested_attributes": {
            credential: {
                "names": list(schemas.anoncreds_attributes(schemas.load(credential))),
                "restrictions": [{"schema_id": schema_ids[credential]}],
            }
            for credential in types
        },
        "requested_predicates": {},
        "non_revoked": {"from": at, "to": at},
    }


def dif_request(
    types: tuple[CredentialType, ...], *, origin: str, domain: str, purpose: str
) -> dict[str, Any]:
    """The same in W3C's form: a DIF presentation definition, one descriptor a type (wire form of ACA-Py).

    `origin` is the national contexts', `domain` says who asks. The challenge is good for this request alone.
    """
    return {
        "options": {"challenge": str(uuid4()), "domain": domain},
        "presentation_definition": {
            "id": str(uuid4()),
            "format": {"ldp_vp": {"proof_type": [SUITE, "DataIntegrityProof"]}},
            "input_descriptors": [_descriptor(credential, origin, purpose) for credential in types],
        },
    }


def _descriptor(credential: CredentialType, origin: str, purpose: str) -> dict[str, Any]:
    type_name = schemas.load(credential).type_name
    return {
        "id": credential,
        "name": credential,
        "purpose": purpose,
        # Two addresses in this order: what ACA-Py and Credo look a credential up by.
        "schema": [{"uri": CREDENTIALS_V1}, {"uri": f"{schemas.vocabulary(origin)}{type_name}"}],
        "constraints": {
            "fields": [
                *({"path": [f"$.credentialSubject.{name}"]} for name in _required(credential)),
                {"path": ["$.type[1]"], "filter": {"type": "string", "const": type_name}},
            ]
        },
    }


def _required(credential: CredentialType) -> list[str]:
    return [claim.name for claim in schemas.load(credential).claims if claim.required]

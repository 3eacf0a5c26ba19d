"""What a wallet is asked for, in AnonCreds' words."""

import secrets
from collections.abc import Mapping
from typing import Any

import schemas
from agent.domain.credentials import CredentialType


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

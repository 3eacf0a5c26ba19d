"""The form of a short-lived credential, and of the proposal by which a wallet asks for one."""

from typing import Any

import schemas
from agent.domain.credentials import CredentialType
from agent.domain.ports.connections import ConnectionId
from agent.domain.ports.exchanges import CredentialProposal, ShortLife
from signed_documents.proofs import iso_utc

type Json = dict[str, Any]
_NAMED = {definition.type_name: CredentialType(definition.name) for definition in schemas.all_definitions()}


def without_status(credential: Json, life: ShortLife) -> Json:
    """`credential`, about its subject, with an end in place of its status: stock Credo refuses any status."""
    kept = {name: value for name, value in credential.items() if name != "credentialStatus"}
    return {
        **kept,
        "expirationDate": iso_utc(life.ends),
        "credentialSubject": {"id": life.subject, **credential["credentialSubject"]},
    }


def read_proposal(connection: ConnectionId, detail: object) -> CredentialProposal:
    """The type and the subject of a proposal's `ld_proof` attachment. Claims in it are not read."""
    match detail:
        case {"credential": {"type": [_, str(name)], "credentialSubject": {"id": str(did)}}}:
            return CredentialProposal(connection, _NAMED.get(name), did)
    return CredentialProposal(connection, None, None)

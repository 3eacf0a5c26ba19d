"""The ids of the national schemas, which follow from the operator's DID and their content alone."""

import schemas
from agent.domain.credentials import CredentialType
from signed_documents.attested_resources import resource_id
from signed_documents.identifiers import WebvhDid


def national_schema_id(operator: str, definition: schemas.CredentialDefinition) -> str:
    """The id under which the operator publishes a credential type's AnonCreds schema."""
    content = {
        "issuerId": operator,
        "attrNames": list(schemas.anoncreds_attributes(definition)),
        "name": definition.type_name,
        "version": definition.version,
    }
    return resource_id(operator, content)


def national_schema_ids(operator: str) -> dict[CredentialType, str]:
    """The schema id of every national credential type."""
    return {
        credential: national_schema_id(operator, schemas.load(credential)) for credential in CredentialType
    }


def national_origin(operator: str) -> str:
    """Where the operator publishes the national contexts: at the registry of its own DID."""
    return f"https://{WebvhDid.parse(operator).host}"

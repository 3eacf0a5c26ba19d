"""What may be asked for the organisation's DID."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Field
from yarl import URL

from agent.routing import Body
from signed_documents.encoding import from_multikey
from signed_documents.errors import DocumentRefused
from signed_documents.witnesses import MAX_WITNESSES, witness_key

_LONGEST_ENTRY = 256 * 1024
_LONGEST_LOG = 900 * 1024


def _multikey(text: str) -> str:
    try:
        from_multikey(text)
    except ValueError:
        raise ValueError("must be an Ed25519 Multikey, z6Mk…") from None
    return text


def _witness(text: str) -> str:
    try:
        witness_key(text)
    except DocumentRefused:
        raise ValueError("must be a did:key of an Ed25519 key, did:key:z6Mk…") from None
    return text


def _https(text: str) -> str:
    url = URL(text)
    if url.scheme != "https" or not url.host or url.user or url.query_string or url.fragment:
        raise ValueError("must be an https URL without credentials, query and fragment")
    return text.rstrip("/")


HttpsUrl = Annotated[str, AfterValidator(_https)]
KeyName = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,120}$")]
ServiceName = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9-]{0,39}$")]


class _Change(BaseModel):
    """What stands within a body, which has been looked through by then (see `Body`)."""

    model_config = Body.model_config


class RotateUpdateKeys(_Change):
    """Another key signs the log's entries; with `next_key` one outside the agent, from the next entry on."""

    kind: Literal["rotate_update_keys"]
    next_key: Annotated[str, AfterValidator(_multikey)] | None = None


class RotateAssertionKeys(_Change):
    """New keys sign credentials and resources; those before stay in the document, and stop signing."""

    kind: Literal["rotate_assertion_keys"]


class RotateAuditKey(_Change):
    """A new key signs the checkpoints of the audit; those before stay in the document."""

    kind: Literal["rotate_audit_key"]


class RemoveKey(_Change):
    """Take a retired key out of the document. `stops` repeats how many credentials then stop verifying."""

    kind: Literal["remove_key"]
    key: KeyName
    stops: Annotated[int, Field(ge=0)]


class AddService(_Change):
    """Put a service into the document, in place of one that is so called."""

    kind: Literal["add_service"]
    name: ServiceName
    type: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9]{0,79}$")]
    endpoint: HttpsUrl


class RemoveService(_Change):
    """Take a service out of the document."""

    kind: Literal["remove_service"]
    name: ServiceName


class Move(_Change):
    """Move the DID to where the agent's settings say; `to` repeats that place."""

    kind: Literal["move"]
    to: HttpsUrl


class SetWitnesses(_Change):
    """Who must approve every entry from now on, and how many of them; nobody when none is named."""

    kind: Literal["set_witnesses"]
    witnesses: Annotated[
        tuple[Annotated[str, AfterValidator(_witness)], ...], Field(max_length=MAX_WITNESSES)
    ] = ()
    threshold: Annotated[int, Field(ge=1)] = 1


class Deactivate(_Change):
    """End the DID for good: nothing that it signed verifies any more. `did` repeats which."""

    kind: Literal["deactivate"]
    did: str


type AskedChange = (
    RotateUpdateKeys
    | RotateAssertionKeys
    | RotateAuditKey
    | RemoveKey
    | AddService
    | RemoveService
    | Move
    | SetWitnesses
    | Deactivate
)


class ChangeDid(Body):
    """One change of the DID."""

    change: Annotated[AskedChange, Field(discriminator="kind")]


class SignedEntry(Body):
    """An entry of the log that was signed where the update key is."""

    entry: Annotated[str, Field(min_length=1, max_length=_LONGEST_ENTRY)]


class Approval(Body):
    """A witness's proof that it approves a version of the log."""

    version_id: Annotated[str, Field(max_length=200)]
    proof: dict[str, Any]


class LogToWitness(Body):
    """Another organisation's log, with the entry that it wants approved."""

    log: Annotated[str, Field(max_length=_LONGEST_LOG)]

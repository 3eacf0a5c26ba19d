"""The life of the organisation's DID over HTTP. `POST /organisation/did`, which makes it, is not here."""

from datetime import datetime
from typing import Any

from aiohttp import web

from agent.domain.actors import Permission
from agent.domain.errors import Conflict
from agent.routing import Answer, Call, RouteTable
from agent.webvh.did_changes import DidChanges, DidState
from agent.webvh.domain_routes import DOMAIN_ROUTES
from agent.webvh.identity import Standing
from agent.webvh.key_removal import KeyRemoval
from agent.webvh.requests import Approval, ChangeDid, LogToWitness, SignedEntry
from agent.webvh.settings import UpdateKey
from agent.webvh.witnessing import Witnessing
from signed_documents.key_history import DocumentKey, KeyUse

ROUTES = RouteTable("webvh")
ROUTES.include(DOMAIN_ROUTES)


class KeyAnswer(Answer):
    """A key in the DID's document; `until` is when another took its place."""

    name: str
    use: KeyUse
    since: datetime
    until: datetime | None


class ServiceAnswer(Answer):
    """A service in the DID's document."""

    id: str
    type: str | list[str]
    endpoint: Any


class WitnessesAnswer(Answer):
    """How many of whom must approve an entry."""

    threshold: int
    witnesses: tuple[str, ...]


class DidAnswer(Answer):
    """The DID, and what its last change waits for.

    `prepared` is to be signed where the update key is, by `staff-passport did sign`. There is no DID while
    its first entry waits for that.
    """

    did: str | None
    standing: Standing
    version_id: str | None
    version_number: int
    updated: datetime | None
    update_key: UpdateKey
    keys: tuple[KeyAnswer, ...]
    services: tuple[ServiceAnswer, ...]
    also_known_as: tuple[str, ...]
    former_dids: tuple[str, ...]
    witnesses: WitnessesAnswer | None
    prepared: dict[str, Any] | None


class LogAnswer(Answer):
    """The log with its last entry, published or not, and the witnesses' approvals of it."""

    did: str
    log: str
    witness_proofs: str | None


class RemovalAnswer(Answer):
    """What taking out a retired key means: so many credentials stop verifying.

    `resources` are signed anew before, and go on verifying. Status lists that the key signed are replaced
    within the hour after it was retired.
    """

    key: KeyAnswer
    credentials: int
    resources: tuple[str, ...]


class WitnessAnswer(Answer):
    """By which did:key other organisations' logs name this one as witness."""

    witness: str


class ApprovalAnswer(Answer):
    """A proof that the version is approved, for the organisation that asked."""

    version_id: str
    proof: dict[str, Any]


@ROUTES.get(
    "/organisation/did",
    permission=Permission.ORGANISATION_READ,
    summary="The organisation's DID: its keys, services and witnesses, and what its last change waits for",
    answer=DidAnswer,
)
async def show_did(call: Call[None]) -> DidAnswer:
    """Tell how the DID stands."""
    return _answer(await call.inject(DidChanges).state())


@ROUTES.get(
    "/organisation/did/log",
    permission=Permission.ORGANISATION_READ,
    summary="The DID's log, with an entry that waits for its witnesses or the registry",
    answer=LogAnswer,
)
async def did_log(call: Call[None]) -> LogAnswer:
    """Give what a witness is asked to approve."""
    identity = (await call.inject(DidChanges).state()).identity
    if not identity.log:
        raise Conflict("The first entry of the DID's log waits to be signed.", code="did_awaits_signature")
    return LogAnswer(did=identity.did, log=identity.log, witness_proofs=identity.witness_proofs)


@ROUTES.get(
    "/organisation/did/keys/{key}/removal",
    permission=Permission.ORGANISATION_PUBLISH,
    summary="What stops verifying when a retired key is taken out of the DID's document",
    answer=RemovalAnswer,
)
async def key_removal(call: Call[None]) -> RemovalAnswer:
    """Count, and change nothing."""
    found = await call.inject(KeyRemoval).would_stop(call.path["key"])
    return RemovalAnswer(key=_key(found.key), credentials=found.credentials, resources=found.resources)


@ROUTES.post(
    "/organisation/did/changes",
    permission=Permission.ORGANISATION_PUBLISH,
    summary="Change the DID, or prepare the change to be signed where the update key is",
    body=ChangeDid,
    answer=DidAnswer,
    idempotent=True,
)
async def change_did(call: Call[ChangeDid]) -> DidAnswer:
    """Make one change; while it waits for somebody, no other is made."""
    changes = call.inject(DidChanges)
    await changes.change(call.body.change, by=call.actor)
    return _answer(await changes.state())


@ROUTES.post(
    "/organisation/did/signed-entries",
    permission=Permission.ORGANISATION_PUBLISH,
    summary="Submit the entry that was signed where the update key is",
    body=SignedEntry,
    answer=DidAnswer,
    idempotent=True,
)
async def submit_did_entry(call: Call[SignedEntry]) -> DidAnswer:
    """Take it if it says what was prepared."""
    changes = call.inject(DidChanges)
    await changes.submit(call.body.entry, by=call.actor)
    return _answer(await changes.state())


@ROUTES.post(
    "/organisation/did/approvals",
    permission=Permission.ORGANISATION_PUBLISH,
    summary="Submit a witness's approval of the last entry",
    body=Approval,
    answer=DidAnswer,
    idempotent=True,
)
async def submit_did_approval(call: Call[Approval]) -> DidAnswer:
    """Take it, and publish when there are enough."""
    changes = call.inject(DidChanges)
    await changes.approve(call.body.version_id, call.body.proof, by=call.actor)
    return _answer(await changes.state())


@ROUTES.post(
    "/witness/key",
    permission=Permission.ORGANISATION_PUBLISH,
    summary="The key with which this organisation approves others' DID logs; made by the first call",
    answer=WitnessAnswer,
)
async def witness_key(call: Call[None]) -> WitnessAnswer:
    """Tell by which name to ask us."""
    return WitnessAnswer(witness=await call.inject(Witnessing).key(by=call.actor))


@ROUTES.post(
    "/witness/approvals",
    permission=Permission.ORGANISATION_PUBLISH,
    summary="Verify another organisation's DID log, and approve its last entry",
    body=LogToWitness,
    answer=ApprovalAnswer,
    idempotent=True,
)
async def approve_did_log(call: Call[LogToWitness]) -> ApprovalAnswer:
    """Approve what leads on from all that was approved and published before."""
    version_id, proof = await call.inject(Witnessing).approve(call.body.log, by=call.actor)
    return ApprovalAnswer(version_id=version_id, proof=proof)


def _answer(state: DidState) -> DidAnswer:
    identity, log = state.identity, state.log
    document = {} if log is None else log.document_json
    rule = None if log is None else log.witness_rule
    prepared = identity.prepared_entry
    return DidAnswer(
        did=identity.did or None,
        standing=state.standing,
        version_id=None if log is None else log.version_id,
        version_number=0 if log is None else log.version_number,
        updated=None if log is None else log.updated,
        update_key=UpdateKey.EXTERNAL if identity.next_key is None else UpdateKey.AGENT,
        keys=tuple(map(_key, state.keys)),
        services=tuple(
            ServiceAnswer(id=each["id"], type=each["type"], endpoint=each["serviceEndpoint"])
            for each in document.get("service", [])
        ),
        also_known_as=tuple(document.get("alsoKnownAs", [])),
        former_dids=tuple(each.did for each in identity.former_dids),
        witnesses=rule and WitnessesAnswer(threshold=rule.threshold, witnesses=rule.witnesses),
        prepared=None if prepared is None else prepared.to_json(),
    )


def _key(key: DocumentKey) -> KeyAnswer:
    return KeyAnswer(name=key.name, use=key.use, since=key.since, until=key.until)


async def register(app: web.Application) -> None:
    """Serve the routes."""
    ROUTES.register(app)

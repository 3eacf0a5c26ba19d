"""The operator's routes of the trust list: who stands in it, its keys, its root, its publication."""

from datetime import datetime

from agent.domain.actors import Permission
from agent.domain.clock import utc_now
from agent.domain.registration import Succession
from agent.domain.workforce import OdsCode
from agent.paging import LIMIT, limit, name_cursor, name_position
from agent.routing import Answer, Call, RouteTable
from agent.trust.publishing import PublishedList
from agent.trust.records import EntryRow
from agent.trust.requests import ChangeEntry, PublishList, RegisterOrganisation, SubmitRoot, SucceedEntry
from agent.trust.service import OrganisationRegister
from signed_documents.trust_lists import Authority, Did, Status, Successor, Suspension
from signed_documents.trust_roots import OnlineKeys, TrustRoot

ROUTES = RouteTable("trust list")
_ENTRIES = "/trust-list/organisations"
_ENTRY = f"{_ENTRIES}/{{organisation}}"


class EntryAnswer(Answer):
    """One organisation as it is said; `is_published` when the list that was signed says the same."""

    ods_code: str
    name: str
    region: str
    dids: tuple[Did, ...]
    may_issue: tuple[Authority, ...]
    may_ask: tuple[Authority, ...]
    status: Status
    suspensions: tuple[Suspension, ...]
    successor: Successor | None
    is_published: bool
    registered_by: str
    registered_at: datetime
    changed_by: str
    changed_at: datetime
    restore_asked_by: str | None
    restore_asked_at: datetime | None


class EntriesAnswer(Answer):
    """A page of organisations by ODS code; pass `next` as `cursor` to go on."""

    organisations: tuple[EntryAnswer, ...]
    next: str | None


class OnlineKeysAnswer(Answer):
    """Ed25519 public keys in hex, one for each of TUF's roles that are online."""

    targets: str
    snapshot: str
    timestamp: str


class RootAnswer(Answer):
    """The newest root, its version and end; `keys` are those that the next root is to name."""

    version: int | None
    expires: datetime | None
    root: str | None
    keys: OnlineKeysAnswer


class PublicationAnswer(Answer):
    """What was signed last; `published_at` is when the registry took it, none while it waits for that."""

    versions: dict[str, int]
    signed_at: datetime | None
    published_at: datetime | None


@ROUTES.post(
    _ENTRIES,
    permission=Permission.TRUST_LIST_DECIDE,
    summary="Enter an organisation in the trust list, to be published",
    body=RegisterOrganisation,
    answer=EntryAnswer,
    status=201,
    idempotent=True,
)
async def register_in_trust_list(call: Call[RegisterOrganisation]) -> EntryAnswer:
    """Enter it."""
    register = call.inject(OrganisationRegister)
    return _shown(await register.register(OdsCode(call.body.ods_code), call.body, by=call.actor))


@ROUTES.get(
    _ENTRIES,
    permission=Permission.TRUST_LIST_READ,
    summary="Organisations of the trust list, by ODS code",
    answer=EntriesAnswer,
    query=LIMIT,
)
async def trust_list_entries(call: Call[None]) -> EntriesAnswer:
    """List them."""
    most = limit(call.query)
    after = name_position(call.query)
    rows = await call.inject(OrganisationRegister).page(after=after and after[1], limit=most)
    following = name_cursor("", rows[-1].ods_code) if len(rows) == most else None
    return EntriesAnswer(organisations=tuple(map(_shown, rows)), next=following)


@ROUTES.get(
    _ENTRY,
    permission=Permission.TRUST_LIST_READ,
    summary="One organisation of the trust list",
    answer=EntryAnswer,
)
async def trust_list_entry(call: Call[None]) -> EntryAnswer:
    """Tell of it."""
    return _shown(await call.inject(OrganisationRegister).get(OdsCode(call.path["organisation"])))


@ROUTES.post(
    f"{_ENTRY}/changes",
    permission=Permission.TRUST_LIST_DECIDE,
    summary="Say something else of an organisation, to be published",
    body=ChangeEntry,
    answer=EntryAnswer,
)
async def change_in_trust_list(call: Call[ChangeEntry]) -> EntryAnswer:
    """Change it."""
    register = call.inject(OrganisationRegister)
    return _shown(await register.change(OdsCode(call.path["organisation"]), call.body, by=call.actor))


@ROUTES.post(
    f"{_ENTRY}/suspension",
    permission=Permission.TRUST_LIST_DECIDE,
    summary="Suspend an organisation at once: nothing that it issued counts until it is restored",
    answer=EntryAnswer,
)
async def suspend_in_trust_list(call: Call[None]) -> EntryAnswer:
    """Suspend."""
    register = call.inject(OrganisationRegister)
    return _shown(await register.suspend(OdsCode(call.path["organisation"]), by=call.actor))


@ROUTES.post(
    f"{_ENTRY}/restoration-request",
    permission=Permission.TRUST_LIST_DECIDE,
    summary="Ask for a suspended organisation to be restored; another person has to agree",
    answer=EntryAnswer,
)
async def ask_to_restore_in_trust_list(call: Call[None]) -> EntryAnswer:
    """Ask."""
    register = call.inject(OrganisationRegister)
    return _shown(await register.ask_to_restore(OdsCode(call.path["organisation"]), by=call.actor))


@ROUTES.post(
    f"{_ENTRY}/restoration",
    permission=Permission.TRUST_LIST_DECIDE,
    summary="Restore at once what another person asked to have restored",
    answer=EntryAnswer,
)
async def restore_in_trust_list(call: Call[None]) -> EntryAnswer:
    """Agree."""
    register = call.inject(OrganisationRegister)
    return _shown(await register.restore(OdsCode(call.path["organisation"]), by=call.actor))


@ROUTES.post(
    f"{_ENTRY}/succession",
    permission=Permission.TRUST_LIST_DECIDE,
    summary="Say at once who takes the organisation's place, and until when its credentials count",
    body=SucceedEntry,
    answer=EntryAnswer,
)
async def succeed_in_trust_list(call: Call[SucceedEntry]) -> EntryAnswer:
    """Succeed."""
    said = call.body
    succession = Succession(OdsCode(said.successor), said.on, said.credentials_until)
    register = call.inject(OrganisationRegister)
    return _shown(await register.succeed(OdsCode(call.path["organisation"]), succession, by=call.actor))


@ROUTES.post(
    "/trust-list/publications",
    permission=Permission.TRUST_LIST_DECIDE,
    summary="Publish everything that was said; again does no harm",
    body=PublishList,
    answer=PublicationAnswer,
)
async def publish_trust_list(call: Call[PublishList]) -> PublicationAnswer:
    """Publish."""
    await call.inject(OrganisationRegister).publish(above=call.body.above, by=call.actor)
    return await _publication(call.inject(PublishedList))


@ROUTES.get(
    "/trust-list/publications/newest",
    permission=Permission.TRUST_LIST_READ,
    summary="What was signed of the trust list last, and whether the registry has it",
    answer=PublicationAnswer,
)
async def newest_publication(call: Call[None]) -> PublicationAnswer:
    """Tell of it."""
    return await _publication(call.inject(PublishedList))


@ROUTES.get(
    "/trust-list/root",
    permission=Permission.TRUST_LIST_READ,
    summary="The newest root, and the online keys that the next one is to name",
    answer=RootAnswer,
)
async def trust_root(call: Call[None]) -> RootAnswer:
    """Tell of it; keys are made when there are none yet."""
    return await _root(call.inject(PublishedList))


@ROUTES.post(
    "/trust-list/root",
    permission=Permission.TRUST_LIST_DECIDE,
    summary="Submit the next root, signed offline; everything is signed anew under it and published",
    body=SubmitRoot,
    answer=RootAnswer,
)
async def submit_trust_root(call: Call[SubmitRoot]) -> RootAnswer:
    """Take it."""
    published = call.inject(PublishedList)
    await published.submit_root(call.body.root, by=call.actor)
    return await _root(published)


@ROUTES.post(
    "/trust-list/online-keys",
    permission=Permission.TRUST_LIST_DECIDE,
    summary="Make new online keys, which the next root is to name; those of now sign until then",
    answer=OnlineKeysAnswer,
    idempotent=True,
)
async def rotate_trust_list_keys(call: Call[None]) -> OnlineKeysAnswer:
    """Make them."""
    return _keys(await call.inject(PublishedList).rotate_online_keys(by=call.actor))


async def _publication(published: PublishedList) -> PublicationAnswer:
    row = await published.newest()
    return PublicationAnswer(
        versions={"targets": 0, "snapshot": 0, "timestamp": 0} if row is None else row.versions,
        signed_at=None if row is None else row.signed_at,
        published_at=None if row is None else row.published_at,
    )


async def _root(published: PublishedList) -> RootAnswer:
    roots: tuple[TrustRoot, ...] = await published.roots()
    keys = _keys(await published.online_keys())
    if not roots:
        return RootAnswer(version=None, expires=None, root=None, keys=keys)
    newest = roots[-1]
    return RootAnswer(version=newest.version, expires=newest.expires, root=newest.text.decode(), keys=keys)


def _keys(keys: OnlineKeys) -> OnlineKeysAnswer:
    return OnlineKeysAnswer(
        targets=keys.targets.hex(), snapshot=keys.snapshot.hex(), timestamp=keys.timestamp.hex()
    )


def _shown(row: EntryRow) -> EntryAnswer:
    entry = row.entry
    return EntryAnswer(
        ods_code=entry.ods_code,
        name=entry.name,
        region=entry.region,
        dids=entry.dids,
        may_issue=entry.may_issue,
        may_ask=entry.may_ask,
        status=entry.status(utc_now()),
        suspensions=entry.suspensions,
        successor=entry.successor,
        is_published=row.published == row.said,
        registered_by=row.registered_by,
        registered_at=row.registered_at,
        changed_by=row.changed_by,
        changed_at=row.changed_at,
        restore_asked_by=row.restore_asked_by,
        restore_asked_at=row.restore_asked_at,
    )

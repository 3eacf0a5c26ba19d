"""Signing the trust list with the keys that are online, and handing it to the registry.

What was signed is kept before it is sent: a number that TUF counts by is never used twice, and what the
registry did not take is sent again as it is.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession
from tuf.api.metadata import Metadata, Snapshot, Targets, Timestamp

from agent.domain.actors import Actor
from agent.domain.clock import Clock, utc_now
from agent.domain.errors import Conflict, InvalidInput
from agent.domain.ports.audit import Audit
from agent.domain.ports.identity import OrganisationIdentity
from agent.domain.ports.trust_register import TrustListHost
from agent.domain.workforce import Organisation
from agent.store.engine import Store
from agent.trust.keys import RoleKeys, public_halves
from agent.trust.records import EntryRow, PublicationRow, RootRow, TrustRepository
from signed_documents.errors import DocumentRefused
from signed_documents.trust_lists import ListedOrganisation, TrustListing
from signed_documents.trust_publications import (
    SNAPSHOT_LIFE,
    TARGETS_LIFE,
    TIMESTAMP_LIFE,
    Publication,
    RoleKey,
    signed_metadata,
    snapshot_of,
    targets_of,
    timestamp_of,
)
from signed_documents.trust_roots import OnlineKeys, TrustRoot

LOGGER = logging.getLogger(__name__)
TIMESTAMP_RENEWED = timedelta(hours=1)
SNAPSHOT_RENEWED = timedelta(days=1)
TARGETS_RENEWED = TARGETS_LIFE / 2
ROOT_WARNING = timedelta(days=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedList:
    """The list as the operator signs and publishes it."""

    store: Store
    organisation: Organisation
    audit: Audit
    identity: OrganisationIdentity
    keys: RoleKeys
    host: TrustListHost
    clock: Clock = utc_now

    # Keys and roots

    async def online_keys(self) -> OnlineKeys:
        """The keys that the next root is to name; made first if need be."""
        async with self.store.joined(self.organisation.ods_code) as session:
            row = await self._made(session)
        return public_halves(row.next_keys or row.keys)

    async def rotate_online_keys(self, *, by: Actor) -> OnlineKeys:
        """Make new keys, for the next root to name; until it does, those of now go on signing."""
        async with self.audit.kept_with(
            self.store.joined(self.organisation.ods_code), "make trust list keys", actor=by.id, subject="keys"
        ) as session:
            row = await self._made(session)
            row.next_keys = await self.keys.new()
        return public_halves(row.next_keys)

    async def roots(self) -> tuple[TrustRoot, ...]:
        """Every root that was submitted, the first one first."""
        async with self.store.joined(self.organisation.ods_code) as session:
            rows = await self._repository(session).roots()
        return tuple(TrustRoot.parse(row.text.encode()) for row in rows)

    async def submit_root(self, text: str, *, by: Actor) -> TrustRoot:
        """Take the next root, sign everything anew under it, and publish; the last one again does no harm.

        Raises `InvalidInput` for one that too few root keys signed or that does not come next, `Conflict` for
        one that names other keys than ours, `Unavailable` when it is kept and the registry does not answer.
        """
        root = _parsed(text)
        async with self.audit.kept_with(
            self.store.joined(self.organisation.ods_code), "submit trust root", actor=by.id, subject="root"
        ) as session:
            row = await self._made(session)
            before = await self.roots()
            if not before or root.text != before[-1].text:
                _require_follows(root, before)
                self._use_keys_of(root, row)
                self._repository(session).add(self._root_row(root, by))
                await session.flush()
                await self.sign(session, anew=True)
        await self.send()
        return root

    def _root_row(self, root: TrustRoot, by: Actor) -> RootRow:
        return RootRow(
            organisation=self.organisation.ods_code,
            version=root.version,
            text=root.text.decode(),
            submitted_by=by.id,
            submitted_at=self.clock(),
        )

    def _use_keys_of(self, root: TrustRoot, row: PublicationRow) -> None:
        if row.next_keys is not None and root.online == public_halves(row.next_keys):
            row.keys, row.next_keys = row.next_keys, None
        elif root.online != public_halves(row.keys):
            raise Conflict("The root names other online keys than this agent has.", code="other_online_keys")

    async def _made(self, session: AsyncSession) -> PublicationRow:
        """The row with the keys, locked."""
        repository = self._repository(session)
        row = await repository.publication(lock=True)
        if row is None:
            row = PublicationRow(organisation=self.organisation.ods_code, keys=await self.keys.new())
            row.targets_version = row.snapshot_version = row.timestamp_version = 0
            repository.add(row)
            await session.flush()
        return row

    # Publish

    async def newest(self) -> PublicationRow | None:
        """What was signed last."""
        async with self.store.joined(self.organisation.ods_code) as session:
            return await self._repository(session).publication()

    async def sign(self, session: AsyncSession, *, anew: bool = False, above: int = 0) -> None:
        """Sign the list as entries are to be published, in the unit in hand; nothing while there is no root.

        Only what changed or is due is signed again, unless `anew`; the timestamp always. Versions go on from
        the last ones, or from `above`.
        """
        repository = self._repository(session)
        row = await repository.publication(lock=True)
        did = await self.identity.did()
        if row is None or did is None or not await repository.roots():
            return
        now = self.clock()
        listing = _listing(row, did, await repository.entries(), now)
        anew = anew or listing != row.listing or _left(row.targets, now) < TARGETS_LIFE - TARGETS_RENEWED
        if anew or row.targets is None:
            row.listing, row.targets_version = listing, max(row.targets_version, above) + 1
            targets = targets_of(listing.encode(), version=row.targets_version, now=now)
            row.targets = await self._signed(targets, row, "targets")
        if anew or row.snapshot is None or _left(row.snapshot, now) < SNAPSHOT_LIFE - SNAPSHOT_RENEWED:
            row.snapshot_version = max(row.snapshot_version, above) + 1
            snapshot = snapshot_of(row.targets.encode(), version=row.snapshot_version, now=now)
            row.snapshot = await self._signed(snapshot, row, "snapshot")
        row.timestamp_version = max(row.timestamp_version, above) + 1
        timestamp = timestamp_of(row.snapshot.encode(), version=row.timestamp_version, now=now)
        row.timestamp = await self._signed(timestamp, row, "timestamp")
        row.signed_at, row.published_at = now, None

    async def require_listed_operator(self) -> None:
        """Raise `Conflict` while the operator, whom the list names, has no DID."""
        if await self.identity.did() is None:
            raise Conflict("The operator has no DID yet.", code="no_did")

    async def _signed(self, content: Targets | Snapshot | Timestamp, row: PublicationRow, role: str) -> str:
        return (await signed_metadata(content, self._key(row, role))).decode()

    def _key(self, row: PublicationRow, role: str) -> RoleKey:
        return self.keys.key(row.keys[role])

    async def send(self) -> None:
        """Let the registry have what was signed, unless it has.

        Raises `Unavailable`, after which the rounds go on with it, and `Conflict` when others published.
        """
        async with self.store.unit(self.organisation.ods_code) as session:
            row = await self._repository(session).publication()
            roots = await self._repository(session).roots()
        if row is None or row.timestamp is None or row.published_at is not None:
            return
        try:
            await self.host.publish_trust_list(_publication(row, roots).encoded())
        except Conflict as conflict:
            if not await self._is_overtaken(row):
                sentence = "The registry has a newer trust list than this agent knows of."
                raise Conflict(sentence, code="trust_list_newer") from conflict
            return
        async with self.store.unit(self.organisation.ods_code) as session:
            sent = await self._repository(session).publication(lock=True)
            if sent is not None and sent.timestamp_version == row.timestamp_version:
                sent.published_at = self.clock()

    async def _is_overtaken(self, row: PublicationRow) -> bool:
        """Whether we signed a newer one meanwhile, in which everything of this one is."""
        async with self.store.unit(self.organisation.ods_code) as session:
            now = await self._repository(session).publication()
        return now is not None and now.timestamp_version > row.timestamp_version

    async def carry_on(self) -> None:
        """Send what was not taken yet, and sign anew before anything expires."""
        await self._renew()
        await self.send()
        if (roots := await self.roots()) and roots[-1].expires - self.clock() < ROOT_WARNING:
            LOGGER.warning("The root of the trust list expires on %s", roots[-1].expires.date())

    async def _renew(self) -> None:
        async with self.store.unit(self.organisation.ods_code) as session:
            row = await self._repository(session).publication(lock=True)
            if row is None or row.timestamp is None:
                return
            if _left(row.timestamp, self.clock()) < TIMESTAMP_LIFE - TIMESTAMP_RENEWED:
                await self.sign(session)

    def _repository(self, session: AsyncSession) -> TrustRepository:
        return TrustRepository(session, self.organisation.ods_code)


def _parsed(text: str) -> TrustRoot:
    try:
        return TrustRoot.parse(text.encode())
    except DocumentRefused as error:
        raise InvalidInput(f"This is no root: {error.detail}.", code="root_refused") from error


def _require_follows(root: TrustRoot, before: Sequence[TrustRoot]) -> None:
    try:
        root.require_follows(before[-1] if before else None)
    except DocumentRefused as error:
        raise InvalidInput(f"The root is not taken: {error.detail}.", code="root_refused") from error


def _listing(row: PublicationRow, operator: str, entries: Sequence[EntryRow], now: datetime) -> str:
    """The list's text; as it was, if it says the same."""
    organisations = tuple(each for entry in entries if (each := entry.listed) is not None)
    if row.listing is not None:
        before = TrustListing.parse(row.listing.encode())
        if before.operator == operator and before.organisations == organisations:
            return row.listing
    _require_once(organisations)
    return TrustListing(operator=operator, published=now, organisations=organisations).text().decode()


def _require_once(organisations: Sequence[ListedOrganisation]) -> None:
    dids = [did for each in organisations for did in each.dids]
    if len(dids) != len(set(dids)):
        raise Conflict("A DID stands with two organisations.", code="did_listed_twice")


def _left(metadata: str | None, now: datetime) -> timedelta:
    """For how long signed metadata is still valid."""
    if metadata is None:
        return timedelta(0)
    ends: datetime = Metadata[Any].from_bytes(metadata.encode()).signed.expires
    return ends - now


def _publication(row: PublicationRow, roots: Sequence[RootRow]) -> Publication:
    parts = (row.targets, row.snapshot, row.timestamp, row.listing)
    return Publication(
        tuple(root.text.encode() for root in roots), *((part or "").encode() for part in parts)
    )

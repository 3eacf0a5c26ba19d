"""The operator's trust list in a database, and a registry that takes what is published of it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import base58
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from agent.audit.chain import AuditEntry
from agent.domain.actors import Actor, Role
from agent.domain.errors import (
    Conflict,
    InvalidInput,
    NotFound,
    PolicyRefused,
    StaffPassportError,
    Unavailable,
)
from agent.domain.ports.trust_register import ApprovedOrganisations, KnownOrganisation, TrustListHost
from agent.domain.registration import Region, Succession
from agent.domain.workforce import OdsCode
from agent.trust.keys import RoleKeys, public_halves
from agent.trust.publishing import PublishedList
from agent.trust.requests import ChangeEntry, Empowered, RegisterOrganisation
from agent.trust.service import OrganisationRegister
from registry.problems import WriteConflict
from registry.store import Store as RegistryStore
from registry.trust_list import TrustPublications
from signed_documents.trust_lists import ListedOrganisation, Status
from signed_documents.trust_publications import Publication, RoleKey
from signed_documents.trust_roots import OnlineKeys, TrustRoot
from tests.integration.organisation.conftest import Office
from tests.support.neighbours import KnownAs
from tests.support.trust import NORTHMOOR, OPERATOR, new_keys, public, role_key

NORTH, CALDER = OdsCode("ZZNM1"), OdsCode("ZZCB1")
CALDER_DID = "did:webvh:QmCalder:registry.staff-passport.example:organisations:calder-bay"


@dataclass
class KeysInHand(RoleKeys):
    """Keys as a wallet would keep them."""

    kept: dict[str, Ed25519PrivateKey] = field(default_factory=dict)

    async def new(self) -> dict[str, str]:
        keys = dict(zip(("targets", "snapshot", "timestamp"), new_keys(3), strict=True))
        names = {role: base58.b58encode(public(key)).decode() for role, key in keys.items()}
        self.kept |= {names[role]: key for role, key in keys.items()}
        return names

    def key(self, name: str) -> RoleKey:
        return role_key(self.kept[name])


@dataclass
class Applied(ApprovedOrganisations):
    """Who applied to the operator."""

    organisations: dict[str, KnownOrganisation] = field(default_factory=dict)

    async def known(self, ods_code: OdsCode) -> KnownOrganisation | None:
        return self.organisations.get(ods_code)


@dataclass
class RegistryInHand(TrustListHost):
    """A registry's own code, which may also be down, or stop before it answers."""

    publications: TrustPublications
    down: bool = False
    taken: list[Publication] = field(default_factory=list)
    meanwhile: Callable[[], Awaitable[None]] | None = None

    async def publish_trust_list(self, publication: bytes) -> None:
        if (meanwhile := self.meanwhile) is not None:
            self.meanwhile = None
            await meanwhile()
        if self.down:
            raise Unavailable("The registry does not answer.")
        try:
            self.publications.publish(publication)
        except WriteConflict as conflict:
            raise Conflict(str(conflict), code="registry_conflict") from conflict
        self.taken.append(Publication.parse(publication))

    def entry(self, ods_code: str) -> ListedOrganisation | None:
        """What anybody reads of an organisation."""
        listing = self.publications.listing()
        assert listing is not None
        return next((each for each in listing.organisations if each.ods_code == ods_code), None)


@dataclass
class TrustOffice:
    """The operator's office with its two people, a registry, and three root keys."""

    office: Office
    registry: RegistryInHand
    olu: Actor
    oona: Actor
    keys: KeysInHand = field(default_factory=KeysInHand)
    applied: Applied = field(default_factory=Applied)
    root_keys: tuple[Ed25519PrivateKey, ...] = field(default_factory=lambda: new_keys(3))

    @property
    def published(self) -> PublishedList:
        return PublishedList(
            store=self.office.store,
            organisation=self.office.own,
            audit=self.office.chain,
            identity=KnownAs(OPERATOR),
            keys=self.keys,
            host=self.registry,
            clock=self.office.clock,
        )

    @property
    def register(self) -> OrganisationRegister:
        return OrganisationRegister(
            store=self.office.store,
            organisation=self.office.own,
            audit=self.office.chain,
            users=self.office.people,
            approved=self.applied,
            published=self.published,
            clock=self.office.clock,
        )

    async def root(self, *signers: Ed25519PrivateKey, online: OnlineKeys | None = None) -> str:
        """The next root, signed."""
        before = next(iter(reversed(await self.published.roots())), None)
        named = online or await self.published.online_keys()
        root = TrustRoot.prepared(map(public, self.root_keys), named, now=self.office.clock.now, after=before)
        for key in signers or self.root_keys[:2]:
            root.sign(key, before=before)
        return root.text.decode()

    async def established(self) -> None:
        """There is a root, and a list with Northmoor in it."""
        await self.published.submit_root(await self.root(), by=self.olu)
        await self.entered(NORTH)
        await self.register.publish(above=0, by=self.olu)

    async def entered(self, ods_code: OdsCode, did: str = NORTHMOOR) -> None:
        await self.register.register(ods_code, said(ods_code, did), by=self.olu)


def said(ods_code: OdsCode, did: str) -> RegisterOrganisation:
    name, may = (
        f"The {ods_code}",
        (Empowered.model_validate({"type": "employment", "valid_from": date(2026, 1, 1)}),),
    )
    return RegisterOrganisation(
        ods_code=ods_code,
        name=name,
        region=Region.LONDON,
        dids=(did,),
        may_issue=may,
        may_ask=may,
    )


@pytest.fixture
async def trust(operators_office: Office, tmp_path: Path) -> TrustOffice:
    """An office with no root yet."""
    operators_office.clock.now = datetime.now(UTC)  # TUF has no other clock
    ada, _ = await operators_office.two_administrators()
    olu = await operators_office.joined("olu", Role.OPERATOR, by=ada)
    oona = await operators_office.joined("oona", Role.OPERATOR, by=ada)
    registry = RegistryInHand(TrustPublications(RegistryStore(tmp_path)))
    return TrustOffice(operators_office, registry, olu, oona)


@pytest.fixture
async def established(trust: TrustOffice) -> TrustOffice:
    await trust.established()
    return trust


async def code_of(attempt: Awaitable[object], kind: type[StaffPassportError] = Conflict) -> str:
    with pytest.raises(kind) as refused:
        await attempt
    return refused.value.code


async def test_what_is_said_is_in_the_list_once_it_is_published(established: TrustOffice) -> None:
    await established.entered(CALDER, CALDER_DID)
    await established.register.change(NORTH, ChangeEntry(name="Northmoor"), by=established.olu)

    assert established.registry.entry(CALDER) is None
    assert not (await established.register.page(after=None, limit=10))[0].published
    await established.register.publish(above=0, by=established.olu)

    entry = established.registry.entry(NORTH)
    assert entry is not None
    assert (entry.name, entry.dids) == ("Northmoor", (NORTHMOOR,))
    assert established.registry.entry(CALDER) is not None


async def test_nothing_is_published_without_a_root(trust: TrustOffice) -> None:
    await trust.entered(NORTH)

    assert await code_of(trust.register.publish(above=0, by=trust.olu)) == "no_trust_root"


async def test_what_is_not_said_comes_from_the_application_that_was_approved(trust: TrustOffice) -> None:
    known = KnownOrganisation(NORTH, "Northmoor Teaching Hospitals", Region.MIDLANDS, NORTHMOOR, True)
    trust.applied.organisations[NORTH] = known
    bare = said(NORTH, NORTHMOOR).model_copy(update={"name": None, "region": None, "dids": ()})

    entry = (await trust.register.register(NORTH, bare, by=trust.olu)).entry

    assert (entry.name, entry.region, entry.dids) == (known.name, "Midlands", (NORTHMOOR,))


async def test_who_is_not_approved_is_not_entered_and_a_stranger_has_a_name(
    trust: TrustOffice,
) -> None:
    trust.applied.organisations[NORTH] = KnownOrganisation(NORTH, "N", Region.WALES, NORTHMOOR, False)
    nameless = said(CALDER, CALDER_DID).model_copy(update={"name": None})

    assert (
        await code_of(trust.register.register(NORTH, said(NORTH, NORTHMOOR), by=trust.olu)) == "not_approved"
    )
    with pytest.raises(InvalidInput):
        await trust.register.register(CALDER, nameless, by=trust.olu)


async def test_an_organisation_and_a_did_are_entered_once(established: TrustOffice) -> None:
    register, olu = established.register, established.olu

    assert await code_of(register.register(NORTH, said(NORTH, NORTHMOOR), by=olu)) == "entry_exists"
    taken = await code_of(register.register(CALDER, said(CALDER, NORTHMOOR), by=olu))
    assert taken == "did_listed_twice"
    with pytest.raises(NotFound):
        await register.change(CALDER, ChangeEntry(name="Nobody"), by=olu)


async def test_a_suspension_is_published_at_once_and_nothing_else_with_it(established: TrustOffice) -> None:
    await established.register.change(NORTH, ChangeEntry(name="Not yet"), by=established.olu)
    await established.entered(CALDER, CALDER_DID)

    await established.register.suspend(NORTH, by=established.olu)

    entry = established.registry.entry(NORTH)
    assert entry is not None
    assert entry.status(established.office.clock.now) is Status.SUSPENDED
    assert entry.name == f"The {NORTH}"
    assert established.registry.entry(CALDER) is None
    assert await code_of(established.register.suspend(NORTH, by=established.oona)) == "entry_suspended"


async def test_nobody_restores_what_they_asked_to_have_restored(established: TrustOffice) -> None:
    register, (olu, oona) = established.register, (established.olu, established.oona)
    assert await code_of(register.ask_to_restore(NORTH, by=olu)) == "entry_not_suspended"
    await register.suspend(NORTH, by=olu)
    assert await code_of(register.restore(NORTH, by=oona)) == "nobody_asked"
    await register.ask_to_restore(NORTH, by=olu)

    for somebody in (olu, replace(oona, id="machine:program", person=None)):
        with pytest.raises(PolicyRefused):
            await register.restore(NORTH, by=somebody)
    established.office.clock.pass_time(timedelta(minutes=1))
    await register.restore(NORTH, by=oona)

    entry = established.registry.entry(NORTH)
    assert entry is not None
    assert entry.status(established.office.clock.now) is Status.REGISTERED
    assert entry.status(entry.suspensions[0].since) is Status.SUSPENDED


async def test_a_suspended_organisations_did_goes_on_as_nobody_elses(
    established: TrustOffice,
) -> None:
    register, olu = established.register, established.olu
    await register.suspend(NORTH, by=olu)

    assert await code_of(register.change(NORTH, ChangeEntry(dids=()), by=olu)) == "entry_suspended"
    stolen = await code_of(register.register(CALDER, said(CALDER, NORTHMOOR), by=olu))
    assert stolen == "did_listed_twice"


async def test_an_organisation_is_succeeded_by_one_in_the_list_and_not_anew(established: TrustOffice) -> None:
    register, olu, today = established.register, established.olu, established.office.clock.now.date()
    succession = Succession(CALDER, today, today + timedelta(days=30))
    with pytest.raises(NotFound):
        await register.succeed(NORTH, succession, by=olu)
    await established.entered(CALDER, CALDER_DID)

    await register.succeed(NORTH, succession, by=olu)

    entry = established.registry.entry(NORTH)
    assert entry is not None
    assert entry.status(established.office.clock.now) is Status.SUCCEEDED
    longer = Succession(CALDER, today, today + timedelta(days=90))
    assert await code_of(register.succeed(NORTH, longer, by=olu)) == "entry_succeeded"
    with pytest.raises(InvalidInput):
        await register.succeed(CALDER, Succession(CALDER, today, today), by=olu)


async def test_decisions_on_a_registration_reach_the_list_with_them_or_not_at_all(
    established: TrustOffice,
) -> None:
    register, store, own = established.register, established.office.store, established.office.own.ods_code

    async def decided_in_vain() -> None:
        async with store.unit(own):
            await register.suspended(NORTH)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await decided_in_vain()
    await register.publish_standing()
    entry = established.registry.entry(NORTH)
    assert entry is not None
    assert not entry.suspensions

    async with store.unit(own):
        await register.suspended(NORTH)
        await register.suspended(OdsCode("ZZXX9"))  # never entered
    await register.publish_standing()

    entry = established.registry.entry(NORTH)
    assert entry is not None
    assert entry.status(established.office.clock.now) is Status.SUSPENDED


async def test_a_suspension_while_the_registry_is_down_is_published_when_it_is_back(
    established: TrustOffice,
) -> None:
    established.registry.down = True
    await established.register.suspend(NORTH, by=established.olu)
    with pytest.raises(Unavailable):
        await established.published.carry_on()
    waiting = await established.published.newest()
    assert waiting is not None
    assert waiting.published_at is None

    established.registry.down = False
    await established.published.carry_on()

    entry = established.registry.entry(NORTH)
    assert entry is not None
    assert entry.suspensions
    sent = await established.published.newest()
    assert sent is not None
    assert sent.published_at is not None


async def test_an_answer_that_is_lost_leads_to_the_same_publication_again(established: TrustOffice) -> None:
    """The agent stops after the registry took it, and before it knows."""
    publications = established.registry.publications

    async def took_it_already() -> None:
        row = await established.published.newest()
        assert row is not None
        roots = tuple(root.text for root in await established.published.roots())
        parts = ((part or "").encode() for part in (row.targets, row.snapshot, row.timestamp, row.listing))
        publications.publish(Publication(roots, *parts).encoded())

    established.registry.meanwhile = took_it_already
    await established.register.suspend(NORTH, by=established.olu)

    row = await established.published.newest()
    assert row is not None
    assert row.published_at is not None


async def test_of_two_that_publish_at_once_both_are_in_the_list(established: TrustOffice) -> None:
    """The slower one finds that its own publication was overtaken by one in which it is, too."""
    await established.entered(CALDER, CALDER_DID)
    await established.register.publish(above=0, by=established.olu)

    async def suspend_the_other() -> None:
        await established.register.suspend(CALDER, by=established.oona)

    established.registry.meanwhile = suspend_the_other
    await established.register.suspend(NORTH, by=established.olu)

    for ods_code in (NORTH, CALDER):
        entry = established.registry.entry(ods_code)
        assert entry is not None
        assert entry.suspensions


async def test_an_agent_that_was_set_back_says_so_and_goes_on_above(established: TrustOffice) -> None:
    before = await established.published.newest()
    assert before is not None
    for _ in range(3):
        await established.register.publish(above=0, by=established.olu)
    async with established.office.store.unit(established.office.own.ods_code) as session:
        row = await session.merge(before)
        row.timestamp_version = before.timestamp_version - 1

    behind = established.register.publish(above=0, by=established.olu)
    assert await code_of(behind) == "trust_list_newer"
    await established.register.publish(above=100, by=established.olu)

    now = await established.published.newest()
    assert now is not None
    assert now.timestamp_version == 101


async def test_the_list_is_signed_anew_before_anything_of_it_ends(established: TrustOffice) -> None:
    async def versions(after: timedelta) -> dict[str, int]:
        established.office.clock.pass_time(after)
        await established.published.carry_on()
        row = await established.published.newest()
        assert row is not None
        return row.versions

    first = await versions(timedelta(0))
    hour = await versions(timedelta(minutes=61))
    day = await versions(timedelta(days=1))
    weeks = await versions(timedelta(days=45))

    assert await versions(timedelta(minutes=1)) == weeks
    assert hour == {**first, "timestamp": first["timestamp"] + 1}
    assert day == {**hour, "snapshot": hour["snapshot"] + 1, "timestamp": hour["timestamp"] + 1}
    assert weeks == {role: version + 1 for role, version in day.items()}
    assert len({each.listing for each in established.registry.taken[-3:]}) == 1


async def test_two_root_keys_make_a_root_and_one_does_not(trust: TrustOffice) -> None:
    lone = await trust.root(trust.root_keys[0])

    assert await code_of(trust.published.submit_root(lone, by=trust.olu), InvalidInput) == "root_refused"
    assert await trust.published.roots() == ()
    for nonsense in ("", "{}", "null"):
        refused = trust.published.submit_root(nonsense, by=trust.olu)
        assert await code_of(refused, InvalidInput) == "root_refused"


async def test_online_keys_are_rotated_by_the_next_root(established: TrustOffice) -> None:
    published, olu = established.published, established.olu
    before = await published.online_keys()
    after = await published.rotate_online_keys(by=olu)
    await established.register.publish(above=0, by=olu)  # with the keys of before

    root = await published.submit_root(await established.root(), by=olu)

    assert before != after == root.online
    row = await published.newest()
    assert row is not None
    assert public_halves(row.keys) == after
    assert established.registry.taken[-1].roots[-1] == root.text


async def test_a_root_that_names_other_online_keys_is_not_taken(established: TrustOffice) -> None:
    theirs = public_halves(await KeysInHand().new())
    root = await established.root(online=theirs)

    refused = await code_of(established.published.submit_root(root, by=established.olu))

    assert refused == "other_online_keys"


async def test_the_newest_root_again_does_no_harm_and_an_older_one_is_none(
    established: TrustOffice,
) -> None:
    first = (await established.published.roots())[0].text.decode()
    await established.published.submit_root(first, by=established.olu)
    second = await established.root()
    await established.published.submit_root(second, by=established.olu)

    again = established.published.submit_root(first, by=established.olu)

    assert await code_of(again, InvalidInput) == "root_refused"
    assert [root.version for root in await established.published.roots()] == [1, 2]


async def test_whatever_is_done_to_the_list_is_in_the_audit(established: TrustOffice) -> None:
    await established.register.suspend(NORTH, by=established.olu)
    await established.register.ask_to_restore(NORTH, by=established.olu)
    with pytest.raises(PolicyRefused):
        await established.register.restore(NORTH, by=established.olu)

    async with established.office.store.unit(established.office.own.ods_code) as session:
        query = select(AuditEntry).where(AuditEntry.phase == "outcome").order_by(AuditEntry.sequence)
        told = [(each.action, each.actor, each.outcome) for each in (await session.scalars(query)).all()]
    assert [entry for entry in told if "trust" in entry[0]] == [
        ("submit trust root", "olu", "done"),
        ("register organisation in trust list", "olu", "done"),
        ("publish trust list", "olu", "done"),
        ("suspend organisation in trust list", "olu", "done"),
        ("ask to restore in trust list", "olu", "done"),
        ("restore organisation in trust list", "olu", "refused"),
    ]

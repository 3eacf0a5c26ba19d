"""What a reader of the trust list makes of hosts and keys that are not honest."""

import asyncio
import itertools
import json
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tuf.api.metadata import TargetFile

from signed_documents.errors import DocumentRefused, DocumentUnavailable, Reason
from signed_documents.trust_distribution import TrustListExpired, TrustListReader
from signed_documents.trust_lists import MAX_LIST_BYTES, TARGET, TrustListing
from signed_documents.trust_publications import snapshot_of, timestamp_of
from signed_documents.trust_roots import TrustRoot
from tests.support.trust import (
    NOW,
    OPERATOR,
    URL,
    Host,
    TrustListOperator,
    a_listing,
    an_entry,
    new_keys,
    tampered,
)

AT_ONCE = timedelta(0)


@dataclass
class World:
    """An operator, a host that distributes what the operator signs, and a reader with a clock of its own."""

    folder: Path
    operator: TrustListOperator = field(default_factory=TrustListOperator)
    host: Host = field(default_factory=Host)
    now: datetime = NOW

    def __post_init__(self) -> None:
        (self.folder / "root.json").write_bytes(self.operator.roots[0].text)

    def reader(self) -> TrustListReader:
        """One that starts with what the folder kept."""
        root, kept = self.folder / "root.json", self.folder / "kept"
        return TrustListReader(self.host, URL, root, kept, clock=lambda: self.now)

    async def published(self, listing: TrustListing | None = None, **changed: Any) -> None:
        self.host.publish(await self.operator.publication(listing, **changed))

    async def refused(self, reader: TrustListReader) -> Reason:
        """Why there is no list for `reader`."""
        with pytest.raises(DocumentRefused) as refused:
            await reader.current(AT_ONCE)
        return refused.value.reason


@pytest.fixture
async def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    await made.published()
    return made


async def test_the_list_is_read_as_it_was_published(world: World) -> None:
    listing = await world.reader().current()

    assert listing == a_listing()


async def test_a_copy_younger_than_five_minutes_asks_nobody_and_an_older_one_does(world: World) -> None:
    reader = world.reader()
    await reader.current()
    world.host.asked.clear()

    world.now += timedelta(minutes=5)
    await reader.current()
    assert world.host.asked == []

    world.now += timedelta(seconds=1)
    await reader.current()
    assert world.host.asked == ["metadata/2.root.json", "metadata/timestamp.json"]


async def test_what_was_published_since_is_in_the_next_list(world: World) -> None:
    reader = world.reader()
    await reader.current()
    await world.published(a_listing(an_entry(name="Northmoor")))
    world.now += timedelta(seconds=1)

    (entry,) = (await reader.current(AT_ONCE)).organisations

    assert entry.name == "Northmoor"


async def test_whoever_asks_at_the_same_time_shares_one_question(world: World) -> None:
    reader = world.reader()

    listings = await asyncio.gather(*(reader.current() for _ in range(20)))

    assert len(set(map(id, listings))) == 1
    assert world.host.asked.count("metadata/timestamp.json") == 1


async def test_who_asks_in_the_very_moment_of_an_answer_asks_anew(world: World) -> None:
    """Between an answer and those who wait for it, others have their turn; none of them may turn for ever."""
    looks, last = itertools.count(1), asyncio.Event()
    root, kept = world.folder / "root.json", world.folder / "kept"

    async def fetch(url: str) -> bytes:
        if "/targets/" in url:
            last.set()
        return await world.host(url)

    def clock() -> datetime:
        look = next(looks)
        assert look < 500_000, "somebody looks at the clock and waits for nobody"
        return NOW + timedelta(microseconds=look)

    reader = TrustListReader(fetch, URL, root, kept, clock=clock)
    first = asyncio.create_task(reader.current(AT_ONCE))
    await last.wait()
    before, newest = first, first
    while not first.done():
        if before is not first:
            before.cancel()
        before, newest = newest, asyncio.create_task(reader.current(AT_ONCE))
        await asyncio.sleep(0)

    assert await newest == await first


async def test_who_gives_up_waiting_does_not_end_it_for_others(world: World) -> None:
    reader = world.reader()
    hasty, patient = (asyncio.create_task(reader.current()) for _ in range(2))
    await asyncio.sleep(0)

    hasty.cancel()

    assert (await patient).operator == OPERATOR


async def test_who_wants_a_list_of_now_does_not_get_one_that_was_asked_for_before(world: World) -> None:
    reader, later = world.reader(), []

    def somebody_else_asks() -> None:
        world.now += timedelta(minutes=1)
        later.append(asyncio.create_task(reader.current(AT_ONCE)))

    world.host.meanwhile = somebody_else_asks
    await reader.current()
    await asyncio.gather(*later)

    assert world.host.asked.count("metadata/timestamp.json") == 2


async def test_a_clock_that_was_set_back_does_not_make_a_copy_young(world: World) -> None:
    reader = world.reader()
    await reader.current()

    world.now -= timedelta(hours=1)
    with pytest.raises(AssertionError):
        await asyncio.wait_for(_asks_nobody(world, reader), 5)


async def _asks_nobody(world: World, reader: TrustListReader) -> None:
    world.host.asked.clear()
    await reader.current()
    assert world.host.asked == []


async def test_a_host_that_does_not_answer_leaves_a_young_copy_good_and_no_old_one(world: World) -> None:
    reader = world.reader()
    await reader.current()
    world.host.failing = DocumentUnavailable("down")

    assert await reader.current()
    world.now += timedelta(minutes=6)
    with pytest.raises(DocumentUnavailable, match="cannot be had"):
        await reader.current()

    world.host.failing = None
    assert await reader.current()


async def test_without_a_root_nothing_is_believed(world: World) -> None:
    (world.folder / "root.json").unlink()

    with pytest.raises(DocumentUnavailable, match="no root"):
        await world.reader().current()


async def test_a_root_that_is_none_is_refused(world: World) -> None:
    (world.folder / "root.json").write_text("{")

    assert await world.refused(world.reader()) is Reason.MALFORMED


# Roll-back, also over a restart


async def test_an_older_timestamp_is_refused_over_a_restart_too(world: World) -> None:
    old = dict(world.host.files)
    await world.published()
    await world.reader().current()

    world.host.files = old

    assert await world.refused(world.reader()) is Reason.ROLLED_BACK


async def test_a_snapshot_older_than_the_one_that_was_seen_is_refused(world: World) -> None:
    await world.published()
    await world.reader().current()

    await world.published(timestamp=9, snapshot=1)

    assert await world.refused(world.reader()) is Reason.ROLLED_BACK


async def test_a_list_older_than_the_one_that_was_seen_is_refused(world: World) -> None:
    await world.published()
    await world.reader().current()

    await world.published(timestamp=9, snapshot=9, targets=1)

    assert await world.refused(world.reader()) is Reason.ROLLED_BACK


async def test_an_older_root_changes_nothing(world: World) -> None:
    """Roots are asked for by number: the second is never the first again."""
    world.operator.new_root()
    await world.published()
    await world.reader().current()

    world.host.files["metadata/3.root.json"] = world.operator.roots[0].text

    assert await world.refused(world.reader()) is Reason.ROLLED_BACK


async def test_a_suspended_organisation_does_not_come_back_by_an_old_list(world: World) -> None:
    """The list before the suspension, under metadata of now: nobody but the operator signs that."""
    old = next(name for name in world.host.files if name.startswith("targets/"))
    before = world.host.files[old]
    await world.published(a_listing(an_entry(name="Northmoor, which is suspended now")))
    new = next(name for name in world.host.files if name.startswith("targets/") and name != old)

    world.host.files[new] = before

    assert await world.refused(world.reader()) is Reason.WRONG_DIGEST


# Freeze and expiry


@pytest.mark.parametrize("role", ["timestamp", "snapshot", "targets"])
async def test_metadata_past_its_end_is_no_list_any_more(tmp_path: Path, role: str) -> None:
    world = World(tmp_path)
    await world.published(lives={role: timedelta(seconds=-1)})

    with pytest.raises(TrustListExpired):
        await world.reader().current()


async def test_a_root_past_its_end_is_no_root_any_more(tmp_path: Path) -> None:
    operator = TrustListOperator()
    operator.roots.clear()
    operator.new_root(now=NOW - timedelta(days=366))
    world = World(tmp_path, operator)
    await world.published()

    with pytest.raises(TrustListExpired):
        await world.reader().current()


async def test_a_frozen_list_ends_within_hours_even_for_a_copy_that_is_young(world: World) -> None:
    reader = world.reader()
    world.now += timedelta(hours=3, minutes=58)
    await reader.current()

    world.now += timedelta(minutes=3)

    with pytest.raises(TrustListExpired):
        await reader.current()


async def test_a_list_that_is_renewed_is_one_again(world: World) -> None:
    reader = world.reader()
    world.now += timedelta(days=2)
    with pytest.raises(TrustListExpired):
        await reader.current()

    await world.published(now=world.now)

    assert await reader.current()


# Mix and match, wrong signers, wrong content


async def test_a_snapshot_of_another_moment_is_refused(world: World) -> None:
    first = world.host.files["metadata/1.snapshot.json"]
    await world.published()

    world.host.files["metadata/2.snapshot.json"] = first

    assert await world.refused(world.reader()) is Reason.WRONG_DIGEST


async def test_targets_of_another_moment_are_refused(world: World) -> None:
    first = world.host.files["metadata/1.targets.json"]
    await world.published()

    world.host.files["metadata/2.targets.json"] = first

    assert await world.refused(world.reader()) is Reason.WRONG_DIGEST


@pytest.mark.parametrize("role", ["targets", "snapshot", "timestamp"])
async def test_what_another_roles_key_signed_is_refused(world: World, role: str) -> None:
    others = [key for name, key in world.operator.online.items() if name != role]
    name = "timestamp.json" if role == "timestamp" else f"1.{role}.json"
    signed = world.host.files[f"metadata/{name}"]

    await _serve_instead(world, role, tampered(signed, *others))

    assert await world.refused(world.reader()) is Reason.BAD_SIGNATURE


async def _serve_instead(world: World, role: str, metadata: bytes) -> None:
    """Distribute other metadata; whatever leads to it has right hashes and signatures."""
    honest = await world.operator.publication(targets=1, snapshot=1, timestamp=1)
    changed: dict[str, Any] = {role: metadata}
    publication = replace(honest, **changed)
    online = world.operator.online
    if role == "targets":
        meta = snapshot_of(metadata, version=1, now=NOW).meta
        signed = tampered(publication.snapshot, online["snapshot"], meta=meta)
        publication = replace(publication, snapshot=signed)
    if role != "timestamp":
        named = timestamp_of(publication.snapshot, version=1, now=NOW).snapshot_meta
        signed = tampered(publication.timestamp, online["timestamp"], snapshot_meta=named)
        publication = replace(publication, timestamp=signed)
    world.host.publish(publication)


async def test_one_root_key_makes_no_root(world: World) -> None:
    world.operator.online["timestamp"] = new_keys(1)[0]
    world.operator.new_root(world.operator.root_keys[0])
    await world.published()

    assert await world.refused(world.reader()) is Reason.BAD_SIGNATURE


async def test_a_root_by_strangers_is_none(world: World) -> None:
    theirs = new_keys(3)
    stranger = TrustListOperator(root_keys=theirs, roots=list(world.operator.roots))
    root = stranger.roots[-1]
    world.host.files["metadata/2.root.json"] = root.text

    assert await world.refused(world.reader()) is Reason.BAD_SIGNATURE


async def test_the_same_root_key_twice_is_one(world: World) -> None:
    text = json.loads(world.operator.new_root(world.operator.root_keys[0]).text)
    text["signatures"] *= 2
    world.host.files["metadata/2.root.json"] = json.dumps(text).encode()

    assert await world.refused(world.reader()) is Reason.MALFORMED


async def test_root_keys_and_online_keys_are_rotated(world: World) -> None:
    """A reader who has the first root alone comes to the newest; who has stolen the old keys, to nothing."""
    stolen = dict(world.operator.online)
    world.operator.online = dict(zip(stolen, new_keys(3), strict=True))
    old_roots = world.operator.root_keys
    world.operator.root_keys = (old_roots[1], *new_keys(2))
    world.operator.new_root(old_roots[0], old_roots[1], world.operator.root_keys[1])
    await world.published()

    assert await world.reader().current()

    world.operator.online = stolen
    await world.published()
    assert await world.refused(world.reader()) is Reason.BAD_SIGNATURE


async def test_a_number_run_up_by_a_stolen_key_ends_with_that_key(world: World) -> None:
    """Fast-forward: whoever stole the timestamp's and the snapshot's keys counted as far as one can."""
    await world.published(timestamp=2**31, snapshot=2**31)
    await world.reader().current()

    world.operator.online["timestamp"], world.operator.online["snapshot"] = new_keys(2)
    world.operator.new_root()
    await world.published(timestamp=3, snapshot=3, targets=3)

    assert await world.reader().current()


async def test_a_target_that_nobody_listed_is_not_looked_at(world: World) -> None:
    targets = world.host.files["metadata/1.targets.json"]
    await _serve_instead(world, "targets", tampered(targets, world.operator.online["targets"], targets={}))

    assert await world.refused(world.reader()) is Reason.MALFORMED


async def test_a_target_that_is_no_list_is_refused(tmp_path: Path) -> None:
    world = World(tmp_path)

    class NoList:
        def text(self) -> bytes:
            return b'{"organisations": []}'

    await world.published(NoList())  # type: ignore[arg-type]

    assert await world.refused(world.reader()) is Reason.MALFORMED


async def test_a_target_said_to_be_larger_than_any_list_is_not_fetched(world: World) -> None:
    said = json.loads(world.host.files["metadata/1.targets.json"])["signed"]["targets"][TARGET]
    large = TargetFile(MAX_LIST_BYTES + 1, said["hashes"], TARGET)
    key = world.operator.online["targets"]
    targets = tampered(world.host.files["metadata/1.targets.json"], key, targets={TARGET: large})
    await _serve_instead(world, "targets", targets)
    world.host.asked.clear()

    assert await world.refused(world.reader()) is Reason.TOO_LARGE
    assert not [name for name in world.host.asked if name.startswith("targets/")]


@pytest.mark.parametrize("name", ["2.root", "timestamp", "1.snapshot", "1.targets"])
async def test_endless_metadata_is_cut_off(world: World, name: str) -> None:
    world.host.files[f"metadata/{name}.json"] = b" " * 10_000_000

    assert await world.refused(world.reader()) is Reason.TOO_LARGE


@pytest.mark.parametrize(
    "text", [b"", b"{", b"[]", b"null", b'{"signed": {}}', b"[" * 60_000, b'"\xff"'], ids=range(7)
)
@pytest.mark.parametrize("name", ["metadata/2.root.json", "metadata/timestamp.json"])
async def test_what_is_no_metadata_is_refused_and_nothing_breaks(
    world: World, name: str, text: bytes
) -> None:
    world.host.files[name] = text

    assert await world.refused(world.reader()) in {Reason.MALFORMED, Reason.TOO_LARGE}


async def test_what_the_fetcher_refuses_keeps_its_reason(world: World) -> None:
    world.host.failing = DocumentRefused(Reason.FORBIDDEN_ADDRESS, "not asked")

    assert await world.refused(world.reader()) is Reason.FORBIDDEN_ADDRESS


# What was kept


@pytest.mark.parametrize(
    "name", ["timestamp.json", "snapshot.json", "targets.json", "root_history/1.root.json"]
)
async def test_what_was_kept_and_is_damaged_locks_nobody_out(world: World, name: str) -> None:
    await world.reader().current()
    (world.folder / "kept" / f"{name}.json").write_bytes(b"\x00 damaged")

    assert await world.reader().current()


async def test_a_kept_list_that_is_damaged_is_fetched_anew(world: World) -> None:
    await world.reader().current()
    (world.folder / "kept/targets" / TARGET).write_bytes(b"damaged")

    assert await world.reader().current() == a_listing()


async def test_a_folder_that_cannot_be_used_is_told(world: World) -> None:
    (world.folder / "kept").write_text("a file")

    with pytest.raises(DocumentUnavailable, match="folder"):
        await world.reader().current()


def test_a_root_names_each_key_once_and_has_three() -> None:
    operator = TrustListOperator()
    public = [key.public_key().public_bytes_raw() for key in operator.root_keys]

    with pytest.raises(ValueError, match="each key has one role"):
        TrustRoot.prepared([*public, operator.online_keys.targets], operator.online_keys, now=NOW)
    with pytest.raises(ValueError, match="at least 3"):
        TrustRoot.prepared(public[:2], operator.online_keys, now=NOW)
    with pytest.raises(ValueError, match="neither"):
        operator.roots[0].sign(new_keys(1)[0])

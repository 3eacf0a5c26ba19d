"""What the registry takes as a publication of the trust list, and what it does not."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from registry.kinds import TRUST_LIST, TRUST_METADATA, TRUST_TIMESTAMP
from registry.outcomes import Outcome
from registry.problems import WriteConflict
from registry.store import Store
from registry.trust_list import TrustPublications
from signed_documents.errors import DocumentRefused, Reason
from signed_documents.trust_lists import TrustListing
from signed_documents.trust_publications import Publication
from tests.support.trust import TrustListOperator, a_listing, an_entry, new_keys


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


@pytest.fixture
def publications(store: Store) -> TrustPublications:
    return TrustPublications(store)


def refused(publications: TrustPublications, publication: Publication) -> Reason:
    with pytest.raises(DocumentRefused) as why:
        publications.publish(publication.encoded())
    return why.value.reason


async def test_the_first_publication_is_what_anybody_can_read(
    publications: TrustPublications, store: Store
) -> None:
    operator = TrustListOperator()

    assert publications.publish((await operator.publication()).encoded()) is Outcome.CREATED

    assert publications.listing() == a_listing()
    urls = {each.url for each in store.published(TRUST_LIST, TRUST_METADATA, TRUST_TIMESTAMP)}
    metadata = ("1.root.json", "1.targets.json", "1.snapshot.json", "timestamp.json")
    assert urls > {f"/trust-list/metadata/{name}" for name in metadata}
    assert len(urls) == 5


async def test_the_first_root_is_one_that_two_have_signed(publications: TrustPublications) -> None:
    """Nothing leads to it, so whoever hands it in could else choose who is registered."""
    lone = TrustListOperator()
    lone.roots.clear()
    lone.new_root(lone.root_keys[0])
    later = TrustListOperator()
    later.new_root()
    later.roots.pop(0)

    assert refused(publications, await lone.publication()) is Reason.BAD_SIGNATURE
    assert refused(publications, await later.publication()) is Reason.ROLLED_BACK
    assert publications.listing() is None


async def test_the_same_publication_again_does_no_harm(publications: TrustPublications) -> None:
    publication = (await TrustListOperator().publication()).encoded()
    publications.publish(publication)

    assert publications.publish(publication) is Outcome.UNCHANGED


async def test_of_two_publishers_one_is_told(publications: TrustPublications) -> None:
    """Both go on from the same list: the second has to look at the first one's."""
    operator = TrustListOperator()
    publications.publish((await operator.publication()).encoded())
    mine = await operator.publication(a_listing(an_entry(name="Mine")))
    other = TrustListOperator(operator.root_keys, operator.online, list(operator.roots))
    theirs = await other.publication(a_listing(an_entry(name="Theirs")), targets=2, snapshot=2, timestamp=2)
    publications.publish(mine.encoded())

    with pytest.raises(WriteConflict):
        publications.publish(theirs.encoded())

    listing = publications.listing()
    assert listing is not None
    assert listing.organisations[0].name == "Mine"


async def test_nobody_goes_back(publications: TrustPublications) -> None:
    operator = TrustListOperator()
    first = await operator.publication()
    for publication in (first, await operator.publication(a_listing(an_entry(name="Newer")))):
        publications.publish(publication.encoded())

    with pytest.raises(WriteConflict):
        publications.publish(first.encoded())
    with pytest.raises(WriteConflict):
        publications.publish((await operator.publication(timestamp=9, snapshot=1, targets=1)).encoded())


async def test_another_snapshot_under_the_same_number_is_told(publications: TrustPublications) -> None:
    operator = TrustListOperator()
    publications.publish((await operator.publication()).encoded())

    other = await operator.publication(a_listing(an_entry(name="Other")), snapshot=1, targets=2)

    with pytest.raises(WriteConflict):
        publications.publish(other.encoded())


async def test_root_and_online_keys_are_rotated_in_one_publication(publications: TrustPublications) -> None:
    operator = TrustListOperator()
    publications.publish((await operator.publication()).encoded())
    operator.online = dict(zip(operator.online, new_keys(3), strict=True))
    operator.new_root()

    assert publications.publish((await operator.publication()).encoded()) is Outcome.EXTENDED


async def test_a_root_that_one_key_signed_is_refused(publications: TrustPublications) -> None:
    operator = TrustListOperator()
    publications.publish((await operator.publication()).encoded())
    operator.new_root(operator.root_keys[0])

    assert refused(publications, await operator.publication()) is Reason.BAD_SIGNATURE


async def test_another_root_of_the_same_number_is_told(publications: TrustPublications) -> None:
    publications.publish((await TrustListOperator().publication()).encoded())

    with pytest.raises(WriteConflict):
        publications.publish((await TrustListOperator().publication()).encoded())


async def test_a_publication_by_strangers_keys_is_refused(publications: TrustPublications) -> None:
    operator = TrustListOperator()
    publications.publish((await operator.publication()).encoded())
    operator.online = dict(zip(operator.online, new_keys(3), strict=True))

    assert refused(publications, await operator.publication()) is Reason.BAD_SIGNATURE


@pytest.mark.parametrize("role", ["timestamp", "snapshot", "targets"])
async def test_a_publication_that_has_expired_is_refused(publications: TrustPublications, role: str) -> None:
    expired = await TrustListOperator().publication(lives={role: timedelta(seconds=-1)})

    assert refused(publications, expired) is Reason.EXPIRED


async def test_a_publication_without_its_parts_is_refused(publications: TrustPublications) -> None:
    operator = TrustListOperator()
    whole = await operator.publication()
    later = await operator.publication(a_listing(an_entry(name="Later")))

    assert refused(publications, replace(whole, listing=later.listing)) is Reason.MALFORMED
    assert refused(publications, replace(whole, snapshot=later.snapshot)) is Reason.MALFORMED
    assert refused(publications, replace(whole, timestamp=b"{}")) is Reason.MALFORMED


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'{"roots": ["%"]}', b"\xff"])
def test_what_is_no_publication_is_refused(publications: TrustPublications, body: bytes) -> None:
    with pytest.raises(DocumentRefused) as why:
        publications.publish(body)

    assert why.value.reason is Reason.MALFORMED


async def test_what_is_refused_changes_nothing(publications: TrustPublications, store: Store) -> None:
    operator = TrustListOperator()
    publications.publish((await operator.publication()).encoded())
    before = {each.url for each in store.published()}
    operator.online = dict(zip(operator.online, new_keys(3), strict=True))

    refused(publications, await operator.publication(a_listing(an_entry(name="Nobody"))))

    assert {each.url for each in store.published()} == before


async def test_what_is_derived_follows_each_publication(publications: TrustPublications) -> None:
    derived: list[TrustListing] = []
    publications.on_published.append(derived.append)
    operator = TrustListOperator()

    publications.publish((await operator.publication()).encoded())
    publications.publish((await operator.publication(a_listing(an_entry(name="Next")))).encoded())

    assert [each.organisations[0].name for each in derived] == ["Northmoor Teaching Hospitals", "Next"]


async def test_a_registry_that_stopped_between_root_and_timestamp_goes_on(store: Store) -> None:
    """Readers of the time between are refused; the same publication, sent again, mends it."""
    operator = TrustListOperator()
    TrustPublications(store).publish((await operator.publication()).encoded())
    operator.online = dict(zip(operator.online, new_keys(3), strict=True))
    root = operator.new_root()
    publication = await operator.publication()
    store.put(TRUST_METADATA, root.text, metadata="2.root")

    assert TrustPublications(store).publish(publication.encoded()) is Outcome.EXTENDED

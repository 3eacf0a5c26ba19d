"""The one file in which the DIDs at the registry are linked with its origin has an end."""

from datetime import timedelta
from pathlib import Path

import pytest

from registry.kinds import DID_CONFIGURATION
from registry.outcomes import Outcome
from registry.problems import NoRoomLeft
from registry.publishing import Publications
from registry.store import Store
from signed_documents.did_configurations import DomainLinkage, configuration, linkages, sign_linkage
from tests.support.signing import HOST, NOON, Clock, Publisher, a_publisher

NAMESPACE = "organisations/northmoor"
ROOM = DID_CONFIGURATION.max_bytes


async def linkage(publisher: Publisher, slug: str = "northmoor", days: int = 365) -> str:
    did = publisher.did.replace("northmoor", slug)
    linked = DomainLinkage(did, f"https://{HOST}", NOON, NOON + timedelta(days=days))
    return await sign_linkage(linked, publisher.signer)


@pytest.mark.parametrize(("days", "fits"), [(365, False), (0, True)])
async def test_a_full_file_takes_nobody_more_until_something_has_expired(
    tmp_path: Path, days: int, *, fits: bool
) -> None:
    northmoor, store = await a_publisher(), Store(tmp_path)
    publications = Publications(store, f"https://{HOST}", Clock())
    publications.publish_log(NAMESPACE, northmoor.log.text)
    token = await linkage(northmoor)
    each_takes = len(await linkage(northmoor, "neighbour-1000")) + len('  "",\n')
    slugs = [f"neighbour-{1000 + each}" for each in range((ROOM - 200) // each_takes)]
    neighbours = [await linkage(northmoor, slug, days) for slug in slugs]
    store.put(DID_CONFIGURATION, full := configuration(neighbours))

    if fits:
        assert publications.publish_linkage(NAMESPACE, token.encode()) is Outcome.CREATED
    else:
        with pytest.raises(NoRoomLeft):
            publications.publish_linkage(NAMESPACE, token.encode())

    stored = store.read(DID_CONFIGURATION)
    assert stored is not None
    assert linkages(stored.body) == ((token,) if fits else linkages(full))

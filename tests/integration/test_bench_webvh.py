"""The measure of resolving DIDs, with few of them: it works, and says what it must."""

from bench.webvh import measure


async def test_the_measure_of_resolving_reads_dids_new_and_known_and_one_with_a_long_history() -> None:
    figures = await measure(dids=2, reads=20, entries=30)

    assert [bound.name for bound in figures.bounds] == [
        "a DID that nobody has read, p95",
        "a DID that was read, p95",
        "a DID with 30 entries",
        "the same with one more, 30 were read",
    ]
    assert 0 < figures.cached_p50 < figures.cold_p50
    assert figures.longer_by_one < figures.long

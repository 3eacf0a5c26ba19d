"""The measure of access, among few people: it works, and says what it must."""

from bench.access import measure


async def test_the_measure_of_access_checks_permissions_and_reads_lists_with_and_without_the_lock() -> None:
    figures = await measure(users=600, organisations=6, checks=60)

    assert [bound.name for bound in figures.bounds] == [
        "permission check, p95, of 600 users in 6 organisations",
        "row-level security, list of people",
        "row-level security, list of passports",
    ]
    assert 0 < figures.check_p50 <= figures.check_p95
    assert figures.check_p50 < figures.alone_p95
    assert all(ratio.lowest > 0 for ratio in figures.lock.values())

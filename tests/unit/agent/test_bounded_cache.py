"""ACA-Py's parts ask this cache as they ask their own."""

from agent.bounded_cache import BoundedCache


async def test_what_was_kept_is_found_under_each_of_its_keys() -> None:
    cache = BoundedCache()

    await cache.set(["connection", "did"], {"id": "1"}, 60)
    await cache.set("for good", "yes")

    assert [await cache.get(key) for key in ("connection", "did", "for good", "other")] == [
        {"id": "1"},
        {"id": "1"},
        "yes",
        None,
    ]


async def test_what_was_not_used_for_longest_gives_way() -> None:
    cache = BoundedCache(most_entries=2)
    await cache.set("first", 1, 60)
    await cache.set("second", 2, 60)
    await cache.get("first")

    await cache.set("third", 3, 60)

    assert [await cache.get(key) for key in ("first", "second", "third")] == [1, None, 3]


async def test_what_has_had_its_time_is_gone() -> None:
    now = 1000.0
    cache = BoundedCache(timer=lambda: now)
    await cache.set("short", 1, 5)
    await cache.set("long", 2, 3600)

    now += 5

    assert [await cache.get("short"), await cache.get("long")] == [None, 2]


async def test_what_is_cleared_is_gone_and_clearing_what_is_not_there_does_no_harm() -> None:
    cache = BoundedCache()
    await cache.set("one", 1, 60)
    await cache.set("other", 2, 60)

    await cache.clear("one")
    await cache.clear("never there")
    cleared = [await cache.get("one"), await cache.get("other")]
    await cache.flush()

    assert cleared == [None, 2]
    assert await cache.get("other") is None


async def test_who_asks_while_another_reads_waits_for_what_it_found() -> None:
    cache = BoundedCache()

    async with cache.acquire("did") as reading:
        waiting = cache.acquire("did")
        await reading.set_result("document", 60)

    async with waiting as answered:
        assert answered.result == "document"

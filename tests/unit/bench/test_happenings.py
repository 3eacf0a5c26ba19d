import asyncio

from bench.happenings import Happenings


async def test_what_has_happened_already_is_not_missed() -> None:
    happenings = Happenings()
    happenings.tell(("offer", "done"), {"id": "first"})

    assert await happenings.next("offer", "done") == {"id": "first"}


async def test_what_is_still_to_come_is_waited_for() -> None:
    happenings = Happenings()

    waiting = asyncio.create_task(happenings.next("offer", "done"))
    await asyncio.sleep(0)
    happenings.tell(("offer", "done"), {"id": "later"})

    assert await waiting == {"id": "later"}


async def test_news_of_one_subject_is_taken_once_and_in_order() -> None:
    happenings = Happenings()
    for name in ("first", "second"):
        happenings.tell(("offer", "done"), {"id": name})
    happenings.tell(("offer", "abandoned"), {"id": "other"})

    assert [(await happenings.next("offer", "done"))["id"] for _ in range(2)] == ["first", "second"]

"""A sign-in that is under way."""

from datetime import timedelta

import pytest

from portal.attempts import LASTS, Attempts
from tests.support.portal_people import AttemptsInMemory, Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def attempts(clock: Clock) -> Attempts:
    return Attempts(AttemptsInMemory(), b"a key", clock)


async def test_what_was_begun_is_given_back_once(attempts: Attempts) -> None:
    token = await attempts.begin("a purpose", "/passports")

    attempt = await attempts.take(token, "a purpose")

    assert attempt is not None
    assert attempt.to == "/passports"
    assert await attempts.take(token, "a purpose") is None


async def test_what_was_begun_for_something_else_is_not_given_back_and_is_gone(attempts: Attempts) -> None:
    token = await attempts.begin("a purpose")

    assert await attempts.take(token, "another purpose") is None
    assert await attempts.take(token, "a purpose") is None


async def test_ten_minutes_end_it(attempts: Attempts, clock: Clock) -> None:
    token = await attempts.begin("a purpose")

    clock.now += LASTS - timedelta(seconds=1)
    other = await attempts.begin("a purpose")
    clock.now += timedelta(seconds=1)

    assert await attempts.take(token, "a purpose") is None
    assert await attempts.take(other, "a purpose") is not None


async def test_a_browser_without_its_cookie_has_none(attempts: Attempts) -> None:
    assert await attempts.take(None, "a purpose") is None


async def test_each_attempt_and_each_use_has_a_secret_of_its_own(attempts: Attempts) -> None:
    one, other = await attempts.begin("a purpose"), await attempts.begin("a purpose")

    secrets = [attempts.secret(token, use) for token in (one, other) for use in ("state", "nonce")]

    assert len(set(secrets)) == 4
    assert {len(secret) for secret in secrets} == {43}


async def test_what_is_kept_tells_no_secret(attempts: Attempts) -> None:
    kept = AttemptsInMemory()
    token = await Attempts(kept, b"a key", attempts.now).begin("a purpose")

    assert token not in repr(kept.all)
    assert attempts.secret(token, "state") not in repr(kept.all)

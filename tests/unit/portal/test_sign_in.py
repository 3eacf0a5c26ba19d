"""Who is let in, and who is not."""

from datetime import timedelta

import pytest

from portal.accounts import AccountId
from portal.sign_in import SignInRefused, TooManyTries
from tests.support.portal_people import RECOVERY_CODES, STEP, Door

OURS = AccountId("account-1")


@pytest.fixture
def door() -> Door:
    return Door()


async def test_a_password_and_the_apps_code_let_a_person_in(door: Door) -> None:
    assert await door.comes() == OURS


@pytest.mark.parametrize(
    "wrong", [{"password": "another"}, {"code": "000000"}, {"code": ""}, {"email": "x@y.example"}]
)
async def test_whatever_is_wrong_it_is_the_same_refusal(door: Door, wrong: dict[str, str]) -> None:
    with pytest.raises(SignInRefused) as refused:
        await door.comes(**wrong)

    assert str(refused.value) == ""


async def test_a_code_counts_once(door: Door) -> None:
    code = door.code()
    await door.comes(code=code)

    with pytest.raises(SignInRefused):
        await door.comes(code=code)


async def test_a_code_older_than_one_that_was_used_counts_no_more(door: Door) -> None:
    await door.comes(code=door.code(later=STEP))

    with pytest.raises(SignInRefused):
        await door.comes(code=door.code())


async def test_a_phone_may_be_half_a_minute_off_and_no_more(door: Door) -> None:
    with pytest.raises(SignInRefused):
        await door.comes(code=door.code(later=2 * STEP))

    assert await door.comes(code=door.code(later=STEP)) == OURS


async def test_a_recovery_code_counts_once_and_however_it_is_keyed(door: Door) -> None:
    keyed = RECOVERY_CODES[0].upper().replace("-", " ")
    assert await door.comes(code=keyed) == OURS

    with pytest.raises(SignInRefused):
        await door.comes(code=keyed)

    assert await door.comes(code=RECOVERY_CODES[1]) == OURS


async def test_three_wrong_tries_lock_the_account_and_time_opens_it(door: Door) -> None:
    for _ in range(3):
        with pytest.raises(SignInRefused):
            await door.comes(password="another")

    with pytest.raises(SignInRefused):
        await door.comes()
    door.clock.now += timedelta(minutes=14, seconds=59)
    with pytest.raises(SignInRefused):
        await door.comes()

    door.clock.now += timedelta(seconds=1)
    assert await door.comes() == OURS


async def test_wrong_tries_count_only_in_a_row(door: Door) -> None:
    for wrong in ("another", "another", None, "another", "another"):
        if wrong is None:
            await door.comes()
        else:
            with pytest.raises(SignInRefused):
                await door.comes(password=wrong)

    assert await door.comes(code=RECOVERY_CODES[0]) == OURS


async def test_a_wrong_password_uses_up_no_code(door: Door) -> None:
    with pytest.raises(SignInRefused):
        await door.comes(password="another", code=RECOVERY_CODES[0])

    assert await door.comes(code=RECOVERY_CODES[0]) == OURS


async def test_one_address_may_try_so_often_whoever_it_says_it_is(door: Door) -> None:
    for number in range(20):
        with pytest.raises(SignInRefused):
            await door.comes(email=f"nobody-{number}@y.example")

    with pytest.raises(TooManyTries) as limit:
        await door.comes()

    assert limit.value.retry_after == timedelta(minutes=5)
    assert await door.comes(address="192.0.2.8") == OURS


async def test_what_is_kept_of_an_address_does_not_tell_it(door: Door) -> None:
    await door.comes()

    assert all("192.0.2.7" not in address for address, _ in door.accounts.tries)

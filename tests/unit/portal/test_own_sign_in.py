"""What somebody changes of how they sign in themselves."""

from dataclasses import replace
from datetime import timedelta

import pytest

from portal.accounts import AccountId
from portal.own_sign_in import RECENT, CodesNotOurs
from portal.sessions import Proof, Session, TokenDigest
from portal.sign_in import SignInRefused
from tests.support.portal_people import EMAIL, NOON, PASSWORD, RECOVERY_CODES, Door

OURS = AccountId("account-1")
NEW = "three words of a made-up person"


@pytest.fixture
def door() -> Door:
    return Door()


async def changes(door: Door, *, old: str = PASSWORD, code: str | None = None) -> None:
    await door.own.change_password(OURS, old=old, code=code or door.code(), new=NEW)


async def test_the_new_password_opens_the_account_and_the_old_one_does_not(door: Door) -> None:
    await changes(door)

    assert await door.comes(password=NEW, code=RECOVERY_CODES[0]) == OURS
    with pytest.raises(SignInRefused):
        await door.comes(code=RECOVERY_CODES[1])


@pytest.mark.parametrize("wrong", [{"old": "another"}, {"code": "000000"}])
async def test_the_old_password_and_a_code_are_asked_for(door: Door, wrong: dict[str, str]) -> None:
    with pytest.raises(SignInRefused):
        await changes(door, **wrong)

    assert await door.comes(code=RECOVERY_CODES[0]) == OURS


async def test_wrong_tries_lock_as_they_do_at_the_door(door: Door) -> None:
    for _ in range(3):
        with pytest.raises(SignInRefused):
            await changes(door, old="another")

    with pytest.raises(SignInRefused):
        await changes(door)
    with pytest.raises(SignInRefused):
        await door.comes()


async def test_a_code_that_changed_the_password_is_used(door: Door) -> None:
    code = door.code()
    await changes(door, code=code)

    with pytest.raises(SignInRefused):
        await door.comes(password=NEW, code=code)


async def test_new_recovery_codes_count_when_they_are_kept_and_the_old_ones_until_then(door: Door) -> None:
    new = door.own.new_codes(OURS)
    with pytest.raises(SignInRefused):
        await door.comes(code=new.codes[0])
    assert await door.comes(code=RECOVERY_CODES[0]) == OURS

    await door.own.keep_codes(OURS, new.sealed)

    assert await door.comes(code=new.codes[0]) == OURS
    with pytest.raises(SignInRefused):
        await door.comes(code=RECOVERY_CODES[1])


async def test_nobody_keeps_codes_that_were_made_for_another_or_are_made_up(door: Door) -> None:
    for sealed in (door.own.new_codes(AccountId("account-2")).sealed, "made up", ""):
        with pytest.raises(CodesNotOurs):
            await door.own.keep_codes(OURS, sealed)

    assert await door.comes(code=RECOVERY_CODES[0]) == OURS


async def test_a_browser_that_was_left_open_changes_nothing(door: Door) -> None:
    session = Session(TokenDigest("d"), OURS, EMAIL, NOON, NOON, Proof("urn:x", NOON))

    door.clock.now = NOON + RECENT - timedelta(seconds=1)
    assert door.own.is_recent(session)
    door.clock.now = NOON + RECENT
    assert not door.own.is_recent(session)
    assert door.own.is_recent(replace(session, proof=Proof("urn:x", door.clock.now)))

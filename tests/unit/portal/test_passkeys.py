"""Which passkeys let somebody in."""

import json
from dataclasses import replace

import pytest

from portal.accounts import AccountId
from portal.attempts import LASTS, Attempts
from portal.passkeys import MOST, Owner, Passkey, PasskeyId, PasskeyRefused, Passkeys, RelyingParty
from tests.support.authenticator import Authenticator
from tests.support.portal_people import EMAIL, NOON, AttemptsInMemory, Clock, PasskeysInMemory

ORIGIN = "https://portal.example"
OURS = Owner(AccountId("account-1"), EMAIL)
ANOTHER = Owner(AccountId("account-2"), EMAIL)


class Desk:
    """A portal that takes passkeys, and one person's phone."""

    def __init__(self) -> None:
        self.clock, self.kept = Clock(), PasskeysInMemory()
        attempts = Attempts(AttemptsInMemory(), b"a key", self.clock)
        self.passkeys = Passkeys(RelyingParty(ORIGIN), attempts, self.kept, self.clock)
        self.phone = Authenticator(ORIGIN)

    async def adds(self, phone: Authenticator | None = None, owner: Owner = OURS) -> None:
        asked = await self.passkeys.ask_to_add(owner)
        await self.passkeys.add(asked.token, (phone or self.phone).makes(asked.options), owner, "Work phone")

    async def signs_in(self, phone: Authenticator | None = None) -> Owner:
        asked = await self.passkeys.ask_to_sign_in()
        return await self.passkeys.sign_in(asked.token, (phone or self.phone).signs(asked.options))


@pytest.fixture
async def desk() -> Desk:
    """The phone has a passkey."""
    desk = Desk()
    await desk.adds()
    return desk


async def test_a_passkey_lets_its_owner_in(desk: Desk) -> None:
    assert await desk.signs_in() == OURS

    [kept] = await desk.kept.of(OURS.account)
    assert (kept.name, kept.sign_count, kept.used_at) == ("Work phone", 1, NOON)


async def test_browsers_are_told_to_ask_who_uses_it_and_to_keep_it_where_it_is_found(desk: Desk) -> None:
    added = json.loads((await desk.passkeys.ask_to_add(OURS)).options)
    asked = json.loads((await desk.passkeys.ask_to_sign_in()).options)

    assert added["authenticatorSelection"]["userVerification"] == "required"
    assert added["authenticatorSelection"]["residentKey"] == "required"
    assert len(added["excludeCredentials"]) == 1
    assert (asked["userVerification"], asked["rpId"]) == ("required", "portal.example")
    assert asked["allowCredentials"] == []


async def test_where_nobody_was_asked_who_they_are_nobody_comes_in(desk: Desk) -> None:
    desk.phone.asks_who_it_is = False
    with pytest.raises(PasskeyRefused):
        await desk.signs_in()

    careless = Authenticator(ORIGIN)
    careless.asks_who_it_is = False
    with pytest.raises(PasskeyRefused):
        await desk.adds(careless)


@pytest.mark.parametrize("origin", ["https://portal.example.evil.example", "http://portal.example"])
async def test_what_was_signed_for_another_site_counts_for_nothing(desk: Desk, origin: str) -> None:
    desk.phone.origin = origin
    with pytest.raises(PasskeyRefused):
        await desk.signs_in()

    with pytest.raises(PasskeyRefused):
        await desk.adds(Authenticator(origin))


async def test_what_was_signed_for_another_name_counts_for_nothing(desk: Desk) -> None:
    desk.phone.party = "evil.example"

    with pytest.raises(PasskeyRefused):
        await desk.signs_in()


async def test_an_answer_counts_once_and_in_its_browser_alone(desk: Desk) -> None:
    asked, other = await desk.passkeys.ask_to_sign_in(), await desk.passkeys.ask_to_sign_in()
    answer = desk.phone.signs(asked.options)

    for token in (other.token, None):
        with pytest.raises(PasskeyRefused):
            await desk.passkeys.sign_in(token, answer)
    assert await desk.passkeys.sign_in(asked.token, answer) == OURS
    with pytest.raises(PasskeyRefused):
        await desk.passkeys.sign_in(asked.token, answer)


async def test_an_answer_that_comes_late_counts_for_nothing(desk: Desk) -> None:
    asked = await desk.passkeys.ask_to_sign_in()
    desk.clock.now += LASTS

    with pytest.raises(PasskeyRefused):
        await desk.passkeys.sign_in(asked.token, desk.phone.signs(asked.options))


async def test_a_copy_that_counts_back_is_refused(desk: Desk) -> None:
    await desk.signs_in()
    await desk.signs_in()
    desk.phone.count = 0

    with pytest.raises(PasskeyRefused):
        await desk.signs_in()


async def test_a_passkey_of_somebody_else_who_says_to_be_the_owner_is_refused(desk: Desk) -> None:
    desk.phone.handle = ANOTHER.account.encode()

    with pytest.raises(PasskeyRefused):
        await desk.signs_in()


async def test_a_passkey_that_is_not_known_or_was_removed_lets_nobody_in(desk: Desk) -> None:
    with pytest.raises(PasskeyRefused):
        await desk.signs_in(Authenticator(ORIGIN))

    await desk.kept.remove(OURS.account, PasskeyId(desk.phone.id))
    with pytest.raises(PasskeyRefused):
        await desk.signs_in()


async def test_what_was_asked_of_one_person_is_not_added_for_another(desk: Desk) -> None:
    asked, phone = await desk.passkeys.ask_to_add(OURS), Authenticator(ORIGIN)

    with pytest.raises(PasskeyRefused):
        await desk.passkeys.add(asked.token, phone.makes(asked.options), ANOTHER, "Phone")


async def test_a_passkey_is_one_persons(desk: Desk) -> None:
    with pytest.raises(PasskeyRefused):
        await desk.adds(desk.phone, ANOTHER)


async def test_nobody_has_more_than_can_be_told_apart(desk: Desk) -> None:
    for number in range(MOST):
        passkey = Passkey(PasskeyId(bytes([number])), OURS.account, "", b"", 0, NOON)
        await desk.kept.add(replace(passkey, name=f"Phone {number}"))

    with pytest.raises(PasskeyRefused):
        await desk.adds(Authenticator(ORIGIN))


@pytest.mark.parametrize(
    "answer", ["", "{}", "[]", "null", '{"id": 7}', '{"rawId": "é", "id": "é"}', "x" * 1000]
)
async def test_what_is_no_answer_is_refused(desk: Desk, answer: str) -> None:
    with pytest.raises(PasskeyRefused):
        await desk.passkeys.sign_in((await desk.passkeys.ask_to_sign_in()).token, answer)
    with pytest.raises(PasskeyRefused):
        await desk.passkeys.add((await desk.passkeys.ask_to_add(OURS)).token, answer, OURS, "Phone")


@pytest.mark.parametrize(
    ("origin", "name"),
    [
        ("https://portal.example", "portal.example"),
        ("http://localhost:8080", "localhost"),
        ("http://127.0.0.1:8080", None),
        ("https://[2001:db8::1]", None),
    ],
)
def test_passkeys_are_for_a_name_and_not_for_a_number(origin: str, name: str | None) -> None:
    assert RelyingParty(origin).id == name

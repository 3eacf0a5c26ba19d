"""Passkeys, passwords and recovery codes, as their owner looks after them; passkeys are Chromium's own."""

import pytest

from tests.browser.conftest import Opens, Visitor
from tests.support.portal import RunningPortal, SignsIn
from tests.support.providers import PortalElsewhere

HOME = "Northmoor Teaching Hospitals Home"
NEW_PASSWORD = "three words of a made-up person"  # of nobody
PHONE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def portal(two_providers: PortalElsewhere) -> RunningPortal:
    return two_providers.portal


@pytest.fixture
async def kofi(portal: RunningPortal) -> SignsIn:
    """A nominated user of Northmoor, with an account as it was made."""
    await portal.remove_if_there("kofi@northmoor.example")
    return await portal.account("kofi@northmoor.example")


async def has_a_phone(visitor: Visitor) -> None:
    """Chromium's own virtual authenticator."""
    chromium = await visitor.page.context.new_cdp_session(visitor.page)
    await chromium.send("WebAuthn.enable")
    await chromium.send("WebAuthn.addVirtualAuthenticator", {"options": PHONE})


async def signs_in(visitor: Visitor, person: SignsIn, **keyed: str) -> None:
    await visitor.goes_to("/sign-in")
    await visitor.signs_in(person, code=keyed.pop("code", None) or person.recovery_code(), **keyed)
    await visitor.sees(HOME, title="Home")


async def looks_at_their_sign_in(visitor: Visitor, person: SignsIn) -> None:
    await visitor.page.get_by_role("link", name=person.email).click()
    await visitor.sees("Your sign-in")


async def adds_a_passkey(visitor: Visitor, person: SignsIn, name: str = "Work phone") -> None:
    await looks_at_their_sign_in(visitor, person)
    await visitor.page.get_by_role("button", name="Add a passkey").click()
    await visitor.sees("Add a passkey")
    await visitor.page.get_by_label("Name of the passkey").fill(name)
    await visitor.page.get_by_role("button", name="Add passkey").click()
    await is_told(visitor, "Your passkey is added")


async def is_told(visitor: Visitor, sentence: str) -> None:
    await visitor.page.get_by_role("alert").get_by_text(sentence).wait_for()
    await visitor.sees("Your sign-in", screen="your-sign-in")


async def signs_in_by_passkey(visitor: Visitor) -> None:
    await visitor.goes_to("/sign-in")
    await visitor.page.get_by_role("button", name="Sign in with a passkey").click()


async def test_a_passkey_is_added_and_lets_its_owner_in(visitor: Visitor, kofi: SignsIn) -> None:
    await has_a_phone(visitor)
    await signs_in(visitor, kofi)
    await adds_a_passkey(visitor, kofi)
    await visitor.page.get_by_role("button", name="Sign out").click()
    await visitor.sees("You have signed out")

    await signs_in_by_passkey(visitor)
    await visitor.sees(HOME, title="Home")

    await looks_at_their_sign_in(visitor, kofi)
    assert "last used on" in await visitor.page.get_by_role("main").inner_text()


async def test_a_locked_account_is_opened_by_its_passkey(opens: Opens, kofi: SignsIn) -> None:
    owner, stranger = await opens(), await opens()
    await has_a_phone(owner)
    await signs_in(owner, kofi)
    await adds_a_passkey(owner, kofi)
    await owner.page.get_by_role("button", name="Sign out").click()
    await stranger.goes_to("/sign-in")
    for _ in range(3):
        await stranger.signs_in(kofi, code="000000", password="another password")
        await stranger.page.get_by_role("alert").wait_for()

    await owner.goes_to("/sign-in")
    await owner.signs_in(kofi, code=kofi.recovery_code())
    await owner.sees("Sign in", title="Error: Sign in")
    await signs_in_by_passkey(owner)

    await owner.sees(HOME, title="Home")


async def test_a_passkey_that_was_removed_lets_nobody_in(visitor: Visitor, kofi: SignsIn) -> None:
    await has_a_phone(visitor)
    await signs_in(visitor, kofi)
    await adds_a_passkey(visitor, kofi, "<b>Ward</b> computer")
    await visitor.page.get_by_role("button", name="Remove <b>Ward</b> computer").click()
    await is_told(visitor, "The passkey is removed")
    await visitor.page.get_by_role("button", name="Sign out").click()
    await visitor.sees("You have signed out")

    await signs_in_by_passkey(visitor)

    await visitor.page.get_by_role("alert").get_by_text("could not sign you in with that passkey").wait_for()
    await visitor.sees("Sign in", title="Error: Sign in")


async def test_who_cancels_what_the_browser_asks_can_try_again(visitor: Visitor) -> None:
    # A person's click on the browser's own dialogue, which no test can reach.
    cancelled = "async () => { throw new DOMException('cancelled', 'NotAllowedError'); }"
    await visitor.page.add_init_script(f"navigator.credentials.get = {cancelled}")

    await signs_in_by_passkey(visitor)

    await visitor.page.get_by_text("Nothing was done with a passkey. You can try again.").wait_for()
    await visitor.sees("Sign in")


async def test_a_passkey_needs_a_name(visitor: Visitor, kofi: SignsIn) -> None:
    await has_a_phone(visitor)
    await signs_in(visitor, kofi)
    await visitor.goes_to("/your-sign-in/passkeys/new")

    await visitor.page.get_by_role("button", name="Add passkey").click()

    await visitor.sees("Add a passkey", title="Error: Add a passkey")


async def test_without_javascript_a_password_and_a_code_stay_the_way(opens: Opens, kofi: SignsIn) -> None:
    visitor = await opens(javascript=False)
    await visitor.goes_to("/sign-in")
    assert not await visitor.page.get_by_role("button", name="Sign in with a passkey").is_visible()
    await visitor.signs_in(kofi, code=kofi.recovery_code())

    await visitor.goes_to("/your-sign-in/passkeys/new")

    assert await visitor.page.get_by_text("you need a browser that runs JavaScript").is_visible()
    assert not await visitor.page.get_by_role("button", name="Add passkey").is_visible()


async def test_another_password_ends_every_other_session(opens: Opens, kofi: SignsIn) -> None:
    here, elsewhere = await opens(), await opens()
    await signs_in(here, kofi)
    await signs_in(elsewhere, kofi)
    await looks_at_their_sign_in(here, kofi)
    await here.page.get_by_role("link", name="Change password").click()
    await here.sees("Change your password")

    await here.page.get_by_role("button", name="Change password").click()
    await here.sees("Change your password", title="Error: Change your password")
    await changes_password(here, kofi)

    await is_told(here, "Your password is changed")
    await here.goes_to("/")
    await here.sees(HOME, title="Home")
    await elsewhere.page.reload()
    await elsewhere.sees("Sign in")
    await signs_in(elsewhere, kofi, password=NEW_PASSWORD)


async def changes_password(visitor: Visitor, person: SignsIn, *, old: str | None = None) -> None:
    await visitor.page.get_by_label("Password that you have now").fill(old or person.password)
    await visitor.page.get_by_label("Security code").fill(person.recovery_code())
    await visitor.page.get_by_label("New password", exact=True).fill(NEW_PASSWORD)
    await visitor.page.get_by_role("button", name="Change password").click()


async def test_who_does_not_know_the_password_does_not_change_it(visitor: Visitor, kofi: SignsIn) -> None:
    await signs_in(visitor, kofi)
    await visitor.goes_to("/your-sign-in/password")

    await changes_password(visitor, kofi, old="a guess at it")

    await visitor.sees("Change your password", title="Error: Change your password")
    assert "is not right" in await visitor.page.get_by_role("alert").inner_text()


async def test_new_recovery_codes_count_once_they_are_kept(opens: Opens, kofi: SignsIn) -> None:
    visitor, later = await opens(javascript=False), await opens()
    await visitor.goes_to("/sign-in")
    await visitor.signs_in(kofi, code=kofi.recovery_code())
    await visitor.goes_to("/your-sign-in")
    assert await visitor.page.get_by_text("9 recovery codes left").is_visible()
    await visitor.page.get_by_role("link", name="Make new ones").click()
    codes = await visitor.page.locator(".portal-codes li").all_inner_texts()

    await visitor.page.get_by_role("button", name="I have kept these codes").click()

    assert await visitor.page.get_by_text("10 recovery codes left").is_visible()
    await later.goes_to("/sign-in")
    await later.signs_in(kofi, code=kofi.recovery_code())
    await later.sees("Sign in", title="Error: Sign in")
    await signs_in(later, kofi, code=codes[0])
    await later.goes_to("/your-sign-in/recovery-codes")
    await later.sees("New recovery codes", screen="recovery-codes")

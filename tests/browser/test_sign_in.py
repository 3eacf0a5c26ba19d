"""Signing in and out, as a person does it."""

from urllib.parse import urlsplit

import pytest

from tests.browser.conftest import Opens, Visitor
from tests.support.portal import WRONG_TRIES, RunningPortal, SignsIn

REFUSED = "The e-mail address, password or code is not right"


async def test_somebody_signs_in_and_out(visitor: Visitor, kofi: SignsIn) -> None:
    await visitor.goes_to("/")
    await visitor.sees("Sign in", screen="sign-in")

    await visitor.signs_in(kofi, code=kofi.recovery_code())
    await visitor.sees("Northmoor Teaching Hospitals Home", title="Home")

    await visitor.page.get_by_role("button", name="Sign out").click()
    await visitor.sees("You have signed out")

    await visitor.goes_to("/")
    await visitor.sees("Sign in")


async def test_one_comes_back_to_the_page_that_was_asked_for(visitor: Visitor, kofi: SignsIn) -> None:
    await visitor.goes_to("/passports?state=active")
    await visitor.signs_in(kofi, code=kofi.recovery_code())

    await visitor.sees("Northmoor Teaching Hospitals Passports", title="Passports")
    assert await visitor.page.get_by_label("State").input_value() == "active"


async def test_a_code_of_the_app_lets_in_once(opens: Opens, portal: RunningPortal) -> None:
    tegan = await portal.account("tegan@northmoor.example")
    code = tegan.code()
    first, second = await opens(), await opens()
    await first.goes_to("/")
    await second.goes_to("/")

    await first.signs_in(tegan, code=code)
    await first.sees("Northmoor Teaching Hospitals Home", title="Home")
    await second.signs_in(tegan, code=code)

    await second.sees("Sign in", title="Error: Sign in")


async def test_a_wrong_code_is_said_and_what_was_typed_is_kept(visitor: Visitor, kofi: SignsIn) -> None:
    await visitor.goes_to("/")
    await visitor.signs_in(kofi, code="000000")

    await visitor.sees("Sign in", title="Error: Sign in", screen="sign-in-refused")
    assert REFUSED in await visitor.page.get_by_role("alert").inner_text()
    assert await visitor.page.get_by_label("E-mail address").input_value() == kofi.email
    assert await visitor.page.get_by_label("Password", exact=True).input_value() == ""


async def test_who_has_no_account_reads_the_same(visitor: Visitor) -> None:
    nobody = SignsIn("unknown@northmoor.example", "a password", None, [])  # type: ignore[arg-type]  # has no app
    await visitor.goes_to("/")
    await visitor.signs_in(nobody, code="123456")

    assert REFUSED in await visitor.page.get_by_role("alert").inner_text()


async def test_empty_fields_are_named_and_the_summary_leads_to_them(visitor: Visitor) -> None:
    await visitor.goes_to("/sign-in")
    await visitor.page.get_by_role("button", name="Sign in").click()

    await visitor.sees("Sign in", title="Error: Sign in", screen="sign-in-error")
    await visitor.page.get_by_role("link", name="Enter your password").click()
    assert await visitor.page.evaluate("document.activeElement.id") == "password"


async def test_wrong_tries_lock_the_account_even_for_its_owner(
    visitor: Visitor, portal: RunningPortal
) -> None:
    samir = await portal.account("samir@northmoor.example")
    await visitor.goes_to("/")
    for _ in range(WRONG_TRIES):
        await visitor.signs_in(samir, code="000000", password="another password")
        await visitor.page.get_by_role("alert").wait_for()

    await visitor.signs_in(samir, code=samir.recovery_code())

    await visitor.sees("Sign in", title="Error: Sign in")
    assert REFUSED in await visitor.page.get_by_role("alert").inner_text()


async def test_an_address_that_tries_too_often_has_to_wait(visitor: Visitor) -> None:
    somebody = SignsIn("somebody@northmoor.example", "a password", None, [])  # type: ignore[arg-type]
    await visitor.goes_to("/")
    for _ in range(10):
        await visitor.signs_in(somebody, code="123456")
        await visitor.page.get_by_role("alert").wait_for()

    await visitor.signs_in(somebody, code="123456")

    await visitor.sees("Too many tries", screen="error-too-often")


async def test_it_works_without_javascript(opens: Opens, kofi: SignsIn) -> None:
    visitor = await opens(javascript=False)
    await visitor.goes_to("/")
    await visitor.signs_in(kofi, code="000000")
    assert REFUSED in await visitor.page.get_by_role("alert").inner_text()

    await visitor.signs_in(kofi, code=kofi.recovery_code())
    assert await visitor.heading() == "Northmoor Teaching Hospitals Home"
    await visitor.page.get_by_role("button", name="Sign out").click()

    assert await visitor.heading() == "You have signed out"


async def _tab_to(visitor: Visitor, field: str) -> None:
    """Press Tab until the field has the focus."""
    for _ in range(10):
        await visitor.page.keyboard.press("Tab")
        if await visitor.page.evaluate("document.activeElement.id") == field:
            return
    pytest.fail(f"Tab does not lead to {field}")


async def test_it_works_by_keyboard_alone(visitor: Visitor, kofi: SignsIn) -> None:
    keyboard = visitor.page.keyboard
    await visitor.goes_to("/sign-in")
    await _tab_to(visitor, "email")
    await keyboard.type(kofi.email)
    await _tab_to(visitor, "password")
    await keyboard.type(kofi.password)
    await _tab_to(visitor, "code")
    await keyboard.type(kofi.recovery_code())
    await keyboard.press("Enter")
    await visitor.sees("Northmoor Teaching Hospitals Home", title="Home")

    await keyboard.press("Tab")
    assert await visitor.page.evaluate("document.activeElement.textContent.trim()") == "Skip to main content"


async def test_a_session_that_was_planted_in_a_browser_is_nobodys(
    opens: Opens, portal: RunningPortal
) -> None:
    somebody = await portal.account("nobody@northmoor.example")
    await portal.remove_if_there("tegan@northmoor.example")
    another = await portal.account("tegan@northmoor.example")
    theirs, visitor = await opens(), await opens()
    of_another = await _signed_in_with(theirs, another)
    await theirs.page.get_by_role("button", name="Sign out").click()
    await theirs.sees("You have signed out")
    known = {of_another}

    for planted in ("made-up-by-somebody-else", of_another):
        await _plants(visitor, planted)
        token = await _signed_in_with(visitor, somebody)
        assert token not in known | {planted}
        again = await _signed_in_with(visitor, somebody)  # while signed in
        assert again not in known | {planted, token}
        known |= {planted, token, again}
        await visitor.page.get_by_role("button", name="Sign out").click()
        await visitor.sees("You have signed out")

    for token in known:
        await _plants(theirs, token)
        answer = await theirs.page.request.get(f"{portal.origin}/", max_redirects=0)
        assert (answer.status, answer.headers["location"]) == (303, "/sign-in?to=%2F")


async def _plants(visitor: Visitor, token: str) -> None:
    """Put a session into somebody's browser, as whoever had it for a moment can."""
    host = str(urlsplit(visitor.portal.origin).hostname)
    await visitor.page.context.add_cookies(
        [{"name": "__Host-session", "value": token, "domain": host, "path": "/", "secure": True}]
    )


async def _signed_in_with(visitor: Visitor, person: SignsIn) -> str:
    """Sign in, and say by which token; no script reads it, and no other site has it sent."""
    await visitor.goes_to("/sign-in")
    await visitor.signs_in(person, code=person.recovery_code())
    await visitor.sees("Northmoor Teaching Hospitals Home", title="Home")
    cookies = {each["name"]: each for each in await visitor.page.context.cookies()}
    session, browser = cookies["__Host-session"], cookies["__Host-browser"]
    assert (session["httpOnly"], session["secure"], session["sameSite"]) == (True, True, "Lax")
    assert (browser["httpOnly"], browser["secure"], browser["sameSite"]) == (True, True, "Strict")
    return session["value"]


async def test_who_is_removed_is_signed_out(visitor: Visitor, portal: RunningPortal) -> None:
    ottilie = await portal.account("ottilie@northmoor.example")
    await visitor.goes_to("/")
    await visitor.signs_in(ottilie)
    await visitor.sees("Northmoor Teaching Hospitals Home", title="Home")

    await portal.remove(ottilie.email)
    await visitor.page.reload()

    await visitor.sees("Sign in")


@pytest.mark.parametrize("path", ["/", "/passports", "/organisations"])
async def test_nobody_sees_a_page_without_signing_in(visitor: Visitor, path: str) -> None:
    await visitor.goes_to(path)

    await visitor.sees("Sign in")

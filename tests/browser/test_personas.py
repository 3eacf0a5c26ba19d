"""Signing in to a demonstration by a button."""

from collections.abc import AsyncIterator

import pytest

from staff_passport.demo.hands_on import HOLDER, PERSONAS, Addresses, prepare
from staff_passport.demo.network import Network
from tests.browser.conftest import Opens, Visitor
from tests.support.portal import RunningPortal


@pytest.fixture(scope="module")
async def demonstration(network: Network) -> AsyncIterator[RunningPortal]:
    """What `make demo` starts; but the last of the personas has lost the account."""
    started = await prepare(network, Addresses.free(), "portal-by-hand")
    running = RunningPortal(started.origin, started.config, started.log)
    await running.remove(PERSONAS[-1]["email"])
    yield running
    await started.process.stop()


@pytest.fixture
async def visitor(opens: Opens, demonstration: RunningPortal) -> Visitor:
    opened = await opens()
    return Visitor(opened.page, demonstration, opened.noticed)


async def test_a_persona_signs_in_by_a_button_and_comes_to_the_page_that_was_asked_for(
    visitor: Visitor,
) -> None:
    await visitor.goes_to("/passports")
    await visitor.sees("Sign in", screen="sign-in-personas")

    await visitor.page.get_by_role("button", name="Sign in as Ottilie Brackwell").click()

    await visitor.sees("Northmoor Teaching Hospitals Passports", title="Passports")


async def test_another_persona_is_a_sign_out_away(visitor: Visitor) -> None:
    await visitor.goes_to("/")
    await visitor.page.get_by_role("button", name="Sign in as an administrator").click()
    await visitor.sees("Northmoor Teaching Hospitals Home", title="Home")

    await visitor.page.get_by_role("button", name="Sign out").click()
    await visitor.goes_to("/")
    await visitor.page.get_by_role("button", name="Sign in as the HR director").click()

    await visitor.sees("Northmoor Teaching Hospitals Home", title="Home")
    assert await visitor.page.get_by_text("director@northmoor.example").is_visible()


async def test_one_of_them_is_the_second_person_whom_a_weak_match_waits_for(visitor: Visitor) -> None:
    await visitor.goes_to("/")
    await visitor.page.get_by_role("button", name="Sign in as Kofi Lindale").click()

    await visitor.page.get_by_role("link", name="Weak matches").click()

    await visitor.sees("Northmoor Teaching Hospitals Weak matches", title="Weak matches")


@pytest.mark.parametrize(
    "name", ["samir@northmoor.example", PERSONAS[-1]["email"], "", "\N{FULLWIDTH LATIN SMALL LETTER O}"]
)
async def test_nobody_else_is_let_in_by_it(visitor: Visitor, name: str) -> None:
    await visitor.goes_to("/sign-in")
    field = visitor.page.locator("input[name=persona]").first
    await field.evaluate("(field, name) => { field.value = name }", name)
    await visitor.page.get_by_role("button", name="Sign in as the HR director").click()

    await visitor.sees("Page not found")


async def test_a_portal_without_personas_has_neither_buttons_nor_the_way(opens: Opens) -> None:
    visitor = await opens()
    await visitor.goes_to("/sign-in")
    assert await visitor.page.get_by_role("button", name="Sign in as").count() == 0

    token = await visitor.page.locator("input[name=form_token]").first.input_value()
    form: dict[str, str | float | bool] = {"form_token": token, "persona": "ottilie@northmoor.example"}
    answer = await visitor.page.request.post(f"{visitor.portal.origin}/personas", form=form)

    assert answer.status == 404


async def test_the_phone_of_somebody_new_is_there(
    opens: Opens, demonstration: RunningPortal, network: Network
) -> None:
    visitor = await opens(width=390)

    await visitor.page.goto(network.phones[HOLDER])

    assert await visitor.heading() == "Your wallet"
    assert await visitor.page.get_by_text("You have none yet").is_visible()

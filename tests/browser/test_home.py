"""Choosing an organisation, and what its people see there."""

import pytest

from staff_passport.demo.network import CALDER_BAY, NORTHMOOR, Network
from staff_passport.demo.onboarding import nominate
from tests.browser.conftest import Opens, Visitor
from tests.support.journey import a_passport
from tests.support.portal import RunningPortal, SignsIn

HOME = "Northmoor Teaching Hospitals Home"
PASSPORTS = "Northmoor Teaching Hospitals Passports"
NARROW = 320
"""Pixels: a page at 400 % on a common screen."""


@pytest.fixture(scope="session")
async def at_both(network: Network, portal: RunningPortal) -> SignsIn:
    """Somebody whom both organisations know, at one of them as an auditor."""
    email = "rosalind@northmoor.example"
    await nominate(network, network.client(NORTHMOOR), email, {"roles": ["nominated_user"]})
    await nominate(network, network.client(CALDER_BAY), email, {"roles": ["verifier"]})
    return await portal.account(email)


async def signs_in(visitor: Visitor, person: SignsIn, to: str = "/") -> None:
    await visitor.goes_to(to)
    await visitor.signs_in(person, code=person.recovery_code())


async def test_who_acts_for_several_organisations_chooses_one(visitor: Visitor, at_both: SignsIn) -> None:
    await signs_in(visitor, at_both)
    await visitor.sees("Which organisation do you act for?", title="Choose an organisation")

    await visitor.page.get_by_role("button", name="Continue").click()
    await visitor.sees("Which organisation do you act for?", title="Error: Choose an organisation")

    await visitor.page.get_by_label("Northmoor Teaching Hospitals").check()
    await visitor.page.get_by_role("button", name="Continue").click()
    await visitor.sees(HOME, title="Home")


async def test_another_organisation_is_one_click_away_with_what_one_may_do_there(
    visitor: Visitor, at_both: SignsIn
) -> None:
    await signs_in(visitor, at_both)
    await visitor.page.get_by_label("Northmoor Teaching Hospitals").check()
    await visitor.page.get_by_role("button", name="Continue").click()
    await visitor.sees(HOME, title="Home")

    await visitor.page.get_by_role("link", name="Northmoor Teaching Hospitals").click()
    await visitor.page.get_by_label("Calder Bay Community Care").check()
    await visitor.page.get_by_role("button", name="Continue").click()

    await visitor.sees("Calder Bay Community Care Home", title="Home")
    headings = await visitor.page.get_by_role("heading", level=2).all_inner_texts()
    assert headings == ["Reviews"]  # a verifier's


async def test_whom_no_organisation_knows_reads_whom_to_ask(visitor: Visitor, portal: RunningPortal) -> None:
    stranger = await portal.account("stranger@northmoor.example")

    await signs_in(visitor, stranger)

    await visitor.sees("No organisation knows you", title="Choose an organisation")


async def test_the_first_page_has_its_areas_and_tasks(
    visitor: Visitor, kofi: SignsIn, network: Network
) -> None:
    await a_passport(network, "nurse")
    await signs_in(visitor, kofi)

    await visitor.sees(HOME, title="Home")
    headings = await visitor.page.get_by_role("heading", level=2).all_inner_texts()
    assert headings == ["Invitations and identity", "Waiting for an offer or an answer", "Reviews", "Tasks"]

    await visitor.page.get_by_role("link", name="Invited").click()
    await visitor.sees(PASSPORTS, title="Passports")
    assert await visitor.page.get_by_label("State").input_value() == "invited"


async def test_passports_are_listed_and_filtered(visitor: Visitor, kofi: SignsIn, network: Network) -> None:
    made = await a_passport(network, "nurse")
    await signs_in(visitor, kofi, "/passports")
    await visitor.sees(PASSPORTS, title="Passports")
    assert made["holder_name"] in await visitor.page.get_by_role("table").inner_text()

    await visitor.page.get_by_label("State").select_option("Deactivated")
    await visitor.page.get_by_role("button", name="Show").click()

    await visitor.sees(PASSPORTS, title="Passports")
    rows = await visitor.page.locator("tbody tr").all_inner_texts()
    assert all("Deactivated" in row for row in rows)
    assert rows or await visitor.page.get_by_text("There are none.").is_visible()


async def test_nothing_is_lost_on_a_narrow_screen(opens: Opens, kofi: SignsIn, network: Network) -> None:
    await a_passport(network, "nurse")
    visitor = await opens(width=NARROW)
    await signs_in(visitor, kofi)
    for path in ("/", "/passports", "/organisations"):
        await visitor.goes_to(path)
        assert await visitor.page.evaluate("document.documentElement.scrollWidth") <= NARROW, path


async def test_who_may_not_see_passports_is_told(visitor: Visitor, portal: RunningPortal) -> None:
    director = await portal.account("director@northmoor.example")
    await signs_in(visitor, director)
    await visitor.sees(HOME, title="Home")
    assert await visitor.page.get_by_role("link", name="Passports").count() == 0

    await visitor.goes_to("/passports")

    await visitor.sees("You cannot do this")

"""Administrators choose what their organisation goes by, and what they chose is what others meet."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
from playwright.async_api import Locator, expect

from staff_passport.demo.network import CALDER_BAY, NORTHMOOR, OPERATOR, Network
from staff_passport.demo.onboarding import nominate
from tests.browser.conftest import Opens, Visitor
from tests.browser.test_nothing_typed_is_lost import sessions_end
from tests.support.holder import Holder
from tests.support.journey import a_review, host
from tests.support.local_settings import change, chosen, is_as_at_start
from tests.support.portal import RunningPortal, SignsIn

pytestmark = pytest.mark.usefixtures("as_before")
SETTINGS = "Northmoor Teaching Hospitals Settings"
THEIR_SETTINGS = "Calder Bay Community Care Settings"
PASSPORT = "How many days is an invitation to a passport open?"
REVIEW = "How many days is an invitation to a review open?"
SAVE = "Save the settings"
TYPES = ("Identity", "Employment", "Employment checks")


@pytest.fixture
async def as_before(network: Network) -> AsyncIterator[None]:
    """Nothing stays chosen that a test chose."""
    yield
    for party in (NORTHMOOR, CALDER_BAY):
        await is_as_at_start(network.client(party))


@pytest.fixture(scope="session")
async def selwyn(network: Network, portal: RunningPortal) -> SignsIn:
    """An administrator of Northmoor."""
    email = "selwyn@northmoor.example"
    await nominate(network, network.client(NORTHMOOR), email, {"roles": ["administrator"]})
    return await portal.account(email)


async def signs_in(visitor: Visitor, person: SignsIn, to: str = "/settings") -> None:
    await visitor.goes_to(to)
    await visitor.signs_in(person, code=person.recovery_code())


def box(visitor: Visitor, name: str) -> Locator:
    return visitor.page.get_by_role("checkbox", name=name, exact=True)


async def chooses(visitor: Visitor, *, passport: str, review: str, types: set[str], wait: str) -> None:
    await visitor.page.get_by_label(PASSPORT).fill(passport)
    await visitor.page.get_by_label(REVIEW).fill(review)
    for each in TYPES:
        await box(visitor, each).set_checked(each in types)
    await visitor.page.get_by_label(wait, exact=True).check()


async def alert(visitor: Visitor) -> str:
    return await visitor.page.get_by_role("alert").inner_text()


async def main(visitor: Visitor) -> str:
    return await visitor.page.get_by_role("main").inner_text()


async def test_an_administrator_finds_the_settings_changes_them_and_reads_who_did(
    visitor: Visitor, selwyn: SignsIn, network: Network
) -> None:
    await signs_in(visitor, selwyn, "/organisation")
    await visitor.page.get_by_role("link", name="Settings", exact=True).click()
    await visitor.sees(SETTINGS, title="Settings", screen="settings")
    assert "At the moment: 3 days, as installed." in await main(visitor)
    await visitor.fits()

    await chooses(visitor, passport="5", review="14", types={"Identity"}, wait="1 hour")
    await visitor.presses(SAVE)

    await visitor.sees(SETTINGS, title="Settings", screen="settings-changed")
    assert "The settings are changed." in await alert(visitor)
    shown = await main(visitor)
    assert "At the moment: 5 days. As installed: 3 days." in shown
    assert f"by {selwyn.email}" in shown
    told = await network.client(NORTHMOOR).get("/local-settings")
    assert chosen(told) == {
        "passport_invitation_days": 5,
        "review_invitation_days": 14,
        "usual_types": ["identity"],
        "usual_wait_hours": 1,
    }
    await visitor.goes_to("/people")
    await visitor.page.get_by_role("link", name="Settings of the organisation").click()
    await visitor.sees(SETTINGS, title="Settings")


async def test_how_long_records_are_kept_can_be_read_and_not_changed(
    visitor: Visitor, selwyn: SignsIn
) -> None:
    await signs_in(visitor, selwyn)
    await visitor.sees(SETTINGS, title="Settings")

    table = visitor.page.get_by_role("table")
    people = table.get_by_role("row").filter(has_text="People who act")
    assert await people.get_by_role("cell").nth(1).inner_text() == "6 years"
    assert await table.locator("input, button, a").count() == 0
    assert "set where the agent is installed" in await main(visitor)


async def test_what_cannot_be_chosen_is_said_at_its_field_and_nothing_typed_is_lost(
    visitor: Visitor, selwyn: SignsIn, network: Network
) -> None:
    before = await network.client(NORTHMOOR).get("/local-settings")
    hostile = '"><script>alert(1)</script>'
    await signs_in(visitor, selwyn)
    await chooses(visitor, passport=hostile, review="15", types=set(), wait="7 days")
    await visitor.presses(SAVE)

    await visitor.sees(SETTINGS, title="Error: Settings", screen="settings-error")
    told = await alert(visitor)
    for what in ("passports", "reviews"):
        assert f"Enter a whole number of days for {what}, from 1 to 14" in told
    await visitor.page.get_by_role("link", name="Choose at least one thing to ask for").click()
    assert await visitor.page.evaluate("document.activeElement.id") == "usual_types"
    assert await visitor.page.get_by_label(PASSPORT).input_value() == hostile
    assert await visitor.page.get_by_label(REVIEW).input_value() == "15"
    await expect(visitor.page.get_by_label("7 days", exact=True)).to_be_checked()
    assert await network.client(NORTHMOOR).get("/local-settings") == before


async def test_who_comes_second_reads_so_keeps_what_was_typed_and_decides_anew_without_scripts(
    opens: Opens, selwyn: SignsIn, network: Network
) -> None:
    client, visitor = network.client(NORTHMOOR), await opens(javascript=False)
    await signs_in(visitor, selwyn)
    await chooses(visitor, passport="9", review="2", types={"Employment"}, wait="7 days")
    await change(client, passport_invitation_days=4)

    await visitor.presses(SAVE)
    await visitor.sees(SETTINGS, title="Error: Settings", screen="settings-changed-since")
    assert "Somebody else has changed these settings" in await alert(visitor)
    shown = await main(visitor)
    assert "At the moment: 4 days. As installed: 3 days." in shown
    assert f"by {NORTHMOOR.administrator}" in shown
    assert await visitor.page.get_by_label(PASSPORT).input_value() == "9"
    assert await visitor.page.get_by_label(REVIEW).input_value() == "2"
    await expect(box(visitor, "Employment")).to_be_checked()
    await expect(box(visitor, "Identity")).not_to_be_checked()
    assert (await client.get("/local-settings"))["passport_invitation_days"]["value"] == 4

    await visitor.presses(SAVE)

    await visitor.sees(SETTINGS, title="Settings")
    assert (await client.get("/local-settings"))["passport_invitation_days"]["value"] == 9


async def test_what_was_chosen_outlives_the_session_and_is_not_saved(
    visitor: Visitor, selwyn: SignsIn, network: Network
) -> None:
    before = await network.client(NORTHMOOR).get("/local-settings")
    await signs_in(visitor, selwyn)
    await chooses(visitor, passport="12", review="8", types={"Employment checks"}, wait="7 days")
    sessions_end(network, selwyn)

    await visitor.presses(SAVE)
    await visitor.sees("Sign in")
    await visitor.signs_in(selwyn, code=selwyn.recovery_code())

    await visitor.sees(SETTINGS, title="Settings")
    assert "It has not been sent." in await main(visitor)
    assert await visitor.page.get_by_label(PASSPORT).input_value() == "12"
    await expect(box(visitor, "Employment checks")).to_be_checked()
    await expect(box(visitor, "Identity")).not_to_be_checked()
    await expect(visitor.page.get_by_label("7 days", exact=True)).to_be_checked()
    assert await network.client(NORTHMOOR).get("/local-settings") == before


async def test_a_form_that_is_sent_twice_changes_once(
    visitor: Visitor, selwyn: SignsIn, network: Network
) -> None:
    before = await network.client(NORTHMOOR).get("/local-settings")
    await signs_in(visitor, selwyn)
    await visitor.page.get_by_label(PASSPORT).fill("6")
    sent = await visitor.page.locator("main form").evaluate("form => Object.fromEntries(new FormData(form))")

    address = f"{visitor.portal.origin}/settings"
    answers = [await visitor.page.request.post(address, form=sent, max_redirects=0) for _ in range(2)]

    assert [answer.status for answer in answers] == [303, 303]
    assert (await network.client(NORTHMOOR).get("/local-settings"))["version"] == before["version"] + 1


async def test_a_host_begins_with_what_its_organisation_usually_asks_for(
    opens: Opens, portal: RunningPortal, network: Network
) -> None:
    administrator, verifier = await opens(), await opens()
    people = {role: f"usual-{role}@calder-bay.example" for role in ("administrator", "verifier")}
    for role, email in people.items():
        await nominate(network, network.client(CALDER_BAY), email, {"roles": [role]})
    holder = Holder(network, await network.start_wallet("usually-asked"))
    path = await a_review(network, holder.connect)
    await signs_in(administrator, await portal.account(people["administrator"]))
    await administrator.sees(THEIR_SETTINGS, title="Settings")
    assert await administrator.page.get_by_label(PASSPORT).count() == 0
    await box(administrator, "Employment checks").uncheck()
    await administrator.page.get_by_label("7 days", exact=True).check()
    await administrator.presses(SAVE)
    await administrator.sees(THEIR_SETTINGS, title="Settings")

    await signs_in(verifier, await portal.account(people["verifier"]), f"{path}/ask")
    await verifier.sees("Choose what to ask for")
    ticked = [await box(verifier, each).is_checked() for each in TYPES]
    assert ticked == [True, True, False]
    await verifier.page.get_by_role("button", name="Ask the person").click()
    await verifier.sees("Review")

    (asked,) = (await host(network).get(f"{path}/presentation-requests"))["presentation_requests"]
    assert asked["types"] == ["identity", "employment"]
    waits = datetime.fromisoformat(asked["answer_by"]) - datetime.fromisoformat(asked["requested_at"])
    assert waits == timedelta(days=7)


async def test_an_operator_has_nothing_to_choose_and_reads_how_long_records_are_kept(
    visitor: Visitor, portal: RunningPortal, network: Network
) -> None:
    await signs_in(visitor, await portal.account(OPERATOR.administrator))

    await visitor.sees(f"{OPERATOR.name} Settings", title="Settings")
    assert await visitor.page.get_by_role("button", name=SAVE).count() == 0
    assert "How long records are kept" in await main(visitor)


@pytest.mark.parametrize("role", ["nominated_user", "auditor"])
async def test_whoever_is_no_administrator_neither_sees_nor_sends_the_page(
    visitor: Visitor, portal: RunningPortal, network: Network, role: str
) -> None:
    email = f"no-administrator-{role.replace('_', '-')}@northmoor.example"
    await nominate(network, network.client(NORTHMOOR), email, {"roles": [role]})
    await signs_in(visitor, await portal.account(email), "/organisation")
    assert await visitor.page.get_by_role("link", name="Settings").count() == 0
    token = await visitor.page.locator("[name=form_token]").first.input_value()

    await visitor.goes_to("/settings")
    await visitor.sees("You cannot do this")
    sent: dict[str, str | float | bool] = {"form_token": token, "once": "1", "version": "0"}
    answer = await visitor.page.request.post(f"{visitor.portal.origin}/settings", form=sent)

    assert answer.status == 403

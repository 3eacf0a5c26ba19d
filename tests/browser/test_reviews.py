"""A host invites a person, asks to see their passport, and decides: the real network, the real wallet."""

from typing import Any

import pytest
from playwright.async_api import expect

from staff_passport.demo.network import CALDER_BAY, NORTHMOOR, Network
from staff_passport.demo.onboarding import nominate
from tests.browser.conftest import Visitor
from tests.support.holder import Holder
from tests.support.journey import Issued
from tests.support.portal import RunningPortal, SignsIn

type Json = dict[str, Any]
REVIEWS = "Calder Bay Community Care Reviews"
REQUEST = "What was asked and shown"
SLOW = 60_000
"""Milliseconds that a wallet and two agents may take on a busy machine."""


@pytest.fixture(scope="session")
async def wanjiru(network: Network, portal: RunningPortal) -> SignsIn:
    """A verifier of Calder Bay."""
    email = "wanjiru.reviews@calder-bay.example"
    await nominate(network, network.client(CALDER_BAY), email, {"roles": ["verifier"]})
    return await portal.account(email)


@pytest.fixture(scope="session")
async def robin(network: Network) -> Holder:
    """A person with a wallet of their own."""
    return Holder(network, await network.start_wallet("robin-at-calder-bay"))


@pytest.fixture(scope="session")
async def passport(robin: Holder) -> Issued:
    """Robin's, which Northmoor issued."""
    return await robin.an_active_passport("nurse")


async def comes(visitor: Visitor, person: SignsIn, to: str = "/reviews") -> None:
    await visitor.goes_to(to)
    await visitor.signs_in(person, code=person.recovery_code())


async def begins(visitor: Visitor, purpose: str) -> str:
    """Begin a review in the browser; the invitation's link."""
    await visitor.page.get_by_role("button", name="Begin a review").click()
    await visitor.sees("Begin a review")
    await visitor.page.get_by_label("Purpose").fill(purpose)
    await visitor.page.get_by_role("button", name="Make the invitation").click()
    await visitor.sees("Review")
    await visitor.page.get_by_text("They cannot scan it").click()
    return await visitor.page.locator(".portal-copied").inner_text()


async def asks(visitor: Visitor, *, only: str | None = None) -> None:
    """Choose, and ask."""
    await visitor.sees("Choose what to ask for")
    if only is not None:
        for each in await visitor.page.get_by_role("checkbox").all():
            await each.uncheck()
        await visitor.page.get_by_role("checkbox", name=only, exact=True).check()
    await visitor.page.get_by_role("button", name="Ask the person").click()
    await visitor.sees("Review")


async def test_a_host_invites_asks_sees_and_accepts_without_loading_a_page_again(
    visitor: Visitor, wanjiru: SignsIn, robin: Holder, passport: Issued, network: Network
) -> None:
    await comes(visitor, wanjiru)
    await visitor.sees(REVIEWS, title="Reviews")
    link = await begins(visitor, "Starting work on Ward 4")
    await expect(visitor.page.get_by_alt_text("QR code of the invitation")).to_be_visible()

    await robin.connect(link)
    choose = visitor.page.get_by_role("button", name="Choose what to ask for")
    await expect(choose).to_be_visible(timeout=SLOW)
    await expect(visitor.page.get_by_role("status")).to_have_text("The review is now: Connected")
    await choose.click()
    await expect(visitor.page.get_by_text("You will see: Legal first name")).to_be_visible()
    await asks(visitor, only="Employment")

    await expect(visitor.page.get_by_text("Waiting for the person").first).to_be_visible(timeout=SLOW)
    await robin.present()
    await expect(visitor.page.get_by_role("heading", name="Checks passed")).to_be_visible(timeout=SLOW)
    await visitor.sees("Review")

    await visitor.page.get_by_role("link", name="See what was shown").click()
    await visitor.sees(REQUEST)
    told = await visitor.page.get_by_role("main").inner_text()
    assert "Northmoor Teaching Hospitals (ZZNM1)" in told
    assert "Counts" in told
    assert network.dids[NORTHMOOR.ods_code] in told

    await visitor.page.get_by_role("link", name="Accept or reject").click()
    await visitor.sees("Accept or reject")
    await visitor.page.get_by_role("button", name="Decide").click()
    await visitor.sees("Accept or reject", title="Error: Accept or reject")
    await visitor.page.get_by_label("Accept", exact=True).check()
    await visitor.page.get_by_label("Reason").fill("Original documents were seen")
    await visitor.page.get_by_role("button", name="Decide").click()
    await visitor.sees(REQUEST)
    decided = visitor.page.get_by_text("Original documents were seen")
    await expect(decided).to_contain_text(f"by {wanjiru.email}")
    assert await visitor.page.get_by_role("link", name="Accept or reject").count() == 0

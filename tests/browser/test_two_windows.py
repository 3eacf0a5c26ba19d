"""The demonstration as somebody walks it by hand: the portal in one window, the phone in the other.

Everything that happens is done on these pages, and everything that is told is read off them.
"""

import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

import pytest
from playwright.async_api import Locator, expect

from staff_passport.demo.hands_on import Addresses, prepare
from staff_passport.demo.network import CALDER_BAY, NORTHMOOR, Network
from tests.browser.conftest import Holds, Opens, Visitor
from tests.support.journey import hr
from tests.support.phone import Hand
from tests.support.pictures import qr_code
from tests.support.portal import RunningPortal

PHONE = "two-windows"
PURPOSE = "Starting work on Ward 4"
REASON = "She is who the passport says, and may start on Monday"
COMMENT = "My DBS certificate is newer"
CREDENTIALS = ("Identity", "Employment", "Employment checks")
OFFERED = f"{NORTHMOOR.name} offers you 3 credentials"
SHOWN = "What was asked and shown"


@dataclass(frozen=True, slots=True)
class Somebody:
    """A member of staff as they stand in ESR."""

    surname: str
    forenames: str
    born: tuple[str, str, str]
    ni_number: str
    assignment: str

    @property
    def name(self) -> str:
        return f"{self.forenames} {self.surname}"


AMARA = Somebody("Fennwick", "Amara", ("17", "5", "1990"), "JR482913B", "90100010")
LOWRI = Somebody("Quarrcombe", "Lowri", ("30", "11", "1985"), "LM771204C", "90100015")


@pytest.fixture(scope="module")
async def demonstration(network: Network) -> AsyncIterator[RunningPortal]:
    """What `make demo` starts after it has shown the journey by itself."""
    started = await prepare(network, Addresses.free(), "portal-two-windows", PHONE)
    yield RunningPortal(started.origin, started.config, started.log)
    await started.process.stop()


@pytest.fixture
async def portal_window(opens: Opens, demonstration: RunningPortal) -> Visitor:
    opened = await opens()
    return Visitor(opened.page, demonstration, opened.noticed)


@pytest.fixture
async def phone_window(holds: Holds, demonstration: RunningPortal, network: Network) -> Hand:
    return await holds(network.phones[PHONE])


async def test_a_nurse_gets_a_passport_shows_it_to_a_host_and_it_is_taken_back(
    portal_window: Visitor, phone_window: Hand, network: Network
) -> None:
    await given_nobody_has_a_passport(network, AMARA)
    await given_an_empty_wallet(phone_window)

    await when_hr_finds_them_in_esr(portal_window, AMARA)
    link = await when_hr_creates_the_passport_and_invites(portal_window, AMARA)
    await when_the_person_answers(phone_window, link, NORTHMOOR.name)
    await when_hr_types_the_code_of_the_phone(portal_window, phone_window, AMARA)
    await when_hr_offers(portal_window, AMARA)
    await when_the_person_accepts_everything(phone_window)
    await then_hr_sees_it_issued_on_the_page_that_was_open(portal_window, AMARA)

    link = await when_the_host_begins_a_review(portal_window)
    await when_the_person_answers(phone_window, link, CALDER_BAY.name)
    review = await when_the_host_asks(portal_window, "Identity", "Employment")
    await then_the_person_sees_who_asks_and_why(phone_window)
    await when_the_person_shares(phone_window)
    await then_the_host_sees_the_verdict_and_where_each_claim_comes_from(portal_window, network)
    await when_the_host_accepts(portal_window)

    await when_hr_ends_the_passport(portal_window, AMARA)
    await then_the_credentials_on_the_phone_are_revoked(phone_window)
    await then_the_host_is_alerted(portal_window, review)
    await when_the_host_asks_again(portal_window, "Employment")
    await then_the_person_sees_that_it_does_not_hold(phone_window)
    await when_the_person_shares(phone_window)
    await then_the_host_reads_why_it_is_refused(portal_window)


async def test_a_one_time_code_and_a_rejection_with_a_reason_go_from_window_to_window(
    portal_window: Visitor, phone_window: Hand, network: Network
) -> None:
    await given_nobody_has_a_passport(network, LOWRI)

    await when_hr_finds_them_in_esr(portal_window, LOWRI)
    link = await when_hr_creates_the_passport_and_invites(portal_window, LOWRI)
    await when_the_person_answers(phone_window, link, NORTHMOOR.name)
    code = await when_hr_makes_a_one_time_code(portal_window, LOWRI)
    await when_the_person_types_it(phone_window, code)
    await then_the_page_with_the_code_has_become_the_passports(portal_window)
    await when_hr_offers(portal_window, LOWRI)
    await when_the_person_rejects(phone_window, "Employment checks")

    await then_hr_reads_why(portal_window)


# Before either window is used


async def given_nobody_has_a_passport(network: Network, somebody: Somebody) -> None:
    """End whatever other tests left; nothing after this is done but in the windows."""
    for passport in (await hr(network).get("/passports?limit=200"))["passports"]:
        if passport["assignment_number"] == somebody.assignment and passport["state"] not in {
            "closed",
            "deactivated",
        }:
            await hr(network).post(f"/passports/{passport['id']}/deactivation", {"reason": "other"})


async def given_an_empty_wallet(phone: Hand) -> None:
    await phone.goes_to("/")
    await phone.sees("Your wallet", screen="phone-wallet-empty")
    await phone.reads("You have none yet")


# The employer


async def when_hr_finds_them_in_esr(portal: Visitor, somebody: Somebody) -> None:
    await signs_in_by_a_button(portal, "Ottilie Brackwell", NORTHMOOR.name)
    await portal.page.get_by_role("link", name="Issue", exact=True).click()
    await portal.sees("Find the person in ESR")
    await portal.page.get_by_label("Surname").fill(somebody.surname)
    await portal.page.get_by_label("Forenames").fill(somebody.forenames)
    for label, value in zip(("Day", "Month", "Year"), somebody.born, strict=True):
        await portal.page.get_by_label(label).fill(value)
    await portal.page.get_by_label("National Insurance number").fill(somebody.ni_number)
    await portal.presses("Search ESR")
    await portal.sees(f"{somebody.name} Choose the assignment", title="Choose the assignment")


async def when_hr_creates_the_passport_and_invites(portal: Visitor, somebody: Somebody) -> str:
    """The invitation's link, which the QR code says, too."""
    await portal.page.get_by_role("radio").check()
    await portal.presses("Continue")
    await portal.sees(f"{somebody.name} Check the information", title="Check the information")
    await portal.presses("Create the passport and invite")
    await portal.sees(f"Passport {somebody.name}", title=somebody.name)
    link = await portal.page.get_by_label("Or copy the link").input_value()
    assert await qr_code(portal.page.get_by_alt_text("QR code of the invitation")) == link
    return link


async def when_hr_types_the_code_of_the_phone(portal: Visitor, phone: Hand, somebody: Somebody) -> None:
    await portal.page.get_by_role("button", name="Confirm the person").click()  # it came by itself
    await portal.sees(f"{somebody.name} Confirm the person", title="Confirm the person")
    await portal.page.get_by_label("Code that the person reads out").fill(await phone.digits())
    await portal.presses("Confirm")
    await portal.sees(f"Passport {somebody.name}", title=somebody.name)


async def when_hr_makes_a_one_time_code(portal: Visitor, somebody: Somebody) -> str:
    await portal.page.get_by_role("button", name="Confirm the person").click()
    await portal.page.get_by_role("link", name="Use a one-time code").click()
    await portal.presses("Make a one-time code")
    await portal.sees(f"{somebody.name} One-time code", title="One-time code")
    return await portal.page.locator(".portal-code").inner_text()


async def then_the_page_with_the_code_has_become_the_passports(portal: Visitor) -> None:
    await state(portal, "Confirmed, not offered")


async def when_hr_offers(portal: Visitor, somebody: Somebody) -> None:
    await portal.presses("Offer the credentials")
    await state(portal, "Offered, not accepted")
    await portal.sees(f"Passport {somebody.name}", title=somebody.name)
    await portal.page.evaluate("window.stayed = true")


async def then_hr_sees_it_issued_on_the_page_that_was_open(portal: Visitor, somebody: Somebody) -> None:
    await portal.page.get_by_text("It is on their phone.").nth(2).wait_for()
    await state(portal, "Active")
    assert await portal.page.evaluate("window.stayed") is True
    await portal.sees(f"Passport {somebody.name}", title=somebody.name)


async def then_hr_reads_why(portal: Visitor) -> None:
    await portal.page.get_by_text("It is on their phone.").nth(1).wait_for()
    await portal.page.get_by_text(f"In their own words: “{COMMENT}”").wait_for()
    assert await portal.page.evaluate("window.stayed") is True


async def when_hr_ends_the_passport(portal: Visitor, somebody: Somebody) -> None:
    await changes_to(portal, "Ottilie Brackwell", NORTHMOOR.name)
    await portal.page.get_by_role("link", name="Passports", exact=True).click()
    await portal.sees(f"{NORTHMOOR.name} Passports", title="Passports")
    await portal.page.get_by_label("Name", exact=True).fill(somebody.surname)
    await portal.page.get_by_label("State").select_option("Active")
    await portal.presses("Show")
    await portal.page.get_by_role("link", name=somebody.name).first.click()
    await portal.page.get_by_role("link", name="End the passport").click()
    await portal.sees(f"{somebody.name} End the passport", title="End the passport")
    await portal.page.get_by_label("The employment has ended").check()
    await portal.presses("End the passport")
    await state(portal, "Deactivated")
    await portal.sees(f"Passport {somebody.name}", title=somebody.name)


# The host


async def when_the_host_begins_a_review(portal: Visitor) -> str:
    """The invitation's link, which the QR code says, too."""
    await changes_to(portal, "Wanjiru Stanford", CALDER_BAY.name)
    await portal.page.get_by_role("link", name="Reviews", exact=True).click()
    await portal.page.get_by_role("button", name="Begin a review").click()
    await portal.sees("Begin a review")
    await portal.page.get_by_label("Purpose").fill(PURPOSE)
    await portal.presses("Make the invitation")
    await portal.sees("Review")
    await portal.page.get_by_text("They cannot scan it").click()
    link = await portal.page.locator(".portal-copied").inner_text()
    assert await qr_code(portal.page.get_by_alt_text("QR code of the invitation")) == link
    return link


async def when_the_host_asks(portal: Visitor, *what: str) -> str:
    """The path of the review."""
    await portal.page.get_by_role("button", name="Choose what to ask for").click()  # it came by itself
    await asks_for(portal, what)
    return portal.page.url.removeprefix(portal.portal.origin)


async def when_the_host_asks_again(portal: Visitor, *what: str) -> None:
    await portal.page.get_by_role("button", name="Ask again").click()
    await asks_for(portal, what)


async def asks_for(portal: Visitor, what: Sequence[str]) -> None:
    await portal.sees("Choose what to ask for")
    for each in CREDENTIALS:
        await portal.page.get_by_role("checkbox", name=each, exact=True).set_checked(each in what)
    await portal.presses("Ask the person")
    await portal.sees("Review")
    await expect(portal.page.get_by_text("Waiting for the person").first).to_be_visible()


async def then_the_host_sees_the_verdict_and_where_each_claim_comes_from(
    portal: Visitor, network: Network
) -> None:
    await expect(portal.page.get_by_role("heading", name="Checks passed")).to_be_visible()
    await portal.page.get_by_role("link", name="See what was shown").click()
    await portal.sees(SHOWN)
    for said in (AMARA.surname, "17 May 1990", f"{NORTHMOOR.name} ({NORTHMOOR.ods_code})"):
        await expect(portal.page.get_by_text(said, exact=True).first).to_be_visible()
    for each in ("identity", "employment"):
        summary = portal.page.get_by_text(f"What its issuer says of where it comes from: {each}", exact=True)
        await summary.click()
        opened = portal.page.get_by_role("group").filter(has=summary)
        await expect(row(opened, "Origin")).to_contain_text("ESR")
        await expect(row(opened, "Passport reference")).not_to_contain_text("\N{EN DASH}")
    assert await portal.page.get_by_text(network.dids[NORTHMOOR.ods_code]).count() == len(CREDENTIALS[:2])
    await portal.sees(SHOWN)


async def when_the_host_accepts(portal: Visitor) -> None:
    await portal.page.get_by_role("link", name="Accept or reject").click()
    await portal.sees("Accept or reject")
    await portal.page.get_by_label("Accept", exact=True).check()
    await portal.page.get_by_label("Reason").fill(REASON)
    await portal.presses("Decide")
    await portal.sees(SHOWN)
    await expect(portal.page.get_by_text(REASON)).to_be_visible()


async def then_the_host_is_alerted(portal: Visitor, review: str) -> None:
    """Whoever looks for it finds it; and comes from there to the review."""
    await changes_to(portal, "Wanjiru Stanford", CALDER_BAY.name)
    await portal.page.get_by_role("link", name="Reviews", exact=True).click()
    await portal.page.get_by_role("link", name="Alerts: what you accepted and no longer counts").click()
    ours = portal.page.locator(f'a[href^="{review}/"]')
    while await ours.count() < len(CREDENTIALS[:2]):
        await portal.page.reload()
    revoked = portal.page.get_by_role("heading", name="Employment: Revoked by its issuer")
    await expect(revoked.first).to_be_visible()
    await portal.sees(f"{CALDER_BAY.name} Alerts", title="Alerts")
    await ours.first.click()
    await portal.sees(SHOWN)
    await portal.page.get_by_role("link", name="Review", exact=True).click()
    await portal.sees("Review")


async def then_the_host_reads_why_it_is_refused(portal: Visitor) -> None:
    await expect(portal.page.get_by_role("heading", name="Refused")).to_be_visible()
    await expect(portal.page.get_by_text("Revoked by its issuer: employment.")).to_be_visible()
    await portal.sees("Review")


# The person


async def when_the_person_answers(phone: Hand, link: str, who: str) -> None:
    await phone.pastes(link)
    await phone.sees(f"{who} invites you", screen="phone-invitation")
    await phone.taps("Answer the invitation")
    await phone.page.locator(".digits").wait_for()
    await phone.sees(who, screen="phone-code")


async def when_the_person_types_it(phone: Hand, code: str) -> None:
    await phone.page.get_by_text("They told me a one-time code").click()
    await phone.page.get_by_label("One-time code", exact=True).fill(code)
    await phone.taps("Send the code")
    await phone.reads("Your code was sent")


async def when_the_person_accepts_everything(phone: Hand) -> None:
    await phone.reads("offers you 3 credentials")
    await phone.taps("Look at the offer")
    await phone.sees(OFFERED, screen="phone-offer")
    await phone.reads("17 May 1990")
    await phone.taps("Continue")
    await phone.page.get_by_text("In your wallet").nth(2).wait_for()
    await phone.sees(NORTHMOOR.name)
    await phone.goes_to("/")
    await phone.sees("Your wallet", screen="phone-wallet")


async def when_the_person_rejects(phone: Hand, what: str) -> None:
    await phone.reads("offers you 3 credentials")
    await phone.taps("Look at the offer")
    await phone.page.get_by_label(f"Accept “{what}”").uncheck()
    await phone.taps("Continue")
    await phone.sees("Why do you reject it?", screen="phone-rejection")
    await phone.page.get_by_label("Something in it is wrong").check()
    await phone.page.get_by_label("What should they know?").fill(COMMENT)
    await phone.taps("Reject")
    await phone.page.get_by_text("In your wallet").nth(1).wait_for()


async def then_the_person_sees_who_asks_and_why(phone: Hand) -> None:
    await phone.reads("asks to see something")
    await phone.taps("See what they ask for")
    await phone.sees(f"{CALDER_BAY.name} asks to see something", screen="phone-request")
    await phone.reads(PURPOSE)
    await phone.reads(AMARA.surname)


async def then_the_person_sees_that_it_does_not_hold(phone: Hand) -> None:
    await phone.goes_to("/")
    await phone.taps("See what they ask for")
    await phone.sees(f"{CALDER_BAY.name} asks to see something")
    await phone.reads("They will see that it does not hold.")


async def when_the_person_shares(phone: Hand) -> None:
    await phone.taps("Share")
    await phone.sees("Shared")


async def then_the_credentials_on_the_phone_are_revoked(phone: Hand) -> None:
    await phone.goes_to("/")
    await phone.page.get_by_text("Revoked", exact=True).nth(2).wait_for()
    await phone.sees("Your wallet")
    await phone.goes_to("/history")
    await phone.sees("History", screen="phone-history")
    await phone.reads("Shared")
    await phone.reads(CALDER_BAY.name)


# What both offices do


async def signs_in_by_a_button(portal: Visitor, name: str, organisation: str) -> None:
    await portal.goes_to("/")
    await portal.sees("Sign in")
    await portal.presses(f"Sign in as {name}")
    await portal.sees(f"{organisation} Home", title="Home")


async def changes_to(portal: Visitor, name: str, organisation: str) -> None:
    """Sign out, and be somebody else."""
    await portal.presses("Sign out")
    await portal.sees("You have signed out")
    await portal.page.get_by_role("button", name="Sign in again").click()
    await portal.presses(f"Sign in as {name}")
    await portal.sees(f"{organisation} Home", title="Home")


async def state(portal: Visitor, word: str) -> None:
    """The passport's own page says so, now or soon."""
    await portal.page.locator(".nhsuk-tag").first.get_by_text(word, exact=True).wait_for()


def row(part: Locator, key: str) -> Locator:
    """A line of a summary list, by what it is of."""
    of_it = part.page.locator("dt", has_text=re.compile(rf"^\s*{key}\s*$"))
    return part.locator(".nhsuk-summary-list__row").filter(has=of_it)

"""An organisation is registered at browsers, from the operator's invitation until it may act."""

import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import expect

from staff_passport.demo import trust
from staff_passport.demo.network import CALDER_BAY, OPERATOR, Network, a_network
from staff_passport.demo.onboarding import DIRECTOR, SWITCHBOARD
from staff_passport.embedded_postgres import EmbeddedPostgres
from tests.browser.conftest import Opens, Visitor
from tests.support.mailbox import link_to
from tests.support.portal import RunningPortal, SignsIn, a_portal

HOME = "Calder Bay Community Care Home"
REGISTRATION = "Calder Bay Community Care Registration"
ADMINISTRATORS = ("ailsa@calder-bay.example", "bertil@calder-bay.example")
DETAILS = {
    "Domains of your e-mail addresses": "calder-bay.example",
    "Name or office": "The HR office",
    "E-mail address": "hr@calder-bay.example",
    "Telephone number": SWITCHBOARD,
}
NOMINATION = {
    "Name of the HR director": "Morwenna Dray",
    "E-mail address of the HR director": "morwenna@calder-bay.example",
    "Day": "27",
    "Month": "3",
    "Year": "2026",
    "Where the nomination stands": "Letter 1",
}
"""That of the deputy who registers in the director's place."""


@pytest.fixture(scope="module")
async def network() -> AsyncIterator[Network]:
    """The operator, and an organisation that it does not know."""
    with (
        tempfile.TemporaryDirectory(prefix="unregistered-") as name,
        EmbeddedPostgres.temporary() as postgres,
    ):
        parties = (OPERATOR, CALDER_BAY)
        async with a_network(Path(name), postgres, parties=parties, registered=False) as running:
            running.dids[OPERATOR.ods_code] = (await running.client(OPERATOR).post("/organisation/did"))[
                "did"
            ]
            await trust.establish(running)
            yield running


@pytest.fixture(scope="module")
async def portal(network: Network) -> AsyncIterator[RunningPortal]:
    async with a_portal(network) as running:
        yield running


async def signs_in(visitor: Visitor, person: SignsIn, to: str = "/") -> Visitor:
    await visitor.goes_to(to)
    await visitor.signs_in(person)
    return visitor


async def presses(visitor: Visitor, button: str) -> None:
    await visitor.page.get_by_role("button", name=button, exact=True).click()


async def status_of(visitor: Visitor, task: str) -> str:
    """What the task list says of one step."""
    await visitor.goes_to("/registration")
    item = visitor.page.locator(".nhsuk-task-list__item", has_text=task)
    return (await item.locator(".nhsuk-task-list__status").inner_text()).strip()


async def test_a_deputy_registers_an_organisation_from_the_invitation_until_it_may_act(
    opens: Opens, portal: RunningPortal, network: Network
) -> None:
    operator = await signs_in(await opens(), await portal.account("olu@operator.example"), "/applications")
    director = await signs_in(await opens(), await portal.account("director@calder-bay.example"))
    link = await operator_invites(operator)
    await director.sees(HOME, title="Home")

    await says_who_it_is(director)
    await proves_the_address(director, network)
    await takes_up(director, link)
    await submits(director)
    await is_declined(operator, director)
    await submits(director)
    await is_approved(operator, director)
    await accepts_terms(director)
    await nominates(director)
    await sign_in_for_the_first_time(opens, portal, network)
    await activates(director)

    registration = await network.client(CALDER_BAY, DIRECTOR).get("/organisation/registration")
    assert (registration["active"], registration["missing"]) == (True, [])
    await director.goes_to("/organisation")
    await director.sees("Calder Bay Community Care Your organisation", title="Your organisation")
    assert "did:webvh:" in await director.page.get_by_role("main").inner_text()


async def operator_invites(operator: Visitor) -> str:
    """Until the operator's page shows the link."""
    await operator.sees("Staff Passport Operator Applications", title="Applications", screen="applications")
    await presses(operator, "Invite an organisation")
    await presses(operator, "Make an invitation")
    await operator.sees("Invite an organisation", title="Error: Invite an organisation")
    await operator.page.get_by_label("ODS code").fill("zzcb1")
    await presses(operator, "Make an invitation")
    await operator.sees("Application ZZCB1", title="Application", screen="application-invited")
    return await operator.page.get_by_label("The invitation's link").input_value()


async def says_who_it_is(director: Visitor) -> None:
    await director.goes_to("/registration")
    await director.sees(REGISTRATION, title="Registration", screen="registration-tasks")
    assert await status_of(director, "Check your answers") == "Cannot start yet"
    assert "Who can put this right" in await director.page.get_by_role("main").inner_text()
    await director.page.get_by_role("link", name="Organisation details").click()
    await presses(director, "Save and continue")
    await director.sees("Organisation details", title="Error: Organisation details")

    for label, value in DETAILS.items():
        await director.page.get_by_label(label, exact=True).fill(value)
    await director.page.get_by_label("Region").select_option("North West")
    await director.page.get_by_label("Deputy whom the HR director nominated").check()
    await presses(director, "Save and continue")
    await director.page.get_by_role("link", name="Enter the day of the nomination").click()
    assert await director.page.evaluate("document.activeElement.id") == "nominated_on-day"
    await director.sees(
        "Organisation details", title="Error: Organisation details", screen="registration-details-error"
    )
    await director.fits()
    for label, value in NOMINATION.items():
        await director.page.get_by_label(label, exact=True).fill(value)
    await presses(director, "Save and continue")
    await director.sees(REGISTRATION, title="Registration")
    assert await status_of(director, "Organisation details") == "Done"


async def proves_the_address(director: Visitor, network: Network) -> None:
    await director.page.get_by_role("link", name="Your e-mail address").click()
    await director.sees("Your e-mail address")
    await director.fits()
    await presses(director, "Send the link")
    await director.sees(REGISTRATION, title="Registration")
    await director.goes_to(await link_to(network, "director@calder-bay.example", "email-proofs"))
    await director.sees("Is this your e-mail address?")
    proof = director.page.url.removeprefix(director.portal.origin)
    await presses(director, "Yes, it is mine")
    await director.sees(REGISTRATION, title="Registration")
    await director.goes_to(proof)
    await presses(director, "Yes, it is mine")
    await director.sees("Is this your e-mail address?", title="Error: Is this your e-mail address?")
    assert await status_of(director, "Your e-mail address") == "Done"


async def takes_up(director: Visitor, link: str) -> None:
    await director.page.get_by_role("link", name="The operator's invitation").click()
    await director.fits()
    await director.page.get_by_label("The link").fill("https://operator.example/no-invitation")
    await presses(director, "Take up the invitation")
    await director.sees("The operator's invitation", title="Error: The operator's invitation")
    await director.page.get_by_label("The link").fill(link)
    await presses(director, "Take up the invitation")
    await director.sees(REGISTRATION, title="Registration")
    await expect(
        director.page.get_by_text("The code to compare")
    ).to_be_visible()  # once the operator answered
    assert await status_of(director, "The operator's invitation") == "Done"


async def submits(director: Visitor) -> None:
    await director.goes_to("/registration")
    await director.page.get_by_role("link", name="Check your answers").click()
    await director.sees("Check your answers", screen="registration-answers")
    await director.fits()
    await presses(director, "Send to the operator")
    await director.sees(REGISTRATION, title="Registration")
    assert await status_of(director, "The operator's decision") == "Waiting"


async def is_declined(operator: Visitor, director: Visitor) -> None:
    """The operator says why, and the director reads it."""
    await until_received(operator)
    await operator.page.get_by_role("link", name="Decline", exact=True).click()
    await presses(operator, "Decline")
    await operator.sees("Decline this application", title="Error: Decline this application")
    await operator.page.get_by_label("Reason").fill("Nobody answers <b>the telephone</b>.")
    await presses(operator, "Decline")
    await operator.sees("Application Calder Bay Community Care", title="Application")
    await decision_shows(director, "Declined")
    await director.sees(REGISTRATION, title="Registration")
    assert "Nobody answers <b>the telephone</b>." in await director.page.get_by_role("main").inner_text()
    await director.fits()


async def is_approved(operator: Visitor, director: Visitor) -> None:
    """Once the code was read out, and not before."""
    await director.goes_to("/registration")
    code = await director.page.locator(".nhsuk-inset-text .portal-reference").inner_text()
    await until_received(operator)
    assert "Morwenna Dray" in await operator.page.get_by_role("main").inner_text()
    await operator.page.get_by_role("link", name="Approve", exact=True).click()
    await presses(operator, "Approve")
    await operator.sees("Approve this organisation", title="Error: Approve this organisation")
    assert "has not been called back" in await operator.page.get_by_role("alert").inner_text()

    await operator.page.get_by_role("link", name="Back to the application").click()
    await presses(operator, "Record a call back")
    await operator.sees("Record a call back")
    await operator.page.get_by_label("Number that you called").fill(SWITCHBOARD)
    await operator.page.get_by_label("Where the number is from").fill("the national directory")
    await operator.page.get_by_label("Who answered").fill("The HR office")
    await operator.page.get_by_label("Code that they read out").fill("00000000")
    await operator.page.get_by_label("Yes").check()
    await presses(operator, "Record the call")
    await operator.sees("Record a call back", title="Error: Record a call back", screen="call-back-error")
    assert "somebody may stand between" in await operator.page.get_by_role("alert").inner_text()
    await operator.page.get_by_label("Code that they read out").fill(code)
    await presses(operator, "Record the call")
    await operator.sees("Application Calder Bay Community Care", title="Application")

    await operator.page.get_by_role("link", name="Approve", exact=True).click()
    await presses(operator, "Approve")
    await operator.sees(
        "Application Calder Bay Community Care", title="Application", screen="application-approved"
    )
    await decision_shows(director, "Done")


async def until_received(operator: Visitor) -> None:
    """Before the application that just came: its page was open, and was not loaded again."""
    await expect(operator.page.get_by_role("main").get_by_text("To decide", exact=True)).to_be_visible()
    await operator.sees(
        "Application Calder Bay Community Care", title="Application", screen="application-received"
    )


async def decision_shows(director: Visitor, word: str) -> None:
    """On the page that is open, which is not loaded again."""
    item = director.page.locator(".nhsuk-task-list__item", has_text="The operator's decision")
    await expect(item.locator(".nhsuk-task-list__status")).to_have_text(word)


async def accepts_terms(director: Visitor) -> None:
    await director.goes_to("/registration")
    await director.page.get_by_role("link", name="Staff passport terms").click()
    await director.sees("Staff passport terms", screen="terms-first")
    await director.fits()
    await presses(director, "Accept")
    await director.sees("Staff passport terms", title="Error: Staff passport terms")
    await director.page.get_by_label("Your full name").fill("Ifan Dray")
    await director.page.get_by_label("Deputy whom the HR director nominated").check()
    await director.page.get_by_label("I have read version").check()
    await presses(director, "Accept")
    await director.sees("Calder Bay Community Care Terms", title="Terms")
    assert "Ifan Dray" in await director.page.get_by_role("table").inner_text()


async def nominates(director: Visitor) -> None:
    for email in ADMINISTRATORS:
        await director.goes_to("/people/nomination")
        await director.page.get_by_label("Name", exact=True).fill(email.partition("@")[0].title())
        await director.page.get_by_label("E-mail address", exact=True).fill(email)
        await director.page.get_by_label("Administrator", exact=True).check()
        await presses(director, "Nominate, and send the invitation")
        await director.page.get_by_role("heading", name="Person").wait_for()
    assert await status_of(director, "Nominate at least two") == "Done"
    assert await status_of(director, "have signed in") == "Waiting"
    assert await status_of(director, "Activate the organisation") == "Cannot start yet"


async def sign_in_for_the_first_time(opens: Opens, portal: RunningPortal, network: Network) -> None:
    for email in ADMINISTRATORS:
        link = await link_to(network, email, "invitations")
        administrator = await signs_in(await opens(), await portal.account(email), link)
        await presses(administrator, "Accept the invitation")
        await administrator.sees(HOME, title="Home")


async def activates(director: Visitor) -> None:
    await director.goes_to("/registration")
    await director.page.get_by_role("link", name="Activate the organisation").click()
    await director.sees("Activate the organisation", screen="registration-activation")
    await director.fits()
    await presses(director, "Activate")
    await director.sees(REGISTRATION, title="Registration")
    assert await status_of(director, "Activate the organisation") == "Done"

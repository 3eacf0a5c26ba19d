"""The operator's queue, and what two people there decide together."""

import pytest

from staff_passport.demo.network import CALDER_BAY, NORTHMOOR, OPERATOR, Network
from staff_passport.demo.onboarding import OPERATORS
from tests.browser.conftest import Opens, Visitor
from tests.support.portal import RunningPortal, SignsIn

QUEUE = "Staff Passport Operator Applications"
NARROW = 320


@pytest.fixture(scope="session")
async def olu(portal: RunningPortal) -> SignsIn:
    return await portal.account("olu@operator.example")


@pytest.fixture(scope="session")
async def oona(portal: RunningPortal) -> SignsIn:
    return await portal.account("oona@operator.example")


async def signs_in(visitor: Visitor, person: SignsIn, to: str = "/applications") -> Visitor:
    await visitor.goes_to(to)
    await visitor.signs_in(person, code=person.recovery_code())
    return visitor


async def presses(visitor: Visitor, button: str) -> None:
    await visitor.page.get_by_role("button", name=button, exact=True).click()


async def of_calder_bay(network: Network) -> str:
    found = (await network.client(OPERATOR, OPERATORS[0]).get("/applications"))["applications"]
    return str(next(each["id"] for each in found if each["ods_code"] == CALDER_BAY.ods_code))


async def test_an_invitation_is_closed_with_a_reason_without_javascript(opens: Opens, olu: SignsIn) -> None:
    visitor = await signs_in(await opens(javascript=False), olu)
    await presses(visitor, "Invite an organisation")
    await visitor.page.get_by_label("ODS code").fill("ZZQQ1")
    await presses(visitor, "Make an invitation")
    assert await visitor.heading() == "Application ZZQQ1"

    await visitor.page.get_by_role("link", name="Close", exact=True).click()
    await presses(visitor, "Close the application")
    assert "Enter a reason" in await visitor.page.get_by_role("alert").inner_text()
    await visitor.page.get_by_label("Reason").fill("Another organisation was meant.")
    await presses(visitor, "Close the application")

    assert await visitor.heading() == "Application ZZQQ1"
    assert "Another organisation was meant." in await visitor.page.get_by_role("main").inner_text()
    assert await visitor.page.get_by_label("The invitation").count() == 0


async def test_an_organisation_has_one_open_application(visitor: Visitor, olu: SignsIn) -> None:
    await signs_in(visitor, olu, "/applications/invitation")
    await visitor.page.get_by_label("ODS code").fill(NORTHMOOR.ods_code)
    await presses(visitor, "Make an invitation")

    await visitor.sees("Invite an organisation", title="Error: Invite an organisation")
    assert "has an application already" in await visitor.page.get_by_role("alert").inner_text()
    assert await visitor.page.get_by_label("ODS code").input_value() == NORTHMOOR.ods_code


async def test_what_was_suspended_is_restored_by_two_people_and_not_by_one(
    opens: Opens, olu: SignsIn, oona: SignsIn, network: Network
) -> None:
    path = f"/applications/{await of_calder_bay(network)}"
    first = await signs_in(await opens(), olu, path)
    await first.sees("Application Calder Bay Community Care", title="Application")
    await first.page.get_by_role("link", name="Suspend").click()
    await first.page.get_by_label("Reason").fill("A key may be known to others.")
    await presses(first, "Suspend")
    await first.sees("Application Calder Bay Community Care", title="Application")

    await first.page.get_by_role("link", name="Ask for it to be restored").click()
    await first.sees("Ask for this organisation to be restored")
    await presses(first, "Ask")
    await first.page.get_by_role("link", name="Agree to restore it").click()
    await presses(first, "Restore")
    await first.sees("Restore this organisation", title="Error: Restore this organisation")

    second = await signs_in(await opens(), oona, path)
    await second.page.get_by_role("link", name="Agree to restore it").click()
    await presses(second, "Restore")

    await second.sees("Application Calder Bay Community Care", title="Application")
    assert "The organisation is restored." in await second.page.get_by_role("alert").inner_text()


async def test_the_queue_is_filtered_and_fits_a_narrow_screen(
    opens: Opens, olu: SignsIn, network: Network
) -> None:
    visitor = await signs_in(await opens(width=NARROW), olu)
    await visitor.sees(QUEUE, title="Applications")
    await visitor.page.get_by_label("State").select_option("Approved")
    await presses(visitor, "Show")
    await visitor.sees(QUEUE, title="Applications")
    assert CALDER_BAY.name in await visitor.page.get_by_role("table").inner_text()

    path = f"/applications/{await of_calder_bay(network)}"
    for each in ("/applications", path, f"{path}/call-back", f"{path}/suspension"):
        await visitor.goes_to(each)
        assert await visitor.page.evaluate("document.documentElement.scrollWidth") <= NARROW, each


async def test_nobody_else_sees_applications_and_none_is_there_that_was_not_made(
    opens: Opens, olu: SignsIn, portal: RunningPortal
) -> None:
    auditor = await signs_in(await opens(), await portal.account("auditor@operator.example"))
    await auditor.sees("You cannot do this")

    visitor = await signs_in(await opens(), olu)
    for path in ("/applications/00000000-0000-4000-8000-000000000000", "/applications/..%2Fpeople"):
        await visitor.goes_to(path)
        await visitor.sees("Page not found")

"""From the name of a member of staff to the passport on their phone, and back again."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
from playwright.async_api import Cookie, Locator, expect

from staff_passport.demo.network import CALDER_BAY, NORTHMOOR, Network
from staff_passport.demo.onboarding import nominate
from tests.browser.conftest import Opens, Visitor
from tests.support.holder import Holder
from tests.support.journey import Issued, a_connected_passport, credentials_in, hr, persona, search, until
from tests.support.portal import RunningPortal, SignsIn

FIND = "Find the person in ESR"
NARROW = 320
MOST_TABS = 60
DOCTOR = "90100011"
ZOE = "Zoë O'Hartfield-Siôn"


@dataclass(slots=True)
class HrOffice:
    """People of an HR office who come back to the browser in which they signed in."""

    opens: Opens
    people: Mapping[str, SignsIn]
    cookies: dict[str, list[Cookie]] = field(default_factory=dict)

    async def comes(
        self, name: str, to: str = "/issue", *, javascript: bool = True, width: int = 1280
    ) -> Visitor:
        """Somebody opens a page."""
        visitor = await self.opens(javascript=javascript, width=width)
        context = visitor.page.context
        if name in self.cookies:
            await context.add_cookies(self.cookies[name])  # type: ignore[arg-type]  # it takes what it gave
            await visitor.goes_to(to)
            return visitor
        await visitor.goes_to(to)
        await visitor.signs_in(self.people[name], code=self.people[name].recovery_code())
        await visitor.page.wait_for_url(f"**{to}")
        self.cookies[name] = await context.cookies()
        return visitor


@pytest.fixture(scope="session")
async def people(network: Network, portal: RunningPortal) -> Mapping[str, SignsIn]:
    """Two who may search, one whom ESR does not let in, and one of the other organisation."""
    user = {"roles": ["nominated_user"]}
    numbers = {"rowan": "90100001", "priti": "90100002", "edwin": "90100003"}
    for name, number in numbers.items():
        email = f"{name}@northmoor.example"
        await nominate(network, network.client(NORTHMOOR), email, {**user, "employee_number": number})
    await nominate(network, network.client(CALDER_BAY), "wren@calder-bay.example", user)
    emails = [f"{name}@northmoor.example" for name in numbers] + ["wren@calder-bay.example"]
    accounts = [await portal.account(email) for email in emails]
    return {each.email.partition("@")[0]: each for each in accounts}


SIGNED_IN: dict[str, list[Cookie]] = {}


@pytest.fixture
def office(opens: Opens, people: Mapping[str, SignsIn]) -> HrOffice:
    return HrOffice(opens, people, SIGNED_IN)


@pytest.fixture(scope="session")
async def phone(network: Network) -> Holder:
    """The phone of whoever is to get a passport."""
    return Holder(network, await network.start_wallet("issue-phone"))


async def test_hr_finds_somebody_invites_confirms_and_issues_while_the_page_follows_the_phone(
    office: HrOffice, phone: Holder, network: Network
) -> None:
    await without_passport(network, DOCTOR)
    visitor = await office.comes("rowan")

    await visitor.sees(FIND, screen="issue")
    await searches(visitor, await typed(network, "doctor"))
    await visitor.sees(
        "Idris Calderford Choose the assignment", title="Choose the assignment", screen="issue-match"
    )
    assert await beside(visitor, "Date of birth") == ["2 September 1988", "2 September 1988", "Agrees"]
    await press(visitor, "Continue")
    await visitor.sees("Idris Calderford Choose the assignment", title="Error: Choose the assignment")
    assert await visitor.page.get_by_role("alert").locator("..").evaluate("e => e === document.activeElement")
    assert await beside(visitor, "Surname") == ["Calderford", "Calderford", "Agrees"]
    await visitor.page.get_by_label(f"Specialty Registrar, {DOCTOR}").check()
    await press(visitor, "Continue")
    await visitor.sees("Idris Calderford Check the information", title="Check the information")
    await visitor.page.get_by_text("Staff identity").click()
    assert await visitor.page.get_by_text("Legal surname").is_visible()
    await visitor.sees(
        "Idris Calderford Check the information", title="Check the information", screen="issue-check"
    )
    await press(visitor, "Create the passport and invite")

    await visitor.sees("Passport Idris Calderford", title="Idris Calderford", screen="passport-invited")
    await stays(visitor)
    issued = await connects(visitor, phone)
    await visitor.sees("Passport Idris Calderford", title="Idris Calderford")
    await confirms(visitor, await phone.code(issued))

    await state(visitor, "Confirmed, not offered")
    await press(visitor, "Offer the credentials")
    await state(visitor, "Offered, not accepted")
    await visitor.sees("Passport Idris Calderford", title="Idris Calderford")
    await stays(visitor)
    for offer in await phone.offers(issued):
        await phone.accept(offer)

    await visitor.page.get_by_text("It is on their phone.").nth(2).wait_for()
    await state(visitor, "Active")
    assert await visitor.page.evaluate("window.stayed") is True
    await visitor.sees("Passport Idris Calderford", title="Idris Calderford", screen="passport-active")
    history = await visitor.page.locator(".portal-history").inner_text()
    assert "Confirmed by the code that their wallet showed" in history
    assert "rowan@northmoor.example" in history


async def confirms(visitor: Visitor, code: str) -> None:
    """Key the code that the wallet shows, at the second try."""
    await press(visitor, "Confirm the person")
    await visitor.sees("Idris Calderford Confirm the person", title="Confirm the person")
    await visitor.page.get_by_label("Code that the person reads out").fill("1234")
    await press(visitor, "Confirm")
    await visitor.sees(
        "Idris Calderford Confirm the person", title="Error: Confirm the person", screen="confirmation"
    )
    await visitor.page.get_by_label("Code that the person reads out").fill(code)
    await press(visitor, "Confirm")


async def test_the_whole_of_it_is_done_by_keyboard_without_scripts(
    office: HrOffice, phone: Holder, network: Network
) -> None:
    person = await typed(network, "accents")
    await without_passport(network, "90100020")
    visitor = await office.opens(javascript=False)
    page = visitor.page
    await visitor.goes_to("/issue")
    await signs_in_by_keyboard(visitor, office.people["rowan"])

    await tab_to(visitor, page.get_by_label("Surname"))
    await page.keyboard.press("Enter")
    await page.get_by_role("alert").wait_for()
    await visitor.sees(FIND, title=f"Error: {FIND}")
    for label, value in person.items():
        await tab_to(visitor, page.get_by_label(label, exact=False))
        await page.keyboard.type(value)
    await page.keyboard.press("Enter")
    await visitor.sees(f"{ZOE} Choose the assignment", title="Choose the assignment")
    await tab_to(visitor, page.get_by_role("radio").first)
    await page.keyboard.press("Space")
    await enter(visitor, "Continue")
    await visitor.sees(f"{ZOE} Check the information", title="Check the information")
    await enter(visitor, "Create the passport and invite")

    await visitor.sees(f"Passport {ZOE}", title=ZOE)
    issued = await connects(visitor, phone)
    await follow(visitor, "See how it stands now")
    await enter(visitor, "Confirm the person")
    await tab_to(visitor, page.get_by_label("Code that the person reads out"))
    await visitor.sees(f"{ZOE} Confirm the person", title="Confirm the person")
    await page.keyboard.type(await phone.code(issued))
    await page.keyboard.press("Enter")
    await enter(visitor, "Offer the credentials")
    await state(visitor, "Offered, not accepted")
    for offer in await phone.offers(issued):
        await phone.accept(offer)
    await hr_sees_all_active(network, issued)
    await follow(visitor, "See how it stands now")

    await state(visitor, "Active")
    await visitor.sees(f"Passport {ZOE}", title=ZOE)


async def test_whom_esr_does_not_let_in_reads_why_and_who_can_put_it_right(
    office: HrOffice, network: Network
) -> None:
    visitor = await office.comes("edwin")

    await searches(visitor, await typed(network, "nurse"))

    await visitor.sees(FIND, title=f"Error: {FIND}", screen="issue-not-let-in")
    told = await visitor.page.get_by_role("alert").inner_text()
    assert "supplementary role" in told
    assert "Who can put this right: your organisation's ESR team." in told
    assert await visitor.page.get_by_label("Surname").input_value() == "Fennwick"


async def test_nobody_and_an_esr_that_does_not_answer_are_told_apart(
    office: HrOffice, network: Network
) -> None:
    visitor = await office.comes("rowan")
    await searches(visitor, await typed(network, "nurse") | {"Year": "1991"})
    await visitor.sees(FIND, title=f"Error: {FIND}")
    assert "Nobody in your organisation's ESR agrees" in await visitor.page.get_by_role("alert").inner_text()

    await network.sandbox("POST", "/outage", {"mode": "error"})
    try:
        await press(visitor, "Search ESR")
        await visitor.page.get_by_text("neither a yes nor a no").wait_for()
        await visitor.sees(FIND, title=f"Error: {FIND}")
    finally:
        await network.sandbox("POST", "/reset")

    assert await visitor.page.get_by_label("Year").input_value() == "1991"


async def test_a_weak_match_waits_for_a_second_person(office: HrOffice, network: Network) -> None:
    searcher, second = await office.comes("rowan"), await office.comes("priti", "/weak-matches")
    person = await typed(network, "nurse") | {"Surname": "Fenwick", "National Insurance": ""}

    await searches(searcher, person)

    waiting = "A second person has to confirm this"
    await searcher.sees(waiting, screen="issue-waiting")
    assert await beside(searcher, "Surname") == ["Fenwick", "Differs"]
    assert "Fennwick" not in await searcher.page.content()
    found = searcher.page.url.partition("?")[0].rpartition("/")[2]
    await searcher.goes_to(f"/weak-matches/{found}")
    await searcher.sees("Is this the person?")
    assert await searcher.page.get_by_role("radio").count() == 1  # nobody confirms their own
    await searcher.page.go_back()

    waits = second.page.locator(f'a[href$="{found}"]')
    await expect(waits).to_be_visible()  # on the page that was open before
    await second.sees("Northmoor Teaching Hospitals Weak matches", title="Weak matches")
    await waits.click()
    await second.sees("Is this the person?", screen="weak-match")
    await press(second, "Continue")
    await second.sees("Is this the person?", title="Error: Is this the person?")
    await second.page.get_by_label("Yes, this is the person").check()
    await press(second, "Continue")
    await second.page.get_by_text("It is the person. Decided by priti@northmoor.example.").wait_for()
    await second.sees("Is this the person?")

    await searcher.sees("Amara Fennwick Choose the assignment", title="Choose the assignment")
    await second.goes_to(f"/issue/{found}")
    await second.sees("This search has ended")  # it is its searcher's own


async def test_a_second_person_who_said_no_has_said_it_whatever_their_other_tab_says(
    office: HrOffice, network: Network
) -> None:
    found = (await search(network, "nurse", user="rowan", surname="Fenwick", ni_number=None))["search"]
    path = f"/weak-matches/{found}"
    second = await office.comes("priti", path)
    other_tab = await office.comes("priti", path)
    await second.page.get_by_label("No, or nobody can tell").check()
    await press(second, "Continue")
    await second.page.get_by_text("Decided by priti@northmoor.example.").wait_for()

    await other_tab.page.get_by_label("Yes, this is the person").check()
    await press(other_tab, "Continue")

    await other_tab.sees("Is this the person?", title="Error: Is this the person?")
    await other_tab.page.get_by_text("Decided by priti@northmoor.example.").wait_for()
    searcher = await office.comes("rowan", f"/issue/{found}")
    await searcher.sees("A second person said no", screen="issue-refused")
    assert await searcher.page.get_by_role("button", name="Search again").is_visible()


async def test_what_the_person_declined_says_why_and_can_be_offered_again(
    office: HrOffice, phone: Holder, network: Network
) -> None:
    issued = await phone.a_confirmed_passport("last-day")
    visitor = await office.comes("rowan", issued.path)
    await press(visitor, "Offer the credentials")
    await state(visitor, "Offered, not accepted")
    await stays(visitor)
    for offer in await phone.offers(issued):
        await phone.decline(offer, "incorrect", "<b>My name</b> is spelt wrong")

    declined = visitor.page.get_by_text("In their own words: “<b>My name</b> is spelt wrong”")
    await declined.nth(2).wait_for()

    await visitor.page.get_by_role("button", name="Offer what is missing").wait_for()
    assert await visitor.page.evaluate("window.stayed") is True
    await visitor.sees("Passport Victor Dunmore", title="Victor Dunmore", screen="passport-declined")
    await press(visitor, "Offer what is missing")
    await visitor.page.get_by_text("It waits for their answer.").nth(2).wait_for()


async def test_credentials_and_passports_are_taken_back_with_a_reason(
    office: HrOffice, phone: Holder, network: Network
) -> None:
    issued = await phone.an_active_passport("bank")
    visitor = await office.comes("rowan", issued.path)

    await visitor.page.get_by_role("link", name="Suspend Employment checks").click()
    await visitor.sees("Lowri Quarrcombe Suspend: Employment checks", title="Suspend: Employment checks")
    await press(visitor, "Suspend")
    await visitor.page.get_by_text("It does not count until it is reinstated.").wait_for()
    await visitor.sees("Passport Lowri Quarrcombe", title="Lowri Quarrcombe")
    await visitor.page.get_by_role("link", name="Reinstate Employment checks").click()
    await press(visitor, "Reinstate")
    await visitor.page.get_by_text("It is on their phone.").nth(2).wait_for()

    await visitor.page.get_by_role("link", name="Revoke Identity").click()
    other_tab = await office.comes("rowan", visitor.page.url.removeprefix(visitor.portal.origin))
    await press(visitor, "Revoke")
    await visitor.sees("Lowri Quarrcombe Revoke: Identity", title="Error: Revoke: Identity")
    await visitor.page.get_by_label("It was issued in error").check()
    await press(visitor, "Revoke")
    await visitor.page.get_by_text("Reason: it was issued in error.").wait_for()
    await other_tab.page.get_by_label("Another reason").check()
    await press(other_tab, "Revoke")
    await other_tab.page.get_by_text("Reason: it was issued in error.").wait_for()
    await other_tab.sees("Passport Lowri Quarrcombe", title="Lowri Quarrcombe")
    assert (await credentials_in(network, issued, "active", "revoked"))["identity"][
        "reason"
    ] == "issued_in_error"

    await visitor.page.get_by_role("link", name="End the passport").click()
    await visitor.sees("Lowri Quarrcombe End the passport", title="End the passport", screen="passport-end")
    assert await visitor.page.get_by_text("2 credentials are revoked.").is_visible()
    await visitor.page.get_by_label("The phone was lost or stolen").check()
    await press(visitor, "End the passport")
    await state(visitor, "Deactivated")
    await visitor.sees("Passport Lowri Quarrcombe", title="Lowri Quarrcombe")
    assert await visitor.page.get_by_text("Why it ended: The phone was lost or stolen.").is_visible()


async def test_five_wrong_codes_close_the_passport_and_a_second_tab_says_so(
    office: HrOffice, phone: Holder, network: Network
) -> None:
    issued = await connected(network, phone, "two-employers")
    visitor = await office.comes("rowan", f"{issued.path}/confirmation")
    other_tab = await office.comes("rowan", f"{issued.path}/confirmation")
    code = await phone.code(issued)
    wrong = f"{(int(code) + 1) % 10**8:08}"
    for left in ("4 more tries", "3 more tries", "2 more tries", "1 more try"):
        await visitor.page.get_by_label("Code that the person reads out").fill(wrong)
        await press(visitor, "Confirm")
        await visitor.page.get_by_role("alert").get_by_text(left).wait_for()
    await visitor.sees("Harpreet Valemere Confirm the person", title="Error: Confirm the person")

    await visitor.page.get_by_label("Code that the person reads out").fill(wrong)
    await press(visitor, "Confirm")

    await visitor.sees("Passport Harpreet Valemere", title="Error: Harpreet Valemere")
    await state(visitor, "Closed")
    await other_tab.page.get_by_label("Code that the person reads out").fill(code)
    await press(other_tab, "Confirm")
    await other_tab.sees("Passport Harpreet Valemere", title="Error: Harpreet Valemere")
    await state(other_tab, "Closed")


async def test_the_page_with_a_one_time_code_goes_on_when_the_person_has_typed_it(
    office: HrOffice, phone: Holder, network: Network
) -> None:
    issued = await connected(network, phone, "right-to-work-limited")
    visitor = await office.comes("rowan", f"{issued.path}/confirmation")
    await visitor.page.get_by_role("link", name="Use a one-time code").click()
    await visitor.sees("Thabo Glencroft One-time code", title="One-time code")
    await press(visitor, "Make a one-time code")
    code = await visitor.page.locator(".portal-code").inner_text()
    await visitor.sees("Thabo Glencroft One-time code", title="One-time code", screen="one-time-code")
    assert code.replace(" ", "") not in visitor.page.url

    await phone.wallet.post(f"/wallet/connections/{issued.connection}/messages", {"content": code})

    await state(visitor, "Confirmed, not offered")
    assert visitor.page.url.endswith(issued.path)


async def test_gaps_in_checks_are_shown_before_and_explained_when_something_is_offered(
    office: HrOffice, phone: Holder, network: Network
) -> None:
    await without_passport(network, "90100014")
    visitor = await office.comes("rowan")
    await searches(visitor, await typed(network, "checks-incomplete"))
    await visitor.page.get_by_role("radio").check()
    await press(visitor, "Continue")
    await visitor.sees("Emeka Whinstow Check the information", title="Check the information")
    assert await visitor.page.get_by_text("Nothing can be offered yet").is_visible()
    await press(visitor, "Create the passport and invite")
    issued = await connects(visitor, phone)
    await hr(network).post(f"{issued.path}/compared-code", {"code": await phone.code(issued)})

    await press(visitor, "Offer the credentials")

    await visitor.sees("Passport Emeka Whinstow", title="Error: Emeka Whinstow")
    told = await visitor.page.get_by_role("alert").inner_text()
    assert "Who can put this right: HR of the employing authority." in told


async def test_what_may_not_be_passported_cannot_be_chosen_and_says_why(
    office: HrOffice, network: Network
) -> None:
    visitor = await office.comes("rowan")

    await searches(visitor, await typed(network, "suspended"))

    await visitor.sees("Marcus Rushbridge Choose the assignment", title="Choose the assignment")
    assert await visitor.page.get_by_role("radio").count() == 0
    assert await visitor.page.get_by_text("which cannot be passported").is_visible()


async def test_one_passport_is_made_however_often_its_form_is_sent(
    office: HrOffice, network: Network
) -> None:
    await without_passport(network, "90100010")
    visitor = await office.comes("rowan")
    await searches(visitor, await typed(network, "nurse"))
    await visitor.page.get_by_role("radio").check()
    await press(visitor, "Continue")
    await press(visitor, "Create the passport and invite")
    await state(visitor, "Invited")
    made = visitor.page.url
    await visitor.page.go_back()

    await press(visitor, "Create the passport and invite")

    await state(visitor, "Invited")
    assert visitor.page.url == made
    await visitor.page.get_by_role("link", name="Withdraw the passport").click()
    await visitor.page.get_by_label("Another reason").check()
    await press(visitor, "Withdraw the passport")
    await state(visitor, "Closed")
    await visitor.page.go_back()
    await visitor.page.reload()
    await state(visitor, "Closed")  # there is nothing more to withdraw


async def test_where_nobody_has_passports_nobody_sees_one_and_what_is_none_is_not_there(
    office: HrOffice, network: Network
) -> None:
    passport = (await hr(network).get("/passports?limit=1"))["passports"][0]
    visitor = await office.comes("wren", f"/passports/{passport['id']}")
    await visitor.sees("You cannot do this")

    ours = await office.comes("rowan", "/passports/..%2Fpeople")
    await ours.sees("Page not found")


async def test_nothing_of_the_journey_is_lost_on_a_narrow_screen(
    office: HrOffice, phone: Holder, network: Network
) -> None:
    await without_passport(network, "90100014")
    visitor = await office.comes("rowan", width=NARROW)
    await fits(visitor)
    await searches(visitor, await typed(network, "checks-incomplete"))
    await visitor.page.get_by_role("radio").check()
    await fits(visitor)
    await press(visitor, "Continue")
    await visitor.page.get_by_text("Employment checks").last.click()
    await fits(visitor)
    await press(visitor, "Create the passport and invite")
    await state(visitor, "Invited")
    await fits(visitor)
    issued = await connects(visitor, phone)
    for path in ("", "/confirmation", "/one-time-code", "/end"):
        await visitor.goes_to(issued.path + path)
        await fits(visitor)


# What people do, in words


async def typed(network: Network, key: str) -> dict[str, str]:
    """What HR types of one of the sandbox's people, by the labels of the fields."""
    person = await persona(network, key)
    year, month, day = person["dateOfBirth"].split("-")
    return {
        "Surname": person["lastName"],
        "Forenames": person["firstName"],
        "Day": day,
        "Month": month,
        "Year": year,
        "National Insurance": person["niNumber"],
    }


async def searches(visitor: Visitor, person: Mapping[str, str]) -> None:
    for label, value in person.items():
        await visitor.page.get_by_label(label, exact=False).fill(value)
    await press(visitor, "Search ESR")


async def press(visitor: Visitor, button: str) -> None:
    await visitor.page.get_by_role("button", name=button, exact=True).click()


async def state(visitor: Visitor, word: str) -> None:
    """The passport's own page says so, now or soon."""
    await visitor.page.locator(".nhsuk-tag").first.get_by_text(word, exact=True).wait_for()


async def beside(visitor: Visitor, label: str) -> list[str]:
    """What a row says of a field."""
    row = visitor.page.get_by_role("row").filter(has_text=label)
    cells = await row.get_by_role("cell").all_inner_texts()
    return [cell.splitlines()[-1].strip() for cell in cells[1:]]


async def stays(visitor: Visitor) -> None:
    """Mark the page, to see later that it was not loaded anew.

    What changes before it hears of changes is not missed: it looks once more when it begins to hear of them.
    """
    await visitor.page.evaluate("window.stayed = true")


async def connects(visitor: Visitor, phone: Holder) -> Issued:
    """The person takes up the invitation that the page shows."""
    url = await visitor.page.get_by_label("Or copy the link").input_value()
    passport = visitor.page.url.rpartition("/")[2]
    issued = Issued({"id": passport}, await phone.connect(url))
    # The wallet knows of it a moment before the agent does.
    await until(lambda: hr(phone.network).get(issued.path), lambda found: found["state"] == "connected")
    return issued


async def connected(network: Network, phone: Holder, key: str) -> Issued:
    return await a_connected_passport(network, key, phone.connect)


async def without_passport(network: Network, number: str) -> None:
    """End whatever passport another test left for an assignment."""
    for passport in (await hr(network).get("/passports?limit=200"))["passports"]:
        if passport["assignment_number"] == number and passport["state"] not in {"closed", "deactivated"}:
            await hr(network).post(f"/passports/{passport['id']}/deactivation", {"reason": "other"})


async def hr_sees_all_active(network: Network, issued: Issued) -> None:
    await credentials_in(network, issued, "active")


async def signs_in_by_keyboard(visitor: Visitor, person: SignsIn) -> None:
    """Type all of it, and send it with Enter."""
    said = {"E-mail address": person.email, "Password": person.password}
    said["Security code"] = person.recovery_code()
    for label, value in said.items():
        await tab_to(visitor, visitor.page.get_by_label(label, exact=label == "Password"))
        await visitor.page.keyboard.type(value)
    await visitor.page.keyboard.press("Enter")


async def fits(visitor: Visitor) -> None:
    assert await visitor.page.evaluate("document.documentElement.scrollWidth") <= NARROW, visitor.page.url


async def tab_to(visitor: Visitor, wanted: Locator) -> None:
    """Press Tab until it has the focus."""
    await wanted.wait_for(state="attached")
    focused = wanted.and_(visitor.page.locator(":focus"))
    for _ in range(MOST_TABS):
        if await focused.count():
            return
        await visitor.page.keyboard.press("Tab")
    raise AssertionError(f"no Tab leads to {wanted}")


async def enter(visitor: Visitor, button: str) -> None:
    await tab_to(visitor, visitor.page.get_by_role("button", name=button, exact=True))
    await visitor.page.keyboard.press("Enter")


async def follow(visitor: Visitor, link: str) -> None:
    await tab_to(visitor, visitor.page.get_by_role("link", name=link))
    await visitor.page.keyboard.press("Enter")

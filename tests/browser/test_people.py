"""Administrators: who acts for an organisation, and what becomes of them."""

import pytest
from playwright.async_api import expect

from staff_passport.demo.network import CALDER_BAY, NORTHMOOR, Network
from staff_passport.demo.onboarding import nominate
from tests.browser.conftest import Opens, Visitor
from tests.support.mailbox import link_to
from tests.support.portal import RunningPortal, SignsIn

PEOPLE = "Northmoor Teaching Hospitals People"
HOME = "Northmoor Teaching Hospitals Home"
INVITED = "You are invited to act for an organisation"
NARROW = 320
STRANGE = [
    '<script>alert(1)</script> O\'Brien & "Sons"',
    "\u05de\u05e8\u05d9\u05dd \u05db\u05d4\u05df \u202e",
    "Zo\u00eb \U0001f469\U0001f3fe\u200d\u2695\ufe0f",
    "Wolfeschlegelsteinhausenbergerdorff" * 5,
]


@pytest.fixture(scope="session")
async def pelham(network: Network, portal: RunningPortal) -> SignsIn:
    """An administrator of Northmoor."""
    return await an_administrator("pelham@northmoor.example", network, portal)


@pytest.fixture(scope="session")
async def quenby(network: Network, portal: RunningPortal) -> SignsIn:
    """Another one: the recovery codes of one do not last for all tests."""
    return await an_administrator("quenby@northmoor.example", network, portal)


async def an_administrator(email: str, network: Network, portal: RunningPortal) -> SignsIn:
    await nominate(network, network.client(NORTHMOOR), email, {"roles": ["administrator"]})
    return await portal.account(email)


async def signs_in(visitor: Visitor, person: SignsIn, to: str = "/people") -> Visitor:
    await visitor.goes_to(to)
    await visitor.signs_in(person, code=person.recovery_code())
    return visitor


async def fills_in(visitor: Visitor, name: str, email: str, *roles: str) -> None:
    page = visitor.page
    await page.get_by_label("Name", exact=True).fill(name)
    await page.get_by_label("E-mail address", exact=True).fill(email)
    for role in roles:
        await page.get_by_label(role, exact=True).check()


async def nominates(visitor: Visitor, name: str, email: str, *roles: str) -> None:
    await visitor.goes_to("/people/nomination")
    await fills_in(visitor, name, email, *roles)
    await visitor.page.get_by_role("button", name="Nominate").click()
    await visitor.sees(f"Person {name}", title="Person")


async def test_who_is_nominated_opens_the_link_in_the_mail_signs_in_and_acts(
    opens: Opens, pelham: SignsIn, portal: RunningPortal, network: Network
) -> None:
    administrator = await signs_in(await opens(), pelham)
    await administrator.sees(PEOPLE, title="People", screen="people")
    await administrator.page.get_by_role("button", name="Nominate somebody").click()
    await administrator.sees("Nominate somebody")
    await fills_in(administrator, "Adaeze Marlow", "adaeze@northmoor.example", "Nominated user")
    await administrator.page.get_by_label("ESR employee number").fill("9010 0077")
    await administrator.page.get_by_role("button", name="Nominate").click()
    await administrator.sees("Person Adaeze Marlow", title="Person", screen="person")
    assert "on its way" in await administrator.page.get_by_role("alert").inner_text()
    assert "90100077" in await administrator.page.get_by_role("main").inner_text()

    newcomer = await portal.account("adaeze@northmoor.example")
    invited = await opens()
    await signs_in(invited, newcomer, await link_to(network, newcomer.email, "invitations"))
    await invited.sees(INVITED, screen="invitation")
    assert NORTHMOOR.name in await invited.page.get_by_role("main").inner_text()
    await invited.page.get_by_role("button", name="Accept the invitation").click()

    await invited.sees(HOME, title="Home")
    await administrator.page.reload()
    assert "Active" in await administrator.page.locator(".nhsuk-summary-list__row").first.inner_text()


async def test_a_link_that_is_only_looked_at_is_not_used_up_and_a_used_one_says_so(
    opens: Opens, pelham: SignsIn, portal: RunningPortal, network: Network
) -> None:
    administrator = await signs_in(await opens(), pelham)
    await nominates(administrator, "Bryn Quillfeather", "bryn@northmoor.example", "Auditor")
    link = await link_to(network, "bryn@northmoor.example", "invitations")
    bryn, mallory = (
        await portal.account("bryn@northmoor.example"),
        await portal.account("m@northmoor.example"),
    )
    first, second = await opens(), await opens()

    await signs_in(second, mallory, link)
    await second.sees(INVITED)
    await signs_in(first, bryn, link)
    await first.sees(INVITED)
    await first.page.get_by_role("button", name="Accept the invitation").dblclick()
    await first.sees(HOME, title="Home")
    await second.page.get_by_role("button", name="Accept the invitation").click()

    await second.sees(INVITED, title=f"Error: {INVITED}")
    assert "cannot be used" in await second.page.get_by_role("alert").inner_text()
    await second.goes_to("/")
    await second.sees("No organisation knows you", title="Choose an organisation", screen="nobody-knows-you")


async def test_what_cannot_be_read_is_said_at_its_field_and_nothing_typed_is_lost(
    visitor: Visitor, pelham: SignsIn
) -> None:
    await signs_in(visitor, pelham, "/people/nomination")
    await visitor.page.get_by_role("button", name="Nominate").click()
    await visitor.sees("Nominate somebody", title="Error: Nominate somebody", screen="nominate-error")
    await visitor.page.get_by_role("link", name="Choose at least one role").click()
    assert await visitor.page.evaluate("document.activeElement.id") == "roles"

    await fills_in(visitor, "Somebody", "not an@address", "Verifier")
    await visitor.page.get_by_label("ESR employee number").fill("12")
    await visitor.page.get_by_role("button", name="Nominate").click()

    await visitor.sees("Nominate somebody", title="Error: Nominate somebody")
    told = await visitor.page.get_by_role("alert").inner_text()
    assert "like name@example.org" in told
    assert "eight digits" in told
    assert await visitor.page.get_by_label("E-mail address", exact=True).input_value() == "not an@address"
    assert await visitor.page.get_by_label("Verifier", exact=True).is_checked()


async def test_a_form_that_is_sent_twice_nominates_once_and_the_address_is_one_persons(
    visitor: Visitor, pelham: SignsIn, network: Network
) -> None:
    await signs_in(visitor, pelham, "/people/nomination")
    await visitor.sees("Nominate somebody")
    await fills_in(visitor, "Twice Sent", "twice@northmoor.example", "Verifier")
    read = "form => Object.fromEntries(new FormData(form))"
    sent = await visitor.page.locator("main form").evaluate(read)
    address = f"{visitor.portal.origin}/people/nomination"
    answers = [await visitor.page.request.post(address, form=sent, max_redirects=0) for _ in range(2)]
    assert [answer.status for answer in answers] == [303, 303]
    assert answers[0].headers["location"] == answers[1].headers["location"]

    await visitor.goes_to("/people/nomination")
    await fills_in(visitor, "Twice Sent", "twice@northmoor.example", "Verifier")
    await visitor.page.get_by_role("button", name="Nominate").click()

    await visitor.sees("Nominate somebody", title="Error: Nominate somebody")
    assert "nominated already" in await visitor.page.get_by_role("alert").inner_text()
    found = (await network.client(NORTHMOOR).get("/people?name=Twice"))["people"]
    assert len(found) == 1


@pytest.mark.parametrize("name", STRANGE, ids=["script", "right-to-left", "emoji", "long"])
async def test_a_name_is_shown_as_it_is_whatever_is_in_it(
    opens: Opens, pelham: SignsIn, network: Network, name: str
) -> None:
    email = f"strange-{STRANGE.index(name)}@northmoor.example"
    said = {"name": name, "email": email, "roles": ["verifier"]}
    made = await network.client(NORTHMOOR).post("/people", said)
    visitor = await opens(width=NARROW)

    await signs_in(visitor, pelham, f"/people/{made['id']}")
    await visitor.sees(f"Person {name}", title="Person")
    for path in (f"/people/{made['id']}", f"/people/{made['id']}/removal", f"/people/{made['id']}/changes"):
        await visitor.goes_to(path)
        assert await visitor.page.evaluate("document.documentElement.scrollWidth") <= NARROW, path
    assert await visitor.page.get_by_label("Name", exact=True).input_value() == name


async def test_roles_and_number_are_changed_and_what_another_changed_meanwhile_is_not_overwritten(
    visitor: Visitor, pelham: SignsIn, network: Network
) -> None:
    said = {"name": "Ines Tarrow", "email": "ines@northmoor.example", "roles": ["verifier"]}
    client = network.client(NORTHMOOR)
    path = f"/people/{(await client.post('/people', said))['id']}"
    await signs_in(visitor, pelham, path)
    await visitor.page.get_by_role("button", name="Change this record").click()
    await visitor.sees("Change a person")
    await visitor.page.get_by_label("Auditor", exact=True).check()
    await visitor.page.get_by_label("Verifier", exact=True).uncheck()
    await visitor.page.get_by_label("ESR employee number").fill("90100078")
    await visitor.page.get_by_role("button", name="Save the changes").click()
    await visitor.sees("Person Ines Tarrow", title="Person")
    changed = await client.get(path)
    assert (changed["roles"], changed["employee_number"]) == (["auditor"], "90100078")

    await visitor.page.get_by_role("button", name="Change this record").click()
    await client.post(f"{path}/changes", {"name": "Ines Tarrow-Vale"})
    await visitor.page.get_by_label("Name", exact=True).fill("Another Name")
    await visitor.page.get_by_role("button", name="Save the changes").click()

    await visitor.sees("Change a person", title="Error: Change a person")
    assert "Somebody else has changed" in await visitor.page.get_by_role("alert").inner_text()
    assert (await client.get(path))["name"] == "Ines Tarrow-Vale"


async def test_somebody_is_invited_anew_suspended_restored_and_removed_without_javascript(
    opens: Opens, pelham: SignsIn, network: Network
) -> None:
    email = "odile@northmoor.example"
    client, visitor = network.client(NORTHMOOR), await opens(javascript=False)
    made = await client.post("/people", {"name": "Odile Penhallow", "email": email, "roles": ["verifier"]})
    first = await link_to(network, email, "invitations")
    await signs_in(visitor, pelham, f"/people/{made['id']}")

    await takes(visitor, "Send the invitation again", "Send the invitation")
    second = await link_to(network, email, "invitations", after=1)
    await client.acting_as(email).post("/invitation-acceptances", {"token": second.rpartition("/")[2]})
    assert first != second
    await visitor.page.reload()
    await takes(visitor, "Suspend", "Suspend")
    assert (await client.get(f"/people/{made['id']}"))["status"] == "suspended"
    await takes(visitor, "Restore", "Restore")
    assert (await client.get(f"/people/{made['id']}"))["status"] == "active"
    await takes(visitor, "Remove", "Remove")

    assert (await client.get(f"/people/{made['id']}"))["status"] == "removed"
    assert await visitor.page.get_by_role("heading", name="What you can do").count() == 0


async def takes(visitor: Visitor, link: str, button: str) -> None:
    """Go to the page that says what a step means, and do it."""
    await visitor.page.get_by_role("link", name=link, exact=True).click()
    await visitor.page.get_by_role("button", name=button, exact=True).click()
    await visitor.page.get_by_role("alert").wait_for()


async def test_who_is_suspended_does_nothing_more_and_reads_that_they_are(
    opens: Opens, quenby: SignsIn, portal: RunningPortal, network: Network
) -> None:
    email = "thandeka@northmoor.example"
    person = await nominate(network, network.client(NORTHMOOR), email, {"roles": ["nominated_user"]})
    theirs = await signs_in(await opens(), await portal.account(email), "/")
    await theirs.sees(HOME, title="Home")

    ours = await signs_in(await opens(), quenby, f"/people/{person['id']}/suspension")
    await ours.sees("Suspend this person", screen="person-suspend")
    await ours.page.get_by_role("button", name="Suspend").click()
    await ours.sees("Person Thandeka", title="Person")

    await theirs.page.reload()
    await theirs.sees("You cannot do this", screen="error-not-permitted")
    assert "suspended" in await theirs.page.get_by_role("main").inner_text()
    for path in ("/passports", "/issue", "/reviews/new"):
        assert (await theirs.page.request.get(theirs.portal.origin + path)).status == 403, path


async def test_two_administrators_stay_and_the_page_says_who_can_mend_it(
    visitor: Visitor, portal: RunningPortal, network: Network
) -> None:
    email, client = "mabel@calder-bay.example", network.client(CALDER_BAY)
    mabel = await nominate(network, client, email, {"roles": ["administrator"]})
    administrators = (await client.get("/people?role=administrator&status=active"))["people"]
    others = [each for each in administrators if each["id"] != mabel["id"]]
    last = next(each for each in others if each["user"] == client.user)
    others.remove(last)
    for other in others:  # by an administrator: others of them may have roles that no director gives
        await client.post(f"/people/{other['id']}/suspension")

    await signs_in(visitor, await portal.account(email), f"/people/{last['id']}/removal")
    await visitor.sees("Remove this person")
    await visitor.page.get_by_text("Why there are always two administrators").click()
    await visitor.page.get_by_role("button", name="Remove").click()

    await visitor.sees("Remove this person", title="Error: Remove this person", screen="two-administrators")
    told = await visitor.page.get_by_role("alert").inner_text()
    assert "Nominate another first, and wait until they have signed in." in told
    assert "Who can put this right: a local system administrator of your organisation" in told
    for other in others:
        await client.post(f"/people/{other['id']}/restoration")
    await client.post(f"/people/{mabel['id']}/removal")


async def test_nobody_changes_their_own_record(visitor: Visitor, quenby: SignsIn, network: Network) -> None:
    (own,) = (await network.client(NORTHMOOR).get("/people?name=Quenby"))["people"]
    await signs_in(visitor, quenby, f"/people/{own['id']}")
    await visitor.sees("Person Quenby", title="Person")
    assert await visitor.page.get_by_role("button", name="Change this record").count() == 0

    await visitor.goes_to(f"/people/{own['id']}/suspension")
    await visitor.page.get_by_role("button", name="Suspend").click()

    await visitor.sees("Suspend this person", title="Error: Suspend this person", screen="own-record")
    assert "You cannot change your own record." in await visitor.page.get_by_role("alert").inner_text()


async def test_people_are_found_by_name_role_and_state(visitor: Visitor, quenby: SignsIn) -> None:
    await signs_in(visitor, quenby)
    await visitor.page.get_by_label("Name begins with").fill("Que")
    await visitor.page.get_by_label("Role").select_option("Administrator")
    await visitor.page.get_by_label("State").select_option("Active")
    await visitor.page.get_by_role("button", name="Show").click()

    await visitor.sees(PEOPLE, title="People")
    await expect(visitor.page.locator("tbody tr")).to_have_count(1)
    await visitor.page.get_by_label("Name begins with").fill("Nobody is called so")
    await visitor.page.get_by_role("button", name="Show").click()
    await visitor.page.get_by_text("There are none.").wait_for()
    await visitor.sees(PEOPLE, title="People")


async def test_another_organisations_person_is_not_there(
    visitor: Visitor, quenby: SignsIn, network: Network
) -> None:
    elsewhere = (await network.client(CALDER_BAY).get("/people?limit=1"))["people"][0]
    await signs_in(visitor, quenby)
    for path in (f"/people/{elsewhere['id']}", f"/people/{elsewhere['id']}/removal", "/people/..%2Fme"):
        await visitor.goes_to(path)
        await visitor.sees("Page not found")


async def test_a_nominated_user_nominates_nobody(
    visitor: Visitor, portal: RunningPortal, network: Network
) -> None:
    email = "piers@northmoor.example"
    await nominate(network, network.client(NORTHMOOR), email, {"roles": ["nominated_user"]})
    await signs_in(visitor, await portal.account(email), "/")
    await visitor.sees(HOME, title="Home")
    assert await visitor.page.get_by_role("link", name="People").count() == 0
    for path in ("/people", "/people/nomination"):
        await visitor.goes_to(path)
        await visitor.sees("You cannot do this")

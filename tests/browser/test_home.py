"""Choosing an organisation, and what its people see there."""

import unicodedata
from uuid import uuid4

import pytest

from staff_passport.demo.network import CALDER_BAY, NORTHMOOR, Network
from staff_passport.demo.onboarding import nominate
from tests.browser.conftest import Opens, Visitor
from tests.support.journey import a_passport, as_owner, hr
from tests.support.portal import RunningPortal, SignsIn

TASKS = ("Your tasks", "Tasks of other people")
HOME = "Northmoor Teaching Hospitals Home"
TASK = "A member of staff says that something is wrong"
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

    await visitor.presses("Continue")
    await visitor.sees("Which organisation do you act for?", title="Error: Choose an organisation")

    await visitor.page.get_by_label("Northmoor Teaching Hospitals").check()
    await visitor.presses("Continue")
    await visitor.sees(HOME, title="Home")


async def test_another_organisation_is_one_click_away_with_what_one_may_do_there(
    visitor: Visitor, at_both: SignsIn
) -> None:
    await signs_in(visitor, at_both)
    await visitor.page.get_by_label("Northmoor Teaching Hospitals").check()
    await visitor.presses("Continue")
    await visitor.sees(HOME, title="Home")

    await visitor.page.get_by_role("link", name="Northmoor Teaching Hospitals").click()
    await visitor.page.get_by_label("Calder Bay Community Care").check()
    await visitor.presses("Continue")

    await visitor.sees("Calder Bay Community Care Home", title="Home")
    headings = await visitor.page.get_by_role("heading", level=2).all_inner_texts()
    assert headings == ["Reviews"]  # a verifier's


async def test_whom_no_organisation_knows_reads_whom_to_ask(visitor: Visitor, portal: RunningPortal) -> None:
    stranger = await portal.account("stranger@northmoor.example")

    await signs_in(visitor, stranger)

    await visitor.sees("No organisation knows you", title="Choose an organisation")


async def counts(visitor: Visitor) -> dict[tuple[str, str], int]:
    """How many the first page says there are: by area and state."""
    await visitor.goes_to("/")
    found = {}
    for area in await visitor.page.locator(".portal-areas > li").all():
        heading = await area.get_by_role("heading").inner_text()
        states, numbers = area.locator("dt"), area.locator("dd")
        for state, number in zip(
            await states.all_inner_texts(), await numbers.all_inner_texts(), strict=True
        ):
            found[heading, state.strip()] = int(number)
    return found


async def test_the_first_page_has_its_areas_with_counts_and_tasks(
    visitor: Visitor, kofi: SignsIn, network: Network
) -> None:
    ended = await a_passport(network, "nurse")
    await hr(network).post(f"/passports/{ended['id']}/deactivation", {"reason": "other"})
    await signs_in(visitor, kofi)
    before = await counts(visitor)
    await a_passport(network, "nurse")
    await hr(network).post("/reviews", {"purpose": "To be counted"})

    after = await counts(visitor)

    changed = {what: number - before[what] for what, number in after.items() if number != before[what]}
    assert changed == {("Invitations and identity", "Invited"): 1, ("Reviews", "Invited"): 1}
    await visitor.sees(HOME, title="Home")
    headings = await visitor.page.get_by_role("heading", level=2).all_inner_texts()
    assert headings == ["Invitations and identity", "Waiting for an offer or an answer", "Reviews", *TASKS]

    await visitor.page.locator('a[href="/passports?state=invited"]').click()
    await visitor.sees(PASSPORTS, title="Passports")
    assert await visitor.page.get_by_label("State").input_value() == "invited"


async def test_passports_are_listed_and_filtered(visitor: Visitor, kofi: SignsIn, network: Network) -> None:
    made = await a_passport(network, "nurse")
    await signs_in(visitor, kofi, "/passports")
    await visitor.sees(PASSPORTS, title="Passports")
    assert made["holder_name"] in await visitor.page.get_by_role("table").inner_text()

    await visitor.page.get_by_label("State").select_option("Deactivated")
    await visitor.presses("Show")

    await visitor.sees(PASSPORTS, title="Passports")
    rows = await visitor.page.locator("tbody tr").all_inner_texts()
    assert all("Deactivated" in row for row in rows)
    assert rows or await visitor.page.get_by_text("No passport is like that.").is_visible()


@pytest.fixture(scope="session")
async def wanda(network: Network, portal: RunningPortal) -> SignsIn:
    """A nominated user of Northmoor with tasks."""
    email = "wanda@northmoor.example"
    await nominate(network, network.client(NORTHMOOR), email, {"roles": ["nominated_user"]})
    return await portal.account(email)


def a_task(
    network: Network, passport: str, *, assignee: str | None, comment: str = "My name has an e"
) -> str:
    """Something to look at, as the issuer opens it when a wallet declines."""
    name = str(uuid4())
    as_owner(
        network,
        NORTHMOOR,
        "INSERT INTO organisation.tasks"
        " (organisation, id, kind, passport, reason, comment, state, opened_at, assignee)"
        " VALUES (%s, %s, 'correction', %s, 'incorrect', %s, 'open', now(), %s)",
        NORTHMOOR.ods_code,
        name,
        passport,
        comment,
        assignee,
    )
    return name


@pytest.mark.parametrize("javascript", [True, False], ids=["with scripts", "without"])
async def test_a_passport_is_found_by_name_and_narrowed(
    opens: Opens, wanda: SignsIn, network: Network, *, javascript: bool
) -> None:
    made = await a_passport(network, "accents")
    visitor = await opens(javascript=javascript)
    await signs_in(visitor, wanda)

    await visitor.page.get_by_label("Find a passport by name").fill(without_accents(made["holder_name"]))
    await visitor.presses("Find")

    await visitor.sees(PASSPORTS, title="Passports")
    found = visitor.page.locator("tbody").get_by_role("link", name=made["holder_name"])
    assert f"/passports/{made['id']}" in [await link.get_attribute("href") for link in await found.all()]

    await visitor.page.get_by_label("Staff group").select_option(made["staff_group"])
    await visitor.page.get_by_label("Employment type").select_option(made["employment_type"])
    await visitor.page.get_by_label("State").select_option("Invited")
    await visitor.presses("Show")
    await visitor.sees(PASSPORTS, title="Passports", screen="passports-narrowed")
    assert await visitor.page.get_by_label("Name").input_value() == without_accents(made["holder_name"])
    assert await found.count() >= 1

    await visitor.page.get_by_label("Name").fill("Nobody of that name")
    await visitor.presses("Show")
    await visitor.sees(PASSPORTS, title="Passports", screen="passports-none")
    await visitor.page.get_by_role("link", name="show all passports").click()
    await visitor.sees(PASSPORTS, title="Passports")
    assert await visitor.page.get_by_label("Name").input_value() == ""


def without_accents(name: str) -> str:
    """As somebody keys it who has no accents on their keyboard."""
    spelt = unicodedata.normalize("NFKD", name).lower()
    return "".join(letter for letter in spelt if not unicodedata.combining(letter))


async def test_the_pages_of_a_list_keep_its_filters(
    visitor: Visitor, wanda: SignsIn, network: Network
) -> None:
    for number in range(30):
        closed_long_ago(network, number)
    await signs_in(visitor, wanda, "/passports?name=quillfeather&state=closed")
    await visitor.sees(PASSPORTS, title="Passports")
    first = await visitor.page.locator("tbody tr").all_inner_texts()

    await visitor.page.get_by_role("link", name="Next page").click()
    await visitor.sees(PASSPORTS, title="Passports", screen="passports-second-page")

    second = await visitor.page.locator("tbody tr").all_inner_texts()
    assert (len(first), len(second)) == (25, 5)
    assert all("Quillfeather" in row and "Closed" in row for row in first + second)
    await visitor.page.get_by_role("link", name="Back to the newest").click()
    await visitor.sees(PASSPORTS, title="Passports")
    assert await visitor.page.locator("tbody tr").all_inner_texts() == first


def closed_long_ago(network: Network, number: int) -> None:
    """A passport that came to nothing, of somebody who is in no other test."""
    name = f"quillfeather-{number}"
    own = NORTHMOOR.ods_code
    as_owner(
        network,
        NORTHMOOR,
        "INSERT INTO issuer.passports (organisation, id, state, holder_name, employee_number,"
        " assignment_number, connection, created_by, created_at, invitation_expires_at, wrong_codes)"
        " VALUES (%s, %s, 'closed', 'Odette Quillfeather', '90199999', '90199999', %s, 'ottilie',"
        " now() - interval '2 years', now(), 0) ON CONFLICT DO NOTHING",
        own,
        name,
        name,
    )
    words = "INSERT INTO issuer.passport_names VALUES (%s, 'quillfeather', %s) ON CONFLICT DO NOTHING"
    as_owner(network, NORTHMOOR, words, own, name)


async def test_my_tasks_come_first_and_one_is_closed(
    visitor: Visitor, wanda: SignsIn, network: Network
) -> None:
    passport = (await a_passport(network, "nurse"))["id"]
    task = a_task(network, passport, assignee=wanda.email)
    a_task(network, passport, assignee="ottilie@northmoor.example")
    await signs_in(visitor, wanda)
    await visitor.sees(HOME, title="Home", screen="home-with-tasks")
    tasks = await visitor.page.locator("h2:has-text('Your tasks') + ul a").all()
    assert f"/tasks/{task}" in [await link.get_attribute("href") for link in tasks]
    assert f"/passports/{passport}" in [await link.get_attribute("href") for link in tasks]

    await visitor.goes_to(f"/tasks/{task}")
    await visitor.sees(TASK)
    await visitor.presses("Close the task")
    await visitor.sees(TASK, title=f"Error: {TASK}", screen="task-error")
    assert await visitor.page.get_by_role("link", name="Choose what came of it").is_visible()

    await visitor.page.get_by_label("There was nothing to do").check()
    await visitor.page.get_by_label("Note").fill("The register spells it so")
    await visitor.presses("Close the task")
    await visitor.sees(TASK, screen="task-closed")
    assert await visitor.page.get_by_text("The register spells it so").is_visible()
    assert await visitor.page.get_by_role("button", name="Close the task").count() == 0


async def test_another_persons_task_is_taken_up_without_scripts(
    opens: Opens, wanda: SignsIn, network: Network
) -> None:
    passport = (await a_passport(network, "nurse"))["id"]
    task = a_task(network, passport, assignee=None)
    visitor = await opens(javascript=False)
    await signs_in(visitor, wanda, "/tasks?whose=others")
    await visitor.sees("Northmoor Teaching Hospitals Tasks of other people", title="Tasks of other people")

    await visitor.page.locator(f'a[href="/tasks/{task}"]').click()
    await visitor.sees(TASK, screen="task-of-nobody")
    other_tab = Visitor(await visitor.page.context.new_page(), visitor.portal, [], scripts=False)
    await other_tab.goes_to(f"/tasks/{task}")
    await visitor.presses("I will look at this")
    await visitor.sees(TASK)
    assert await visitor.page.get_by_role("button", name="I will look at this").count() == 0
    await other_tab.presses("I will look at this")
    await other_tab.sees(TASK)
    assert (await hr(network).get(f"/tasks/{task}"))["assignee"] == wanda.email

    await visitor.page.get_by_role("link", name="Your tasks").click()
    await visitor.sees("Northmoor Teaching Hospitals Your tasks", title="Your tasks", screen="tasks")
    assert await visitor.page.locator(f'a[href="/tasks/{task}"]').count() == 1


async def test_there_is_no_task_of_another_organisation(visitor: Visitor, wanda: SignsIn) -> None:
    await signs_in(visitor, wanda, f"/tasks/{uuid4()}")

    await visitor.sees("Page not found")


async def test_nothing_is_lost_on_a_narrow_screen(opens: Opens, kofi: SignsIn, network: Network) -> None:
    task = a_task(network, (await a_passport(network, "nurse"))["id"], assignee=None, comment="long" * 50)
    visitor = await opens(width=NARROW)
    await signs_in(visitor, kofi)
    for path in ("/", "/passports", "/tasks?whose=others", f"/tasks/{task}", "/organisations"):
        await visitor.goes_to(path)
        assert await visitor.page.evaluate("document.documentElement.scrollWidth") <= NARROW, path


async def test_who_may_not_see_passports_is_told(visitor: Visitor, portal: RunningPortal) -> None:
    director = await portal.account("director@northmoor.example")
    await signs_in(visitor, director)
    await visitor.sees(HOME, title="Home")
    assert await visitor.page.get_by_role("link", name="Passports").count() == 0

    await visitor.goes_to("/passports")

    await visitor.sees("You cannot do this")

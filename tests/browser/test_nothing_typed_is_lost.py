"""What was typed outlives sessions that end, agents that do not answer, and forms that are out of date."""

from urllib.parse import urlencode

import psycopg
import pytest

from staff_passport.demo.network import NORTHMOOR, Network
from staff_passport.demo.onboarding import nominate
from tests.browser.conftest import Opens, Visitor
from tests.support.journey import hr, keyed, paused
from tests.support.portal import RunningPortal, SignsIn

NOMINATION = "/people/nomination"
NAME = "Perpetua O\u2019Dowd-Ng"
SIGN_IN = "Sign in"


@pytest.fixture(scope="session")
async def patience(network: Network, portal: RunningPortal) -> SignsIn:
    """An administrator who types much."""
    email = "patience@northmoor.example"
    await nominate(network, network.client(NORTHMOOR), email, {"roles": ["administrator"]})
    return await portal.account(email)


async def types(visitor: Visitor) -> None:
    await visitor.page.get_by_label("Name", exact=True).fill(NAME)
    await visitor.page.get_by_label("E-mail address").fill("perpetua@northmoor.example")


async def typed(visitor: Visitor) -> str:
    return await visitor.page.get_by_label("Name", exact=True).input_value()


async def begins(visitor: Visitor, person: SignsIn) -> None:
    await visitor.goes_to(NOMINATION)
    await visitor.signs_in(person, code=person.recovery_code())
    await visitor.page.get_by_label("Name", exact=True).wait_for()


def sessions_end(network: Network, person: SignsIn) -> None:
    """As if the person had not asked for a page for hours."""
    ended = """
        UPDATE portal.session SET seen_at = seen_at - interval '3 hours'
        WHERE account = (SELECT id FROM portal.account WHERE email = %s)
    """
    with psycopg.connect(network.postgres.provide("portal").migration_url) as connection:
        assert connection.execute(ended, [person.email]).rowcount > 0


async def test_a_form_that_was_sent_after_its_session_had_ended_is_filled_in_again(
    visitor: Visitor, patience: SignsIn, network: Network
) -> None:
    await begins(visitor, patience)
    await types(visitor)
    sessions_end(network, patience)

    await visitor.presses("Nominate, and send the invitation")
    await visitor.sees(SIGN_IN)
    await visitor.signs_in(patience, code=patience.recovery_code())

    await visitor.page.get_by_text("This is what you had entered. It has not been sent.").wait_for()
    assert await typed(visitor) == NAME
    assert await visitor.page.get_by_label("E-mail address").input_value() == "perpetua@northmoor.example"


async def test_whoever_signs_in_next_at_the_same_computer_reads_nothing_of_it(
    visitor: Visitor, patience: SignsIn, portal: RunningPortal, network: Network
) -> None:
    await begins(visitor, patience)
    await types(visitor)
    sessions_end(network, patience)
    await visitor.presses("Nominate, and send the invitation")
    await visitor.sees(SIGN_IN)

    email = "next-at-the-computer@northmoor.example"
    await nominate(network, network.client(NORTHMOOR), email, {"roles": ["administrator"]})
    await visitor.signs_in(await portal.account(email))

    await visitor.page.get_by_label("Name", exact=True).wait_for()
    assert await typed(visitor) == ""
    assert "Perpetua" not in await visitor.page.content()


async def test_what_an_agent_did_not_answer_to_can_be_sent_again_and_is_done_once(
    visitor: Visitor, patience: SignsIn, network: Network
) -> None:
    await begins(visitor, patience)
    await types(visitor)
    await visitor.page.get_by_label("Auditor", exact=True).check()

    with paused(network.agents[NORTHMOOR.slug].process):
        await visitor.presses("Nominate, and send the invitation")
        await visitor.sees("Something does not answer at the moment")
        assert await visitor.page.get_by_text("what is sent twice is done once").is_visible()

    await goes_back(visitor)
    assert await typed(visitor) == NAME
    await sends_twice(visitor, "Nominate, and send the invitation")

    await visitor.sees(f"Person {NAME}", title="Person")
    known = (await network.client(NORTHMOOR).get("/people?name=Perpetua"))["people"]
    assert [each["name"] for each in known] == [NAME]


PURPOSE = "Starting work on the ward that did not answer"


@pytest.fixture(scope="session")
async def constance(network: Network, portal: RunningPortal) -> SignsIn:
    """A nominated user, whose agent will not answer her."""
    email = "constance@northmoor.example"
    entry = {"roles": ["nominated_user"], "employee_number": "90100001"}
    await nominate(network, network.client(NORTHMOOR), email, entry)
    return await portal.account(email)


async def test_a_search_and_a_review_are_sent_again_and_done_once(
    visitor: Visitor, constance: SignsIn, network: Network
) -> None:
    nurse = await keyed(network, "nurse")
    year, month, day = nurse["date_of_birth"].split("-")
    search = {"Surname": nurse["surname"], "Forenames": nurse["forenames"], "Day": day, "Month": month}
    search |= {"Year": year, "National Insurance": nurse["ni_number"]}
    await visitor.goes_to("/issue")
    await visitor.signs_in(constance)
    for label, value in search.items():
        await visitor.page.get_by_label(label, exact=False).fill(value)
    before = await searches_by(network, constance)

    await sends_in_vain(visitor, network, "Search ESR")
    for label, value in search.items():
        assert await visitor.page.get_by_label(label, exact=False).input_value() == value
    await visitor.presses("Search ESR")
    await visitor.page.get_by_role("radio").first.wait_for()
    assert await searches_by(network, constance) == before + 1

    await visitor.goes_to("/reviews/new")
    await visitor.page.get_by_label("Purpose").fill(PURPOSE)
    await sends_in_vain(visitor, network, "Make the invitation")
    assert await visitor.page.get_by_label("Purpose").input_value() == PURPOSE
    await sends_twice(visitor, "Make the invitation")
    await visitor.sees("Review")
    made = (await hr(network).get("/reviews?limit=200"))["reviews"]
    assert [review["purpose"] for review in made].count(PURPOSE) == 1


async def sends_in_vain(visitor: Visitor, network: Network, button: str) -> None:
    """Send a form to an agent that does not answer, and go back to it."""
    with paused(network.agents[NORTHMOOR.slug].process):
        await visitor.presses(button)
    await goes_back(visitor)


async def sends_twice(visitor: Visitor, button: str) -> None:
    """Send it, go back, and send it again."""
    await visitor.presses(button)
    await visitor.page.go_back()
    await visitor.presses(button)


async def goes_back(visitor: Visitor) -> None:
    """To what was entered, on the page that says what happened."""
    await visitor.page.get_by_role("link", name="Go back to what you entered").click()
    await visitor.page.get_by_text("This is what you had entered.").wait_for()


async def searches_by(network: Network, person: SignsIn) -> int:
    """How often somebody has searched ESR, as the audit has it."""
    query = urlencode({"actor": person.email, "action": "search ESR"})
    auditor = network.client(NORTHMOOR, "auditor")
    entries = (await auditor.get(f"/audit/entries?{query}"))["entries"]
    return len({entry["intent"] for entry in entries})


async def test_a_form_of_an_earlier_session_does_nothing_and_is_not_lost(
    opens: Opens, patience: SignsIn
) -> None:
    visitor = await opens()
    await begins(visitor, patience)
    await types(visitor)
    other_tab = await visitor.page.context.new_page()
    await other_tab.goto(visitor.portal.origin)
    async with other_tab.expect_navigation():
        await other_tab.get_by_role("button", name="Sign out").click()
    await other_tab.goto(visitor.portal.origin)
    again = Visitor(other_tab, visitor.portal, [])
    await again.signs_in(patience, code=patience.recovery_code())
    await other_tab.get_by_role("heading", name="Home").wait_for()

    await visitor.presses("Nominate, and send the invitation")

    await visitor.sees("You cannot do this")
    await goes_back(visitor)
    assert await typed(visitor) == NAME

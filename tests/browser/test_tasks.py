"""Two people, or two tabs, at one task; and what was typed when a session ended."""

import psycopg

from staff_passport.demo.network import NORTHMOOR, Network
from staff_passport.demo.onboarding import nominate
from tests.browser.conftest import Visitor
from tests.browser.test_home import TASK, a_task
from tests.support.journey import a_passport
from tests.support.portal import RunningPortal, SignsIn

NOTE = "The register spells it so"


async def somebody(network: Network, portal: RunningPortal, name: str) -> SignsIn:
    email = f"{name}@northmoor.example"
    await nominate(network, network.client(NORTHMOOR), email, {"roles": ["nominated_user"]})
    return await portal.account(email)


async def at_a_task(visitor: Visitor, network: Network, person: SignsIn) -> str:
    """Open one, and type what came of it."""
    task = a_task(network, (await a_passport(network, "nurse"))["id"], assignee=person.email)
    await visitor.goes_to(f"/tasks/{task}")
    await visitor.signs_in(person, code=person.recovery_code())
    await visitor.page.get_by_label("I have done it").check()
    await visitor.page.get_by_label("Note").fill(NOTE)
    return task


async def test_of_two_tabs_at_one_task_the_second_is_told_that_it_is_closed(
    visitor: Visitor, portal: RunningPortal, network: Network
) -> None:
    task = await at_a_task(visitor, network, await somebody(network, portal, "tabitha"))
    other = await visitor.page.context.new_page()
    await other.goto(f"{visitor.portal.origin}/tasks/{task}")
    await other.get_by_label("There was nothing to do").check()
    async with other.expect_navigation():
        await other.get_by_role("button", name="Close the task").click()

    await visitor.presses("Close the task")

    await visitor.sees(TASK, title=f"Error: {TASK}", screen="task-closed-elsewhere")
    assert await visitor.page.get_by_role("button", name="Close the task").count() == 0
    assert NOTE not in await visitor.page.get_by_role("main").inner_text()


async def test_a_note_that_was_sent_after_the_session_had_ended_is_there_again(
    visitor: Visitor, portal: RunningPortal, network: Network
) -> None:
    person = await somebody(network, portal, "noreen")
    task = await at_a_task(visitor, network, person)
    with psycopg.connect(network.postgres.provide("portal").migration_url) as connection:
        connection.execute(
            "UPDATE portal.session SET seen_at = seen_at - interval '3 hours' FROM portal.account"
            " WHERE session.account = account.id AND account.email = %s",
            [person.email],
        )

    await visitor.presses("Close the task")
    await visitor.sees("Sign in")
    await visitor.signs_in(person, code=person.recovery_code())

    await visitor.sees(TASK)
    assert f"/tasks/{task}?draft=" in visitor.page.url
    assert await visitor.page.get_by_label("Note").input_value() == NOTE
    assert await visitor.page.get_by_label("I have done it").is_checked()

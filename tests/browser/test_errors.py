"""Pages that say what went wrong, and what to do."""

from dataclasses import replace

import pytest

from staff_passport.demo.network import LOOPBACK, NORTHMOOR, Network
from tests.browser.conftest import Opens, Visitor
from tests.support.journey import paused
from tests.support.portal import RunningPortal, SignsIn, a_portal
from tests.support.unwell_agent import an_unwell_agent

CLOSED = "The task is closed."
PROBLEMS = (
    (409, {"code": "conflict", "detail": CLOSED}, "This could not be done", "error-conflict"),
    (429, {"code": "limit_reached"}, "Too many tries", None),
    (500, {"code": "internal_error"}, "Sorry, there is a problem with this service", "error-fault"),
    (200, {"tasks": "what no agent says"}, "Sorry, there is a problem with this service", None),
)
"""What an agent answers, and what its reader is told."""


async def test_what_is_not_there_is_said_with_a_reference_that_is_in_the_log(
    visitor: Visitor, portal: RunningPortal
) -> None:
    await visitor.goes_to("/nothing/here")

    await visitor.sees("Page not found", screen="error-not-found")
    reference = await visitor.page.locator(".portal-reference").inner_text()
    assert f"{reference}: 404" in portal.log.read_text()


async def test_a_filter_that_no_page_of_ours_has_cannot_be_read(visitor: Visitor, kofi: SignsIn) -> None:
    await visitor.goes_to("/passports?state=%3Cscript%3E")
    await visitor.signs_in(kofi, code=kofi.recovery_code())

    await visitor.sees("We could not read that")


async def test_an_agent_that_does_not_answer_is_neither_yes_nor_no(
    visitor: Visitor, kofi: SignsIn, network: Network
) -> None:
    await visitor.goes_to("/")
    await visitor.signs_in(kofi, code=kofi.recovery_code())
    await visitor.sees("Northmoor Teaching Hospitals Home", title="Home")

    with paused(network.agents[NORTHMOOR.slug].process):
        await visitor.goes_to("/")
        await visitor.sees("Something does not answer at the moment", screen="error-unavailable")

    await visitor.goes_to("/")
    await visitor.sees("Northmoor Teaching Hospitals Home", title="Home")


async def test_whatever_an_agent_answers_is_a_page_that_says_what_to_do_with_a_reference(
    opens: Opens, network: Network
) -> None:
    async with an_unwell_agent() as agent:
        organisation = {"name": "Unwell Trust", "agent": agent.base, "api_key": "the-key-of-nobody-at-all"}
        async with a_portal(network, "portal-unwell", organisations={"ZZUN1": organisation}) as portal:
            visitor = replace(await opens(), portal=portal)
            await visitor.goes_to("/tasks")
            await visitor.signs_in(await portal.account("una@unwell.example"))
            await visitor.page.wait_for_url("**/tasks")

            for status, problem, heading, screen in PROBLEMS:
                agent.status, agent.problem = status, problem
                await visitor.goes_to("/tasks")
                await visitor.sees(heading, screen=screen)
                reference = await visitor.page.locator(".portal-reference").inner_text()
                assert f"{reference}: " in portal.log.read_text()
                assert (CLOSED in await visitor.page.get_by_role("main").inner_text()) == (status == 409)

            agent.status, agent.problem = 403, {"code": "session_ended"}
            await visitor.goes_to("/tasks")
            await visitor.sees("Sign in")
            assert "Your session has ended" in await visitor.page.get_by_role("main").inner_text()


async def test_who_comes_back_too_late_is_told_so_and_led_on_where_they_were(
    visitor: Visitor, kofi: SignsIn
) -> None:
    over = {"name": "__Host-session", "value": "of-a-session-that-is-over", "domain": LOOPBACK, "path": "/"}
    await visitor.page.context.add_cookies([{**over, "secure": True}])  # type: ignore[typeddict-item]

    await visitor.goes_to("/passports?state=offered")

    await visitor.sees("Sign in", screen="session-ended")
    told = visitor.page.get_by_role("main")
    assert "Your session has ended" in await told.inner_text()
    reference = await visitor.page.locator(".portal-reference").inner_text()
    assert reference
    await visitor.signs_in(kofi, code=kofi.recovery_code())
    await visitor.sees("Northmoor Teaching Hospitals Passports", title="Passports")
    assert visitor.page.url.endswith("/passports?state=offered")


@pytest.mark.parametrize("path", ["/sign-in", "/organisations", "/sign-out"])
async def test_a_form_that_was_not_made_for_this_browser_does_nothing(visitor: Visitor, path: str) -> None:
    await visitor.goes_to("/sign-in")

    answer = await visitor.page.request.post(f"{visitor.portal.origin}{path}", form={"form_token": "0" * 64})

    assert answer.status == 403
    assert "You cannot do this" in await answer.text()


async def test_a_form_of_another_site_does_nothing(visitor: Visitor) -> None:
    answer = await visitor.page.request.post(
        f"{visitor.portal.origin}/sign-in", form={"email": "a"}, headers={"Origin": "https://x.example"}
    )

    assert answer.status == 403


async def test_more_than_any_form_has_is_refused(visitor: Visitor) -> None:
    answer = await visitor.page.request.post(
        f"{visitor.portal.origin}/sign-in", form={"email": "a" * 10_000_000}
    )

    assert answer.status == 413
    assert "That was too much text" in await answer.text()


async def test_a_browser_is_told_to_load_nothing_from_elsewhere_and_to_keep_no_page(visitor: Visitor) -> None:
    answer = await visitor.page.request.get(f"{visitor.portal.origin}/sign-in")

    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["strict-transport-security"].startswith("max-age=63072000")


async def test_what_a_browser_loads_is_small_and_kept(visitor: Visitor) -> None:
    sizes: dict[str, int] = {}
    loaded: list[str] = []
    visitor.page.on("requestfinished", lambda request: loaded.append(request.url))
    await visitor.goes_to("/sign-in")
    await visitor.page.wait_for_load_state("networkidle")

    for url in loaded:
        answer = await visitor.page.request.get(url, headers={"Accept-Encoding": "gzip"})
        sizes[url] = int(answer.headers["content-length"])
        if "/static/" in url:
            assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"

    assert all(url.startswith(visitor.portal.origin) for url in loaded)
    assert sum(sizes.values()) < 200_000

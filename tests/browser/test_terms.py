"""A new version of the terms: what is different is read, and the version accepted."""

import shutil
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from staff_passport.demo.network import CALDER_BAY, TERMS, Network
from staff_passport.demo.onboarding import DIRECTOR, nominate
from tests.browser.conftest import Opens, Visitor
from tests.support.network import an_agent_with
from tests.support.portal import RunningPortal, SignsIn

OWN = "Calder Bay Community Care"
PASSPORT = "Staff passport terms"
REMOVED = (
    "The operator may suspend you, with a reason, when your taking part puts others at risk."
    " Two people at the operator restore you."
)
ADDED = (
    "The operator may suspend you at once, <script>and without</script> a reason. Three people restore you."
)
NARROW = 320


@pytest.fixture(scope="module")
async def with_a_new_version(
    network: Network, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[None]:
    """Calder Bay's agent knows of version 2.0, to be accepted within ten days."""
    folder = tmp_path_factory.mktemp("terms") / "terms"
    shutil.copytree(TERMS, folder)
    (folder / "passport" / "2.0.md").write_text(second_version(), "utf-8")
    director = network.client(CALDER_BAY, DIRECTOR)
    async with an_agent_with(network, CALDER_BAY, {"organisation": {"terms": str(folder)}}):
        yield
    first = await director.get("/terms/passport/current")
    said = {"digest": first["digest"], "name": "Their director", "capacity": "hr_director"}
    await director.post("/terms/passport/acceptance", said)


def second_version() -> str:
    """The first one with one clause in place of another."""
    *_, text = Path(TERMS / "passport" / "1.0.md").read_text("utf-8").split("---\n", maxsplit=2)
    assert REMOVED in text
    today = date.today()  # noqa: DTZ011  # a day before or after does no harm
    heading = {"title": PASSPORT, "version": '"2.0"', "published": today - timedelta(days=1)}
    lines = [f"{name}: {value}" for name, value in heading.items()]
    return "\n".join(
        ["---", *lines, f"accept_by: {today + timedelta(days=10)}", "---", text.replace(REMOVED, ADDED)]
    )


async def signs_in(visitor: Visitor, person: SignsIn, to: str) -> Visitor:
    await visitor.goes_to(to)
    await visitor.signs_in(person, code=person.recovery_code())
    return visitor


@pytest.mark.usefixtures("with_a_new_version")
async def test_a_new_version_is_read_with_what_is_different_and_accepted(
    opens: Opens, portal: RunningPortal, network: Network
) -> None:
    somebody = "reader@calder-bay.example"
    await nominate(network, network.client(CALDER_BAY), somebody, {"roles": ["verifier"]})
    reader = await signs_in(await opens(width=NARROW), await portal.account(somebody), "/terms/passport")
    await reader.sees(PASSPORT)
    assert await reader.page.get_by_role("button", name="Accept").count() == 0
    assert await reader.page.evaluate("document.documentElement.scrollWidth") <= NARROW

    director = await signs_in(await opens(), await portal.account("director@calder-bay.example"), "/")
    await director.sees(f"{OWN} Home", title="Home")
    await director.page.get_by_role("link", name="Read and accept").click()
    await director.sees(PASSPORT, screen="terms-changed")
    changes = director.page.locator("main")
    assert "What is different since version 1.0" in await changes.inner_text()
    assert await changes.locator("del").first.inner_text() == f"1. {REMOVED}"
    assert await changes.locator("ins").first.inner_text() == f"1. {ADDED}"
    assert await changes.get_by_text("Removed", exact=True).count() == 2

    await director.page.get_by_label("Your full name").fill("Morwenna Dray \U0001f469\U0001f3fe")
    await director.page.get_by_label("HR director", exact=True).check()
    await director.page.get_by_role("button", name="Accept").click()
    await director.sees(PASSPORT, title=f"Error: {PASSPORT}")
    await director.page.get_by_label("I have read version 2.0").check()
    await director.page.get_by_role("button", name="Accept").click()

    await director.sees(f"{OWN} Terms", title="Terms", screen="terms")
    assert "Morwenna Dray \U0001f469\U0001f3fe" in await director.page.get_by_role("table").inner_text()
    await director.goes_to("/")
    await director.sees(f"{OWN} Home", title="Home")
    assert await director.page.get_by_role("link", name="Read and accept").count() == 0


async def test_who_may_not_accept_cannot_by_sending_the_form(
    visitor: Visitor, portal: RunningPortal, network: Network
) -> None:
    somebody = "other-reader@calder-bay.example"
    await nominate(network, network.client(CALDER_BAY), somebody, {"roles": ["verifier"]})
    await signs_in(visitor, await portal.account(somebody), "/organisation")
    await visitor.sees(f"{OWN} Your organisation", title="Your organisation", screen="your-organisation")
    token = await visitor.page.locator("[name=form_token]").first.input_value()

    answer = await visitor.page.request.post(
        f"{visitor.portal.origin}/terms/passport", form={"form_token": token, "once": "1"}
    )

    assert answer.status == 403
    await visitor.goes_to("/terms/nothing")
    await visitor.sees("Page not found")

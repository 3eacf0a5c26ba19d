"""What is true of every page to which a link leads."""

import re
from collections import Counter, deque
from collections.abc import Callable
from urllib.parse import urljoin, urlsplit

import pytest

from staff_passport.demo.network import CALDER_BAY, NORTHMOOR, Network, Party
from staff_passport.demo.onboarding import nominate
from tests.browser.conftest import Visitor
from tests.support.html_pages import HtmlPage
from tests.support.portal import RunningPortal, SignsIn

FEWEST = 6
"""With fewer kinds of pages than this, links were not followed well."""
OF_A_KIND = 2
"""So many pages that differ in an identifier alone are looked at."""
ROLES = {
    NORTHMOOR.slug: ["administrator", "nominated_user", "auditor"],
    CALDER_BAY.slug: ["administrator", "nominated_user", "verifier", "auditor"],
}


@pytest.fixture(scope="session", params=[NORTHMOOR, CALDER_BAY], ids=lambda party: party.slug)
async def everywhere(request: pytest.FixtureRequest, network: Network, portal: RunningPortal) -> SignsIn:
    """Somebody who may see nearly everything at one organisation."""
    party: Party = request.param
    email = f"everywhere@{party.slug}.example"
    await nominate(network, network.client(party), email, {"roles": ROLES[party.slug]})
    return await portal.account(email)


async def test_every_link_leads_to_a_page_with_one_heading_and_a_title_of_its_own(
    visitor: Visitor, everywhere: SignsIn
) -> None:
    await visitor.goes_to("/")
    await visitor.signs_in(everywhere)
    await visitor.page.wait_for_url("**/")
    assert (await visitor.heading()).endswith("Home"), await visitor.page.content()

    faults = await crawl(visitor, "/")

    assert faults == []


def nothing(_address: str, _page: HtmlPage) -> None:
    """Look no further at it."""


async def crawl(visitor: Visitor, *starts: str, look: Callable[[str, HtmlPage], None] = nothing) -> list[str]:
    """Follow every link from `starts` on, have a `look` at each page, and say what is wrong with which."""
    ahead, known, seen, faults = deque(starts), {*starts}, Counter[str](), list[str]()
    while ahead:
        address = ahead.popleft()
        if seen[kind_of(address)] >= OF_A_KIND:
            continue
        seen[kind_of(address)] += 1
        answer = await visitor.page.request.get(visitor.portal.origin + address)
        if answer.status != 200:
            faults.append(f"{address}: {answer.status}")
        if not answer.headers.get("content-type", "").startswith("text/html"):
            continue
        page = HtmlPage(await answer.text())
        look(address, page)
        faults += [f"{address}: {fault}" for fault in faults_of(page)]
        ahead += (led_to := ours(page, address) - known)
        known |= led_to
    assert len(seen) > FEWEST, seen
    return faults


def faults_of(page: HtmlPage) -> list[str]:
    """What every page has to have."""
    found = []
    if page.headings != 1:
        found.append(f"{page.headings} first headings")
    if not re.fullmatch(r"\S.* \N{EN DASH} Staff Passport", " ".join(page.title.split())):
        found.append(f"the title is {page.title!r}")
    found += [f"loads {address}" for address in page.loaded if not address.startswith(("/static/", "data:"))]
    return found


def ours(page: HtmlPage, address: str) -> set[str]:
    """The pages of ours to which it leads."""
    return {
        urljoin(address, link).partition("#")[0]
        for link in page.links
        if not urlsplit(link).scheme and not link.startswith("#")
    }


def kind_of(address: str) -> str:
    """The address without identifiers and values."""
    parts = urlsplit(address)
    path = re.sub(r"/[^/]*\d[^/]*", "/*", parts.path)
    return path + "?" + "&".join(sorted(each.partition("=")[0] for each in parts.query.split("&")))

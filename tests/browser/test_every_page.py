"""What is true of every page to which a link leads."""

import re
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote, urljoin, urlsplit
from uuid import UUID

import pytest

from portal.app import PAGES
from portal.permissions import Open
from staff_passport.demo.network import CALDER_BAY, NORTHMOOR, OPERATOR, Network, Party
from staff_passport.demo.onboarding import DIRECTOR, nominate
from tests.browser.conftest import Visitor
from tests.support.accessibility import faults as faults_of_shown
from tests.support.html_pages import HtmlPage
from tests.support.portal import RunningPortal

FEWEST = 6
"""With fewer kinds of pages than this, links were not followed well."""
OF_A_KIND = 2
"""So many pages that differ in an identifier alone are looked at."""
SOMETHING = str(UUID(int=7))


@dataclass(frozen=True, slots=True)
class Everywhere:
    """Somebody who sees what their roles may, and nobody else at their organisation."""

    party: Party
    roles: tuple[str, ...]
    nominated_by: str | None = None

    @property
    def email(self) -> str:
        return f"everywhere-as-{self.roles[0].replace('_', '-')}@{self.party.slug}.example"


USUAL = ("administrator", "nominated_user", "auditor")
SEE = (
    Everywhere(NORTHMOOR, USUAL),
    Everywhere(CALDER_BAY, (*USUAL, "verifier")),
    Everywhere(NORTHMOOR, ("hr_director",), DIRECTOR),
    Everywhere(OPERATOR, ("operator",)),
)


@pytest.fixture(scope="session")
def looked_at() -> set[str]:
    """The kinds of pages that need no second look."""
    return set()


@pytest.mark.parametrize("who", SEE, ids=lambda who: who.email)
async def test_every_link_leads_to_a_page_without_fault_with_a_title_of_its_own(
    visitor: Visitor, network: Network, portal: RunningPortal, looked_at: set[str], who: Everywhere
) -> None:
    client = network.client(who.party, who.nominated_by)
    number = {"employee_number": "90100001"} if who.party is NORTHMOOR else {}
    await nominate(network, client, who.email, {"roles": list(who.roles), **number})
    await visitor.goes_to("/")
    await visitor.signs_in(await portal.account(who.email))
    await visitor.page.wait_for_url("**/")
    assert (await visitor.heading()).endswith("Home"), await visitor.page.content()
    kinds: dict[str, str] = {}

    faults = await crawl(visitor, "/", look=lambda address, _: kinds.setdefault(kind_of(address), address))
    for kind in kinds.keys() - looked_at:
        await visitor.goes_to(kinds[kind])
        faults += [f"{kinds[kind]}: {fault}" for fault in await faults_of_shown(visitor.page)]
    looked_at |= kinds.keys()

    assert faults == []
    assert visitor.noticed == []


async def test_a_stranger_is_led_from_every_page_to_sign_in(visitor: Visitor) -> None:
    closed = [page for page in PAGES if page.method == "GET" and page.access is not Open.TO_EVERYBODY]

    for page in closed:
        path = re.sub(r"{[^}]*}", SOMETHING, page.path)
        answer = await visitor.page.request.get(visitor.portal.origin + path, max_redirects=0)
        assert (answer.status, answer.headers["location"]) == (303, f"/sign-in?to={quote(path, safe='')}")

    assert len(closed) > len(PAGES) / 3


def nothing(_address: str, _page: HtmlPage) -> None:
    """Look no further at it."""


async def crawl(
    visitor: Visitor, *starts: str, look: Callable[[str, HtmlPage], object] = nothing
) -> list[str]:
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

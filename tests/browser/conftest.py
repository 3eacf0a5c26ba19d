"""A real Chromium before a real portal, on the shared network."""

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import count

import pytest
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, async_playwright, expect
from playwright.async_api import TimeoutError as NotThere

from staff_passport.demo.network import Network
from tests.support.accessibility import faults, faults_without_scripts
from tests.support.phone import HEIGHT, WIDTH, Hand
from tests.support.pictures import keep
from tests.support.portal import RunningPortal, SignsIn, a_portal
from tests.support.providers import PortalElsewhere, a_portal_with_providers

TESTERS = count(1)
PATIENCE = 60_000
"""Milliseconds: several processes answer one another, perhaps on a machine with much else to do."""
NARROW = 320
"""Pixels: a page at 400 % on a common screen."""
expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
async def portal(network: Network) -> AsyncIterator[RunningPortal]:
    async with a_portal(network) as running:
        yield running


@pytest.fixture(scope="session")
async def two_providers(network: Network) -> AsyncIterator[PortalElsewhere]:
    """A portal whose people sign in at either of two providers, too, at an address that passkeys are for."""
    async with a_portal_with_providers(network) as running:
        yield running


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    program = shutil.which("chromium")
    assert program is not None, "chromium is missing on this machine"
    async with async_playwright() as playwright:
        # Without a sandbox of its own: tests may run as root, and open pages of ours alone.
        browser = await playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        await browser.close()


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody at a browser of their own, at an address of their own."""

    page: Page
    portal: RunningPortal
    noticed: list[str]
    """What the browser complained of: errors of scripts, and what the page's policy forbade."""
    scripts: bool = field(default=True, kw_only=True)

    async def goes_to(self, path: str) -> None:
        """Type an address."""
        await self.page.goto(self.portal.origin + path)

    async def signs_in(
        self, person: SignsIn, *, code: str | None = None, password: str | None = None
    ) -> None:
        """Fill in the form, and send it."""
        await self.page.get_by_label("E-mail address").fill(person.email)
        await self.page.get_by_label("Password", exact=True).fill(password or person.password)
        await self.page.get_by_label("Security code").fill(code or person.code())
        await self.page.get_by_role("button", name="Sign in", exact=True).click()

    async def presses(self, button: str) -> None:
        """Send a form, and wait for the page that answers it: it may look like the one before."""
        async with self.page.expect_navigation():
            await self.page.get_by_role("button", name=button).click()

    async def heading(self) -> str:
        """The one first heading of the page."""
        headings = await self.page.get_by_role("heading", level=1).all_inner_texts()
        assert len(headings) == 1, headings
        return " ".join(headings[0].split())

    async def sees(self, heading: str, *, title: str | None = None, screen: str | None = None) -> None:
        """Stand before a page of this heading, which has no fault for anybody's eyes, ears or hands.

        `make screens` saves a picture of it, under the name `screen`.
        """
        with suppress(NotThere):  # what is there instead says more than that it is not
            await self.page.get_by_role("heading", level=1, name=heading).wait_for()
        assert await self.heading() == heading, await self.page.get_by_role("main").inner_text()
        assert await self.page.title() == f"{title or heading} \N{EN DASH} Staff Passport"
        assert await self.page.get_by_role("banner").get_by_text("This is a demonstration.").is_visible()
        assert await self._faults() == []
        assert self.noticed == []
        await keep(self.page, screen)

    async def fits(self) -> None:
        """Find nothing beyond the edge of the page, were it as narrow as can be."""
        usual = self.page.viewport_size
        assert usual is not None
        await self.page.set_viewport_size({**usual, "width": NARROW})
        assert await self.page.evaluate("document.documentElement.scrollWidth") <= NARROW, self.page.url
        await self.page.set_viewport_size(usual)

    async def _faults(self) -> list[str]:
        browser = self.page.context.browser
        if self.scripts or browser is None:
            return await faults(self.page)
        return await faults_without_scripts(self.page, browser)


def _of_policy(said: ConsoleMessage) -> list[str]:
    return [said.text] if "Security Policy" in said.text else []


type Opens = Callable[..., Awaitable[Visitor]]


@asynccontextmanager
async def a_browser(
    chromium: Browser, portal: RunningPortal, *, javascript: bool = True, width: int = 1280
) -> AsyncIterator[Visitor]:
    """For one person, at an address that nobody else has."""
    context: BrowserContext = await chromium.new_context(
        java_script_enabled=javascript,
        viewport={"width": width, "height": 900},
        extra_http_headers={"X-Forwarded-For": f"192.0.2.{next(TESTERS)}"},
    )
    try:
        page = await context.new_page()
        page.set_default_timeout(PATIENCE)
        noticed: list[str] = []
        page.on("pageerror", lambda error: noticed.append(str(error)))
        page.on("console", lambda said: noticed.extend(_of_policy(said)))
        yield Visitor(page, portal, noticed, scripts=javascript)
    finally:
        await context.close()


@pytest.fixture
async def opens(chromium: Browser, portal: RunningPortal) -> AsyncIterator[Opens]:
    """Opens a browser for one more person; `javascript=False` for one without scripts."""
    async with AsyncExitStack() as stack:

        async def open_one(*, javascript: bool = True, width: int = 1280) -> Visitor:
            browser = a_browser(chromium, portal, javascript=javascript, width=width)
            return await stack.enter_async_context(browser)

        yield open_one


@pytest.fixture
async def visitor(opens: Opens) -> Visitor:
    return await opens()


type Holds = Callable[..., Awaitable[Hand]]


@pytest.fixture
async def holds(chromium: Browser) -> AsyncIterator[Holds]:
    """Takes the phone of some address into the hand; `javascript=False` for a browser without scripts."""
    async with AsyncExitStack() as stack:

        async def take(origin: str, *, javascript: bool = True, width: int = WIDTH) -> Hand:
            context = await chromium.new_context(
                java_script_enabled=javascript, viewport={"width": width, "height": HEIGHT}, has_touch=True
            )
            stack.push_async_callback(context.close)
            page = await context.new_page()
            page.set_default_timeout(PATIENCE)
            noticed: list[str] = []
            page.on("pageerror", lambda error: noticed.append(str(error)))
            page.on("console", lambda said: noticed.extend(_of_policy(said)))
            return Hand(page, origin, noticed)

        yield take


@pytest.fixture(scope="session")
async def kofi(portal: RunningPortal) -> SignsIn:
    """A nominated user of Northmoor."""
    return await portal.account("kofi@northmoor.example")

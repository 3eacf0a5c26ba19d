"""A person with the demonstration's phone in their hand: a real Chromium of its size."""

from contextlib import suppress
from dataclasses import dataclass

from playwright.async_api import Error, Page

from tests.support.accessibility import faults
from tests.support.pictures import keep

WIDTH, HEIGHT = 390, 844
LOADED_ANEW = 4
"""How often a page may have news while it is looked at."""


@dataclass(frozen=True, slots=True)
class Hand:
    """Somebody who looks at their phone."""

    page: Page
    origin: str
    noticed: list[str]
    """What the browser complained of: errors of scripts, and what the page's policy forbade."""

    async def goes_to(self, path: str) -> None:
        """Type an address."""
        await self.page.goto(self.origin + path)

    async def taps(self, name: str) -> None:
        """Tap a button, or a link that looks like one."""
        button = self.page.get_by_role("button", name=name, exact=True)
        await button.or_(self.page.get_by_role("link", name=name, exact=True)).first.click()

    async def pastes(self, link: str) -> None:
        """Paste an invitation, and ask who it is from."""
        await self.goes_to("/scan")
        await self.page.get_by_label("Link of the invitation").fill(link)
        await self.taps("See who invites you")

    async def sees(self, heading: str, *, screen: str | None = None) -> None:
        """Stand before a page of this heading, which has no fault for anybody's eyes, ears or hands.

        `make screens` saves a picture of it, under the name `screen`.
        """
        await self.page.get_by_role("heading", level=1, name=heading, exact=True).wait_for()
        title = (await self.page.title()).removeprefix("Error: ")
        assert title == f"{heading} \N{EN DASH} Staff Passport wallet"
        found = await self._faults()
        assert found == [], found
        assert await self.page.evaluate("document.documentElement.scrollWidth") <= WIDTH
        assert await self.page.get_by_text("This is a demonstration.").is_visible()
        assert self.noticed == []
        await keep(self.page, screen)

    async def _faults(self) -> list[str]:
        """A page that waits may be loaded anew while it is looked at: then it is looked at again."""
        for _ in range(LOADED_ANEW):
            with suppress(Error):
                return await faults(self.page)
            await self.page.wait_for_load_state()
        return await faults(self.page)

    async def reads(self, text: str) -> None:
        """Find some text on the page, now or when it has changed by itself."""
        await self.page.get_by_role("main").get_by_text(text).first.wait_for()

    async def digits(self) -> str:
        """The code that is shown to be read out."""
        return (await self.page.locator(".digits").inner_text()).replace(" ", "")

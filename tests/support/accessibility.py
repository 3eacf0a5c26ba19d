"""What axe-core finds on a page."""

import asyncio
import re
from functools import cache
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page

AXE = Path(__file__).parents[2] / "portal" / "assets" / "node_modules" / "axe-core" / "axe.min.js"
HTML = "text/html; charset=utf-8"
PATIENCE_SECONDS = 180
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@cache
def _axe() -> str:
    return AXE.read_text(encoding="utf-8")


async def faults_without_scripts(page: Page, browser: Browser) -> list[str]:
    """The same of a page that runs none: axe is a script, so the page as it stands is looked at elsewhere."""
    seen = re.sub(r"<script\b.*?</script>", "", await page.content(), flags=re.DOTALL)
    shown = re.sub(r"</?noscript>", "", seen)  # what only its readers get
    context = await browser.new_context(viewport=page.viewport_size)
    try:
        twin = await context.new_page()
        await twin.route(page.url, lambda route: route.fulfill(body=shown, content_type=HTML))
        await twin.goto(page.url)
        return await faults(twin)
    finally:
        await context.close()


async def faults(page: Page) -> list[str]:
    """Every rule of WCAG 2.2 AA that the page breaks, and where."""
    await page.evaluate(_axe())
    async with asyncio.timeout(PATIENCE_SECONDS):
        found: dict[str, Any] = await page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
    return [f"{broken['id']}: {node['html']}" for broken in found["violations"] for node in broken["nodes"]]

"""What axe-core finds on a page."""

from functools import cache
from pathlib import Path
from typing import Any

from playwright.async_api import Page

AXE = Path(__file__).parents[2] / "portal" / "assets" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@cache
def _axe() -> str:
    return AXE.read_text(encoding="utf-8")


async def faults(page: Page) -> list[str]:
    """Every rule of WCAG 2.2 AA that the page breaks, and where."""
    await page.evaluate(_axe())
    # Held on to: without scripts on the page, the browser forgets a promise that only we wait for.
    found: dict[str, Any] = await page.evaluate(
        "rules => (globalThis.found = axe.run(document, {runOnly: rules}))", RULES
    )
    return [f"{broken['id']}: {node['html']}" for broken in found["violations"] for node in broken["nodes"]]

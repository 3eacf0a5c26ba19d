"""What axe-core finds on a page."""

import asyncio
from functools import cache
from pathlib import Path
from typing import Any

from playwright.async_api import Page

AXE = Path(__file__).parents[2] / "portal" / "assets" / "node_modules" / "axe-core" / "axe.min.js"
PATIENCE_SECONDS = 60
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@cache
def _axe() -> str:
    return AXE.read_text(encoding="utf-8")


async def faults(page: Page) -> list[str]:
    """Every rule of WCAG 2.2 AA that the page breaks, and where."""
    await page.evaluate(_axe())
    async with asyncio.timeout(PATIENCE_SECONDS):
        found: dict[str, Any] = await page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
    return [f"{broken['id']}: {node['html']}" for broken in found["violations"] for node in broken["nodes"]]

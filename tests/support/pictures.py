"""Pictures of pages: those that are kept for people to look at, and those that are read as a camera would."""

import io
import os
from pathlib import Path

import zxingcpp
from PIL import Image
from playwright.async_api import FloatRect, Locator, Page

SCREENS = os.environ.get("SCREENS")
"""The folder for pictures of pages, when they are wanted."""
SHRUNK, QUALITY = 5 / 8, 55
TALLEST = 4_000
"""Pixels: of a longer page, this much says how it looks."""


async def keep(page: Page, screen: str | None) -> None:
    """Save the page as it looks under a name of its own, if it has one and pictures are wanted."""
    if screen is not None and SCREENS is not None:
        width, height = await page.evaluate("[innerWidth, document.documentElement.scrollHeight]")
        shown = FloatRect(x=0, y=0, width=width, height=min(height, TALLEST))
        picture = await page.screenshot(full_page=True, clip=shown)
        seen = Image.open(io.BytesIO(picture))
        shrunk = seen.resize((int(seen.width * SHRUNK), int(seen.height * SHRUNK)), Image.Resampling.LANCZOS)
        shrunk.convert("RGB").save(Path(SCREENS) / f"{screen}.jpeg", quality=QUALITY, optimize=True)


async def qr_code(picture: Locator) -> str:
    """What a camera reads that is held over it."""
    seen = Image.open(io.BytesIO(await picture.screenshot()))
    (code,) = zxingcpp.read_barcodes(seen, formats=zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode]))
    return code.text

"""Pictures of pages: those that are kept for people to look at, and those that are read as a camera would."""

import io
import os
from pathlib import Path

import zxingcpp
from PIL import Image
from playwright.async_api import Locator, Page

SCREENS = os.environ.get("SCREENS")
"""The folder for pictures of pages, when they are wanted."""
QUALITY = 65


async def keep(page: Page, screen: str | None) -> None:
    """Save the page as it looks under a name of its own, if it has one and pictures are wanted."""
    if screen is not None and SCREENS is not None:
        file = Path(SCREENS) / f"{screen}.jpeg"
        await page.screenshot(path=file, full_page=True, type="jpeg", quality=QUALITY)


async def qr_code(picture: Locator) -> str:
    """What a camera reads that is held over it."""
    seen = Image.open(io.BytesIO(await picture.screenshot()))
    (code,) = zxingcpp.read_barcodes(seen, formats=zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode]))
    return code.text

"""Links as QR codes."""

import asyncio
import io

import segno


async def qr_svg(url: str) -> str:
    """The link as a QR code (SVG) that a phone reads from a screen; no call waits for another's."""
    return await asyncio.to_thread(_drawn, url)


def _drawn(url: str) -> str:
    out = io.BytesIO()
    segno.make(url, error="l", micro=False).save(out, kind="svg", xmldecl=False, svgns=True, scale=4)
    return out.getvalue().decode()

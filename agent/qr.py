"""Links as QR codes."""

import io

import segno


def qr_svg(url: str) -> str:
    """The link as a QR code (SVG) that a phone reads from a screen."""
    out = io.BytesIO()
    segno.make(url, error="l", micro=False).save(out, kind="svg", xmldecl=False, svgns=True, scale=4)
    return out.getvalue().decode()

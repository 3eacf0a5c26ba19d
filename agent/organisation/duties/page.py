"""A subject-access export as a page that the person can read."""

import html
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

_STYLE = (
    "body{font:1rem/1.5 Arial,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem;color:#212b32}"
    "table{border-collapse:collapse;width:100%;margin-bottom:2rem}"
    "th,td{text-align:left;vertical-align:top;padding:.4rem;border-bottom:1px solid #d8dde0}th{width:35%}"
)


def page(export: Mapping[str, Any]) -> str:
    """The whole page. Nothing in it is fetched from anywhere."""
    name = html.escape(export["controller"]["name"])
    made_at = _shown(export["made_at"])
    records = "".join(_record(each) for each in export["records"]) or "<p>Nothing is held.</p>"
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        f"<title>What {name} holds about you</title><style>{_STYLE}</style></head><body><main>"
        f"<h1>What {name} holds about you in Staff Passport</h1><p>As it was on {made_at}.</p>"
        f"<h2>Records</h2>{records}<h2>Who did what, and who saw it</h2>{_acts(export['who_did_what'])}"
        "</main></body></html>"
    )


def _record(record: Mapping[str, Any]) -> str:
    heading = html.escape(str(record["category"]).capitalize())
    return f"<h3>{heading}</h3><table>{''.join(_rows(record['data']))}</table>"


def _rows(data: Mapping[str, Any], above: str = "") -> Sequence[str]:
    rows: list[str] = []
    for key, value in data.items():
        name = f"{above}{key}"
        if isinstance(value, Mapping):
            rows += _rows(value, f"{name}: ")
        elif value not in (None, "", [], ()):
            rows.append(f'<tr><th scope="row">{html.escape(_words(name))}</th><td>{_shown(value)}</td></tr>')
    return rows


def _acts(acts: Sequence[Mapping[str, Any]]) -> str:
    rows = "".join(
        f"<tr><td>{_shown(act['at'])}</td><td>{_shown(act['action'])}</td><td>{_shown(act['actor'])}</td></tr>"
        for act in acts
    )
    heading = '<tr><th scope="col">When</th><th scope="col">What</th><th scope="col">Who</th></tr>'
    return f"<table>{heading}{rows}</table>"


def _words(name: str) -> str:
    return name.replace("_", " ")


def _shown(value: object) -> str:
    if isinstance(value, datetime):
        return f"{value:%d %B %Y, %H:%M} UTC"
    if isinstance(value, list | tuple):
        return html.escape(", ".join(map(str, value)))
    return html.escape(str(value))

"""What must hold of the portal's pages, and how locust's figures are read."""

from dataclasses import replace
from pathlib import Path

from bench.portal import Clicks, PortalFigures, read_clicks

FIGURES = PortalFigures(
    passports=10_000,
    pages={"home": [0.02] * 19 + [0.3]},
    weight={"/": 3_000, "/static/nhsuk-frontend.css": 40_000},
    clicks=Clicks(people=200, lasted=120, pages=3_100, errors=0, p50=0.05, p95=0.2),
    cpu_a_page={"portal": 0.01, "agent": 0.03},
    load=1.9,
    paces=(0.4, 0.5),
    memory=100 * 2**20,
)
STATS = """Type,Name,Request Count,Failure Count,Median Response Time,50%,66%,95%,100%
GET,home,2000,1,40,40,50,180,900
,Aggregated,3100,1,45,45,60,190,900
"""


def holding(figures: PortalFigures) -> list[bool | None]:
    return [bound.holds for bound in figures.bounds]


def test_one_slow_page_in_twenty_is_borne() -> None:
    assert holding(FIGURES) == [True, True, True, True, True]


def test_a_slow_page_a_heavy_one_an_error_and_too_much_memory_are_not() -> None:
    worse = replace(
        FIGURES,
        pages={"home": [0.02] * 18 + [0.3] * 2},
        weight={"/": 300_000},
        clicks=replace(FIGURES.clicks, errors=1, p95=0.6),
        memory=151 * 2**20,
    )

    assert holding(worse) == [False, False, False, False, False]


def test_clicks_that_never_came_through_are_no_success() -> None:
    assert holding(replace(FIGURES, clicks=replace(FIGURES.clicks, pages=0)))[2] is False


def test_what_locust_wrote_is_read_in_seconds(tmp_path: Path) -> None:
    (tmp_path / "clicks_stats.csv").write_text(STATS)

    told = read_clicks(tmp_path / "clicks_stats.csv", people=200, seconds=120)

    assert told == Clicks(people=200, lasted=120, pages=3_100, errors=1, p50=0.045, p95=0.19)

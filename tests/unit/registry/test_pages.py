"""The page of organisations says plainly what the list says, and a hostile list cannot make it say more."""

import base64
import hashlib
import re
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser

import pytest

from registry.pages import HEADERS, organisations_page
from signed_documents.trust_lists import Authority, Successor, Suspension
from tests.support.trust import NORTHMOOR, a_listing, an_entry

PUBLISHED = datetime(2026, 11, 2, 12, tzinfo=UTC)
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{ 7*7 }}&amp;\u202e"


class Page(HTMLParser):
    """What a browser makes of it: elements, their attributes, and the text between."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self._style = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        self._style = tag == "style"

    def handle_endtag(self, tag: str) -> None:
        self._style = False

    def handle_data(self, data: str) -> None:
        self.text += "" if self._style else f" {data.strip()}"


def read(*entries: object, **changed: object) -> Page:
    listing = a_listing(*entries, **{"published": PUBLISHED, **changed})  # type: ignore[arg-type]
    return Page(organisations_page(listing).decode())


def test_an_organisation_stands_in_its_region_with_what_it_may_do() -> None:
    page = read()

    assert "North East and Yorkshire" in page.text
    assert "Northmoor Teaching Hospitals" in page.text
    assert "ODS code  ZZNM1" in page.text
    assert page.text.count("Employment, employment checks, identity") == 2
    assert NORTHMOOR in page.text
    assert "1 organisation in 1 region" in page.text
    assert "2 November 2026, 12:00" in page.text
    assert "uspended since" not in page.text


def test_regions_and_organisations_stand_in_alphabetical_order() -> None:
    entries = [
        an_entry(ods_code=f"ZZ{at}", dids=(), name=name, region=region)
        for at, (name, region) in enumerate(
            [("zeta", "North"), ("Alpha", "South"), ("beta", "North"), ("Gamma", "north west")]
        )
    ]

    text = read(*entries).text

    assert re.findall("zeta|Alpha|beta|Gamma", text) == ["beta", "zeta", "Gamma", "Alpha"]
    assert "4 organisations in 3 regions" in text


def test_a_suspension_is_said_plainly() -> None:
    since = PUBLISHED - timedelta(days=3)

    suspended = read(an_entry(suspensions=(Suspension(since=since),))).text

    assert "Suspended since 30 October 2026" in suspended
    assert suspended.count("Nothing while it is suspended") == 2
    assert "Employment" not in suspended
    over = Suspension(since=since, until=PUBLISHED)
    assert "Suspended since" not in read(an_entry(suspensions=(over,))).text


def test_a_successor_is_said_plainly() -> None:
    successor = Successor(ods_code="ZZCB1", on=date(2026, 10, 1), credentials_until=date(2027, 1, 31))

    text = read(an_entry(successor=successor)).text

    assert "Succeeded by ZZCB1 on 1 October 2026; what it issued counts until 31 January 2027" in text
    assert text.count("Nothing any more") == 2


def test_days_on_which_an_authority_begins_or_ends_are_said_and_what_is_over_is_not() -> None:
    def of(kind: str, begins: date, ends: date | None = None) -> Authority:
        return Authority(type=kind, valid_from=begins, valid_until=ends)

    issue = (
        of("identity", date(2026, 1, 1), date(2026, 11, 1)),
        of("employment", date(2026, 1, 1), date(2026, 11, 2)),
        of("employment_checks", date(2027, 5, 1)),
    )

    text = read(an_entry(may_issue=issue, may_ask=())).text

    assert "Employment checks from 1 May 2027, employment until 2 November 2026" in text
    assert "May ask for  Nothing" in text


def test_without_an_identifier_an_organisation_may_do_nothing_yet() -> None:
    assert read(an_entry(dids=())).text.count("Nothing until it has an identifier") == 2


def test_an_empty_list_is_a_page_too() -> None:
    listing = a_listing(published=PUBLISHED, organisations=())

    assert "0 organisations in 0 regions" in Page(organisations_page(listing).decode()).text


@pytest.mark.parametrize("field", ["name", "region", "ods_code"])
def test_a_hostile_name_is_text(field: str) -> None:
    page = read(an_entry(**{field: HOSTILE}, dids=(f"did:{HOSTILE}",)), operator=HOSTILE)

    assert not {"script", "img"} & set(page.tags)
    assert not [name for name, _ in page.attributes if name.startswith("on") or name == "src"]
    assert "<script>alert(1)</script>" in page.text
    assert "{{ 7*7 }}" in page.text


def test_a_text_that_cannot_be_written_keeps_no_other_from_being() -> None:
    assert (
        "Calder Bay"
        in read(an_entry(name="\ud800"), an_entry(ods_code="ZZCB1", dids=(), name="Calder Bay")).text
    )


def test_a_name_in_another_direction_turns_nothing_round_it() -> None:
    assert "bdi" in read(an_entry(name="\u202eSHN reraeC")).tags


def test_the_page_runs_nothing_and_loads_nothing() -> None:
    html = organisations_page(a_listing()).decode()
    page, policy = Page(html), dict(HEADERS)["Content-Security-Policy"]
    (style,) = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)

    assert "script" not in page.tags
    assert not {"src", "style", "onclick"} & {name for name, _ in page.attributes}
    assert [value for name, value in page.attributes if name == "href"] == ["#main", "#region-1"]
    assert (
        f"style-src 'sha256-{base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()}'" in policy
    )
    assert policy.startswith("default-src 'none'")


def test_the_page_is_one_that_assistive_technology_reads() -> None:
    page = read()

    assert ("lang", "en-GB") in page.attributes
    assert [tag for tag in page.tags if re.fullmatch("h[1-6]", tag)] == ["h1", "h2", "h2", "h3"]
    assert page.tags.count("main") == page.tags.count("header") == page.tags.count("title") == 1
    identifiers = [value for name, value in page.attributes if name == "id"]
    assert len(identifiers) == len(set(identifiers))
    assert {value for name, value in page.attributes if name == "aria-labelledby"} <= set(identifiers)

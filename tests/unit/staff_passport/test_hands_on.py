"""What somebody is told who walks the journey by hand."""

import ast
import io
import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from itertools import chain
from pathlib import Path

import pytest
from rich.console import Console

from esr_sandbox.cast import cast
from esr_sandbox.records import Person
from staff_passport.demo.hands_on import GUIDE, PERSONAS, SCRIPT, Addresses, tell

ROOT = Path(__file__).parents[3]
WIDEST = 110
PAGES = (ROOT / "portal", ROOT / "wallet" / "phone")
"""What has all words of the portal's and the phone's pages, in `templates` and `pages`."""
BUTTON = "Sign in as "
"""How the buttons of the personas begin; their names are not the portal's own words."""


def told() -> str:
    written = io.StringIO()
    tell(Console(file=written, soft_wrap=True), Addresses(portal=8080, phone=8042))
    return written.getvalue()


def test_the_terminal_says_where_both_are_who_there_is_and_what_to_click() -> None:
    said = told()

    assert "http://127.0.0.1:8080" in said
    assert "http://127.0.0.1:8042" in said
    assert all(persona["what"] in said for persona in PERSONAS)
    assert all(line.strip() in said for line in SCRIPT)
    assert max(map(len, said.splitlines())) <= WIDEST


def the_guide() -> str:
    return (ROOT / GUIDE).read_text("utf-8")


def labels(text: str) -> set[str]:
    """What a text says stands on a page: it is in these quotes."""
    return {" ".join(label.split()) for label in re.findall("“([^”]*)”", text)}


@cache
def on_pages() -> frozenset[str]:
    """Every piece of text that a page may show: of the templates, and of what is put into them."""
    return frozenset(chain.from_iterable(_of_one_half(folder) for folder in PAGES))


def _of_one_half(folder: Path) -> Iterator[str]:
    for template in (folder / "templates").rglob("*.html"):
        yield from (each.strip() for each in re.split('[<>{}%"]', template.read_text("utf-8")))
    for module in (folder / "pages").rglob("*.py"):
        for node in ast.walk(ast.parse(module.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def is_on_a_page(label: str) -> bool:
    """By itself, or before something more that is not of the same word: `Origin`, `Surname (optional)`."""
    if label.startswith(BUTTON):
        return BUTTON.strip() in on_pages() and label.removeprefix(BUTTON) in {
            each["name"] for each in PERSONAS
        }
    return any(each == label or re.match(rf"{re.escape(label)}(:| \()", each) for each in on_pages())


@pytest.mark.parametrize("label", sorted(labels(the_guide() + " ".join(SCRIPT))))
def test_what_is_to_be_chosen_stands_on_a_page_word_for_word(label: str) -> None:
    assert is_on_a_page(label), f"no page says “{label}” any more: mend the guide, or the script"


def test_the_guide_and_the_script_say_what_stands_on_pages_in_quotes() -> None:
    for text in (the_guide(), " ".join(SCRIPT)):
        assert {"Issue", "Confirm the person", "Ask the person", "End the passport"} <= labels(text)


def test_a_label_that_no_page_has_is_noticed() -> None:
    assert not is_on_a_page("Revoke the passport")
    assert not is_on_a_page("Confirm the")
    assert not is_on_a_page(f"{BUTTON}Nobody At All")


def test_the_guide_knows_the_same_people() -> None:
    guide = the_guide().lower()

    assert all(persona["name"].lower() in guide for persona in PERSONAS)


def test_what_is_to_be_typed_is_as_the_sandbox_has_it() -> None:
    nurse = in_esr("nurse")
    born = f"{nurse.date_of_birth.day} {nurse.date_of_birth:%B %Y}"

    for text in (" ".join(SCRIPT), the_guide()):
        assert all(said in text for said in (nurse.first_name, nurse.last_name, born, str(nurse.ni_number)))


@pytest.mark.parametrize("key", ["nurse", "suspended", "checks-incomplete"])
def test_what_is_to_be_typed_finds_people_without_a_second_person(key: str) -> None:
    one = in_esr(key)
    born = f"{one.date_of_birth.day} {one.date_of_birth.month} {one.date_of_birth.year}"

    for said in (one.last_name, one.first_name, f"*{born}*", f"*{one.ni_number}*"):
        assert said in the_guide(), said


def in_esr(key: str) -> Person:
    return next(each for each in cast(date(2026, 3, 2)) if each.key == key).member.person


def test_agents_are_told_where_links_lead() -> None:
    assert Addresses(portal=8080, phone=8042).told_agents == {
        "organisation": {"portal": "http://127.0.0.1:8080"},
        "didcomm": {"invitation_page": "http://127.0.0.1:8042/invitation"},
    }

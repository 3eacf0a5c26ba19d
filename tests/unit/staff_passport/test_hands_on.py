"""What somebody is told who walks the journey by hand."""

import io
from datetime import date
from pathlib import Path

from rich.console import Console

from esr_sandbox.cast import cast
from staff_passport.demo.hands_on import GUIDE, PERSONAS, SCRIPT, Addresses, tell

ROOT = Path(__file__).parents[3]
WIDEST = 110


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


def test_the_guide_knows_the_same_people() -> None:
    guide = (ROOT / GUIDE).read_text("utf-8").lower()

    assert all(persona["name"].lower() in guide for persona in PERSONAS)


def test_what_is_to_be_typed_is_as_the_sandbox_has_it() -> None:
    nurse = next(each for each in cast(date(2026, 3, 2)) if each.key == "nurse").member.person
    born = f"{nurse.date_of_birth.day} {nurse.date_of_birth:%B %Y}"

    for text in (" ".join(SCRIPT), (ROOT / GUIDE).read_text("utf-8")):
        assert all(said in text for said in (nurse.first_name, nurse.last_name, born, str(nurse.ni_number)))


def test_agents_are_told_where_links_lead() -> None:
    assert Addresses(portal=8080, phone=8042).told_agents == {
        "organisation": {"portal": "http://127.0.0.1:8080"},
        "didcomm": {"invitation_page": "http://127.0.0.1:8042/invitation"},
    }

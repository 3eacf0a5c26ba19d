"""What must stay true of the portal's shape."""

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

from agent.domain.actors import Permission
from portal.app import PAGES
from portal.database import NEWEST
from portal.permissions import Open

PORTAL = Path(__file__).parents[2] / "portal"
TEMPLATES = sorted((PORTAL / "templates").rglob("*.html"))
VIEWS = sorted((PORTAL / "views").glob("[!_]*.py"))
MOST_LINES = 60
WITHOUT_PERMISSION = {
    ("GET", "/sign-in"): Open.TO_EVERYBODY,
    ("POST", "/sign-in"): Open.TO_EVERYBODY,
    ("POST", "/sign-in/with/{provider}"): Open.TO_EVERYBODY,
    ("GET", "/sign-in/back/{provider}"): Open.TO_EVERYBODY,
    ("POST", "/sign-in/passkey/options"): Open.TO_EVERYBODY,
    ("POST", "/sign-in/passkey"): Open.TO_EVERYBODY,
    ("GET", "/signed-out"): Open.TO_EVERYBODY,
    ("POST", "/personas"): Open.TO_EVERYBODY,  # whom the settings name, in a demonstration on one machine
    ("POST", "/sign-out"): Open.TO_SIGNED_IN,
    ("GET", "/your-sign-in"): Open.TO_SIGNED_IN,
    ("GET", "/your-sign-in/password"): Open.TO_SIGNED_IN,
    ("POST", "/your-sign-in/password"): Open.TO_SIGNED_IN,
    ("GET", "/your-sign-in/recovery-codes"): Open.TO_SIGNED_IN,
    ("POST", "/your-sign-in/recovery-codes"): Open.TO_SIGNED_IN,
    ("GET", "/your-sign-in/passkeys/new"): Open.TO_SIGNED_IN,
    ("POST", "/your-sign-in/passkeys/new"): Open.TO_SIGNED_IN,
    ("POST", "/your-sign-in/passkeys/options"): Open.TO_SIGNED_IN,
    ("POST", "/your-sign-in/passkeys/remove"): Open.TO_SIGNED_IN,
    ("GET", "/organisations"): Open.TO_SIGNED_IN,
    ("POST", "/organisations"): Open.TO_SIGNED_IN,
    # Who opens a link from an e-mail acts for no organisation yet, or for another one.
    ("GET", "/invitations/{organisation}/{token}"): Open.TO_SIGNED_IN,
    ("POST", "/invitations/{organisation}/{token}"): Open.TO_SIGNED_IN,
    ("GET", "/email-proofs/{organisation}/{token}"): Open.TO_SIGNED_IN,
    ("POST", "/email-proofs/{organisation}/{token}"): Open.TO_SIGNED_IN,
}
"""Every page that asks for no permission at an organisation: a new one needs a reason, and stands here."""
A_VIEW_MAY_USE = {
    "agent.domain.actors",
    "portal.accounts",
    "portal.agent_client",
    "portal.arrivals",
    "portal.errors",
    "portal.form_tokens",
    "portal.forms",
    "portal.openid.refusals",
    "portal.own_sign_in",
    "portal.pages",
    "portal.passkeys",
    "portal.permissions",
    "portal.sessions",
    "portal.sign_in",
    "portal.views",  # one may lead back to the page of another
    "portal.visits",
}


READING = {
    ("GET", "/"),
    ("GET", "/audit"),
    ("GET", "/organisation"),
    ("GET", "/passports"),
    ("GET", "/passports/{passport:uuid}"),
    ("GET", "/passports/{passport}/acts"),
    ("GET", "/people"),
    ("GET", "/reviews"),
    ("GET", "/reviews/{review}"),
    ("GET", "/reviews/{review}/acts"),
    ("GET", "/tasks"),
    ("GET", "/tasks/{task}"),
    ("GET", "/verdicts"),
}


def test_every_page_asks_for_a_permission_or_is_on_the_short_list() -> None:
    without = {
        (page.method, page.path): page.access for page in PAGES if not isinstance(page.access, Permission)
    }

    assert without == WITHOUT_PERMISSION, "name the permission in the view's table, or say why there is none"


def test_only_pages_that_ask_the_agent_for_what_they_show_go_by_what_was_remembered() -> None:
    reading = {(page.method, page.path) for page in PAGES if page.reads}

    assert reading == READING, (
        "a page `reads` when it cannot be shown without a call that the agent judges; then it stands here"
    )


def test_no_page_is_said_twice() -> None:
    said = [(page.method, page.path) for page in PAGES]

    assert len(said) == len(set(said))


def test_every_journey_is_served() -> None:
    served = {page.view.__module__ for page in PAGES}

    assert {f"portal.views.{view.stem}" for view in VIEWS} == served, "add the view to PAGES in portal/app.py"


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_every_form_that_is_sent_has_the_token(template: Path) -> None:
    forms = re.findall(r"<form\b.*?</form>", template.read_text("utf-8"), re.DOTALL)

    bare = [form for form in forms if 'method="post"' in form and "parts/form_token.html" not in form]

    assert bare == [], "include parts/form_token.html"
    assert all('method="post"' in form or 'method="get"' in form for form in forms), "say the form's method"


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_a_template_fits_a_screen(template: Path) -> None:
    assert len(template.read_text("utf-8").splitlines()) <= MOST_LINES, "take a part out, or use a macro"


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_a_template_has_nothing_that_the_pages_policy_forbids(template: Path) -> None:
    text = template.read_text("utf-8")

    assert not re.search(r"\son\w+=|\sstyle=|\|\s*safe|https?://", text)
    assert all("nonce=" in script for script in re.findall(r"<script[^>]*>", text))


@pytest.mark.parametrize("view", VIEWS, ids=lambda path: path.stem)
def test_a_view_imports_no_rule(view: Path) -> None:
    imported = {
        node.module
        for node in ast.walk(ast.parse(view.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(("agent", "portal"))
    }

    rules = [
        module
        for module in imported
        if not any(module == may or module.startswith(f"{may}.") for may in A_VIEW_MAY_USE)
    ]

    assert rules == [], "rules are the agent's; what signs people in stands behind portal.visits"


@pytest.mark.parametrize("package", ["views", "pages", "forms"])
def test_one_journey_has_one_module_name(package: str) -> None:
    journeys = {view.stem for view in VIEWS}
    shared = {"__init__", "claims", "errors", "fields", "words"}

    named = {file.stem for file in (PORTAL / package).glob("*.py")}

    assert named <= journeys | shared, "name the module for its journey"


def test_no_two_pictures_of_pages_have_one_name() -> None:
    tests = (PORTAL.parent / "tests" / "browser").glob("test_*.py")
    named = Counter(
        name for test in tests for name in re.findall(r'screen="([^"]+)"', test.read_text("utf-8"))
    )

    twice = [name for name, times in named.items() if times > 1]

    assert twice == [], "the later one would take the place of the first"


def test_the_newest_schema_is_the_one_that_the_portal_asks_for() -> None:
    migrations = [file.stem.partition("_")[0] for file in (PORTAL / "migrations/versions").glob("0*.py")]

    assert max(migrations) == NEWEST


def test_what_a_browser_loads_names_nothing_outside_and_no_licensed_typeface() -> None:
    sheets = [file.read_text("utf-8") for file in (PORTAL / "static").glob("*.css")]

    assert sheets, "run tools/assets.py"
    assert not re.search(r"https?://(?!www\.w3\.org)|Frutiger", "".join(sheets))

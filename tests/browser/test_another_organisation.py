"""What another organisation has is not there, whoever knows how it is called in an address."""

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from uuid import uuid4

import psycopg
import pytest
from playwright.async_api import Browser
from psycopg import sql

from portal.app import PAGES
from portal.permissions import Page
from staff_passport.demo.network import CALDER_BAY, NORTHMOOR, Network
from staff_passport.demo.onboarding import nominate
from tests.browser.conftest import Visitor, a_browser
from tests.browser.test_home import a_task
from tests.support.holder import Holder
from tests.support.journey import a_review, as_owner, credentials, host, hr, search
from tests.support.portal import RunningPortal

ELSEWHERE = "ZZXX9"
"""An organisation with which Northmoor shares its agent's database, as tenants of one agent do."""
EMAIL = "curious@northmoor.example"
OF_NO_ORGANISATION = {"application", "provider", "token", "kind"}
"""Names in addresses of what the operator alone has, of ways to sign in, and of published terms."""
REASON = {"reason": "other"}
FILLED_IN: Mapping[str, Mapping[str, str]] = {
    "confirmation": {"code": "12345678"},
    "end": REASON,
    "revocation": REASON,
    "weak-matches": {"decision": "no"},
    "issue": {"assignment": "90100010"},
    "check": {"assignment": "90100010"},
    "ask": {"ask_identity": "identity"},
    "decision": {"decision": "rejected", "reason": "Not ours to decide"},
    "completion": {"outcome": "done"},
    "tasks": {"outcome": "done"},
    "changes": {"name": "Somebody Else", "email": EMAIL, "role_auditor": "auditor"},
}
"""What would do something, by the last word of an address."""
NAMED = [
    page
    for page in PAGES
    if "{" in page.path and not OF_NO_ORGANISATION & set(re.findall(r"{(\w+)", page.path))
]
FEWEST = 35
assert len(NAMED) >= FEWEST, [page.path for page in NAMED]


@dataclass(frozen=True, slots=True)
class Neighbour:
    """The other organisation, and how its things are called."""

    network: Network

    def has(self, table: str, ours: str, key: str = "id", **changed: str) -> str:
        """Has the same as we have, under a name of its own."""
        name, where = str(uuid4()), sql.Identifier(*table.split("."))
        find = sql.SQL("SELECT to_jsonb(t) FROM {} t WHERE {} = %s").format(where, sql.Identifier(key))
        keep = sql.SQL("INSERT INTO {} SELECT (jsonb_populate_record(NULL::{}, %s)).*").format(where, where)
        url = self.network.postgres.provide(NORTHMOOR.slug).migration_url
        with psycopg.connect(url) as connection:
            self._speaks(connection, NORTHMOOR.ods_code)
            (row,) = connection.execute(find, [ours]).fetchone() or (None,)
            self._speaks(connection, ELSEWHERE)
            copied = row | {"organisation": ELSEWHERE, key: name} | changed
            connection.execute(keep, [psycopg.types.json.Jsonb(copied)])
        return name

    def _speaks(self, connection: psycopg.Connection, organisation: str) -> None:
        connection.execute("SELECT set_config('staff_passport.organisation', %s, true)", [organisation])


@pytest.fixture(scope="module")
async def ours(network: Network) -> AsyncIterator[Mapping[str, str]]:
    """Something of every kind that Northmoor has."""
    holder = Holder(network, await network.start_wallet("known-elsewhere"))
    issued = await holder.a_confirmed_passport("changed-surname")
    await hr(network).post(f"{issued.path}/offers")
    review = (await hr(network).post("/reviews", {"purpose": "Seen from elsewhere"}))["id"]
    person = {"name": "Seen Elsewhere", "email": "seen@northmoor.example", "roles": ["auditor"]}
    alert = str(uuid4())
    as_owner(
        network,
        NORTHMOOR,
        "INSERT INTO verifier.alerts (organisation, id, review, request, type, standing, raised_at)"
        " VALUES (%s, %s, %s, %s, 'employment', 'revoked', now())",
        NORTHMOOR.ods_code,
        alert,
        review,
        str(uuid4()),
    )
    yield {
        "passport": issued.passport["id"],
        "credential": (await credentials(network, issued))["employment"]["id"],
        "search": (await search(network, "nurse", surname="Fenwick", ni_number=None))["search"],
        "review": review,
        "alert": alert,
        "task": a_task(network, issued.passport["id"], assignee=None),
        "person": (await network.client(NORTHMOOR).post("/people", person))["id"],
    }
    # What it is about was never asked for: to whoever follows every link it would lead nowhere.
    as_owner(network, NORTHMOOR, "DELETE FROM verifier.alerts WHERE id = %s", alert)


@pytest.fixture(scope="module")
async def theirs(network: Network, ours: Mapping[str, str]) -> Mapping[str, str]:
    """The same of the neighbour's; and what Calder Bay was asked and has asked, at its own agent."""
    neighbour = Neighbour(network)
    passport = neighbour.has("issuer.passports", ours["passport"])
    review = neighbour.has("verifier.reviews", ours["review"])
    holder = Holder(network, await network.start_wallet("asked-elsewhere"))
    path = await a_review(network, holder.connect)
    asked = await host(network).post(f"{path}/presentation-requests", {"types": ["identity"]})
    told = await network.client(CALDER_BAY).post("/subject-requests", {"review": path.rpartition("/")[2]})
    return {
        "passport": passport,
        "credential": neighbour.has("issuer.credentials", ours["credential"], passport=passport),
        "search": neighbour.has("esr.searches", ours["search"]),
        "review": review,
        "alert": neighbour.has("verifier.alerts", ours["alert"], review=review),
        "task": neighbour.has("organisation.tasks", ours["task"], passport=passport),
        "person": neighbour.has("organisation.people", ours["person"]),
        "request": asked["id"],
        "subject request": told["id"],
    }


@pytest.fixture(scope="module")
async def curious(chromium: Browser, portal: RunningPortal, network: Network) -> AsyncIterator[Visitor]:
    """Somebody at Northmoor who may do whatever can be done there."""
    roles = ["administrator", "nominated_user", "verifier", "auditor"]
    entry = {"roles": roles, "employee_number": "90100002"}
    await nominate(network, network.client(NORTHMOOR), EMAIL, entry)
    async with a_browser(chromium, portal) as visitor:
        await visitor.goes_to("/")
        await visitor.signs_in(await portal.account(EMAIL))
        await visitor.page.wait_for_url("**/")
        yield visitor


@pytest.mark.parametrize("page", NAMED, ids=lambda page: f"{page.method} {page.path}")
async def test_another_organisations_is_not_there_to_be_seen_or_changed(
    curious: Visitor, theirs: Mapping[str, str], page: Page
) -> None:
    assert await status_of(curious, page, theirs) == 404


MIXED = [page for page in NAMED if "{credential" in page.path or "/requests/" in page.path]


@pytest.mark.parametrize("page", MIXED, ids=lambda page: f"{page.method} {page.path}")
async def test_what_is_theirs_is_not_there_among_what_is_ours(
    curious: Visitor, ours: Mapping[str, str], theirs: Mapping[str, str], page: Page
) -> None:
    mixed = {**theirs, "passport": ours["passport"], "review": ours["review"]}

    assert await status_of(curious, page, mixed) == 404


async def test_what_is_ours_is_there(curious: Visitor, ours: Mapping[str, str]) -> None:
    shown = ("/passports/{passport}", "/reviews/{review}", "/tasks/{task}", "/people/{person}")
    for path in (
        *shown,
        "/weak-matches/{search}",
        "/passports/{passport}/credentials/{credential}/revocation",
    ):
        answer = await curious.page.request.get(curious.portal.origin + path.format(**ours))
        assert answer.status == 200, path


async def status_of(visitor: Visitor, page: Page, things: Mapping[str, str]) -> int:
    """With what a page about these things is answered, its form sent as it would be from our own page."""
    address = visitor.portal.origin + address_of(page.path, things)
    if page.method == "GET":
        return (await visitor.page.request.get(address)).status
    words = [word for word in page.path.split("/") if word and "{" not in word]
    token = await visitor.page.locator("[name=form_token]").first.input_value()
    own = {"form_token": token, "once": str(uuid4())}
    sent: dict[str, str | float | bool] = {**own, **FILLED_IN.get(words[-1], {})}
    return (await visitor.page.request.post(address, form=sent)).status


def address_of(path: str, things: Mapping[str, str]) -> str:
    known = {**things, "step": "suspension"}
    if path.startswith("/subject-requests"):
        known["request"] = things["subject request"]
    address = re.sub(r"{(\w+)[^}]*}", lambda name: known[name[1]], path)
    return f"{address}?format=json" if path.endswith("/export") else address

"""Who did what: searched, taken away and checked, and what is held of a person who asks."""

import asyncio
import json
import re
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.async_api import Download

from staff_passport.audit_verification import CHECKPOINTS, ENTRIES, verify
from staff_passport.demo.audit_export import export_audit
from staff_passport.demo.network import CALDER_BAY, NORTHMOOR, Network
from staff_passport.demo.onboarding import nominate
from tests.browser.conftest import Opens, Visitor
from tests.support.journey import a_passport, as_owner, host, hr, persona
from tests.support.portal import RunningPortal, SignsIn

AUDIT = "Calder Bay Community Care Audit"
SEARCHES = "Northmoor Teaching Hospitals Searches to look into"
NARROW = 320


@pytest.fixture(scope="session")
async def hana(network: Network, portal: RunningPortal) -> SignsIn:
    """An auditor and administrator of Calder Bay."""
    email = "hana.audit@calder-bay.example"
    await nominate(network, network.client(CALDER_BAY), email, {"roles": ["auditor", "administrator"]})
    return await portal.account(email)


@pytest.fixture(scope="session")
async def tomos(network: Network, portal: RunningPortal) -> SignsIn:
    """An administrator of Northmoor."""
    email = "tomos.audit@northmoor.example"
    await nominate(network, network.client(NORTHMOOR), email, {"roles": ["administrator", "nominated_user"]})
    return await portal.account(email)


async def comes(visitor: Visitor, person: SignsIn, to: str) -> None:
    await visitor.goes_to(to)
    await visitor.signs_in(person, code=person.recovery_code())


async def downloads(visitor: Visitor, link: str) -> Download:
    async with visitor.page.expect_download() as download:
        await visitor.page.get_by_role("link", name=link).click()
    return await download.value


async def text_of(download: Download) -> str:
    return await asyncio.to_thread((await download.path()).read_text, "utf-8")


async def rows(visitor: Visitor) -> list[str]:
    return await visitor.page.locator("tbody tr").all_inner_texts()


async def test_a_search_finds_who_did_what_with_what_and_when(
    visitor: Visitor, hana: SignsIn, network: Network
) -> None:
    made = await host(network).post("/reviews", {"purpose": "To be found"})
    await comes(visitor, hana, "/audit")
    await visitor.sees(AUDIT, title="Audit")

    await visitor.page.get_by_label("Who did it").fill(host(network).user)
    await visitor.page.get_by_label("What they did").select_option("Create review")
    await visitor.page.get_by_role("button", name="Search").click()
    await visitor.sees(AUDIT, title="Audit", screen="audit")
    found = await rows(visitor)
    assert found
    assert all("wanjiru" in row and "create review" in row for row in found)

    await visitor.page.get_by_label("Up to this day").fill("2020-01-31")
    await visitor.page.get_by_role("button", name="Search").click()
    await visitor.sees(AUDIT, title="Audit")
    assert await rows(visitor) == []

    await visitor.goes_to(f"/reviews/{made['id']}/acts")
    await visitor.sees("Who saw this review")
    assert any("create review" in row for row in await rows(visitor))


async def test_a_day_that_is_none_is_said_at_its_field(visitor: Visitor, hana: SignsIn) -> None:
    await comes(visitor, hana, "/audit?since=yesterday")

    await visitor.sees(AUDIT, title="Error: Audit")
    assert await visitor.page.get_by_label("From this day on").input_value() == "yesterday"


async def test_what_is_downloaded_is_what_was_signed(
    visitor: Visitor, hana: SignsIn, network: Network, tmp_path: Path
) -> None:
    await network.client(CALDER_BAY, "auditor").post("/audit/checkpoints")
    await comes(visitor, hana, "/audit")
    await visitor.sees(AUDIT, title="Audit")
    said = await visitor.page.locator(".nhsuk-inset-text").inner_text()
    assert re.search(r"\b(\d+) of \1 entries were signed on ", said) or "What came after" in said, said

    download = await downloads(visitor, "Download everything that was signed")
    folder = tmp_path / CALDER_BAY.slug
    await export_audit(network, CALDER_BAY, folder)
    await download.save_as(folder / ENTRIES)
    entries = (folder / ENTRIES).read_bytes().splitlines()
    for checkpoint in (folder / CHECKPOINTS).iterdir():
        if int(checkpoint.name) > len(entries):
            checkpoint.unlink()
    verified = verify(folder)

    assert (verified.did, verified.entries) == (network.dids[CALDER_BAY.ods_code], len(entries))


async def test_a_table_has_what_was_looked_for(visitor: Visitor, hana: SignsIn, network: Network) -> None:
    await host(network).post("/reviews", {"purpose": "To be in a table"})
    await comes(visitor, hana, f"/audit?actor={host(network).user}&action=create+review")

    download = await downloads(visitor, "Download what was looked for")

    lines = (await text_of(download)).splitlines()
    assert download.suggested_filename == "audit-ZZCB1.csv"
    assert lines[0].startswith("sequence,")
    assert len(lines) > 1
    assert all("wanjiru" in line for line in lines[1:])


async def test_who_may_not_read_the_audit_is_told(visitor: Visitor, kofi: SignsIn) -> None:
    await comes(visitor, kofi, "/audit")

    await visitor.sees("You cannot do this")
    answer = await visitor.page.request.get(f"{visitor.portal.origin}/audit/export?format=csv")
    assert answer.status == 403


async def test_a_passport_says_who_saw_it(visitor: Visitor, tomos: SignsIn, network: Network) -> None:
    made = await a_passport(network, "nurse")
    await hr(network).get(f"/passports/{made['id']}")
    await comes(visitor, tomos, f"/passports/{made['id']}/acts")

    await visitor.sees("Who saw this passport", screen="passport-who-saw")
    assert any("ottilie" in row for row in await rows(visitor))


async def test_what_is_held_of_a_person_is_seen_and_taken_away(
    opens: Opens, tomos: SignsIn, network: Network
) -> None:
    made = await a_passport(network, "nurse")
    visitor = await opens(javascript=False, width=NARROW)
    await comes(visitor, tomos, "/subject-requests")
    await visitor.page.get_by_role("button", name="Take it up").click()
    assert await visitor.page.title() == (
        "Error: Somebody asks what is held of them \N{EN DASH} Staff Passport"
    )
    await visitor.page.get_by_label("One of our staff").check()
    await visitor.page.get_by_label("Number or identifier").fill(
        str((await persona(network, "nurse"))["employeeNumber"])
    )
    await visitor.page.get_by_role("button", name="Take it up").click()

    await visitor.sees("What is held", screen="what-is-held")
    assert made["holder_name"] in await visitor.page.get_by_role("main").inner_text()
    assert await visitor.page.evaluate("document.documentElement.scrollWidth") <= NARROW
    download = await downloads(visitor, "Download it for machines")
    told = json.loads(await text_of(download))
    assert made["id"] in {record["id"] for record in told["records"]}


async def test_searches_that_found_nobody_again_and_again_are_seen_to(
    visitor: Visitor, tomos: SignsIn, network: Network
) -> None:
    for searcher in ("samir@northmoor.example", tomos.email):
        as_owner(
            network,
            NORTHMOOR,
            "INSERT INTO esr.search_alerts (organisation, id, searcher, misses, at)"
            " VALUES (%s, %s, %s, 10, now())",
            NORTHMOOR.ods_code,
            str(uuid4()),
            searcher,
        )
    await comes(visitor, tomos, "/search-alerts")
    await visitor.sees(SEARCHES, title="Searches to look into", screen="search-alerts")
    of_samir = visitor.page.get_by_role("row").filter(has_text="samir@").first
    await of_samir.get_by_role("button", name="I have seen to it").click()
    await of_samir.get_by_text(f"{tomos.email}, on").wait_for()
    await visitor.sees(SEARCHES, title="Searches to look into")

    own = visitor.page.get_by_role("row").filter(has_text=tomos.email).filter(has_not_text="samir@").first
    await own.get_by_role("button", name="I have seen to it").click()
    await visitor.sees("This could not be done")


async def test_nobody_known_is_said_at_the_field(visitor: Visitor, tomos: SignsIn) -> None:
    await comes(visitor, tomos, "/subject-requests")
    await visitor.sees("Somebody asks what is held of them")
    await visitor.page.get_by_label("One of our staff").check()
    await visitor.page.get_by_label("Number or identifier").fill("not a number")
    await visitor.page.get_by_role("button", name="Take it up").click()

    title = "Error: Somebody asks what is held of them"
    await visitor.sees("Somebody asks what is held of them", title=title, screen="subject-request")

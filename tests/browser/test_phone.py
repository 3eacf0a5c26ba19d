"""The demonstration's phone, as the person who holds it uses it."""

import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest

from staff_passport.demo.network import NORTHMOOR, Network, free_port
from tests.browser.conftest import Holds
from tests.support.journey import a_passport, a_review, host, hr, persona, until, verdict
from tests.support.phone import Hand

type Json = dict[str, Any]
EMPLOYER, HOST = "Northmoor Teaching Hospitals", "Calder Bay Community Care"
OFFERED = f"{EMPLOYER} offers you 3 credentials"
HOSTILE = "<script>alert(1)</script>\N{RIGHT-TO-LEFT OVERRIDE}drow" + "Å" * 300


@pytest.fixture(scope="module")
async def origin(network: Network) -> str:
    """Where the phone of somebody is whom no other test knows."""
    await network.start_wallet("person-with-a-phone", phone=free_port())
    return network.phones["person-with-a-phone"]


@pytest.fixture
async def hand(holds: Holds, origin: str) -> Hand:
    return await holds(origin)


async def invited(network: Network, key: str) -> tuple[Json, str]:
    """A passport of a persona, and the link of its invitation."""
    passport = await a_passport(network, key)
    made = await hr(network).get(f"/passports/{passport['id']}/invitation")
    return passport, str(made["url"])


async def connects(hand: Hand, link: str, name: str) -> None:
    """Answer an invitation of an organisation that is registered."""
    await hand.pastes(link)
    await hand.sees(f"{name} invites you")
    await hand.taps("Answer the invitation")
    await hand.page.locator(".digits").wait_for()
    await hand.sees(name)


async def confirmed(hand: Hand, network: Network, passport: Json) -> None:
    """Read the code out; HR types it."""
    code = {"code": await hand.digits()}
    await hr(network).post(f"/passports/{passport['id']}/compared-code", code)


async def offered(hand: Hand, network: Network, key: str) -> Json:
    """Come as far as to the offer of three credentials."""
    passport, link = await invited(network, key)
    await connects(hand, link, EMPLOYER)
    await confirmed(hand, network, passport)
    await hr(network).post(f"/passports/{passport['id']}/offers")
    await hand.reads("offers you 3 credentials")
    await hand.taps("Look at the offer")
    return passport


async def asked(hand: Hand, network: Network, *types: str) -> Json:
    """Come as far as to what a host asks to see."""

    async def connect(link: str) -> str:
        await connects(hand, link, HOST)
        return ""

    path = await a_review(network, connect)
    request = await host(network).post(f"{path}/presentation-requests", {"types": list(types)})
    await hand.taps("See what they ask for")
    return request


async def test_the_whole_journey(hand: Hand, network: Network) -> None:
    await hand.goes_to("/")
    await hand.sees("Your wallet")
    passport = await offered(hand, network, "nurse")
    await hand.sees(OFFERED)
    await hand.reads("17 May 1990")

    await hand.page.get_by_label("Accept “Employment checks”").uncheck()
    await hand.taps("Continue")
    await hand.sees("Why do you reject it?")
    await hand.page.get_by_label("Something in it is wrong").check()
    await hand.page.get_by_label("What should they know?").fill("My DBS certificate is newer")
    await hand.taps("Reject")
    await hand.page.get_by_text("In your wallet").nth(1).wait_for()
    await hand.sees(EMPLOYER)

    found = (await hr(network).get(f"/passports/{passport['id']}/credentials"))["credentials"]
    states = {each["type"]: each["state"] for each in found}
    assert states == {"identity": "active", "employment": "active", "employment_checks": "rejected"}

    request = await asked(hand, network, "identity", "employment")
    await hand.sees(f"{HOST} asks to see something")
    await hand.reads("Starting work on Ward 4")
    await hand.reads("Fennwick")
    await hand.taps("Share")
    await hand.sees("Shared")
    assert (await verdict(network, request))["verdict"] == "accepted"

    await hand.goes_to("/history")
    await hand.sees("History")
    told = await hand.page.get_by_role("main").inner_text()
    assert all(said in told for said in ("Shared", HOST, "Received", EMPLOYER, "You rejected it", "DBS"))

    await hr(network).post(f"/passports/{passport['id']}/deactivation", {"reason": "employment_ended"})
    await hand.goes_to("/")
    await hand.page.get_by_role("link", name="Identity").first.click()
    await hand.sees("Identity")
    await hand.reads("has taken it back")
    await hand.reads(HOST)


async def test_a_one_time_code_is_sent_back(hand: Hand, network: Network) -> None:
    passport, link = await invited(network, "bank")
    await connects(hand, link, EMPLOYER)
    path = f"/passports/{passport['id']}"
    code = (await hr(network).post(f"{path}/one-time-code"))["code"]

    await hand.page.get_by_text("They told me a one-time code").click()
    await hand.taps("Send the code")
    await hand.sees(EMPLOYER)
    await hand.reads("Enter the code that you were told")
    await hand.page.get_by_label("One-time code", exact=True).fill(f" {code[:4]} {code[4:]} ")
    await hand.taps("Send the code")

    await hand.reads("Your code was sent")
    await hand.sees(EMPLOYER)
    await until(lambda: hr(network).get(path), lambda found: found["state"] == "confirmed")


async def test_everything_can_be_rejected_and_the_reason_is_asked_for(hand: Hand, network: Network) -> None:
    passport = await offered(hand, network, "twin-one")
    for tick in await hand.page.get_by_role("checkbox").all():
        await tick.uncheck()
    await hand.taps("Continue")
    await hand.taps("Reject")
    await hand.sees("Why do you reject it?")
    await hand.reads("Choose why you reject it")

    await hand.page.get_by_label("I do not want it any more").check()
    await hand.taps("Reject")

    await hand.page.get_by_text("You rejected it").nth(2).wait_for()

    async def told() -> set[str]:
        found = (await hr(network).get(f"/passports/{passport['id']}/credentials"))["credentials"]
        return {each["state"] for each in found}

    await until(told, {"rejected"}.__eq__)


async def test_a_host_is_told_no_without_a_reason(hand: Hand, network: Network) -> None:
    request = await asked(hand, network, "identity")

    await hand.taps("Do not share")

    await hand.sees("Not shared")
    assert (await verdict(network, request))["verdict"] == "declined"


async def test_what_cannot_be_shown_is_said_before_anything_is_sent(hand: Hand, network: Network) -> None:
    await asked(hand, network, "identity", "employment", "employment_checks")

    obstacle = hand.page.get_by_role("heading", name="You cannot share this now")
    await obstacle.wait_for()
    await hand.sees(f"{HOST} asks to see something")

    assert await hand.page.get_by_role("button", name="Share", exact=True).count() == 0
    await hand.taps("Do not share")
    await hand.sees("Not shared")


def an_invitation_of(label: str) -> str:
    """What somebody sends who proves nothing."""
    said = {
        "@type": "https://didcomm.org/out-of-band/1.1/invitation",
        "@id": str(uuid4()),
        "label": label,
        "handshake_protocols": ["https://didcomm.org/didexchange/1.1"],
        "services": [
            {
                "id": "#inline",
                "type": "did-communication",
                "recipientKeys": ["did:key:z6MkpTHR8VNsBxYAAWHut2Geadd9jSwuBV8xRoAnwWsdvktH"],
                "serviceEndpoint": f"http://127.0.0.1:{free_port()}",
            }
        ],
    }
    return "https://x.example?oob=" + base64.urlsafe_b64encode(json.dumps(said).encode()).decode()


async def test_a_stranger_is_shown_as_one_whatever_it_calls_itself(hand: Hand) -> None:
    await hand.pastes(an_invitation_of(HOSTILE))
    await hand.sees("We do not know who invites you")
    await hand.reads("Do not answer unless you are sure")

    await hand.taps("Answer it all the same")

    await hand.reads("Anybody can say that")
    await hand.sees("Unknown sender")
    told = await hand.page.content()
    assert "<script>alert(1)" not in told
    assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in told
    await hand.goes_to("/")
    await hand.sees("Your wallet")
    await hand.goes_to("/history")
    await hand.sees("History")


@asynccontextmanager
async def in_department(network: Network, key: str, name: str) -> AsyncIterator[None]:
    """A persona's department is called something else for as long as the block."""
    one = await persona(network, key)
    number = one["assignmentNumbers"][0]
    path = f"/people/{NORTHMOOR.vpd}/{one['employeeNumber']}/assignments/{number}"
    await network.sandbox("PATCH", path, {"organisation": name})
    try:
        yield
    finally:
        await network.sandbox("PATCH", path, {"organisation": "Ward 7 Medicine"})


async def test_what_a_credential_says_is_text_and_breaks_no_page(hand: Hand, network: Network) -> None:
    async with in_department(network, "accents", HOSTILE):
        passport = await offered(hand, network, "accents")
        await hand.sees(OFFERED)
        await hand.reads("<script>alert(1)</script>drow")
        await hand.taps("Continue")
        await hand.page.get_by_text("In your wallet").nth(2).wait_for()
        await hr(network).post(f"/passports/{passport['id']}/deactivation", {"reason": "other"})
    await hand.goes_to("/")
    await hand.sees("Your wallet")


@pytest.mark.parametrize(
    "pasted",
    [
        "nonsense",
        "",
        "https://x.example?oob=e30",
        "https://x.example?oob=%00",
        "javascript:alert(1)",
        "x" * 90_000,
    ],
    ids=["word", "nothing", "empty invitation", "null", "script", "very long"],
)
async def test_what_is_no_invitation_is_said_and_kept(hand: Hand, pasted: str) -> None:
    await hand.pastes(pasted)

    await hand.sees("Scan an invitation")
    await hand.reads("This is not an invitation")
    field = hand.page.get_by_label("Link of the invitation")
    assert pasted.startswith(await field.input_value())
    await hand.page.get_by_role("alert").get_by_role("link").click()
    assert await hand.page.evaluate("document.activeElement.id") == "invitation"


async def test_ten_megabytes_are_refused_and_do_no_harm(hand: Hand) -> None:
    await hand.pastes("x" * 10_000_000)

    await hand.sees("This cannot be done")
    await hand.reads("That was more text than fits. Nothing was done.")
    await hand.taps("Go to your wallet")
    await hand.sees("Your wallet")


CAMERA = """
  window.BarcodeDetector = class {
    static async getSupportedFormats() { return ["qr_code"]; }
    async detect() { return [{ rawValue: "THE LINK" }]; }
  };
  navigator.mediaDevices.getUserMedia = async () => {
    const canvas = document.createElement("canvas"), pen = canvas.getContext("2d");
    setInterval(() => pen.fillRect(0, 0, Math.random() * 9, 9), 50);
    return canvas.captureStream();
  };
"""
"""What Chromium on Linux has not: a reader of QR codes, and here no camera either."""


async def test_where_the_browser_reads_qr_codes_the_camera_can_be_used(hand: Hand, network: Network) -> None:
    _, link = await invited(network, "last-day")
    await hand.page.add_init_script(CAMERA.replace("THE LINK", link))
    await hand.goes_to("/scan")
    await hand.sees("Scan an invitation")

    await hand.taps("Use the camera")

    await hand.sees(f"{EMPLOYER} invites you")


async def test_without_a_camera_nothing_is_offered_that_would_not_work(hand: Hand) -> None:
    await hand.goes_to("/scan")

    assert not await hand.page.get_by_role("button", name="Use the camera").is_visible()


async def test_a_link_that_leads_to_the_phone_shows_who_invites(hand: Hand, network: Network) -> None:
    _, link = await invited(network, "twin-two")

    await hand.goes_to(f"/?oob={quote(link.partition('oob=')[2])}")

    await hand.sees(f"{EMPLOYER} invites you")


async def test_it_works_without_javascript(holds: Holds, origin: str, network: Network) -> None:
    hand = await holds(origin, javascript=False)
    passport, link = await invited(network, "changed-surname")
    await hand.pastes(link)
    await hand.taps("Answer the invitation")
    path = f"/passports/{passport['id']}"
    await until(lambda: hr(network).get(path), lambda found: found["state"] == "connected")
    await hand.page.reload()
    await confirmed(hand, network, passport)
    made = await hr(network).post(f"{path}/offers")
    assert len(made["credentials"]) == 3

    async def all_came() -> int:
        await hand.taps("Look for anything new")
        return await hand.page.get_by_text("offers you 3 credentials").count()

    await until(all_came, bool)
    await hand.taps("Look at the offer")
    await hand.taps("Continue")

    held = await until(
        lambda: hr(network).get(f"{path}/credentials"),
        lambda found: {each["state"] for each in found["credentials"]} == {"active"},
    )
    assert len(held["credentials"]) == 3


async def test_on_a_wide_screen_it_looks_like_a_phone(holds: Holds, origin: str) -> None:
    hand = await holds(origin, width=1280)
    await hand.goes_to("/")

    assert await hand.page.locator(".phone").evaluate("it => it.offsetWidth") <= 450


async def test_nothing_is_lost_on_a_narrow_screen(holds: Holds, origin: str) -> None:
    hand = await holds(origin, width=320)
    for path in ("/", "/scan", "/history"):
        await hand.goes_to(path)
        assert await hand.page.evaluate("document.documentElement.scrollWidth") <= 320, path


async def test_what_is_tapped_is_large_enough(hand: Hand) -> None:
    for path in ("/", "/scan"):
        await hand.goes_to(path)
        for target in await hand.page.locator("nav a, .button:visible, .list a, .credential").all():
            box = await target.bounding_box()
            assert box is not None
            assert min(box["height"], box["width"]) >= 44, await target.inner_text()


async def test_what_is_not_there_is_said(hand: Hand) -> None:
    for path in ("/nothing", "/credentials/none", "/organisations/none", "/requests/none"):
        await hand.goes_to(path)
        await hand.sees("Page not found")


async def test_a_form_that_was_not_made_for_this_browser_does_nothing(hand: Hand) -> None:
    await hand.goes_to("/scan")

    answer = await hand.page.request.post(f"{hand.origin}/scan", form={"form_token": "0" * 64})

    assert answer.status == 403
    assert "This page was open for too long" in await answer.text()


async def test_a_form_of_another_site_does_nothing(hand: Hand) -> None:
    await hand.goes_to("/scan")
    token = await hand.page.locator("input[name=form_token]").input_value()
    form: dict[str, str | float | bool] = {"form_token": token, "invitation": "nonsense"}

    foreign = await hand.page.request.post(
        f"{hand.origin}/scan", form=form, headers={"Origin": "https://x.example"}
    )

    assert foreign.status == 403


async def test_who_names_it_otherwise_gets_nothing(hand: Hand) -> None:
    answer = await hand.page.request.get(hand.origin, headers={"Host": "x.example"})

    assert answer.status == 421
    assert "<html" not in await answer.text()


async def test_a_browser_is_told_to_load_nothing_from_elsewhere_and_to_keep_no_page(hand: Hand) -> None:
    answer = await hand.page.request.get(hand.origin)

    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["cache-control"] == "no-store"
    (cookie,) = await hand.page.context.cookies()
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Lax")


async def test_the_control_port_has_none_of_these_pages(network: Network, origin: str) -> None:
    wallet = network.wallets["person-with-a-phone"]
    async with network.session.get(f"{wallet.base}/history") as answer:
        assert answer.status == 404
    assert wallet.base != origin

"""A host invites a person, asks to see their passport, and decides: the real network, the real wallet."""

import asyncio
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Locator, expect

from portal.pages.claims import PROVENANCE
from staff_passport.demo.network import CALDER_BAY, NORTHMOOR, Network
from staff_passport.demo.onboarding import nominate
from tests.browser.conftest import Opens, Visitor
from tests.support.holder import Holder
from tests.support.journey import Issued, a_review, as_owner, credentials, host, hr, verdict
from tests.support.portal import RunningPortal, SignsIn

type Json = dict[str, Any]
REVIEWS = "Calder Bay Community Care Reviews"
VERDICTS = "Calder Bay Community Care Verdicts"
REQUEST = "What was asked and shown"
NARROW = 320
SECONDS = 60
"""How long somebody looks again and again."""


@pytest.fixture(scope="session")
async def wanjiru(network: Network, portal: RunningPortal) -> SignsIn:
    """A verifier of Calder Bay."""
    email = "wanjiru.reviews@calder-bay.example"
    await nominate(network, network.client(CALDER_BAY), email, {"roles": ["verifier"]})
    return await portal.account(email)


@pytest.fixture(scope="session")
async def robin(network: Network) -> Holder:
    """A person with a wallet of their own."""
    return Holder(network, await network.start_wallet("robin-at-calder-bay"))


@pytest.fixture(scope="session")
async def passport(robin: Holder) -> Issued:
    """Robin's, which Northmoor issued."""
    return await robin.an_active_passport("nurse")


async def comes(visitor: Visitor, person: SignsIn, to: str = "/reviews") -> None:
    await visitor.goes_to(to)
    await visitor.signs_in(person, code=person.recovery_code())


async def begins(visitor: Visitor, purpose: str) -> str:
    """Begin a review in the browser; the invitation's link."""
    await visitor.page.get_by_role("button", name="Begin a review").click()
    await visitor.sees("Begin a review", screen=pictured(visitor, "review-new"))
    await visitor.page.get_by_label("Purpose").fill(purpose)
    await visitor.page.get_by_role("button", name="Make the invitation").click()
    await visitor.sees("Review", screen=pictured(visitor, "review-invited"))
    await visitor.page.get_by_text("They cannot scan it").click()
    return await visitor.page.locator(".portal-copied").inner_text()


async def asks(visitor: Visitor, *only: str) -> None:
    """Choose, and ask; for everything, unless something is named."""
    await visitor.sees("Choose what to ask for", screen=pictured(visitor, "review-ask"))
    for each in ("Identity", "Employment", "Employment checks") if only else ():
        await visitor.page.get_by_role("checkbox", name=each, exact=True).set_checked(each in only)
    await visitor.page.get_by_role("button", name="Ask the person").click()
    await visitor.sees("Review")


async def accepts(visitor: Visitor, reason: str) -> None:
    """Decide, at the second try."""
    await visitor.page.get_by_role("link", name="Accept or reject").click()
    await visitor.sees("Accept or reject")
    await visitor.page.get_by_role("button", name="Decide").click()
    await visitor.sees(
        "Accept or reject",
        title="Error: Accept or reject",
        screen=pictured(visitor, "review-decision-error"),
    )
    await visitor.page.get_by_label("Accept", exact=True).check()
    await visitor.page.get_by_label("Reason").fill(reason)
    await visitor.page.get_by_role("button", name="Decide").click()
    await visitor.sees(REQUEST)


def pictured(visitor: Visitor, screen: str) -> str | None:
    """The pictures are those of a browser with scripts."""
    return screen if visitor.scripts else None


async def provenance(visitor: Visitor, credential: str) -> Mapping[str, str]:
    """What the issuer says of where a credential comes from; it is there to be opened."""
    said = f"What its issuer says of where it comes from: {credential}"
    summary = visitor.page.get_by_text(said, exact=True)
    part = visitor.page.get_by_role("group").filter(has=summary)
    origin = part.get_by_text("Origin", exact=True)
    assert not await origin.is_visible()
    await summary.click()
    await expect(origin).to_be_visible()
    keys = await part.locator("dt").all_inner_texts()
    return dict(zip(keys, await part.locator("dd").all_inner_texts(), strict=True))


async def looks_again(visitor: Visitor, wanted: Locator) -> None:
    """Follow the link that pages without scripts have, until something is there."""
    async with asyncio.timeout(SECONDS):
        while not await wanted.is_visible():
            await visitor.page.get_by_role("link", name="See how it stands now").click()


async def fits(visitor: Visitor) -> None:
    """Nothing is wider than a narrow screen."""
    assert await visitor.page.evaluate("document.documentElement.scrollWidth") <= NARROW, visitor.page.url


async def test_a_host_invites_asks_sees_and_accepts_without_loading_a_page_again(
    visitor: Visitor, wanjiru: SignsIn, robin: Holder, passport: Issued, network: Network
) -> None:
    await comes(visitor, wanjiru)
    await visitor.sees(REVIEWS, title="Reviews", screen="reviews")
    link = await begins(visitor, "Starting work on Ward 4")
    await expect(visitor.page.get_by_alt_text("QR code of the invitation")).to_be_visible()

    await robin.connect(link)
    choose = visitor.page.get_by_role("button", name="Choose what to ask for")
    await expect(choose).to_be_visible()
    await expect(visitor.page.get_by_role("status")).to_have_text("The review is now: Connected")
    await choose.click()
    await expect(visitor.page.get_by_text("You will see: Legal first name")).to_be_visible()
    await asks(visitor, "Identity", "Employment")

    await expect(visitor.page.get_by_text("Waiting for the person").first).to_be_visible()
    await robin.present()
    await expect(visitor.page.get_by_role("heading", name="Checks passed")).to_be_visible()
    await visitor.sees("Review", screen="review-answered")

    await visitor.page.get_by_role("link", name="See what was shown").click()
    await visitor.sees(REQUEST, screen="review-verdict")
    told = await visitor.page.get_by_role("main").inner_text()
    assert told.count("Northmoor Teaching Hospitals (ZZNM1)") == len(("identity", "employment"))
    assert "Counts" in told
    assert network.dids[NORTHMOOR.ods_code] in told

    for credential in ("identity", "employment"):
        told_of = await provenance(visitor, credential)
        assert list(told_of) == list(PROVENANCE.values())
        assert told_of["Origin"] == "ESR"
        assert told_of["Passport reference"] != "\N{EN DASH}"
    await visitor.sees(REQUEST)

    await accepts(visitor, "Original documents were seen")
    decided = visitor.page.get_by_text("Original documents were seen")
    await expect(decided).to_contain_text(f"by {wanjiru.email}")
    assert await visitor.page.get_by_role("link", name="Accept or reject").count() == 0
    request = urlsplit(visitor.page.url).path

    await visitor.goes_to("/")
    await visitor.page.get_by_role("link", name="Checks passed").click()
    await visitor.sees(VERDICTS, title="Verdicts: Checks passed", screen="verdicts")
    row = visitor.page.get_by_role("row").filter(has=visitor.page.locator(f'a[href="{request}"]'))
    await expect(row).to_contain_text("Starting work on Ward 4")
    await expect(row).to_contain_text("Accepted")
    await visitor.page.get_by_label("Verdict").select_option("Being sent")
    await visitor.presses("Show")
    await visitor.sees(VERDICTS, title="Verdicts: Being sent")
    assert await visitor.page.locator(f'a[href="{request}"]').count() == 0


async def test_without_scripts_a_host_goes_from_the_invitation_to_the_decision_on_a_narrow_screen(
    opens: Opens, wanjiru: SignsIn, robin: Holder, passport: Issued, network: Network
) -> None:
    visitor = await opens(javascript=False, width=NARROW)
    await comes(visitor, wanjiru)
    await visitor.sees(REVIEWS, title="Reviews")
    await fits(visitor)
    await robin.connect(await begins(visitor, "Starting work, on paper"))
    await fits(visitor)

    choose = visitor.page.get_by_role("button", name="Choose what to ask for")
    await looks_again(visitor, choose)
    await choose.click()
    await fits(visitor)
    await asks(visitor)
    await robin.present("w3c")
    await looks_again(visitor, visitor.page.get_by_role("heading", name="Checks passed"))
    await visitor.sees("Review")
    await fits(visitor)

    await visitor.page.get_by_role("link", name="See what was shown").click()
    await visitor.sees(REQUEST)
    for credential in ("identity", "employment", "employment checks"):
        assert (await provenance(visitor, credential))["Origin"] == "ESR"
    await fits(visitor)
    await accepts(visitor, "Original documents were seen, on paper")
    await fits(visitor)
    await expect(visitor.page.get_by_text("Original documents were seen, on paper")).to_be_visible()
    await visitor.goes_to("/reviews")
    await fits(visitor)


async def test_without_scripts_a_person_who_says_no_is_neither_refused_nor_accepted(
    opens: Opens, wanjiru: SignsIn, robin: Holder, passport: Issued, network: Network
) -> None:
    visitor = await opens(javascript=False, width=NARROW)
    path = await a_review(network, robin.connect, "They say no")
    await comes(visitor, wanjiru, f"{path}/ask")
    await asks(visitor)
    await robin.refuse_to_present()
    await looks_again(visitor, visitor.page.get_by_role("heading", name="The person said no"))
    await visitor.sees("Review")
    assert await visitor.page.get_by_text("The person declined to present.").is_visible()
    await fits(visitor)

    await visitor.page.get_by_role("link", name="See this request").click()
    await visitor.sees(REQUEST)
    await visitor.page.get_by_role("link", name="Accept or reject").click()
    await visitor.sees("Accept or reject")
    await fits(visitor)
    assert await visitor.page.get_by_label("Accept", exact=True).count() == 0
    await visitor.page.get_by_label("Reject").check()
    await visitor.page.get_by_label("Reason").fill("They will come back with their manager")
    await visitor.page.get_by_role("button", name="Decide").click()
    await visitor.sees(REQUEST)
    assert await visitor.page.get_by_text("They will come back with their manager").is_visible()

    await visitor.goes_to("/verdicts?verdict=declined")
    await visitor.sees(VERDICTS, title="Verdicts: The person said no")
    await fits(visitor)
    await visitor.page.get_by_role("link", name="They say no").first.click()
    await visitor.sees(REQUEST)


async def test_a_review_whose_invitation_nobody_took_up_is_closed_before_the_hosts_eyes(
    visitor: Visitor, wanjiru: SignsIn, network: Network
) -> None:
    await comes(visitor, wanjiru)
    await begins(visitor, "Nobody came")
    review = visitor.page.url.rpartition("/")[2]

    ran_out = "UPDATE verifier.reviews SET invitation_expires_at = now() - interval '1 day' WHERE id = %s"
    as_owner(network, CALDER_BAY, ran_out, review)

    await expect(visitor.page.get_by_text("Nobody took up the invitation in time.")).to_be_visible()
    await visitor.sees("Review", screen="review-closed")
    assert await visitor.page.get_by_alt_text("QR code of the invitation").count() == 0
    assert await visitor.page.get_by_role("button", name="Choose what to ask for").count() == 0


async def test_no_answer_is_said_as_neither_yes_nor_no_and_can_be_asked_again(
    visitor: Visitor, wanjiru: SignsIn, robin: Holder, passport: Issued, network: Network
) -> None:
    path = await a_review(network, robin.connect, "Nobody answers")
    soon = {"types": ["employment"], "answer_within_seconds": 1}
    asked = await host(network).post(f"{path}/presentation-requests", soon)
    await verdict(network, asked)

    await comes(visitor, wanjiru, path)
    await visitor.sees("Review")

    await expect(visitor.page.get_by_role("heading", name="Nobody can tell")).to_be_visible()
    await expect(visitor.page.get_by_text("This is neither a yes nor a no.")).to_be_visible()
    await visitor.page.get_by_role("button", name="Ask again").click()
    await visitor.sees("Choose what to ask for")


async def test_a_form_that_is_sent_twice_begins_one_review(
    visitor: Visitor, wanjiru: SignsIn, network: Network
) -> None:
    await comes(visitor, wanjiru, "/reviews/new")
    await visitor.sees("Begin a review")
    fields = await visitor.page.locator("main form input[type=hidden]").all()
    form: dict[str, str | float | bool] = {
        str(await each.get_attribute("name")): await each.input_value() for each in fields
    }
    form["purpose"] = "Sent twice, begun once"
    origin = visitor.portal.origin
    for _ in range(2):
        answer = await visitor.page.request.post(
            f"{origin}/reviews/new", form=form, headers={"Origin": origin}
        )
        assert answer.ok

    made = (await host(network).get("/reviews?limit=200"))["reviews"]
    assert [review["purpose"] for review in made].count(form["purpose"]) == 1


async def test_a_purpose_is_text_whatever_it_says(visitor: Visitor, wanjiru: SignsIn) -> None:
    hostile = "<img src=x onerror=alert(1)>{{ 7*7 }}"
    await comes(visitor, wanjiru, "/reviews/new")
    await visitor.sees("Begin a review")
    await visitor.page.get_by_role("button", name="Make the invitation").click()
    await visitor.sees("Begin a review", title="Error: Begin a review")

    await visitor.page.get_by_label("Purpose").fill(hostile)
    await visitor.page.keyboard.press("Enter")
    await visitor.sees("Review")
    assert await visitor.page.get_by_text(hostile).is_visible()

    await visitor.goes_to("/reviews")
    await visitor.sees(REVIEWS, title="Reviews")
    assert await visitor.page.get_by_role("link", name=hostile).is_visible()


async def test_anothers_review_is_not_there(
    visitor: Visitor, wanjiru: SignsIn, robin: Holder, network: Network
) -> None:
    theirs = await hr(network).post("/reviews", {"purpose": "Of Northmoor"})
    await comes(visitor, wanjiru, f"/reviews/{theirs['id']}")

    await visitor.sees("Page not found")


async def test_what_was_revoked_is_an_alert_and_is_refused_with_every_reason(
    visitor: Visitor, wanjiru: SignsIn, robin: Holder, passport: Issued, network: Network
) -> None:
    path = await a_review(network, robin.connect, "Before and after")
    asked = await host(network).post(f"{path}/presentation-requests", {"types": ["employment"]})
    await robin.present("w3c")
    assert (await verdict(network, asked))["verdict"] == "accepted"
    held = await credentials(network, passport)
    revoke = {"reason": "employment_ended"}
    await hr(network).post(f"/credentials/{held['employment']['id']}/revocation", revoke)

    await comes(visitor, wanjiru, f"/alerts?review={path.removeprefix('/reviews/')}")
    alert = visitor.page.get_by_role("heading", name="Employment: Revoked by its issuer")
    while not await alert.is_visible():
        await visitor.page.reload()
    await visitor.sees("Calder Bay Community Care Alerts", title="Alerts", screen="alerts")
    await visitor.page.get_by_role("button", name="I have taken note: Employment").first.click()
    await visitor.sees("Calder Bay Community Care Alerts", title="Alerts")

    await visitor.goes_to(f"{path}/requests/{asked['id']}/decision")
    await visitor.sees("Accept or reject")
    assert await visitor.page.get_by_label("Accept", exact=True).count() == 0

    await visitor.goes_to(f"{path}/ask")
    await asks(visitor, "Employment")
    await robin.present("w3c")
    await expect(visitor.page.get_by_role("heading", name="Refused")).to_be_visible()
    told = visitor.page.get_by_text("Revoked by its issuer: employment.")
    await expect(told).to_contain_text("This can be mended by")
    await visitor.sees("Review")

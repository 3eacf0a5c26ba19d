"""What nobody should type or choose, sent by every form that somebody at an organisation can reach."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import uuid4

import pytest
from playwright.async_api import APIResponse, Browser

from portal.dispatch import LARGEST_FORM
from staff_passport.demo.network import CALDER_BAY, NORTHMOOR, OPERATOR, Network
from staff_passport.demo.onboarding import DIRECTOR, nominate
from tests.browser.conftest import Visitor, a_browser
from tests.browser.test_every_page import crawl, faults_of, kind_of
from tests.support.holder import Holder
from tests.support.html_pages import Form, HtmlPage
from tests.support.journey import a_connected_passport, hr, keyed, search, until
from tests.support.portal import RunningPortal

type Fields = dict[str, str | float | bool]

MARKUP = "\"><script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">"
RIGHT_TO_LEFT = "\N{RIGHT-TO-LEFT OVERRIDE}moc.elpmaxe \u05e9\u05dc\u05d5\u05dd"
DOCTOR = "\N{WOMAN}\N{EMOJI MODIFIER FITZPATRICK TYPE-4}\N{ZERO WIDTH JOINER}\N{STAFF OF AESCULAPIUS}"
HOSTILE = {
    "markup": MARKUP,
    "very long": "Wolfeschlegelsteinhausen" * 200,
    "right to left": RIGHT_TO_LEFT,
    "emoji": DOCTOR * 30,
    "lone accents": "\N{COMBINING ACUTE ACCENT}" * 50,
    "line breaks": "one\r\ntwo\x0b\x85three",
}
TAKEN = {
    "markup": MARKUP,
    "as long as can be": "Wolfeschlegelsteinhausen" * 4,
    "right to left": RIGHT_TO_LEFT,
    "emoji": f"Dr {DOCTOR}",
}
"""What may be typed, however strange: a name, a purpose and a reason have it as it is."""
HARMLESS = {"once", "to"}
"""One number of a form is as good as another, and what would lead elsewhere leads to the first page."""
REFUSED = {403, 404, 409, 422}
NOT_ANSWERED = 500
FEWEST = 13
"""Fewer forms than these were not looked for well."""
USER = "typist"
REGISTRATION = ("/registration/details", "/registration/operator")
TARGET = "typed-upon@northmoor.example"
SENDS = """([action, fields]) => {
    const form = Object.assign(document.createElement("form"), {method: "post", action});
    form.append(...Object.entries(fields).map(
        ([name, value]) => Object.assign(document.createElement("input"), {type: "hidden", name, value})));
    document.body.append(form);
    HTMLFormElement.prototype.submit.call(form);
}"""


@dataclass(frozen=True, slots=True)
class TypedUpon:
    """Things that nobody minds being changed."""

    person: str
    passport: str
    found: str
    weak: str
    review: str
    request: str

    @property
    def pages(self) -> list[str]:
        """Those with a form about one of them."""
        return [
            f"/people/{self.person}/changes",
            f"/passports/{self.passport}/confirmation",
            f"/passports/{self.passport}/end",
            f"/issue/{self.found}",
            f"/weak-matches/{self.weak}",
            f"/reviews/{self.review}/ask",
            f"/reviews/{self.review}/requests/{self.request}/decision",
        ]


@dataclass(frozen=True, slots=True)
class Desk:
    """Somebody who may fill in nearly every form, and the forms that they found."""

    visitor: Visitor
    forms: list[Form]

    async def posts(self, action: str, fields: Mapping[str, str]) -> APIResponse:
        """Send a form as it was filled in, for the first time."""
        sent: Fields = {**fields, "form_token": self.forms[0].sent["form_token"], "once": str(uuid4())}
        return await self.visitor.page.request.post(self.visitor.portal.origin + action, form=sent)

    async def sends(self, action: str, fields: Mapping[str, str]) -> int:
        """The same in the browser, which then shows what came of it; its status."""
        token = self.forms[0].sent["form_token"]
        sent = {**fields, "form_token": token, "once": str(uuid4())}
        async with self.visitor.page.expect_navigation() as answer:
            await self.visitor.page.evaluate(SENDS, [action, sent])
        return (await answer.value).status


@pytest.fixture(scope="session")
async def typed_upon(network: Network) -> TypedUpon:
    numbered = {
        "roles": ["administrator", "nominated_user", "auditor"],
        "employee_number": "90100001",
    }
    await nominate(network, network.client(NORTHMOOR), f"{USER}@northmoor.example", numbered)
    target = await nominate(network, network.client(NORTHMOOR), TARGET, {"roles": ["auditor"]})
    holder = Holder(network, await network.start_wallet("typed-upon"))
    review = await hr(network).post("/reviews", {"purpose": "To be typed upon"})
    path = f"/reviews/{review['id']}"
    await holder.connect((await hr(network).get(f"{path}/invitation"))["url"])
    await until(lambda: hr(network).get(path), lambda found: found["state"] == "connected")
    soon = {"types": ["employment"], "answer_within_seconds": 1}
    request = await hr(network).post(f"{path}/presentation-requests", soon)
    weak = await search(network, "nurse", surname="Fenwick", ni_number=None)
    return TypedUpon(
        target["id"],
        (await a_connected_passport(network, "changed-surname", holder.connect)).passport["id"],
        (await search(network, "nurse", user=USER))["search"],
        weak["search"],
        review["id"],
        request["id"],
    )


@asynccontextmanager
async def a_desk(
    chromium: Browser, portal: RunningPortal, email: str, pages: Sequence[str]
) -> AsyncIterator[Desk]:
    async with a_browser(chromium, portal) as visitor:
        await visitor.goes_to("/")
        await visitor.signs_in(await portal.account(email))
        await visitor.page.wait_for_url("**/")
        yield Desk(visitor, await forms_of(visitor, pages))


@pytest.fixture(scope="session")
async def desk(chromium: Browser, portal: RunningPortal, typed_upon: TypedUpon) -> AsyncIterator[Desk]:
    async with a_desk(chromium, portal, f"{USER}@northmoor.example", typed_upon.pages) as found:
        yield found


@pytest.fixture(scope="session")
async def operators_desk(chromium: Browser, portal: RunningPortal, network: Network) -> AsyncIterator[Desk]:
    """Of an operator, and of one application that nobody minds being closed."""
    email = f"{USER}@operator.example"
    await nominate(network, network.client(OPERATOR), email, {"roles": ["operator"]})
    made = await network.client(OPERATOR, USER).post("/applications", {"ods_code": "ZZTY1"})
    pages = [f"/applications/{made['id']}/{each}" for each in ("call-back", "refusal", "closure")]
    async with a_desk(chromium, portal, email, pages) as found:
        yield found


@pytest.fixture(scope="session")
async def directors_desk(chromium: Browser, portal: RunningPortal, network: Network) -> AsyncIterator[Desk]:
    """Of an HR director whose organisation is registered: what they say of it is asked, and not taken."""
    email = f"{USER}@calder-bay.example"
    await nominate(network, network.client(CALDER_BAY, DIRECTOR), email, {"roles": ["hr_director"]})
    async with a_desk(chromium, portal, email, REGISTRATION) as found:
        yield found


async def test_whatever_is_typed_is_answered_by_a_page_and_is_never_more_than_text(desk: Desk) -> None:
    assert len(desk.forms) >= FEWEST, [form.action for form in desk.forms]
    assert await faults_of_hostile_text(desk) == []
    await desk.visitor.goes_to("/people")
    assert await desk.visitor.page.title() == "People \N{EN DASH} Staff Passport"
    assert desk.visitor.noticed == []


async def test_whatever_an_operator_types_is_never_more_than_text(operators_desk: Desk) -> None:
    await takes_nothing_hostile(operators_desk)


async def test_whatever_a_director_types_is_never_more_than_text(directors_desk: Desk) -> None:
    await takes_nothing_hostile(directors_desk)


async def takes_nothing_hostile(desk: Desk) -> None:
    assert await faults_of_hostile_text(desk) == []
    assert await choices_that_were_taken(desk, desk.forms) == {}
    for form in desk.forms:
        await desk.sends(form.action, form.hidden | dict.fromkeys(form.typed, MARKUP))
        assert "taken" not in await desk.visitor.page.title(), form.action
    assert desk.visitor.noticed == []


async def faults_of_hostile_text(desk: Desk) -> list[str]:
    """What was wrong with any answer to a form whose fields all had the same hostile text."""
    return [
        f"{what} in {form.action}: {fault}"
        for form in desk.forms
        if form.typed
        for what, text in HOSTILE.items()
        for fault in faults_of_answer(*await answer_to(desk, form, dict.fromkeys(form.typed, text)))
    ]


async def choices_that_were_taken(desk: Desk, forms: Sequence[Form]) -> dict[str, object]:
    """Every field of the forms that took what was no choice, or whose answer is no page."""
    told = {
        f"{form.action} {name}": await answer_to(desk, form, {name: MARKUP})
        for form in forms
        for name in {*form.chosen, *form.hidden} - HARMLESS
    }
    taken = {what: status for what, (status, _) in told.items() if status not in REFUSED}
    return taken | {what: found for what, answer in told.items() if (found := faults_of_answer(*answer))}


async def test_what_could_not_be_chosen_is_refused(desk: Desk, typed_upon: TypedUpon) -> None:
    check = Form(f"/issue/{typed_upon.found}/check", "post", chosen=["assignment"])

    assert await choices_that_were_taken(desk, [*desk.forms, check]) == {}


@pytest.mark.parametrize("text", TAKEN.values(), ids=TAKEN.keys())
async def test_what_a_form_takes_is_text_where_it_is_shown(desk: Desk, network: Network, text: str) -> None:
    somebody = {"email": f"{uuid4()}@northmoor.example", "role_auditor": "auditor"}
    nurse = await keyed(network, "nurse")
    year, month, day = nurse["date_of_birth"].split("-")
    born = {"year": year, "month": month, "day": day, "ni_number": nurse["ni_number"]}
    sent = {
        "/people/nomination": {"name": text, **somebody},
        "/issue": {"surname": text, "forenames": text, **born},
        "/reviews/new": {"purpose": text},
    }

    for action, fields in sent.items():
        await desk.sends(action, fields)
        assert text in await read(desk), action
        assert "taken" not in await desk.visitor.page.title()
    assert desk.visitor.noticed == []


async def test_a_reason_is_text_whatever_it_says(desk: Desk, typed_upon: TypedUpon, network: Network) -> None:
    request = f"/presentation-requests/{typed_upon.request}"
    await until(lambda: hr(network).get(request), lambda found: found["verdict"] == "unavailable")
    decision = f"/reviews/{typed_upon.review}/requests/{typed_upon.request}/decision"

    await desk.sends(decision, {"decision": "rejected", "reason": MARKUP})

    await desk.visitor.sees("What was asked and shown")
    assert MARKUP in await desk.visitor.page.get_by_role("main").inner_text()


async def test_an_empty_form_is_shown_again_and_whoever_sees_no_screen_is_led_to_what_is_wrong(
    desk: Desk,
) -> None:
    page = desk.visitor.page
    for form in desk.forms:
        status = await desk.sends(form.action, form.hidden | dict.fromkeys(form.typed, ""))

        summary = page.locator(".nhsuk-error-summary")
        assert status == 422, form.action
        assert (await page.title()).startswith("Error: "), form.action
        assert await summary.evaluate("it => it === document.activeElement"), form.action
        await summary.get_by_role("link").first.click()
        focused = await page.evaluate("document.activeElement.id")
        shown = HtmlPage(await page.content())
        assert shown.summary, form.action
        assert focused == shown.summary[0], form.action
        assert set(shown.summary) <= shown.ids, form.action


async def test_more_than_any_form_has_is_refused_at_the_door(desk: Desk) -> None:
    first, *others = desk.forms
    text = "x" * 10_000_000
    for form in (first, *others):
        answer = await desk.posts(form.action, form.sent | {"anything": text})
        assert answer.status == 413, form.action
        text = "x" * LARGEST_FORM  # the door is one for all: ten megabytes have been tried

    assert await desk.sends("/reviews/new", {"purpose": text}) == 413
    await desk.visitor.sees("That was too much text", screen="error-too-large")


async def forms_of(visitor: Visitor, own: Sequence[str]) -> list[Form]:
    """Every form with something to fill in that can be reached, and acts on nothing of others."""
    found: dict[str, Form] = {}

    def look(address: str, page: HtmlPage) -> None:
        for form in page.forms:
            form.action = form.action or address
            is_own = "/*" not in kind_of(form.action) or form.action in own
            if form.method == "post" and form.is_filled_in and is_own:
                found.setdefault(form.action, form)

    await crawl(visitor, *own, "/", look=look)
    assert {*own} <= found.keys(), {*own} - found.keys()
    return list(found.values())


async def answer_to(desk: Desk, form: Form, changed: Mapping[str, str]) -> tuple[int, str]:
    """What comes of a form that is as it was shown but for what was `changed`."""
    fields: Fields = {**form.sent, **changed}
    answer = await desk.visitor.page.request.post(desk.visitor.portal.origin + form.action, form=fields)
    return answer.status, await answer.text()


def faults_of_answer(status: int, html: str) -> list[str]:
    faults = [] if status < NOT_ANSWERED else [str(status)]
    if "<script>document" in html or "<img src=x" in html:
        faults.append("what was typed became part of the page")
    return faults + faults_of(HtmlPage(html))


async def read(desk: Desk) -> str:
    """Whatever stands on the page, what stands in its fields included."""
    return HtmlPage(await desk.visitor.page.content()).text

"""What nobody should type, typed into every form that somebody at an organisation can reach."""

import pytest

from staff_passport.demo.network import NORTHMOOR, Network
from staff_passport.demo.onboarding import nominate
from tests.browser.conftest import Visitor
from tests.browser.test_every_page import crawl, faults_of, kind_of
from tests.support.html_pages import Form, HtmlPage
from tests.support.portal import RunningPortal, SignsIn

MARKUP = "\"><script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">"
HOSTILE = {
    "markup": MARKUP,
    "very long": "Wolfeschlegelsteinhausen" * 200,
    "right to left": "\N{RIGHT-TO-LEFT OVERRIDE}moc.elpmaxe \u05e9\u05dc\u05d5\u05dd",
    "emoji": "\N{WOMAN}\N{EMOJI MODIFIER FITZPATRICK TYPE-4}\N{ZERO WIDTH JOINER}\N{STAFF OF AESCULAPIUS}"
    * 30,
    "lone accents": "\N{COMBINING ACUTE ACCENT}" * 50,
    "line breaks": "one\r\ntwo\x0b\x85three",
}
NOT_ANSWERED = 500
FEWEST = 6
"""Fewer kinds of form than this were not looked for well."""
USER = "typist@northmoor.example"
TARGET = "typed-upon@northmoor.example"


@pytest.fixture(scope="session")
async def typist(network: Network, portal: RunningPortal) -> SignsIn:
    """Somebody who may fill in nearly every form."""
    await nominate(
        network,
        network.client(NORTHMOOR),
        USER,
        {"roles": ["administrator", "nominated_user", "auditor"]},
    )
    return await portal.account(USER)


@pytest.fixture(scope="session")
async def own(network: Network) -> list[str]:
    """Pages of things that nobody minds being changed."""
    await nominate(network, network.client(NORTHMOOR), TARGET, {"roles": ["auditor"]})
    known = (await network.client(NORTHMOOR).get("/people?limit=100"))["people"]
    [target] = [one["id"] for one in known if one["email"] == TARGET]
    return [f"/people/{target}/changes"]


async def test_whatever_is_typed_is_answered_by_a_page_and_is_never_more_than_text(
    visitor: Visitor, typist: SignsIn, own: list[str]
) -> None:
    await visitor.goes_to("/")
    await visitor.signs_in(typist)
    await visitor.page.wait_for_url("**/")
    forms = await forms_of(visitor, own)

    faults = [
        f"{what} in {form.action}: {fault}"
        for what, text in HOSTILE.items()
        for form in forms
        for fault in await faults_when_sent(visitor, form, text)
    ]

    assert len(forms) >= FEWEST, [form.action for form in forms]
    assert faults == []
    await visitor.goes_to("/people")
    assert await visitor.page.title() == "People \N{EN DASH} Staff Passport"
    assert visitor.noticed == []


async def test_an_empty_form_is_shown_again_with_a_summary_that_leads_to_its_fields(
    visitor: Visitor, typist: SignsIn, own: list[str]
) -> None:
    await visitor.goes_to("/")
    await visitor.signs_in(typist)
    await visitor.page.wait_for_url("**/")

    for form in await forms_of(visitor, own):
        fields: dict[str, str | float | bool] = {**form.sent, **dict.fromkeys(form.typed, "")}
        answer = await visitor.page.request.post(visitor.portal.origin + form.action, form=fields)
        page = HtmlPage(await answer.text())

        assert answer.status == 422, form.action
        assert page.title.strip().startswith("Error: "), form.action
        assert page.summary, form.action
        assert set(page.summary) <= page.ids, form.action


async def test_whoever_sees_no_screen_is_led_to_what_is_wrong(visitor: Visitor, typist: SignsIn) -> None:
    await visitor.goes_to("/issue")
    await visitor.signs_in(typist)
    await visitor.page.get_by_label("Surname").wait_for()

    await visitor.presses("Search ESR")

    summary = visitor.page.locator(".nhsuk-error-summary")
    assert await summary.evaluate("it => it === document.activeElement")
    await summary.get_by_role("link").first.click()
    first = await visitor.page.evaluate("document.activeElement.id")
    assert first == "surname"


async def test_ten_megabytes_in_a_field_are_refused_at_the_door(
    visitor: Visitor, typist: SignsIn, own: list[str]
) -> None:
    await visitor.goes_to("/")
    await visitor.signs_in(typist)
    await visitor.page.wait_for_url("**/")

    for form in await forms_of(visitor, own):
        answer = await sent(visitor, form, "x" * 10_000_000)
        assert answer == 413, form.action


async def forms_of(visitor: Visitor, own: list[str]) -> list[Form]:
    """Every kind of form with something to type that can be reached, and acts on nothing of others."""
    found: dict[str, Form] = {}

    def look(address: str, page: HtmlPage) -> None:
        for form in page.forms:
            action = form.action or address
            if form.method == "post" and form.typed and ("/*" not in kind_of(action) or address in own):
                form.action = action
                found.setdefault(kind_of(action), form)

    await crawl(visitor, *own, "/", look=look)
    return list(found.values())


async def faults_when_sent(visitor: Visitor, form: Form, text: str) -> list[str]:
    fields: dict[str, str | float | bool] = {**form.sent, **dict.fromkeys(form.typed, text)}
    answer = await visitor.page.request.post(visitor.portal.origin + form.action, form=fields)
    html = await answer.text()
    faults = [] if answer.status < NOT_ANSWERED else [str(answer.status)]
    if "<script>document" in html or "<img src=x" in html:
        faults.append("what was typed became part of the page")
    return faults + faults_of(HtmlPage(html))


async def sent(visitor: Visitor, form: Form, text: str) -> int:
    fields: dict[str, str | float | bool] = {**form.sent, form.typed[0]: text}
    answer = await visitor.page.request.post(visitor.portal.origin + form.action, form=fields)
    return answer.status

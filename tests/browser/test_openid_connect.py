"""Signing in at a provider, as a person does it; a certified one, and both of us real."""

from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
from playwright.async_api import Page

from tests.browser.conftest import Opens, Visitor
from tests.support.journey import paused
from tests.support.portal import RunningPortal
from tests.support.providers import CARD, MAIL, NAMES, PortalElsewhere

EMAIL = "imogen@northmoor.example"
HOME = "Northmoor Teaching Hospitals Home"


@pytest.fixture
def portal(two_providers: PortalElsewhere) -> RunningPortal:
    return two_providers.portal


async def leaves(visitor: Visitor, provider: str = CARD, *, to: str = "/") -> None:
    """Press the button, and stand before the provider's page."""
    await visitor.goes_to(to)
    await visitor.sees("Sign in")
    await visitor.page.get_by_role("button", name=f"Sign in with {NAMES[provider]}").click()
    await visitor.page.get_by_role("heading", name="Who are you?").wait_for()


async def says(visitor: Visitor, who: str, *, weakly: bool = False) -> None:
    """Answer the provider."""
    if weakly:
        await visitor.page.get_by_label("With a password alone").check()
    await visitor.page.get_by_role("button", name=who, exact=True).click()


async def is_told(visitor: Visitor, sentence: str) -> None:
    """Stand before the sign-in page, which says why."""
    await visitor.sees("Sign in", title="Error: Sign in")
    assert sentence in await visitor.page.get_by_role("alert").inner_text()


async def stopped_on_the_way_back(visitor: Visitor) -> str:
    """Sign in at the provider, and stop before the portal hears of it; the address of its answer."""
    await leaves(visitor)
    answer = await visitor.page.request.post(visitor.page.url, form={"person": "imogen-1"}, max_redirects=0)
    while "/sign-in/back/" not in answer.headers["location"]:
        onwards = urljoin(answer.url, answer.headers["location"])
        answer = await visitor.page.request.get(onwards, max_redirects=0)
    return answer.headers["location"]


@pytest.mark.parametrize("provider", [CARD, MAIL])
async def test_somebody_signs_in_at_a_provider_and_out_of_both(visitor: Visitor, provider: str) -> None:
    await leaves(visitor, provider)
    await says(visitor, EMAIL)
    await visitor.sees(HOME, title="Home")

    await visitor.page.get_by_role("button", name="Sign out").click()
    await visitor.page.get_by_role("button", name="Yes, sign me out").click()
    await visitor.sees("You have signed out")

    await leaves(visitor, provider)  # asks who it is: it has forgotten, too


async def test_one_comes_back_to_the_page_that_was_asked_for(visitor: Visitor) -> None:
    await leaves(visitor, to="/passports?state=active")
    await says(visitor, EMAIL)

    await visitor.sees("Northmoor Teaching Hospitals Passports", title="Passports")
    assert await visitor.page.get_by_label("State").input_value() == "active"


async def test_it_works_without_javascript(opens: Opens) -> None:
    visitor = await opens(javascript=False)
    await visitor.goes_to("/")
    await visitor.page.get_by_role("button", name=f"Sign in with {NAMES[MAIL]}").click()
    await says(visitor, EMAIL)

    assert await visitor.heading() == HOME


async def test_who_signed_in_too_weakly_is_not_let_in(visitor: Visitor) -> None:
    await leaves(visitor)
    await says(visitor, EMAIL, weakly=True)

    await is_told(visitor, "not strongly enough for this service")
    await visitor.goes_to("/passports")
    await visitor.sees("Sign in")


async def test_an_address_that_nobody_has_checked_is_nobodys(visitor: Visitor) -> None:
    await leaves(visitor, MAIL)
    await says(visitor, "unverified@northmoor.example")

    await is_told(visitor, "Invented Mail has not checked that your e-mail address is yours")


async def test_an_address_that_was_given_to_somebody_else_does_not_bring_what_its_first_owner_had(
    opens: Opens,
) -> None:
    first, second = await opens(), await opens()
    await leaves(first)
    await says(first, EMAIL)
    await first.sees(HOME, title="Home")

    await leaves(second)
    await says(second, "Imogen@northmoor.example")

    await is_told(second, "as another person than before")


async def test_who_does_not_want_to_is_back_at_the_sign_in_page(visitor: Visitor) -> None:
    await leaves(visitor)
    await says(visitor, "Cancel")

    await is_told(visitor, "You did not finish signing in with Invented Smartcards")


async def test_an_answer_with_another_state_counts_for_nothing(visitor: Visitor) -> None:
    answer = await stopped_on_the_way_back(visitor)
    state = parse_qs(urlsplit(answer).query)["state"][0]

    await visitor.page.goto(answer.replace(state, "x" * len(state)))

    await is_told(visitor, "a sign-in that you began in this browser")


async def test_the_code_of_another_browser_counts_for_nothing(opens: Opens) -> None:
    attacker, victim = await opens(), await opens()
    answer = await stopped_on_the_way_back(attacker)

    await victim.page.goto(answer)
    await is_told(victim, "a sign-in that you began in this browser")

    await leaves(victim)  # now the victim has one under way, which is another one
    await victim.page.goto(answer)
    await is_told(victim, "a sign-in that you began in this browser")


async def test_an_answer_counts_once(visitor: Visitor) -> None:
    answer = await stopped_on_the_way_back(visitor)
    await visitor.page.goto(answer)
    await visitor.sees(HOME, title="Home")

    await visitor.page.goto(answer)

    await is_told(visitor, "a sign-in that you began in this browser")


async def test_the_answer_of_one_provider_is_not_taken_for_anothers(visitor: Visitor) -> None:
    answer = await stopped_on_the_way_back(visitor)

    await visitor.page.goto(answer.replace(f"/back/{CARD}", f"/back/{MAIL}"))

    await is_told(visitor, "a sign-in that you began in this browser")


@pytest.mark.parametrize("issuer", ["http://127.0.0.1:1", None])
async def test_an_answer_that_does_not_name_its_issuer_is_refused(
    visitor: Visitor, issuer: str | None
) -> None:
    """RFC 9207: the provider says that it always does."""
    answer = await stopped_on_the_way_back(visitor)
    without, _, _ = answer.partition("&iss=")

    await visitor.page.goto(without if issuer is None else f"{without}&iss={issuer}")

    await is_told(visitor, "did not give us what we need")


async def test_who_is_signed_in_and_signs_in_again_is_asked_again(visitor: Visitor) -> None:
    await leaves(visitor)
    await says(visitor, EMAIL)
    await visitor.sees(HOME, title="Home")

    await visitor.goes_to("/sign-in")
    await visitor.page.get_by_role("button", name=f"Sign in with {NAMES[CARD]}").click()

    await visitor.page.get_by_role("heading", name="Who are you?").wait_for()


async def test_a_provider_that_is_away_is_said_and_others_sign_in_meanwhile(
    visitor: Visitor, two_providers: PortalElsewhere, portal: RunningPortal
) -> None:
    await portal.remove_if_there("kofi@northmoor.example")
    local = await portal.account("kofi@northmoor.example")
    answer = await stopped_on_the_way_back(visitor)
    with paused(two_providers.providers[CARD].process):
        await visitor.page.goto(answer)
        await is_told(visitor, "Invented Smartcards is not answering at the moment")

        await visitor.signs_in(local)
        await visitor.sees(HOME, title="Home")


async def test_how_somebody_signs_in_elsewhere_is_changed_there(visitor: Visitor) -> None:
    await leaves(visitor)
    await says(visitor, EMAIL)
    await visitor.sees(HOME, title="Home")

    await visitor.page.get_by_role("link", name=EMAIL).click()

    await visitor.sees("Your sign-in")
    assert "with Invented Smartcards" in await visitor.page.get_by_role("main").inner_text()
    await visitor.goes_to("/your-sign-in/password")
    await visitor.sees("You cannot do this")


async def test_who_is_removed_is_signed_out(visitor: Visitor, portal: RunningPortal) -> None:
    await leaves(visitor)
    await says(visitor, EMAIL)
    await visitor.sees(HOME, title="Home")

    await portal.remove(EMAIL)
    await visitor.page.reload()

    await visitor.sees("Sign in")


async def test_forms_lead_to_providers_only_where_somebody_signs_in_or_out(
    opens: Opens, two_providers: PortalElsewhere
) -> None:
    visitor = await opens()
    pages = {name: provider.issuer for name, provider in two_providers.providers.items()}

    assert await forms_lead_to(visitor.page, f"{visitor.portal.origin}/sign-in") == {
        "'self'",
        *pages.values(),
    }
    assert await forms_lead_to(visitor.page, f"{visitor.portal.origin}/signed-out") == {"'self'"}
    await leaves(visitor)
    await says(visitor, EMAIL)
    await visitor.sees(HOME, title="Home")
    assert await forms_lead_to(visitor.page, f"{visitor.portal.origin}/") == {"'self'", pages[CARD]}


async def forms_lead_to(page: Page, address: str) -> set[str]:
    """What the policy of a page lets its forms lead to."""
    answer = await page.request.get(address)
    directives = answer.headers["content-security-policy"].split("; ")
    return set(next(each for each in directives if each.startswith("form-action")).split()[1:])

"""Choosing for which organisation to act."""

import asyncio

from starlette.responses import Response

from portal.agent_client.people import PeopleCalls
from portal.errors import NotPermitted, PageError
from portal.forms.fields import FieldError, by_field, summary
from portal.forms.organisations import ChoiceForm
from portal.pages.invitations import SAY_WHERE
from portal.pages.organisations import Choice
from portal.permissions import PageTable
from portal.visits import SignedInVisit, local_path, see_other

PAGES = PageTable()


@PAGES.signed_in("GET", "/organisations")
async def ask(visit: SignedInVisit) -> Response:
    """Ask for which, unless there is but one and somebody has just come in."""
    to = local_path(visit.request.query_params.get("to"))
    if to.startswith(SAY_WHERE):
        return see_other(to)
    choice = await _choice(visit)
    if choice.only is not None and "to" in visit.request.query_params:
        await visit.portal.sessions.choose(visit.session, choice.only)
        return see_other(to)
    return _page(visit, choice, to)


@PAGES.signed_in("POST", "/organisations")
async def choose(visit: SignedInVisit) -> Response:
    """Act for one, if the person is known there. Raises `NotPermitted` or `NotFound`."""
    form, to = ChoiceForm.read(visit.form), local_path(visit.form.get("to"))
    if form.errors:
        return _page(visit, await _choice(visit), to, form.errors)
    await PeopleCalls(visit.portal.agents.calls(form.organisation, visit.session)).me()
    await visit.portal.sessions.choose(visit.session, form.organisation)
    return see_other(to)


async def _choice(visit: SignedInVisit) -> Choice:
    organisations = visit.portal.settings.organisations
    answers = await asyncio.gather(*(_is_known(visit, code) for code in organisations))
    asked = dict(zip(organisations, answers, strict=True))
    known = {code: organisations[code].name for code, answer in asked.items() if answer}
    unasked = [organisations[code].name for code, answer in asked.items() if answer is None]
    return Choice(known, unasked)


async def _is_known(visit: SignedInVisit, organisation: str) -> bool | None:
    """Whether the person acts there; None where the agent does not say."""
    try:
        await PeopleCalls(visit.portal.agents.calls(organisation, visit.session)).me()
    except NotPermitted:
        return False
    except PageError:
        return None
    return True


def _page(visit: SignedInVisit, choice: Choice, to: str, errors: tuple[FieldError, ...] = ()) -> Response:
    return visit.render(
        "organisations.html",
        status=422 if errors else 200,
        choice=choice,
        to=to,
        errors=by_field(errors),
        summary=summary(errors),
    )

"""A host's reviews: begin one, invite, ask, see what came of it, and decide."""

import asyncio

from starlette.responses import Response

from agent.domain.actors import Permission
from portal.agent_client.local_settings import LocalSettingsCalls
from portal.agent_client.reviews import (
    Invitation,
    Request,
    Review,
    ReviewCalls,
    TrustedOrganisation,
)
from portal.errors import CannotBeRead, NotFound, Refused, Unavailable
from portal.forms.fields import FieldError, by_field, identifier, read_cursor, summary
from portal.forms.reviews import AskForm, DecisionForm, PurposeForm, ReviewFilter
from portal.pages.reviews import (
    ask_choices,
    decision_choices,
    request_line,
    review_list,
    review_page,
    shown,
)
from portal.permissions import PageTable
from portal.visits import ActingVisit, see_other

PAGES = PageTable()


@PAGES.page("GET", "/reviews", permission=Permission.REVIEW_READ, reads=True)
async def reviews(visit: ActingVisit) -> Response:
    """One page of the list."""
    chosen = ReviewFilter.read(visit.request.query_params)
    page = await ReviewCalls(visit.calls).page(state=chosen.state, cursor=chosen.cursor)
    return visit.render("reviews.html", list=review_list(page, chosen))


@PAGES.page("GET", "/reviews/new", permission=Permission.REVIEW_REQUEST)
async def new(visit: ActingVisit) -> Response:
    """Ask what for."""
    return _new(visit, PurposeForm.read(visit.draft), ())


@PAGES.page("POST", "/reviews/new", permission=Permission.REVIEW_REQUEST)
async def begin(visit: ActingVisit) -> Response:
    """Begin one, with an invitation to the person."""
    form = PurposeForm.read(visit.form)
    if form.errors:
        return _new(visit, form, form.errors)
    try:
        made = await ReviewCalls(visit.calls).begin(form.purpose, key=visit.key())
    except CannotBeRead as error:
        return _new(visit, form, _field_errors(error))
    return see_other(f"/reviews/{made.id}")


@PAGES.page("GET", "/reviews/{review}", permission=Permission.REVIEW_READ, reads=True)
async def review(visit: ActingVisit) -> Response:
    """How one stands, while somebody looks."""
    calls, held = ReviewCalls(visit.calls), await _review(visit)
    page, invitation = await asyncio.gather(
        calls.requests(held.id, cursor=read_cursor(visit.request.query_params)), _invitation(visit, held)
    )
    return visit.render("review.html", live=True, shown=review_page(held, page, invitation))


@PAGES.page("GET", "/reviews/{review}/ask", permission=Permission.REVIEW_REQUEST)
async def choose(visit: ActingVisit) -> Response:
    """Ask what to ask for."""
    held, known = await asyncio.gather(_review(visit), LocalSettingsCalls(visit.calls).current())
    form = AskForm.read(visit.draft) if visit.draft else AskForm.usual(known)
    return _ask(visit, held, form, ())


@PAGES.page("POST", "/reviews/{review}/ask", permission=Permission.REVIEW_REQUEST)
async def ask(visit: ActingVisit) -> Response:
    """Ask the person."""
    held, form = await _review(visit), AskForm.read(visit.form)
    if form.errors:
        return _ask(visit, held, form, form.errors)
    try:
        await ReviewCalls(visit.calls).ask(
            held.id,
            form.types,
            formats=form.formats,
            answer_within_seconds=form.waits_seconds,
            key=visit.key(),
        )
    except Refused as refused:
        return _ask(visit, held, form, _said(refused))
    return see_other(f"/reviews/{held.id}")


@PAGES.page("GET", "/reviews/{review}/requests/{request}", permission=Permission.REVIEW_READ)
async def request(visit: ActingVisit) -> Response:
    """The verdict with every reason, and what was presented with where it comes from."""
    held = await _review(visit)
    found = await _request(visit, held)
    issuers = await _issuers(visit, found)
    return visit.render(
        "review_request.html",
        live=True,
        review=held,
        line=request_line(found),
        credentials=[shown(each, issuers) for each in found.credentials],
    )


@PAGES.page("GET", "/reviews/{review}/requests/{request}/decision", permission=Permission.REVIEW_REQUEST)
async def consider(visit: ActingVisit) -> Response:
    """Ask for the decision, and why."""
    held = await _review(visit)
    return _decision(visit, held, await _request(visit, held), DecisionForm.read(visit.draft), ())


@PAGES.page("POST", "/reviews/{review}/requests/{request}/decision", permission=Permission.REVIEW_REQUEST)
async def decide(visit: ActingVisit) -> Response:
    """Decide."""
    held, form = await _review(visit), DecisionForm.read(visit.form)
    found = await _request(visit, held)
    if form.errors:
        return _decision(visit, held, found, form, form.errors)
    try:
        await ReviewCalls(visit.calls).decide(found.id, form.chosen, form.reason, key=visit.key())
    except Refused as refused:
        return _decision(visit, held, found, form, _said(refused))
    return see_other(f"/reviews/{held.id}/requests/{found.id}")


async def _review(visit: ActingVisit) -> Review:
    return await ReviewCalls(visit.calls).review(identifier(visit.request.path_params["review"]))


async def _request(visit: ActingVisit, held: Review) -> Request:
    found = await ReviewCalls(visit.calls).request(identifier(visit.request.path_params["request"]))
    if found.review != held.id:
        raise NotFound("request_of_another_review")
    return found


async def _invitation(visit: ActingVisit, held: Review) -> Invitation | None:
    """While it waits to be taken up, for whoever may invite."""
    if not held.waits_for_the_person or Permission.REVIEW_REQUEST not in visit.permissions:
        return None
    try:
        return await ReviewCalls(visit.calls).invitation(held.id)
    except NotFound:
        return None


async def _issuers(visit: ActingVisit, found: Request) -> dict[str, TrustedOrganisation | None]:
    dids = sorted({each.issuer for each in found.credentials})
    return dict(zip(dids, await asyncio.gather(*(_issuer(visit, did) for did in dids)), strict=True))


async def _issuer(visit: ActingVisit, did: str) -> TrustedOrganisation | None:
    """As the trust list has it; None where it has none, or does not answer."""
    try:
        return await ReviewCalls(visit.calls).issuer(did)
    except (NotFound, Unavailable):
        return None


def _said(refused: Refused) -> tuple[FieldError, ...]:
    return tuple(FieldError(None, sentence) for sentence in refused.sentences)


def _field_errors(error: CannotBeRead) -> tuple[FieldError, ...]:
    return tuple(FieldError(field, sentence) for field, sentence in error.fields.items())


def _new(visit: ActingVisit, form: PurposeForm, errors: tuple[FieldError, ...]) -> Response:
    return visit.render(
        "review_new.html",
        status=422 if errors else 200,
        form=form,
        errors=by_field(errors),
        summary=summary(errors),
    )


def _ask(visit: ActingVisit, held: Review, form: AskForm, errors: tuple[FieldError, ...]) -> Response:
    return visit.render(
        "review_ask.html",
        status=422 if errors else 200,
        review=held,
        choices=ask_choices(form),
        errors=by_field(errors),
        summary=summary(errors),
    )


def _decision(
    visit: ActingVisit, held: Review, found: Request, form: DecisionForm, errors: tuple[FieldError, ...]
) -> Response:
    return visit.render(
        "review_decision.html",
        status=422 if errors else 200,
        review=held,
        line=request_line(found),
        form=form,
        choices=decision_choices(found, form.decision),
        errors=by_field(errors),
        summary=summary(errors),
    )

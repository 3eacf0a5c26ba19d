"""Administrators' pages: who acts for the organisation, and as what."""

from starlette.responses import Response

from agent.domain.actors import Permission, Role
from portal.agent_client.people import PeopleCalls, Person, PersonId, PersonStep
from portal.errors import CannotBeRead, NotFound, Refused
from portal.forms.fields import FieldError, by_field, of_agent, of_refusal, summary
from portal.forms.people import AT_FIELDS, CHANGED, EXISTS, PeopleFilter, PersonForm
from portal.pages.people import STEPS, offered, people_list, record, role_items, role_words
from portal.permissions import PageTable
from portal.visits import ActingVisit, see_other

PAGES = PageTable()


@PAGES.page("GET", "/people", permission=Permission.PERSON_READ, reads=True)
async def people(visit: ActingVisit) -> Response:
    """One page of the list."""
    chosen = PeopleFilter.read(visit.request.query_params)
    page = await PeopleCalls(visit.calls).page(
        status=chosen.status, role=chosen.role, name=chosen.name, cursor=chosen.cursor
    )
    return visit.render("people.html", list=people_list(page, chosen))


@PAGES.page("GET", "/people/nomination", permission=Permission.PERSON_MANAGE)
async def ask_whom(visit: ActingVisit) -> Response:
    """Ask whom to nominate."""
    return await _form(visit, PersonForm.read(visit.draft), None)


@PAGES.page("POST", "/people/nomination", permission=Permission.PERSON_MANAGE)
async def nominate(visit: ActingVisit) -> Response:
    """Nominate somebody."""
    form = PersonForm.read(visit.form)
    if form.errors:
        return await _form(visit, form, None, form.errors)
    try:
        person = await PeopleCalls(visit.calls).nominate(form.nomination, key=visit.key())
    except (CannotBeRead, Refused) as error:
        return await _form(visit, form, None, _told(error))
    return see_other(f"/people/{person.id}?done=nomination")


@PAGES.page("GET", "/people/{person}", permission=Permission.PERSON_READ)
async def person(visit: ActingVisit) -> Response:
    """One of them."""
    found, done = await _person(visit), visit.request.query_params.get("done")
    return visit.render("person.html", record=record(found, reader=visit.session.email, done=done))


@PAGES.page("GET", "/people/{person}/changes", permission=Permission.PERSON_MANAGE)
async def ask_what(visit: ActingVisit) -> Response:
    """Ask what is to be different."""
    found = await _person(visit)
    return await _form(visit, PersonForm.read(visit.draft) if visit.draft else PersonForm.of(found), found)


@PAGES.page("POST", "/people/{person}/changes", permission=Permission.PERSON_MANAGE)
async def change(visit: ActingVisit) -> Response:
    """Change what differs."""
    found = await _person(visit)
    form = PersonForm.read(visit.form).with_kept(found.roles, await _offered(visit))
    errors = form.errors or (() if form.is_of(found) else (CHANGED,))
    if errors:
        return await _form(visit, form, found, errors)
    try:
        if changes := form.changes(found):
            await PeopleCalls(visit.calls).change(found.id, changes, key=visit.key())
    except (CannotBeRead, Refused) as error:
        return await _form(visit, form, found, _told(error))
    return see_other(f"/people/{found.id}?done=changes")


@PAGES.page("GET", "/people/{person}/{step}", permission=Permission.PERSON_MANAGE)
async def confirm(visit: ActingVisit) -> Response:
    """Say what it means, and ask whether to do it."""
    return _confirmation(visit, await _person(visit))


@PAGES.page("POST", "/people/{person}/{step}", permission=Permission.PERSON_MANAGE)
async def take(visit: ActingVisit) -> Response:
    """Do it."""
    found, step = await _person(visit), _step(visit)
    try:
        await PeopleCalls(visit.calls).take(step, found.id, key=visit.key())
    except Refused as refused:
        return _confirmation(visit, found, of_refusal(refused))
    return see_other(f"/people/{found.id}?done={step}")


async def _person(visit: ActingVisit) -> Person:
    return await PeopleCalls(visit.calls).person(PersonId(visit.request.path_params["person"]))


def _step(visit: ActingVisit) -> PersonStep:
    said = visit.request.path_params["step"]
    if said not in set(PersonStep):
        raise NotFound("no_such_step")
    return PersonStep(said)


def _confirmation(visit: ActingVisit, found: Person, errors: tuple[FieldError, ...] = ()) -> Response:
    return visit.render(
        "person_step.html",
        status=422 if errors else 200,
        step=STEPS[_step(visit)],
        record=record(found, reader=visit.session.email, done=None),
        summary=summary(errors),
    )


async def _form(
    visit: ActingVisit, form: PersonForm, found: Person | None, errors: tuple[FieldError, ...] = ()
) -> Response:
    roles = await _offered(visit)
    kept = frozenset() if found is None else frozenset(found.roles) - frozenset(roles)
    return visit.render(
        "person_form.html",
        status=422 if errors else 200,
        form=form,
        person=found,
        roles=role_items(roles, form.roles),
        kept=role_words(kept),
        errors=by_field(errors),
        summary=summary(errors),
    )


async def _offered(visit: ActingVisit) -> tuple[Role, ...]:
    """Operators are offered where there are some: at the operator alone."""
    operators = await PeopleCalls(visit.calls).page(role=Role.OPERATOR, limit=1)
    return offered(visit.permissions, at_operator=bool(operators.people))


def _told(error: CannotBeRead | Refused) -> tuple[FieldError, ...]:
    if isinstance(error, CannotBeRead):
        return of_agent(error, AT_FIELDS)
    return (EXISTS,) if error.code == "person_exists" else of_refusal(error)

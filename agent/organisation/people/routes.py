"""The people's routes, and those by which somebody becomes one of them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from agent.domain.actors import Permission, Role
from agent.domain.errors import InvalidInput
from agent.domain.registration import domain_of
from agent.domain.workforce import EmployeeNumber, employee_number
from agent.organisation.notifications import Notifications
from agent.organisation.people.records import PersonRow, PersonStatus
from agent.organisation.people.service import Changes, NewPerson, People
from agent.paging import LIMIT, chosen, limit, name_cursor, name_position
from agent.routing import Answer, Body, Call, RouteTable

PEOPLE_ROUTES = RouteTable(
    "organisation", also_asked_for=(Permission.ADMINISTRATOR_NOMINATE, Permission.USER_NOMINATE)
)


def _email(text: str) -> str:
    if domain_of(text) is None:
        raise ValueError("is not an e-mail address")
    return text


def _number(text: str) -> str:
    try:
        return employee_number(text)
    except InvalidInput as error:
        raise ValueError(error.sentence) from error


Name = Annotated[str, Field(min_length=1, max_length=200)]
Email = Annotated[str, Field(max_length=254), AfterValidator(_email)]
Number = Annotated[str, Field(max_length=20), AfterValidator(_number)]
Roles = Annotated[frozenset[Role], Field(min_length=1)]


class NominatePerson(Body):
    """Whom to nominate, and as what."""

    name: Name
    email: Email
    roles: Roles
    employee_number: Number | None = None


class ChangePerson(Body):
    """What is to be different; what is left out stays as it is. A number of null takes the number away."""

    name: Name | None = None
    email: Email | None = None
    roles: Roles | None = None
    employee_number: Number | None = None

    @model_validator(mode="after")
    def _something_changes(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("nothing is to be changed")
        return self


class OpenLink(Body):
    """What stood in the link."""

    token: Annotated[str, Field(min_length=20, max_length=100)]


class NominatedPersonAnswer(Answer):
    """One person who acts, or is to act, for the organisation."""

    id: str
    user: str | None
    name: str
    email: str
    roles: tuple[Role, ...]
    status: PersonStatus
    employee_number: str | None
    added_by: str
    added_at: datetime
    changed_at: datetime
    first_signed_in_at: datetime | None


class OnePersonAnswer(NominatedPersonAnswer):
    """The same, with when they were last sent a message."""

    last_sent_at: datetime | None


class PeopleAnswer(Answer):
    """A page of people; pass `next` as `after` to go on."""

    people: tuple[NominatedPersonAnswer, ...]
    next: str | None


class MeAnswer(Answer):
    """Who acts, and what they may do."""

    user: str
    person: str | None
    permissions: tuple[Permission, ...]


@PEOPLE_ROUTES.get("/me", permission=Permission.ORGANISATION_READ, summary="Who I am here", answer=MeAnswer)
async def me(call: Call[None]) -> MeAnswer:
    """Tell somebody what they may do, of what can be done at this agent."""
    actor = call.actor
    permissions = tuple(sorted(actor.permissions & call.asked_for))
    return MeAnswer(user=actor.id, person=actor.person, permissions=permissions)


@PEOPLE_ROUTES.get(
    "/people",
    permission=Permission.PERSON_READ,
    summary="Who acts for the organisation, by name",
    answer=PeopleAnswer,
    query={
        "status": "only those of this status",
        "role": "only those with this role",
        "name": "only those whose name begins so",
        **LIMIT,
    },
)
async def people(call: Call[None]) -> PeopleAnswer:
    """List people."""
    most = limit(call.query)
    rows = await call.inject(People).page(
        status=chosen(call.query, "status", PersonStatus),
        role=chosen(call.query, "role", Role),
        name=call.query.get("name"),
        after=name_position(call.query),
        limit=most,
    )
    following = name_cursor(rows[-1].name, rows[-1].id) if len(rows) == most else None
    return PeopleAnswer(people=_people(rows), next=following)


@PEOPLE_ROUTES.post(
    "/people",
    permission=Permission.PERSON_MANAGE,
    summary="Nominate somebody, and invite them by e-mail",
    body=NominatePerson,
    answer=NominatedPersonAnswer,
    status=201,
    idempotent=True,
)
async def nominate(call: Call[NominatePerson]) -> NominatedPersonAnswer:
    """Enter somebody; they act once they have taken up their link."""
    said = call.body
    number = EmployeeNumber(said.employee_number) if said.employee_number else None
    new = NewPerson(said.name, said.email, said.roles, number)
    return _person(await call.inject(People).add(new, by=call.actor))


@PEOPLE_ROUTES.get(
    "/people/{person}", permission=Permission.PERSON_READ, summary="One person", answer=OnePersonAnswer
)
async def person(call: Call[None]) -> OnePersonAnswer:
    """Tell of one person."""
    row = await call.inject(People).get(call.path["person"])
    last_sent_at = await call.inject(Notifications).last_sent(row.id)
    return OnePersonAnswer(**_person(row).model_dump(), last_sent_at=last_sent_at)


@PEOPLE_ROUTES.post(
    "/people/{person}/changes",
    permission=Permission.PERSON_MANAGE,
    summary="Change somebody's name, address, roles or ESR employee number",
    body=ChangePerson,
    answer=NominatedPersonAnswer,
)
async def change_person(call: Call[ChangePerson]) -> NominatedPersonAnswer:
    """Change what is given."""
    said = call.body
    changes = Changes(
        name=said.name,
        email=said.email,
        roles=said.roles,
        employee_number=EmployeeNumber(said.employee_number) if said.employee_number else None,
        without_employee_number="employee_number" in said.model_fields_set,
    )
    return _person(await call.inject(People).change(call.path["person"], changes, by=call.actor))


@PEOPLE_ROUTES.post(
    "/people/{person}/invitation",
    permission=Permission.PERSON_MANAGE,
    summary="Send somebody who was invited another link; the first does not work any more",
    answer=NominatedPersonAnswer,
    idempotent=True,
)
async def invite_again(call: Call[None]) -> NominatedPersonAnswer:
    """Send another link."""
    return _person(await call.inject(People).invite_again(call.path["person"], by=call.actor))


@PEOPLE_ROUTES.post(
    "/people/{person}/suspension",
    permission=Permission.PERSON_MANAGE,
    summary="Let somebody do nothing until they are restored",
    answer=NominatedPersonAnswer,
)
async def suspend_person(call: Call[None]) -> NominatedPersonAnswer:
    """Suspend somebody."""
    return _person(await call.inject(People).suspend(call.path["person"], by=call.actor))


@PEOPLE_ROUTES.post(
    "/people/{person}/restoration",
    permission=Permission.PERSON_MANAGE,
    summary="Let somebody act again who was suspended",
    answer=NominatedPersonAnswer,
)
async def restore_person(call: Call[None]) -> NominatedPersonAnswer:
    """Restore somebody."""
    return _person(await call.inject(People).restore(call.path["person"], by=call.actor))


@PEOPLE_ROUTES.post(
    "/people/{person}/removal",
    permission=Permission.PERSON_MANAGE,
    summary="Remove somebody; their sessions and links end at once",
    answer=NominatedPersonAnswer,
)
async def remove_person(call: Call[None]) -> NominatedPersonAnswer:
    """Remove somebody."""
    return _person(await call.inject(People).remove(call.path["person"], by=call.actor))


@PEOPLE_ROUTES.post(
    "/invitation-acceptances",
    permission=Permission.INVITATION_ACCEPT,
    summary="Take up the link that was sent to whoever signed in now",
    body=OpenLink,
    answer=NominatedPersonAnswer,
)
async def accept_invitation(call: Call[OpenLink]) -> NominatedPersonAnswer:
    """Become the person whom the link was made for."""
    return _person(await call.inject(People).accept(call.body.token, by=call.actor))


def _person(row: PersonRow) -> NominatedPersonAnswer:
    return NominatedPersonAnswer.model_validate(
        {name: getattr(row, name) for name in NominatedPersonAnswer.model_fields}
    )


def _people(rows: Iterable[PersonRow]) -> tuple[NominatedPersonAnswer, ...]:
    return tuple(map(_person, rows))

"""The routes of a data controller's duties."""

import json
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from agent.domain.actors import Permission
from agent.domain.errors import InvalidInput
from agent.domain.ports.personal_data import DataSubject
from agent.domain.ports.tasks import TaskKind
from agent.domain.workforce import EmployeeNumber, Organisation, employee_number
from agent.organisation.duties.page import page
from agent.organisation.duties.service import ControllerDuties
from agent.organisation.duties.tasks import StoredTasks, TaskFilter, TaskRow, TaskState, Whose
from agent.paging import CHAIN_PAGE, LIMIT, chain_page, chosen, cursor, limit, position
from agent.routing import Answer, Body, Call, Download, RouteTable

DUTY_ROUTES = RouteTable("organisation")


def _number(text: str) -> str:
    try:
        return employee_number(text)
    except InvalidInput as error:
        raise ValueError(error.sentence) from error


class AskForData(Body):
    """Whose data.

    One of our staff by their number, whoever a review is of, a person who acts here, or (at the operator)
    who registered an organisation, by their address.
    """

    employee_number: Annotated[str, Field(max_length=20), AfterValidator(_number)] | None = None
    review: Annotated[str, Field(min_length=1, max_length=36)] | None = None
    person: Annotated[str, Field(min_length=1, max_length=36)] | None = None
    email: Annotated[str, Field(min_length=3, max_length=254)] | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if len(self.model_fields_set) != 1:
            raise ValueError("one of employee_number, review, person and email is needed")
        return self


class CloseTask(Body):
    """What came of it."""

    outcome: Literal[TaskState.DONE, TaskState.DISMISSED]
    note: Annotated[str, Field(max_length=500)] | None = None


class TaskAnswer(Answer):
    """Something to look at, and what came of it."""

    id: str
    kind: TaskKind
    passport: str
    credential: str | None
    reason: str
    comment: str | None
    state: TaskState
    opened_at: datetime
    assignee: str | None
    closed_by: str | None
    closed_at: datetime | None
    note: str | None


class TasksAnswer(Answer):
    """A page of tasks; pass `next` as `cursor` to go on."""

    tasks: tuple[TaskAnswer, ...]
    next: str | None


class SubjectRequestAnswer(Answer):
    """A request for what is held of somebody."""

    id: str
    made_by: str
    made_at: datetime


class ErasureAnswer(Answer):
    """How many records were erased."""

    erased: int


class ClockAnswer(Answer):
    """One category of records: what it is, how long it is kept, and how many are over their time now."""

    category: str
    what: str
    counted_from: str
    kept_for: timedelta
    due: int


class RetentionAnswer(Answer):
    """Every category."""

    categories: tuple[ClockAnswer, ...]


class RetentionRunAnswer(Answer):
    """How many records of each category were erased."""

    erased: dict[str, int]


class ProcessingAnswer(Answer):
    """One kind of processing (UK GDPR, article 30)."""

    category: str
    what: str
    purpose: str
    recipients: str
    kept_for: timedelta
    counted_from: str


class RecordOfProcessingAnswer(Answer):
    """The record of processing, as far as the staff passport goes."""

    controller: str
    ods_code: str
    data_subjects: tuple[str, ...]
    processing: tuple[ProcessingAnswer, ...]
    security: tuple[str, ...]


class ActAnswer(Answer):
    """Who did what, or saw it, and how that ended."""

    at: datetime
    actor: str
    action: str
    outcome: str | None


class ActsAnswer(Answer):
    """A page of it, oldest first; pass `next` as `after` to go on."""

    acts: tuple[ActAnswer, ...]
    next: int | None


SECURITY = (
    "claims and keys are encrypted where they are kept, and in transit from end to end",
    "each person signs in as themselves; what they may do is looked up at each call",
    "rows of one organisation are not readable to another, by the database itself",
    "who did what is recorded in a chain that is signed and published, without personal data",
)


@DUTY_ROUTES.get(
    "/tasks",
    permission=Permission.TASK_READ,
    summary="What somebody has to look at, newest first",
    answer=TasksAnswer,
    query={
        "state": "only those in this state",
        "whose": "mine: only those of whoever asks; others: only those of somebody else, or of nobody",
        **LIMIT,
    },
)
async def tasks(call: Call[None]) -> TasksAnswer:
    """List tasks."""
    most = limit(call.query)
    wanted = TaskFilter(chosen(call.query, "state", TaskState), chosen(call.query, "whose", Whose))
    rows = await call.inject(StoredTasks).page(wanted, by=call.actor, after=position(call.query), limit=most)
    return tasks_answer(rows, most)


@DUTY_ROUTES.get("/tasks/{task}", permission=Permission.TASK_READ, summary="One task", answer=TaskAnswer)
async def task(call: Call[None]) -> TaskAnswer:
    """Tell of one task."""
    return _task(await call.inject(StoredTasks).get(call.path["task"]))


@DUTY_ROUTES.post(
    "/tasks/{task}/taking-up",
    permission=Permission.TASK_COMPLETE,
    summary="Say that one looks at it oneself",
    answer=TaskAnswer,
)
async def take_up_task(call: Call[None]) -> TaskAnswer:
    """Make it the caller's task."""
    return _task(await call.inject(StoredTasks).take_up(call.path["task"], by=call.actor))


@DUTY_ROUTES.post(
    "/tasks/{task}/completion",
    permission=Permission.TASK_COMPLETE,
    summary="Say that it was done, or that there was nothing to do",
    body=CloseTask,
    answer=TaskAnswer,
)
async def complete_task(call: Call[CloseTask]) -> TaskAnswer:
    """Close a task."""
    said = call.body
    row = await call.inject(StoredTasks).close(call.path["task"], said.outcome, said.note, by=call.actor)
    return _task(row)


@DUTY_ROUTES.post(
    "/subject-requests",
    permission=Permission.PERSONAL_DATA_EXPORT,
    summary="Take up somebody's request for what is held of them",
    body=AskForData,
    answer=SubjectRequestAnswer,
    status=201,
    idempotent=True,
)
async def take_up_subject_request(call: Call[AskForData]) -> SubjectRequestAnswer:
    """Take it up."""
    said = call.body
    number = EmployeeNumber(said.employee_number) if said.employee_number else None
    row = await call.inject(ControllerDuties).request(
        DataSubject(number, said.review, said.person, said.email and said.email.lower()), by=call.actor
    )
    return SubjectRequestAnswer(id=row.id, made_by=row.made_by, made_at=row.made_at)


@DUTY_ROUTES.download(
    "/subject-requests/{request}/export",
    permission=Permission.PERSONAL_DATA_EXPORT,
    summary="Everything that is held of the person, and who acted on it: for machines, or a page to read",
    content_types=("application/json", "text/html"),
    query={"format": "json (the default) or html"},
)
async def export_personal_data(call: Call[None]) -> Download:
    """Give the export."""
    form, request = call.query.get("format", "json"), call.path["request"]
    if form not in ("json", "html"):
        raise InvalidInput("An export is json or html.", fields={"format": "one of json, html"})
    export = await call.inject(ControllerDuties).export(request, by=call.actor)
    name = f"personal-data-{request}.{form}"
    if form == "html":
        return Download("text/html; charset=utf-8", name, _once(page(export)))
    text = json.dumps(export, default=_as_text, ensure_ascii=False, indent=1)
    return Download("application/json", name, _once(text))


@DUTY_ROUTES.post(
    "/subject-requests/{request}/erasure",
    permission=Permission.PERSONAL_DATA_ERASE,
    summary="Erase what is held of the person, once nothing of theirs counts any more",
    answer=ErasureAnswer,
)
async def erase_personal_data(call: Call[None]) -> ErasureAnswer:
    """Erase it. The audit stays whole."""
    erased = await call.inject(ControllerDuties).erase(call.path["request"], by=call.actor)
    return ErasureAnswer(erased=erased)


@DUTY_ROUTES.get(
    "/retention",
    permission=Permission.RETENTION_READ,
    summary="How long each kind of record is kept, and how many a run would erase now",
    answer=RetentionAnswer,
)
async def retention(call: Call[None]) -> RetentionAnswer:
    """The dry run."""
    clocks = await call.inject(ControllerDuties).clocks()
    return RetentionAnswer(
        categories=tuple(
            ClockAnswer(
                category=each.category.name,
                what=each.category.what,
                counted_from=each.category.counted_from,
                kept_for=each.kept_for,
                due=each.due,
            )
            for each in clocks
        )
    )


@DUTY_ROUTES.post(
    "/retention/runs",
    permission=Permission.RETENTION_RUN,
    summary="Erase every record whose time is over; the worker does so each day",
    answer=RetentionRunAnswer,
)
async def run_retention(call: Call[None]) -> RetentionRunAnswer:
    """Erase what is due."""
    return RetentionRunAnswer(
        erased=dict(await call.inject(ControllerDuties).erase_what_is_due(by=call.actor))
    )


@DUTY_ROUTES.get(
    "/record-of-processing",
    permission=Permission.RETENTION_READ,
    summary="What personal data are processed here, for what, and for how long",
    answer=RecordOfProcessingAnswer,
)
async def record_of_processing(call: Call[None]) -> RecordOfProcessingAnswer:
    """The record, from what each plugin says of its own tables."""
    own = call.inject(Organisation)
    clocks = await call.inject(ControllerDuties).clocks()
    return RecordOfProcessingAnswer(
        controller=own.name,
        ods_code=own.ods_code,
        data_subjects=("members of staff", "people who come to work here", "people who act here"),
        processing=tuple(
            ProcessingAnswer(
                category=each.category.name,
                what=each.category.what,
                purpose=each.category.purpose,
                recipients=each.category.recipients,
                kept_for=each.kept_for,
                counted_from=each.category.counted_from,
            )
            for each in clocks
        ),
        security=SECURITY,
    )


@DUTY_ROUTES.get(
    "/audit/acts/{thing}",
    permission=Permission.AUDIT_READ,
    summary="Who did what with one passport, credential, review or person, and who saw it",
    answer=ActsAnswer,
    query=CHAIN_PAGE,
)
async def acts(call: Call[None]) -> ActsAnswer:
    """Tell who acted, the oldest first."""
    after, most = chain_page(call.query)
    found = await call.inject(ControllerDuties).acts_on(
        call.path["thing"], by=call.actor, after=after, limit=most
    )
    told = tuple(
        ActAnswer(at=each.at, actor=each.actor, action=each.action, outcome=outcome)
        for each, outcome in found
    )
    return ActsAnswer(acts=told, next=found[-1][0].sequence if len(found) == most else None)


async def _once(text: str) -> AsyncIterator[bytes]:
    yield text.encode()


def _as_text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def tasks_answer(rows: Sequence[TaskRow], most: int) -> TasksAnswer:
    """A page of up to `most`."""
    following = cursor((rows[-1].opened_at, rows[-1].id)) if len(rows) == most else None
    return TasksAnswer(tasks=tuple(map(_task, rows)), next=following)


def _task(row: TaskRow) -> TaskAnswer:
    return TaskAnswer.model_validate({name: getattr(row, name) for name in TaskAnswer.model_fields})

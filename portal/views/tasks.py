"""What HR has to look at: the list, and each task with what came of it."""

from starlette.responses import Response

from agent.domain.actors import Permission
from portal.agent_client.tasks import TaskCalls
from portal.errors import Refused
from portal.forms.fields import FieldError, by_field, of_refusal, summary
from portal.forms.tasks import CompletionForm, TaskList
from portal.pages.tasks import one_task, tasks_page
from portal.permissions import PageTable
from portal.visits import ActingVisit, see_other

PAGES = PageTable()


@PAGES.page("GET", "/tasks", permission=Permission.TASK_READ, reads=True)
async def tasks(visit: ActingVisit) -> Response:
    """One page of it."""
    chosen = TaskList.read(visit.request.query_params)
    page = await TaskCalls(visit.calls).open(chosen.whose, cursor=chosen.cursor)
    return visit.render("tasks.html", list=tasks_page(page, chosen))


@PAGES.page("GET", "/tasks/{task}", permission=Permission.TASK_READ, reads=True)
async def task(visit: ActingVisit) -> Response:
    """One task, and what can be done about it."""
    return await _page(visit, CompletionForm.read(visit.draft))


@PAGES.page("POST", "/tasks/{task}/taking-up", permission=Permission.TASK_COMPLETE)
async def take_up(visit: ActingVisit) -> Response:
    """Look at it oneself."""
    done = await TaskCalls(visit.calls).take_up(visit.request.path_params["task"], key=visit.key())
    return see_other(f"/tasks/{done.id}")


@PAGES.page("POST", "/tasks/{task}", permission=Permission.TASK_COMPLETE)
async def complete(visit: ActingVisit) -> Response:
    """Say what came of it."""
    form = CompletionForm.read(visit.form)
    if form.errors:
        return await _page(visit, form, form.errors)
    name = visit.request.path_params["task"]
    try:
        done = await TaskCalls(visit.calls).close(name, form.outcome, form.note or None, key=visit.key())
    except Refused as refused:  # a colleague was quicker
        return await _page(visit, form, of_refusal(refused))
    return see_other(f"/tasks/{done.id}")


async def _page(visit: ActingVisit, form: CompletionForm, errors: tuple[FieldError, ...] = ()) -> Response:
    told = await TaskCalls(visit.calls).get(visit.request.path_params["task"])
    return visit.render(
        "task.html",
        status=422 if errors else 200,
        page=one_task(told, visit.session.email),
        form=form,
        errors=by_field(errors),
        summary=summary(errors),
    )

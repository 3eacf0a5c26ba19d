"""Administrators' settings: what the organisation chose for itself."""

import asyncio

from starlette.responses import Response

from agent.domain.actors import Permission
from portal.agent_client.local_settings import CHANGED as CHANGED_SINCE
from portal.agent_client.local_settings import LocalSettings, LocalSettingsCalls, Retention
from portal.errors import CannotBeRead, Refused
from portal.forms.fields import FieldError, by_field, of_agent, summary
from portal.forms.local_settings import CHANGED, LocalSettingsForm, at_fields
from portal.pages.local_settings import local_settings_page
from portal.permissions import PageTable
from portal.visits import ActingVisit, see_other

PAGES = PageTable()


@PAGES.page("GET", "/settings", permission=Permission.SETTINGS_MANAGE)
async def settings(visit: ActingVisit) -> Response:
    """What counts now, to be changed."""
    known, retention = await asyncio.gather(LocalSettingsCalls(visit.calls).current(), _retention(visit))
    form = LocalSettingsForm.read(visit.draft) if visit.draft else LocalSettingsForm.of(known)
    return _page(visit, known, retention, form)


@PAGES.page("POST", "/settings", permission=Permission.SETTINGS_MANAGE)
async def change(visit: ActingVisit) -> Response:
    """Change them, unless somebody else did since they were shown."""
    calls, form = LocalSettingsCalls(visit.calls), LocalSettingsForm.read(visit.form)
    known, retention = await asyncio.gather(calls.current(), _retention(visit))
    if errors := form.errors(known):
        return _page(visit, known, retention, form, errors)
    try:
        await calls.change(form.said(known), key=visit.key())
    except CannotBeRead as error:
        return _page(visit, known, retention, form, of_agent(error, at_fields(known)))
    except Refused as refused:
        if refused.code != CHANGED_SINCE:
            raise
        changed = await calls.current()
        return _page(visit, changed, retention, form.on(changed), (CHANGED,))
    return see_other("/settings?done=changes")


async def _retention(visit: ActingVisit) -> Retention | None:
    """Shown to those who may read it."""
    if Permission.RETENTION_READ not in visit.permissions:
        return None
    return await LocalSettingsCalls(visit.calls).retention()


def _page(
    visit: ActingVisit,
    known: LocalSettings,
    retention: Retention | None,
    form: LocalSettingsForm,
    errors: tuple[FieldError, ...] = (),
) -> Response:
    done = visit.request.query_params.get("done")
    return visit.render(
        "local_settings.html",
        status=422 if errors else 200,
        form=form,
        page=local_settings_page(known, form, retention, done=done),
        errors=by_field(errors),
        summary=summary(errors),
    )

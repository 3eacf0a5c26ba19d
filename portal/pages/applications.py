"""The operator's queue: who applies, what was found out, and what can be decided."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from portal.agent_client.applications import (
    Application,
    ApplicationPage,
    ApplicationState,
    Decision,
    Evidence,
)
from portal.forms.applications import ApplicationFilter
from portal.pages.terms import CAPACITIES
from portal.pages.words import Word
from portal.presenting import day, on

STATES = {
    ApplicationState.INVITED: Word("Invited", "blue"),
    ApplicationState.CONNECTED: Word("Connected", "blue"),
    ApplicationState.RECEIVED: Word("To decide", "yellow"),
    ApplicationState.APPROVED: Word("Approved", "green"),
    ApplicationState.DECLINED: Word("Declined", "red"),
    ApplicationState.SUSPENDED: Word("Suspended", "red"),
    ApplicationState.SUCCEEDED: Word("Succeeded", "grey"),
    ApplicationState.CLOSED: Word("Closed", "grey"),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that can be decided, once its page was read."""

    decision: Decision
    link: str
    heading: str
    means: str
    button: str
    done: str
    asks_why: bool = False
    warns: bool = False


CHOICES = {
    Decision.APPROVAL: Choice(
        Decision.APPROVAL,
        "Approve",
        "Approve this organisation",
        "It is a registered data controller from now on. The operator signs that; the organisation keeps it.",
        "Approve",
        "The organisation is approved.",
    ),
    Decision.REFUSAL: Choice(
        Decision.REFUSAL,
        "Decline",
        "Decline this application",
        "The organisation reads the reason. It can mend what was wrong, and send its application again.",
        "Decline",
        "The application is declined.",
        asks_why=True,
        warns=True,
    ),
    Decision.CLOSURE: Choice(
        Decision.CLOSURE,
        "Close",
        "Close this application",
        "It ends for good, with its connection. Do this if somebody else took up the invitation. The"
        " organisation can be invited anew.",
        "Close the application",
        "The application is closed.",
        asks_why=True,
        warns=True,
    ),
    Decision.SUSPENSION: Choice(
        Decision.SUSPENSION,
        "Suspend",
        "Suspend this organisation",
        "It issues nothing until it is restored, which takes two people. It reads the reason.",
        "Suspend",
        "The organisation is suspended.",
        asks_why=True,
        warns=True,
    ),
    Decision.RESTORATION_REQUEST: Choice(
        Decision.RESTORATION_REQUEST,
        "Ask for it to be restored",
        "Ask for this organisation to be restored",
        "Nobody restores an organisation alone. Somebody else at the operator has to agree with you.",
        "Ask",
        "You have asked for the organisation to be restored. Somebody else at the operator has to agree.",
    ),
    Decision.RESTORATION: Choice(
        Decision.RESTORATION,
        "Agree to restore it",
        "Restore this organisation",
        "Somebody asked for this. If you are another person and agree, it issues again at once.",
        "Restore",
        "The organisation is restored.",
    ),
}
POSSIBLE: Mapping[ApplicationState, Sequence[Decision]] = {
    ApplicationState.INVITED: (Decision.CLOSURE,),
    ApplicationState.CONNECTED: (Decision.CLOSURE,),
    ApplicationState.RECEIVED: (Decision.APPROVAL, Decision.REFUSAL, Decision.CLOSURE),
    ApplicationState.DECLINED: (Decision.CLOSURE,),
    ApplicationState.APPROVED: (Decision.SUSPENSION,),
    ApplicationState.SUSPENDED: (Decision.RESTORATION_REQUEST,),
    ApplicationState.SUCCEEDED: (Decision.SUSPENSION,),
    ApplicationState.CLOSED: (),
}
"""Which pages an application leads to."""
DONE = {str(decision): choice.done for decision, choice in CHOICES.items()} | {
    "invitation": "The organisation is invited. Give it the link below.",
    "call-back": "The call is recorded.",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One application."""

    name: str
    ods_code: str
    href: str
    word: Word
    invited: datetime


@dataclass(frozen=True, slots=True)
class ApplicationList:
    """One page of the list, and the ways on from it."""

    rows: Sequence[Row]
    choices: list[dict[str, object]]
    next: str | None
    first: str | None


@dataclass(frozen=True, slots=True)
class ApplicationShown:
    """One application; rows as the design system's summary list takes them."""

    application: Application
    name: str
    word: Word
    standing: Sequence[Mapping[str, object]]
    said: Sequence[Mapping[str, object]]
    called: Sequence[Mapping[str, object]]
    calls_back: bool
    choices: Sequence[Choice]
    done: str


def application_list(page: ApplicationPage, chosen: ApplicationFilter) -> ApplicationList:
    """The page that was asked for."""
    rows = [
        Row(name_of(each), each.ods_code, f"/applications/{each.id}", STATES[each.state], each.invited_at)
        for each in page.applications
    ]
    onwards = None if page.next is None else _address(chosen.state, page.next)
    back = None if chosen.cursor is None else _address(chosen.state, None)
    return ApplicationList(rows, _states(chosen.state), onwards, back)


def name_of(application: Application) -> str:
    """What the organisation calls itself; its code until it has said."""
    told = application.application
    return application.ods_code if told is None else told.details.name


def shown(application: Application, done: str | None) -> ApplicationShown:
    """All that is known of one."""
    return ApplicationShown(
        application,
        name_of(application),
        STATES[application.state],
        _rows(_standing(application)),
        _rows(_said(application)),
        _rows(_called(application)),
        application.state is ApplicationState.RECEIVED,
        [CHOICES[decision] for decision in _decisions(application)],
        DONE.get(done or "", ""),
    )


def evidence_lines(evidence: Evidence) -> list[tuple[str, datetime]]:
    """What was kept, and when."""
    words = {"call back": "The organisation was called back", "status": "The operator signed how it stands"}
    return [(words.get(each.kind, each.kind), each.kept_at) for each in evidence.evidence]


def _decisions(application: Application) -> Sequence[Decision]:
    if application.state is ApplicationState.SUSPENDED and application.restore_asked_by is not None:
        return (Decision.RESTORATION,)
    return POSSIBLE[application.state]


def _standing(application: Application) -> dict[str, str]:
    rows = {
        "ODS code": application.ods_code,
        "Invited": f"{day(application.invited_at)}, by {application.invited_by}",
    }
    if application.state is ApplicationState.INVITED:
        rows["The invitation ends"] = day(application.invitation_expires_at)
    if application.decided_at is not None:
        rows["Decided"] = f"{day(application.decided_at)}, by {application.decided_by}"
    if application.reason:
        rows["The reason"] = application.reason
    if application.restore_asked_at is not None:
        rows["Asked to be restored"] = (
            f"{day(application.restore_asked_at)}, by {application.restore_asked_by}"
        )
    if application.succession is not None:
        rows["Succeeded by"] = f"{application.succession.successor}, on {on(application.succession.on)}"
    if application.did is not None:
        rows["Public identifier (DID)"] = application.did
    return rows


def _said(application: Application) -> dict[str, str]:
    told = application.application
    if told is None:
        return {}
    details, registrant = told.details, told.registrant
    rows = {
        "Name": details.name,
        "ODS code": details.ods_code,
        "Region": details.region,
        "E-mail domains": ", ".join(details.email_domains),
        "Contact": f"{details.contact.name}, {details.contact.email}, {details.contact.phone}",
        "Registered by": f"{registrant.name}, {CAPACITIES[registrant.capacity]}",
        "Their e-mail address": f"{registrant.email}, proven on {day(told.email_proven_at)}",
        "Sent": day(told.submitted_at),
    }
    if registrant.nomination is not None:
        nomination = registrant.nomination
        rows["Nominated by"] = (
            f"{nomination.director_name}, {nomination.director_email}, on {on(nomination.nominated_on)}:"
            f" {nomination.reference}"
        )
    return rows


def _called(application: Application) -> dict[str, str]:
    call = application.call_back
    if call is None:
        return {}
    return {
        "Called": f"{call.number}, on {day(call.at)}, by {call.by}",
        "The number is from": call.number_from,
        "Who answered": call.spoke_to,
        "They confirm": "Yes, and read out the right code" if call.confirmed else "No",
    }


def _states(chosen: ApplicationState | None) -> list[dict[str, object]]:
    states = [
        {"value": str(state), "text": word.text, "selected": state is chosen}
        for state, word in STATES.items()
    ]
    return [{"value": "", "text": "All", "selected": chosen is None}, *states]


def _address(state: ApplicationState | None, cursor: str | None) -> str:
    told = {"state": state, "cursor": cursor}
    query = urlencode({name: str(value) for name, value in told.items() if value})
    return f"/applications?{query}" if query else "/applications"


def _rows(told: Mapping[str, str]) -> list[Mapping[str, object]]:
    return [
        {"key": {"text": key}, "value": {"text": text, "classes": "portal-wide"}}
        for key, text in told.items()
    ]

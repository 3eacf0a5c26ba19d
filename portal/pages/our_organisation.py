"""What is known of the organisation for whom somebody acts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from portal.agent_client.registration import Organisation, Registration
from portal.agent_client.terms import TermsOverview
from portal.pages.registration import STATES, answers
from portal.pages.terms import Line, due, lines
from portal.pages.words import Word
from portal.presenting import day, on


@dataclass(frozen=True, slots=True)
class OwnPage:
    """All of it; rows as the design system's summary list takes them."""

    identity: Sequence[Mapping[str, object]]
    word: Word
    active: bool
    missing: Sequence[str]
    standing: Sequence[Mapping[str, object]]
    said: Sequence[Mapping[str, object]]
    terms: Sequence[Line]


def own_page(own: Organisation, registration: Registration, terms: TermsOverview) -> OwnPage:
    """What the agent tells of it."""
    identity = {
        "Name": own.name,
        "ODS code": own.ods_code,
        "ESR VPD number": own.vpd or "None",
        "Public identifier (DID)": own.did or "None yet: it is made when the organisation is activated",
    }
    return OwnPage(
        _rows(identity),
        STATES[registration.state],
        registration.active,
        [each.sentence for each in registration.missing],
        _rows(_standing(registration)),
        answers(registration),
        lines(terms),
    )


def _standing(registration: Registration) -> dict[str, str]:
    told = {
        "Sent to the operator": registration.submitted_at,
        "Last word of the operator": registration.status_at,
        "Activated": registration.activated_at,
        "Asked for the trust list": registration.trust_requested_at,
        "The operator has taken that": registration.trust_request_taken_at,
    }
    rows = {key: day(at) if at else "Not yet" for key, at in told.items()}
    if registration.activated_by is not None and registration.activated_at is not None:
        rows["Activated"] += f", by {registration.activated_by}"
    if registration.reason:
        rows["Reason of the operator"] = registration.reason
    if (succession := registration.succession) is not None:
        rows["Succeeded by"] = f"{succession.successor}, on {on(succession.on)}"
        rows["Its credentials count until"] = on(succession.credentials_until)
    return rows


def _rows(told: Mapping[str, str]) -> list[Mapping[str, object]]:
    return [
        {"key": {"text": key}, "value": {"text": text, "classes": "portal-wide"}}
        for key, text in told.items()
    ]


@dataclass(frozen=True, slots=True)
class Notice:
    """What somebody who can do something about it sees first."""

    sentence: str
    link: str
    href: str


def notices(registration: Registration | None, terms: TermsOverview) -> list[Notice]:
    """New terms to be accepted, and, for whoever registers, what is left before the organisation may act."""
    told = [
        Notice(
            f"{each.name}: a new version, {each.version}, has to be accepted. {each.detail}",
            f"Read and accept version {each.version} of the {each.name}",
            each.href,
        )
        for each in due(terms)
    ]
    if registration is None or registration.active:
        return told
    sentence = "Your organisation cannot act yet, or not any more: steps are left."
    return [Notice(sentence, "See what is missing, and who can put it right", "/registration"), *told]

"""The page of registered organisations, for people: static, without scripts, readable without its style."""

import base64
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from importlib.resources import files
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined

from signed_documents.trust_lists import Authority, ListedOrganisation, Status, TrustListing, london_day

_LONDON = ZoneInfo("Europe/London")
_TEMPLATES = Environment(loader=PackageLoader("registry"), autoescape=True, undefined=StrictUndefined)
_STYLE = files("registry").joinpath("templates/organisations.css").read_text()
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

_POLICY = (
    "default-src 'none'",
    f"style-src 'sha256-{_STYLE_HASH}'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
)

HEADERS = (
    ("Content-Security-Policy", "; ".join(_POLICY)),
    ("Referrer-Policy", "no-referrer"),
)
"""What a browser is told with the page: nothing but its own style is loaded or run, and nobody frames it."""


@dataclass(frozen=True, slots=True)
class _Organisation:
    name: str
    ods_code: str
    state: str | None
    may_issue: str
    may_ask: str
    dids: Sequence[str]

    @classmethod
    def of(cls, listed: ListedOrganisation, at: datetime) -> "_Organisation":
        return cls(
            listed.name,
            listed.ods_code,
            _state(listed, at),
            _may(listed, listed.may_issue, at),
            _may(listed, listed.may_ask, at),
            tuple(reversed(listed.dids)),
        )


@dataclass(frozen=True, slots=True)
class _Region:
    name: str
    organisations: Sequence[_Organisation]


@dataclass(frozen=True, slots=True)
class _Page:
    operator: str
    published: datetime
    regions: Sequence[_Region]

    @property
    def dated(self) -> str:
        local = self.published.astimezone(_LONDON)
        return f"{_date(local.date())}, {local:%H:%M}"

    @property
    def count(self) -> str:
        every = [each for region in self.regions for each in region.organisations]
        organisations, regions = _number(len(every), "organisation"), _number(len(self.regions), "region")
        return f"{organisations} in {regions}"


def organisations_page(listing: TrustListing) -> bytes:
    """The page, as the list stood when it was published; dates say what begins or ends later."""
    at = listing.published
    by_region: dict[str, list[ListedOrganisation]] = defaultdict(list)
    for each in listing.organisations:
        by_region[each.region].append(each)
    regions = [
        _Region(name, [_Organisation.of(each, at) for each in _by_name(by_region[name])])
        for name in sorted(by_region, key=str.casefold)
    ]
    page = _Page(listing.operator, at, regions)
    text = _TEMPLATES.get_template("organisations.html").render(page=page, style=_STYLE)
    return text.encode(errors="replace")


def _by_name(organisations: Iterable[ListedOrganisation]) -> list[ListedOrganisation]:
    return sorted(organisations, key=lambda each: each.name.casefold())


def _state(listed: ListedOrganisation, at: datetime) -> str | None:
    """In plain words, what keeps an organisation from acting; none if nothing does."""
    match listed.status(at):
        case Status.SUSPENDED:
            since = min(each.since for each in listed.suspensions if each.covers(at))
            return f"Suspended since {_date(london_day(since))}"
        case Status.SUCCEEDED if listed.successor is not None:
            successor = listed.successor
            return (
                f"Succeeded by {successor.ods_code} on {_date(successor.on)}; what it issued counts until "
                f"{_date(successor.credentials_until)}"
            )
    return None


def _may(listed: ListedOrganisation, authorities: Sequence[Authority], at: datetime) -> str:
    """What an organisation may do, whatever it was registered for."""
    match listed.status(at):
        case Status.SUSPENDED:
            return "Nothing while it is suspended"
        case Status.SUCCEEDED:
            return "Nothing any more"
    return _words(authorities, london_day(at)) if listed.dids else "Nothing until it has an identifier"


def _words(authorities: Sequence[Authority], on: date) -> str:
    """The types of credentials that are not over, and the days on which that changes."""
    current = [each for each in authorities if each.valid_until is None or each.valid_until >= on]
    said = ", ".join(sorted(_authority(each, on) for each in current))
    return said[:1].upper() + said[1:] if said else "Nothing"


def _authority(authority: Authority, on: date) -> str:
    begins = f" from {_date(authority.valid_from)}" if authority.valid_from > on else ""
    ends = f" until {_date(authority.valid_until)}" if authority.valid_until else ""
    return f"{authority.type.replace('_', ' ')}{begins}{ends}"


def _date(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"

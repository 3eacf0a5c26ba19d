"""Plain words for what stands in credentials and messages. What others wrote is shown as text and no more."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
LONGEST_NAME = 80
"""Characters of a name that a stranger chose."""
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that turn the direction of the text around them."""
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_SEVERAL_WORDS = re.compile(r"[a-z]+(_[a-z]+)+")
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_CAPITALS = {"dbs": "DBS", "esr": "ESR", "fte": "FTE", "nhs": "NHS", "ods": "ODS", "vpd": "VPD"}

TITLES = {
    "StaffIdentityCredential": "Identity",
    "EmploymentCredential": "Employment",
    "EmploymentChecksCredential": "Employment checks",
}
LABELS = {
    "dateOfBirth": "Date of birth",
    "dbsBarredLists": "DBS barred lists checked",
    "dbsUpdateService": "DBS Update Service",
    "evidenceCheckedBy": "Evidence checked by",
    "fixedTermEndDate": "Fixed-term end date",
    "fte": "Full-time equivalent",
    "gpg45Profile": "GPG45 profile",
    "history": "Employment history and references",
    "identityCheckDate": "Identity checked on",
    "methodOfVerification": "Verification method",
    "registration": "Professional registration and qualifications",
    "vpd": "ESR organisation number (VPD)",
    "workHealth": "Work health assessment",
    "workHealthRestrictions": "Work health: restrictions",
}
"""Of the national schemas, where a name's own words would not do."""
PROVENANCE = (
    "origin",
    "assurancePolicy",
    "assuranceOutcome",
    "provider",
    "verifier",
    "methodOfVerification",
    "pedigree",
    "lastRefresh",
    "passportReference",
    "issuedOn",
    "credentialStatus",
)
"""Claims about the claims: where they come from, and where their standing is published."""
_NOTES = {"CheckDate": "Checked on {}", "ExpiryDate": "Expires, or is checked again, on {}"}
_OUTCOME = "Outcome"


@dataclass(frozen=True, slots=True)
class Claim:
    """One line of a credential, for reading. `notes` are what is said of it besides."""

    label: str
    value: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Claims:
    """What a credential says of the person, and what it says of itself."""

    own: tuple[Claim, ...]
    provenance: tuple[Claim, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        """What is said of the person, without what it says."""
        return tuple(claim.label for claim in self.own)

    @classmethod
    def of(cls, attributes: Mapping[str, str], names: Iterable[str] | None = None) -> "Claims":
        """Of a whole credential, or of those claims that are named."""
        wanted = list(attributes) if names is None else list(names)
        said = {name: attributes[name] for name in wanted if attributes.get(name)}
        own = {name: value for name, value in said.items() if name not in PROVENANCE}
        return cls(
            tuple(_claims(own)),
            tuple(Claim(label(name), value_of(said[name])) for name in PROVENANCE if name in said),
        )


def title(kind: str | None) -> str:
    """What a person calls a type of credential."""
    if kind is None:
        return "Credential"
    return TITLES.get(kind) or _sentence(kind.removesuffix("Credential"))


def label(name: str) -> str:
    """What a claim is called."""
    return LABELS.get(name) or _sentence(name)


def value_of(text: object) -> str:
    """What a claim says: days and yes or no in words, everything else as it stands."""
    said = harmless(str(text))
    if said in ("true", "false"):
        return "Yes" if said == "true" else "No"
    if _DAY.fullmatch(said):
        try:
            return day(date.fromisoformat(said))
        except ValueError:
            return said
    return _sentence(said) if _SEVERAL_WORDS.fullmatch(said) else said


def day(when: date) -> str:
    """A day as people write it."""
    return f"{when.day} {when:%B %Y}"


def moment(text: str) -> str:
    """An instant of a record (ISO 8601), as a clock in London shows it; nothing for what is none."""
    try:
        local = datetime.fromisoformat(text).astimezone(LONDON)
    except ValueError:
        return ""
    return f"{day(local)} at {local:%-I:%M}{local:%p}".replace("AM", "am").replace("PM", "pm")


def harmless(text: str) -> str:
    """Text of others without what would turn, hide or break the text around it."""
    kept = (" " if unicodedata.category(each) == "Cc" else each for each in text if each not in _BIDI)
    return " ".join("".join(kept).split())


def short(text: str | None) -> str | None:
    """A name that others chose, in a length that fits; None for none."""
    name = harmless(text or "")
    return f"{name[: LONGEST_NAME - 1]}…" if len(name) > LONGEST_NAME else name or None


def listed(words: Sequence[str]) -> str:
    """Several words as one would say them."""
    return " and ".join(", ".join(words).rsplit(", ", 1))


def _claims(own: Mapping[str, str]) -> Iterable[Claim]:
    """A check's outcome and its days are one line."""
    stems = [name.removesuffix(_OUTCOME) for name in own if name.endswith(_OUTCOME)]
    noted = {f"{stem}{end}" for stem in stems for end in _NOTES}
    for name, value in own.items():
        stem = name.removesuffix(_OUTCOME)
        if stem in stems and name != stem:
            notes = (
                sentence.format(value_of(own[f"{stem}{end}"]))
                for end, sentence in _NOTES.items()
                if f"{stem}{end}" in own
            )
            yield Claim(label(stem), _sentence(value_of(value)), tuple(notes))
        elif name not in noted:
            yield Claim(label(name), value_of(value))


def _sentence(name: str) -> str:
    """`assignmentNumber` → `Assignment number`; a name that is not made like that stays as it is."""
    words = _WORDS.findall(name)
    if "".join(words) != name.replace("_", "").replace(" ", ""):
        return harmless(name)
    plain = " ".join(_CAPITALS.get(word.lower(), word.lower()) for word in words)
    return plain[:1].upper() + plain[1:]

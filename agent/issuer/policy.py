"""Willing to issue? Judged at the offer, and again when the wallet asks."""

from dataclasses import dataclass
from datetime import date, datetime

from agent.domain.check_gaps import check_gaps
from agent.domain.clock import london_day
from agent.domain.credentials import Claims, CredentialType
from agent.domain.errors import Refusal
from agent.domain.passporting import PASSPORTABLE, Tenure
from agent.domain.policy import Policy, Rule
from agent.domain.ports.trust import TrustedOrganisation
from agent.domain.workforce import StaffRecord
from signed_documents.encoding import from_multikey

_ESR = "the ESR team of the employing authority"
_HOLDER = "the member of staff"
_HR = "HR of the employing authority"


@dataclass(frozen=True, slots=True)
class IssuanceRequest:
    """What is to be attested, when, and who we are on the trust list."""

    record: StaffRecord
    types: tuple[CredentialType, ...]
    issuer: TrustedOrganisation | None
    at: datetime

    @property
    def on(self) -> date:
        """The day it is then, as HR counts."""
        return london_day(self.at)


@dataclass(frozen=True, slots=True)
class Reissue:
    """What the holder was offered beside what would be offered now."""

    offered: Claims
    now: Claims


@dataclass(frozen=True, slots=True)
class Binding:
    """What a wallet asked for in W3C's format, and for whom, beside the DID that it named first."""

    as_offered: bool
    subject: str | None
    pinned: str | None


@dataclass(frozen=True, slots=True)
class Renewable:
    """A short-lived credential that a wallet proposes or that is due, beside what its passport has."""

    credential: CredentialType
    binding: Binding
    held: frozenset[CredentialType]  # what HR offered, the holder has, and nobody took back or suspended
    awaited: frozenset[CredentialType]  # short-lived ones that the holder has not answered
    fresh: frozenset[CredentialType]  # short-lived ones that have lived less than half of their life


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A short-lived credential that its holder accepted, at a moment."""

    ends: datetime
    at: datetime
    held: bool


def of_the_assignment(rule: Rule[Tenure]) -> Rule[IssuanceRequest]:
    """What was told when the assignment was chosen is judged again, on the day."""

    def judged(request: IssuanceRequest) -> Refusal | None:
        return rule(Tenure(request.record.assignment, request.on))

    return judged


def person_has_not_left(request: IssuanceRequest) -> Refusal | None:
    """A leaver's last day counts."""
    left = request.record.person.leaving_date
    if left is None or left >= request.on:
        return None
    return Refusal("person_left", f"The person left on {left:%d %B %Y}.", _ESR)


def checks_are_complete(request: IssuanceRequest) -> Refusal | None:
    """Each of the six checks is there, settled, and not expired; a missing one is a gap."""
    gaps = check_gaps(request.record.checks, on=request.on)
    if not gaps:
        return None
    names = ", ".join(f"{gap.type.replace('_', ' ')} ({gap.lack.replace('_', ' ')})" for gap in gaps)
    return Refusal("checks_incomplete", f"Checks with gaps: {names}.", _HR)


def issuer_is_trusted(request: IssuanceRequest) -> Refusal | None:
    """We are on the trust list now, for every type that is to be issued."""
    issuer = request.issuer
    if issuer is not None and issuer.may_issue(request.types, request.at):
        return None
    return Refusal(
        "issuer_not_trusted",
        "This organisation is not on the trust list for these credentials.",
        "the service operator",
    )


def record_is_unchanged(reissue: Reissue) -> Refusal | None:
    """What the holder accepted is what would be said now; when it was said does not count."""
    changed = sorted(name for name in reissue.now if reissue.offered.get(name) != reissue.now[name])
    if not (changed := [name for name in changed if name not in {"issuedOn", "lastRefresh"}]):
        return None
    return Refusal(
        "record_changed",
        f"The staff record has changed since the offer: {', '.join(changed)}.",
        "a new offer",
    )


def request_is_as_offered(binding: Binding) -> Refusal | None:
    """Nobody is given another credential than the one that was offered."""
    if binding.as_offered:
        return None
    return Refusal("request_differs", "The wallet asked for another credential than was offered.", _HOLDER)


def subject_is_pinned(binding: Binding) -> Refusal | None:
    """A W3C credential is bound to an Ed25519 `did:key` of the wallet, the same for all of a passport."""
    if binding.subject is None:
        return Refusal("subject_missing", "The wallet did not say whom the credential is bound to.", _HOLDER)
    if not _is_a_key(binding.subject):
        return Refusal("subject_unknown", "The wallet named a DID that no host could check.", _HOLDER)
    if binding.pinned is not None and binding.subject != binding.pinned:
        return Refusal(
            "other_subject", "The wallet named another DID than for this passport before.", _HOLDER
        )
    return None


def type_is_held(renewable: Renewable) -> Refusal | None:
    """Nobody gets a short-lived credential of what HR did not offer them, or took back."""
    if renewable.credential in renewable.held:
        return None
    return Refusal("credential_not_held", "The holder has no active credential of this type.", _HR)


def subject_is_the_passports(renewable: Renewable) -> Refusal | None:
    """The same DID for all of a passport."""
    return subject_is_pinned(renewable.binding)


def none_is_awaited(renewable: Renewable) -> Refusal | None:
    """One offer at a time."""
    if renewable.credential not in renewable.awaited:
        return None
    return Refusal("offer_in_progress", "This credential is being offered already.", _HOLDER)


def is_due(renewable: Renewable) -> Refusal | None:
    """Each is asked of ESR: nobody has it asked again and again."""
    if renewable.credential not in renewable.fresh:
        return None
    return Refusal("not_due", "The holder has one that has lived less than half of its life.", _HOLDER)


def has_not_run_out(acceptance: Acceptance) -> Refusal | None:
    """An offer that was accepted too late would be of nothing."""
    if acceptance.at < acceptance.ends:
        return None
    return Refusal("offer_expired", "The short-lived credential ran out before it was accepted.", _HOLDER)


def is_still_held(acceptance: Acceptance) -> Refusal | None:
    """What HR revoked or suspended meanwhile is not given in another form."""
    if acceptance.held:
        return None
    return Refusal("credential_not_held", "The holder has no active credential of this type.", _HR)


def _is_a_key(did: str) -> bool:
    """Whether hosts find an Ed25519 key in the DID itself."""
    method, _, key = did.rpartition(":")
    try:
        return method == "did:key" and bool(from_multikey(key))
    except ValueError:
        return False


ISSUANCE = Policy(
    "issuance",
    (
        *map(of_the_assignment, PASSPORTABLE.rules),
        person_has_not_left,
        checks_are_complete,
        issuer_is_trusted,
    ),
)
BINDING = Policy("binding", (request_is_as_offered, subject_is_pinned))
SHORT_LIVED = Policy("short-lived", (type_is_held, subject_is_the_passports, none_is_awaited, is_due))
IN_TIME = Policy("in time", (has_not_run_out, is_still_held))
SAME_RECORD = Policy("same record", (record_is_unchanged,))

"""Is what was presented to be accepted? Every broken rule is named."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import schemas
from agent.domain.credentials import Claims, CredentialFormat, CredentialType
from agent.domain.errors import Refusal
from agent.domain.policy import Policy
from agent.domain.ports.presentations import PresentedCredential, ProofFault, ShownLife, UnjudgedPresentation
from agent.domain.ports.status_lists import CredentialStatus
from agent.domain.ports.trust import OrganisationStatus, TrustedOrganisation

_ISSUER = "the employing authority"
_OPERATOR = "the service operator"
_HOLDER = "the member of staff"
AT_WORK = frozenset(
    {"Active Assignment", "Acting Up", "Internal Secondment", "Out on External Secondment", "Bank"}
)
_DATES = frozenset({"issuedOn", "lastRefresh"})
CLOCK_SKEW = timedelta(minutes=5)
SETTLED = frozenset({"clear", "not_required"})
_FAULTS = {
    ProofFault.INVALID: "The presentation's proofs do not hold.",
    ProofFault.WRONG_CHALLENGE: "The presentation was made for another request.",
    ProofFault.WRONG_DOMAIN: "The presentation was made for another host.",
    ProofFault.NOT_THE_SUBJECT: "Who presents is not whom the credentials are about.",
    ProofFault.HOLDERS_DIFFER: "The credentials are about different holders.",
    ProofFault.UNKNOWN_CONTEXT: "The credentials' terms are not the national ones.",
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was shown, beside what was asked and what is known of its issuers."""

    presentation: UnjudgedPresentation
    asked: tuple[CredentialType, ...]
    national_schemas: Mapping[CredentialType, str]
    issuers: Mapping[str, TrustedOrganisation | None]  # by DID; None when the trust list has no entry
    statuses: tuple[CredentialStatus, ...]  # of each credential shown, by the list that its issuer publishes
    on: date
    record_at_most: timedelta
    at: datetime
    short_life_at_most: timedelta  # of a credential without status; none is accepted when it is zero

    @property
    def credentials(self) -> tuple[PresentedCredential, ...]:
        """The credentials that were shown."""
        return self.presentation.credentials

    def claims(self, credential: CredentialType) -> Claims | None:
        """The claims of one type, if it was asked and shown; the same in whichever format."""
        return next((shown.claims for shown in self.credentials if shown.credential is credential), None)

    def with_issuers(self) -> list[tuple[PresentedCredential, TrustedOrganisation | None]]:
        """What was shown, beside what the trust list says of who issued it."""
        return [(shown, self.issuers.get(shown.issuer_did)) for shown in self.credentials]

    def known_issuers(self) -> list[TrustedOrganisation]:
        """Those that the trust list has, each once."""
        return list({each.ods_code: each for _, each in self.with_issuers() if each is not None}.values())

    def without_status(self) -> list[tuple[CredentialType, ShownLife | None]]:
        """What was shown without a status, and how long it holds."""
        pairs = zip(self.credentials, self.statuses, strict=True)
        return [
            (shown.credential, shown.short_life)
            for shown, status in pairs
            if status is CredentialStatus.NONE or shown.short_life is not None
        ]

    def with_status(self, *statuses: CredentialStatus) -> list[CredentialType]:
        """The types that were shown with one of `statuses`."""
        pairs = zip(self.credentials, self.statuses, strict=True)
        return [shown.credential for shown, status in pairs if status in statuses]


def proofs_hold(evidence: Evidence) -> Refusal | None:
    """Signatures, holder binding, challenge, domain and the proofs of non-revocation all verify."""
    fault = evidence.presentation.fault
    if fault is None or fault is ProofFault.UNKNOWN_ISSUER:
        return None  # with nothing shown, `issuers_are_registered` says so
    return Refusal(fault, _FAULTS[fault], _HOLDER)


def nothing_is_missing(evidence: Evidence) -> Refusal | None:
    """In each format, exactly one credential of each type that was asked, with all of its claims."""
    shown = [(each.format, each.credential) for each in evidence.credentials]
    formats = {each.format for each in evidence.credentials} or {CredentialFormat.ANONCREDS}
    missing = [asked for asked in evidence.asked for form in formats if shown.count((form, asked)) != 1]
    missing += [c.credential for c in evidence.credentials if not _has_every_claim(c)]
    if not missing:
        return None
    return Refusal("credential_missing", f"Not shown, or not in full: {_named(missing)}.", _HOLDER)


def formats_agree(evidence: Evidence) -> Refusal | None:
    """A credential that is shown in two formats says the same in both.

    A short-lived one is issued anew again and again, so that it may say that it is newer.
    """
    differing = [
        shown.credential
        for shown in evidence.credentials
        if _undated(shown, shown.claims) != _undated(shown, evidence.claims(shown.credential) or {})
    ]
    if not differing:
        return None
    return Refusal("formats_differ", f"Its two formats say different things: {_named(differing)}.", _HOLDER)


def schemas_are_national(evidence: Evidence) -> Refusal | None:
    """A claim means what the national schema says, and nobody else's."""
    others = [
        c.credential for c in evidence.credentials if evidence.national_schemas[c.credential] != c.schema_id
    ]
    if not others:
        return None
    return Refusal("schema_unknown", f"Not on the national schema: {_named(others)}.", _ISSUER)


def issuers_are_registered(evidence: Evidence) -> Refusal | None:
    """Each issuer is on the trust list."""
    known = [evidence.issuers.get(shown.issuer_did) for shown in evidence.credentials]
    if known and None not in known:
        return None
    return Refusal("issuer_unknown", "An issuer is not a registered organisation.", _OPERATOR)


def issuers_are_not_suspended(evidence: Evidence) -> Refusal | None:
    """What a suspended organisation issued does not count until it is restored."""
    suspended = [issuer for issuer in evidence.known_issuers() if _is_suspended(issuer, evidence.at)]
    if not suspended:
        return None
    return Refusal("issuer_suspended", f"Suspended: {_organisations(suspended)}.", _OPERATOR)


def issuers_are_succeeded_no_longer_than_agreed(evidence: Evidence) -> Refusal | None:
    """After a succession, credentials of the organisation that was succeeded count for a while."""
    over = [
        issuer
        for issuer in evidence.known_issuers()
        if issuer.succession is not None and issuer.succession.credentials_until < evidence.on
    ]
    if not over:
        return None
    return Refusal("issuer_succeeded", f"Succeeded by another: {_organisations(over)}.", _OPERATOR)


def issuers_may_issue(evidence: Evidence) -> Refusal | None:
    """Being trusted for one type is not being trusted for another; and each is trusted now."""
    beyond = [
        shown.credential
        for shown, issuer in evidence.with_issuers()
        if issuer is None or not issuer.authorised(shown.credential, evidence.on)
    ]
    if not beyond:
        return None
    return Refusal("issuer_not_trusted_for_type", f"Its issuer may not issue: {_named(beyond)}.", _OPERATOR)


def issuers_might_issue_then(evidence: Evidence) -> Refusal | None:
    """Its issuer, which has the authority now, had it when each credential says that it was issued, too."""
    beyond = [
        shown.credential
        for shown, issuer in evidence.with_issuers()
        if issuer is not None and issuer.authorised(shown.credential, evidence.on)
        if not _could_issue(issuer, shown)
    ]
    if not beyond:
        return None
    sentence = f"Its issuer might not issue it when it was issued: {_named(beyond)}."
    return Refusal("issued_without_authority", sentence, _OPERATOR)


def one_employing_authority(evidence: Evidence) -> Refusal | None:
    """All of a passport comes from one organisation, and it says so itself."""
    pairs = evidence.with_issuers()
    if len({issuer.ods_code if issuer else shown.issuer_did for shown, issuer in pairs}) > 1:
        return Refusal("issuers_differ", "The credentials come from different organisations.", _HOLDER)
    claims = evidence.claims(CredentialType.EMPLOYMENT)
    issuer = pairs[0][1] if pairs else None
    if claims is None or issuer is None or claims.get("odsCode") == issuer.ods_code:
        return None
    return Refusal("employer_differs", "The employer named is not the organisation that issued it.", _ISSUER)


def one_passport(evidence: Evidence) -> Refusal | None:
    """All of it is of one passport: two people who share a phone are not one person."""
    references = {shown.claims.get("passportReference", "") for shown in evidence.credentials}
    if len(references) == 1 and "" not in references:
        return None
    return Refusal("passports_differ", "The credentials are not of one passport.", _HOLDER)


def status_is_proven(evidence: Evidence) -> Refusal | None:
    """Each credential was proven not to be revoked, against the newest status list."""
    unproven = [shown.credential for shown in evidence.credentials if not shown.proven_unrevoked]
    if not unproven:
        return None
    return Refusal("status_not_proven", f"Not proven to be unrevoked now: {_named(unproven)}.", _HOLDER)


def status_is_the_issuers(evidence: Evidence) -> Refusal | None:
    """Each credential points to an entry in a list of its own issuer; a stranger's was not looked at."""
    nowhere = evidence.with_status(CredentialStatus.NO_SUCH_ENTRY)
    if nowhere:
        return Refusal(
            "status_entry_unknown", f"Its status entry does not exist: {_named(nowhere)}.", _ISSUER
        )
    others = evidence.with_status(CredentialStatus.OTHER_ISSUERS_LIST)
    if not others:
        return None
    return Refusal("status_list_not_the_issuers", f"Its list is another's: {_named(others)}.", _ISSUER)


def nothing_is_revoked(evidence: Evidence) -> Refusal | None:
    """What its issuer took back does not count, whoever still holds it."""
    revoked = evidence.with_status(CredentialStatus.REVOKED)
    return Refusal("revoked", f"Revoked by its issuer: {_named(revoked)}.", _ISSUER) if revoked else None


def nothing_is_suspended(evidence: Evidence) -> Refusal | None:
    """What its issuer suspended does not count for now."""
    suspended = evidence.with_status(CredentialStatus.SUSPENDED)
    return (
        Refusal("suspended", f"Suspended by its issuer: {_named(suspended)}.", _ISSUER) if suspended else None
    )


def a_short_life_is_short_enough(evidence: Evidence) -> Refusal | None:
    """What no issuer can take back counts only where this host says so, and for no longer than it says."""
    longer = [
        credential
        for credential, life in evidence.without_status()
        if life is None or life.length > evidence.short_life_at_most
    ]
    if not longer:
        return None
    if not evidence.short_life_at_most:
        return Refusal("status_missing", f"It has no status: {_named(longer)}.", _ISSUER)
    return Refusal("life_too_long", f"It has no status and too long a life: {_named(longer)}.", _ISSUER)


def a_short_life_has_begun(evidence: Evidence) -> Refusal | None:
    """Nothing was signed in the future, but for clocks that differ a little."""
    ahead = [
        credential
        for credential, life in evidence.without_status()
        if life is not None and evidence.at < life.begins - CLOCK_SKEW
    ]
    return Refusal("not_yet_valid", f"It is from the future: {_named(ahead)}.", _ISSUER) if ahead else None


def a_short_life_has_not_ended(evidence: Evidence) -> Refusal | None:
    """A short-lived credential does not count any more in the second in which it ends."""
    ended = [
        credential
        for credential, life in evidence.without_status()
        if life is not None and life.ends <= evidence.at
    ]
    if not ended:
        return None
    return Refusal("expired", f"It ran out, and was not renewed: {_named(ended)}.", _HOLDER)


def issued_plausibly(evidence: Evidence) -> Refusal | None:
    """Nothing was issued in the future, and every record is recent enough to rely on."""
    oldest = evidence.on - evidence.record_at_most
    stale = [
        shown.credential
        for shown in evidence.credentials
        if not (_within(shown.claims, "issuedOn", date.min, evidence.on))
        or not (_within(shown.claims, "lastRefresh", oldest, evidence.on))
    ]
    if not stale:
        return None
    return Refusal(
        "record_too_old", f"Issued in the future, or from a record too old: {_named(stale)}.", _ISSUER
    )


def employment_is_current(evidence: Evidence) -> Refusal | None:
    """The assignment has started, its last day has not passed, and the person is at work."""
    claims = evidence.claims(CredentialType.EMPLOYMENT)
    if claims is None:
        return None  # not asked, or missing, which is another rule's to say
    started = _within(claims, "startDate", date.min, evidence.on)
    ended = claims.get("fixedTermEndDate", "") != "" and not _within(
        claims, "fixedTermEndDate", evidence.on, date.max
    )
    if started and not ended and claims.get("assignmentStatus") in AT_WORK:
        return None
    return Refusal("employment_not_current", "The employment is not current.", _ISSUER)


def checks_are_clear(evidence: Evidence) -> Refusal | None:
    """Each of the six checks is settled, and none has expired."""
    claims = evidence.claims(CredentialType.EMPLOYMENT_CHECKS)
    if claims is None:
        return None
    outcomes = {
        name: value
        for name, value in claims.items()
        if name.endswith("Outcome") and name != "assuranceOutcome"
    }
    open_ = [name for name, value in outcomes.items() if value not in SETTLED]
    expiries = [name for name, value in claims.items() if name.endswith("ExpiryDate") and value]
    expired = [name for name in expiries if not _within(claims, name, evidence.on, date.max)]
    if outcomes and not open_ and not expired:
        return None
    names = ", ".join(name.removesuffix("Outcome").removesuffix("ExpiryDate") for name in open_ + expired)
    return Refusal("checks_not_clear", f"Not clear, or expired: {names}.", _ISSUER)


ACCEPTANCE = Policy(
    "acceptance",
    (
        proofs_hold,
        nothing_is_missing,
        formats_agree,
        schemas_are_national,
        issuers_are_registered,
        issuers_are_not_suspended,
        issuers_are_succeeded_no_longer_than_agreed,
        issuers_may_issue,
        issuers_might_issue_then,
        one_employing_authority,
        one_passport,
        status_is_proven,
        status_is_the_issuers,
        nothing_is_revoked,
        nothing_is_suspended,
        a_short_life_is_short_enough,
        a_short_life_has_begun,
        a_short_life_has_not_ended,
        issued_plausibly,
        employment_is_current,
        checks_are_clear,
    ),
)


def asker_may_ask(
    asker: TrustedOrganisation | None, types: Iterable[CredentialType], at: datetime
) -> Refusal | None:
    """A host asks only for what the trust list lets it ask for."""
    if asker is not None and asker.may_ask(types, at):
        return None
    return Refusal("asker_not_trusted", "This organisation may not ask for these credentials.", _OPERATOR)


def _has_every_claim(shown: PresentedCredential) -> bool:
    return set(schemas.load(shown.credential).claim_names) == set(shown.claims)


def _undated(shown: PresentedCredential, claims: Claims) -> Claims:
    dated = _DATES if shown.short_life is not None else frozenset()
    return {name: value for name, value in claims.items() if name not in dated}


def _is_suspended(issuer: TrustedOrganisation, at: datetime) -> bool:
    return issuer.status(at) is OrganisationStatus.SUSPENDED


def _could_issue(issuer: TrustedOrganisation, shown: PresentedCredential) -> bool:
    """Whether it might, on the day that the credential states; `issued_plausibly` refuses what is no day."""
    try:
        stated = date.fromisoformat(shown.claims["issuedOn"])
    except (KeyError, ValueError):
        return True
    return issuer.could_issue(shown.credential, stated)


def _organisations(issuers: Iterable[TrustedOrganisation]) -> str:
    return ", ".join(each.name for each in issuers)


def _within(claims: Claims, name: str, first: date, last: date) -> bool:
    """Whether the claim is a date in that range; what is absent or no date is not."""
    try:
        return first <= date.fromisoformat(claims[name]) <= last
    except (KeyError, ValueError):
        return False


def _named(types: Iterable[CredentialType]) -> str:
    return ", ".join(dict.fromkeys(credential.replace("_", " ") for credential in types))

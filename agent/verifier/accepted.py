"""What a host accepted is asked about again and again: it learns of a later revocation from nobody else.

The issuer does not know who relies on its credentials, and is not to know.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from agent.domain.actors import Actor
from agent.domain.clock import Clock, utc_now
from agent.domain.credentials import CredentialType
from agent.domain.errors import Unavailable
from agent.domain.ports.audit import Audit, AuditOutcome
from agent.domain.ports.presentations import PresentedCredential
from agent.domain.ports.status_lists import CredentialStatus, StatusEntryId, StatusLists, StatusSnapshot
from agent.domain.ports.trust import TrustedOrganisation, TrustList
from agent.domain.review import Standing
from agent.domain.workforce import Organisation
from agent.store.engine import Store
from agent.verifier.records import (
    AcceptedCredentialRow,
    AcceptedRepository,
    AlertRow,
    PresentationRequestRow,
)

LOGGER = logging.getLogger(__name__)
SYSTEM = "system:verifier"
NEVER = datetime.max.replace(tzinfo=UTC)
_STANDINGS = {
    CredentialStatus.VALID: Standing.HOLDS,
    CredentialStatus.SUSPENDED: Standing.SUSPENDED,
    CredentialStatus.REVOKED: Standing.REVOKED,
}


@dataclass(frozen=True, slots=True)
class _Sources:
    """What one round asks: every list, and every issuer, once."""

    statuses: StatusSnapshot
    trust: TrustList
    at: datetime
    issuers: dict[str, TrustedOrganisation | None] = field(default_factory=dict)

    async def standing(self, accepted: AcceptedCredentialRow) -> Standing:
        """Raises `Unavailable`, which is neither yes nor no."""
        if not await self._may_issue(accepted):
            return Standing.ISSUER_NOT_TRUSTED
        if not accepted.status:  # short-lived: it ends by itself
            return Standing.HOLDS
        entries = tuple(map(StatusEntryId, accepted.status))
        status = await self.statuses.status(entries, accepted.issuer)
        if status not in _STANDINGS:  # it pointed to its issuer's lists when it was accepted
            raise Unavailable("A status list is not what it was.", code="status_list_invalid")
        return _STANDINGS[status]

    async def _may_issue(self, accepted: AcceptedCredentialRow) -> bool:
        if accepted.issuer not in self.issuers:
            self.issuers[accepted.issuer] = await self.trust.organisation(accepted.issuer)
        issuer = self.issuers[accepted.issuer]
        return issuer is not None and issuer.counts(CredentialType(accepted.type), self.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedCredentials:
    """One host organisation's: what it relies on, and the alerts when something no longer counts."""

    store: Store
    organisation: Organisation
    audit: Audit
    trust: TrustList
    status_lists: StatusLists
    record_at_most: timedelta
    clock: Clock = utc_now

    async def keep(self, request: PresentationRequestRow, shown: Iterable[PresentedCredential]) -> None:
        """From now on ask about what was accepted for `request`, in the unit that records the verdict.

        It takes the place of what was accepted of the same type in the same review. After `record_at_most`
        nobody may rely on it without asking the person again, so then it is forgotten; a short-lived one when
        it ends.
        """
        now = self.clock()
        async with self.store.joined(self.organisation.ods_code) as session:
            repository = AcceptedRepository(session, self.organisation.ods_code)
            for (credential, issuer), (entries, ends) in _told(shown).items():
                await repository.put(
                    AcceptedCredentialRow(
                        organisation=self.organisation.ods_code,
                        review=request.review,
                        type=credential,
                        request=request.id,
                        issuer=issuer,
                        status=list(entries),
                        standing=Standing.HOLDS,
                        checked_at=now,
                        relied_on_until=min(now + self.record_at_most, ends),
                    )
                )

    async def of_request(self, request: str) -> Mapping[CredentialType, AcceptedCredentialRow]:
        """How those stand that were accepted for `request`, unless later ones took their place."""
        async with self.store.unit(self.organisation.ods_code) as session:
            rows = await AcceptedRepository(session, self.organisation.ods_code).of_request(request)
        return {CredentialType(row.type): row for row in rows}

    async def check_again(self) -> None:
        """Ask about everything that is relied on; record an alert for each that stands otherwise than before.

        What cannot be asked keeps its standing and the time when it was last known.
        """
        async with self.store.unit(self.organisation.ods_code) as session:
            repository = AcceptedRepository(session, self.organisation.ods_code)
            await repository.forget_before(self.clock())
            relied_on = await repository.relied_on()
        sources = _Sources(self.status_lists.snapshot(), self.trust, self.clock())
        unchanged, unknown = list[AcceptedCredentialRow](), list[str]()
        for accepted in relied_on:
            try:
                standing = await sources.standing(accepted)
            except Unavailable as error:
                unknown.append(error.code)
                continue
            if standing == accepted.standing:
                unchanged.append(accepted)
            else:
                await self._alert(accepted, standing)
        await self._checked(unchanged)
        if unknown:
            LOGGER.warning("%s accepted credentials wait: %s", len(unknown), ", ".join(sorted(set(unknown))))

    async def _alert(self, accepted: AcceptedCredentialRow, standing: Standing) -> None:
        intent = await self.audit.intend("record alert", actor=SYSTEM, subject=accepted.review)
        async with self.store.unit(self.organisation.ods_code) as session:
            repository = AcceptedRepository(session, self.organisation.ods_code)
            row = await repository.still_relied_on(accepted)
            if row is None:  # accepted anew, or forgotten, while we asked
                await self.audit.conclude(intent, AuditOutcome.FAILED, code="replaced")
                return
            row.standing, row.checked_at = standing, self.clock()
            repository.add_alert(
                AlertRow(
                    organisation=self.organisation.ods_code,
                    id=str(uuid4()),
                    review=row.review,
                    request=row.request,
                    type=row.type,
                    standing=standing,
                    raised_at=row.checked_at,
                )
            )
            await self.audit.conclude(intent, AuditOutcome.DONE, code=standing)

    async def _checked(self, unchanged: Sequence[AcceptedCredentialRow]) -> None:
        async with self.store.unit(self.organisation.ods_code) as session:
            repository = AcceptedRepository(session, self.organisation.ods_code)
            await repository.checked(unchanged, at=self.clock())

    async def alerts(
        self, *, review: str | None, unseen: bool, after: tuple[datetime, str] | None, limit: int
    ) -> Sequence[AlertRow]:
        """Up to `limit` alerts, newest first: all, or one review's, or those that nobody took note of."""
        async with self.store.unit(self.organisation.ods_code) as session:
            repository = AcceptedRepository(session, self.organisation.ods_code)
            return await repository.alerts(review=review, unseen=unseen, after=after, limit=limit)

    async def acknowledge(self, alert: str, *, by: Actor) -> AlertRow:
        """Somebody took note of it; the first one counts. Raises `NotFound`."""
        async with (
            self.audit.recording("acknowledge alert", actor=by.id, subject=alert),
            self.store.unit(self.organisation.ods_code) as session,
        ):
            row = await AcceptedRepository(session, self.organisation.ods_code).alert(alert, lock=True)
            if row.acknowledged_by is None:
                row.acknowledged_by, row.acknowledged_at = by.id, self.clock()
        return row


type _Told = tuple[tuple[StatusEntryId, ...], datetime]


def _told(shown: Iterable[PresentedCredential]) -> Mapping[tuple[CredentialType, str], _Told]:
    """Where the status of each type stands, and when it ends, in whichever formats it was shown."""
    found: dict[tuple[CredentialType, str], _Told] = {}
    for one in shown:
        key = (one.credential, one.issuer_did)
        entries, ends = found.get(key, ((), NEVER))
        own_end = one.short_life.ends if one.short_life else NEVER
        found[key] = (tuple(dict.fromkeys((*entries, *one.status))), min(ends, own_end))
    return found

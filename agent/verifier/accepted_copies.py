"""What was judged, as it was judged, in the encrypted wallet and in no one else's reach."""

import json

from acapy_agent.core.profile import Profile

from agent.domain.credentials import CredentialFormat, CredentialType
from agent.domain.ports.presentations import AcceptedCredential, PresentationRequestId, UnjudgedPresentation
from agent.domain.ports.status_lists import StatusEntryId

_CATEGORY = "staff_passport_judged_presentation"


class AcceptedCopies:
    """One copy a request. Whether it was accepted is said by the verdict, not by the copy."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile

    async def keep(self, request: PresentationRequestId, judged: UnjudgedPresentation) -> None:
        """Keep what is about to be judged, in place of what an interrupted judgement may have kept."""
        told = [
            {
                "credential": each.credential,
                "format": each.format,
                "issuer_did": each.issuer_did,
                "claims": dict(each.claims),
                "status": list(each.status),
            }
            for each in judged.credentials
        ]
        async with self._profile.transaction() as transaction:
            if await transaction.handle.fetch(_CATEGORY, request, for_update=True) is None:
                await transaction.handle.insert(_CATEGORY, request, value_json=told)
            else:
                await transaction.handle.replace(_CATEGORY, request, value_json=told)
            await transaction.commit()

    async def read(self, request: PresentationRequestId) -> tuple[AcceptedCredential, ...]:
        """What was judged; nothing when no copy is kept."""
        async with self._profile.session() as session:
            entry = await session.handle.fetch(_CATEGORY, request)
        told = [] if entry is None else json.loads(entry.value)
        return tuple(
            AcceptedCredential(
                CredentialType(each["credential"]),
                CredentialFormat(each.get("format", CredentialFormat.ANONCREDS)),
                each["issuer_did"],
                each["claims"],
                tuple(map(StatusEntryId, each.get("status", ()))),
            )
            for each in told
        )

    async def erase(self, request: PresentationRequestId) -> None:
        """Delete the copy; none is no fault."""
        async with self._profile.transaction() as transaction:
            if await transaction.handle.fetch(_CATEGORY, request, for_update=True) is not None:
                await transaction.handle.remove(_CATEGORY, request)
            await transaction.commit()

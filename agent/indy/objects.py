"""AnonCreds objects on the ledger: their ids follow from the writer's DID, names and numbers."""

import re
from collections.abc import Mapping, Sequence

from acapy_agent.anoncreds.registry import AnonCredsRegistry
from acapy_agent.core.profile import Profile

import schemas
from agent.acapy_errors import registry_may_be_down
from agent.domain.credentials import CredentialType
from agent.domain.errors import Conflict
from agent.domain.ports.anoncreds_objects import AnonCredsObjects, ObjectIds, RevocationLists
from agent.domain.ports.trust import TrustList
from agent.indy.ledger_did import LedgerIdentity

_NYM = r"(?P<nym>[1-9A-HJ-NP-Za-km-z]{21,22})"
_SCHEMA = re.compile(rf"{_NYM}:2:[^:]+:[0-9.]+")
_DEFINITION = re.compile(rf"{_NYM}:3:CL:[1-9][0-9]*:[^:]+")


class IndyObjects(AnonCredsObjects):
    """Published under the organisation's DID on the ledger, which the trust list has beside its did:webvh."""

    def __init__(
        self, profile: Profile, identity: LedgerIdentity, trust: TrustList, operator: str | None
    ) -> None:
        self._profile = profile
        self._identity = identity
        self._trust = trust
        self._operator = operator

    async def issuer_id(self) -> str:
        return await self._identity.nym()

    async def national_schemas(self) -> Mapping[CredentialType, str]:
        """They follow from the operator's DID on the ledger, their names and versions."""
        if self._operator is None:
            raise Conflict("The settings name no operator on the ledger.", code="no_operator_on_ledger")
        every = {credential: schemas.load(credential) for credential in CredentialType}
        return {
            credential: f"{self._operator}:2:{schema.type_name}:{schema.version}"
            for credential, schema in every.items()
        }

    def belong_together(self, ids: ObjectIds) -> bool:
        definition = _DEFINITION.fullmatch(ids.definition)
        if definition is None or _SCHEMA.fullmatch(ids.schema) is None:
            return False
        prefix = f"{definition['nym']}:4:{ids.definition}:CL_ACCUM:"
        return ids.revocation_registry.startswith(prefix)

    async def issuer_of(self, definition: str) -> str:
        """The did:webvh of the organisation that has this DID on the ledger, or that DID for a stranger's.

        What an organisation signs elsewhere, such as status lists, is then found under the same DID.
        """
        did = f"did:sov:{definition.partition(':')[0]}"
        entry = await self._trust.organisation(did)
        return did if entry is None else entry.signs_as or did

    async def lists_at(self, registry: str, moments: Sequence[int | None]) -> RevocationLists:
        found = self._profile.inject(AnonCredsRegistry)
        with registry_may_be_down():
            known = await found.get_revocation_registry_definition(self._profile, registry)
            lists = [
                await found.get_revocation_list(self._profile, registry, timestamp_to=moment)
                for moment in moments
            ]
        began = tuple(each.revocation_list.timestamp or 0 for each in lists)
        return RevocationLists(known.revocation_registry.cred_def_id, began)

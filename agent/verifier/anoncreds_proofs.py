"""AnonCreds presentations: ACA-Py verifies the proofs, we look at what they are proofs of."""

import logging
from dataclasses import dataclass
from typing import Any

from acapy_agent.anoncreds import verifier
from acapy_agent.anoncreds.registry import AnonCredsRegistry
from acapy_agent.core.profile import Profile

import schemas
from agent.acapy_errors import registry_may_be_down
from agent.domain.credentials import CredentialFormat, CredentialType
from agent.domain.errors import Unavailable
from agent.domain.ports.anoncreds_objects import AnonCredsObjects
from agent.domain.ports.presentations import PresentedCredential, ProofFault, UnjudgedPresentation
from agent.domain.ports.status_lists import StatusEntryId
from agent.verifier.presentation_form import is_well_formed

LOGGER = logging.getLogger(__name__)
type Json = dict[str, Any]
_INVALID = UnjudgedPresentation(ProofFault.INVALID, ())


def log_no_claims() -> None:
    """Have ACA-Py log that a proof does not hold without the native library's error, which quotes claims."""
    logging.getLogger(verifier.__name__).addFilter(_without_its_error)


def _without_its_error(record: logging.LogRecord) -> bool:
    record.exc_info = record.exc_text = None
    return True


class AnonCredsProofs:
    """Checks the AnonCreds part of a presentation."""

    def __init__(self, profile: Profile, objects: AnonCredsObjects) -> None:
        self._profile = profile
        self._objects = objects

    async def check(self, proof: Json, asked: Json) -> UnjudgedPresentation:
        """Look at the form, let ACA-Py verify, then read what is proven. Raises `Unavailable`."""
        if not is_well_formed(proof, asked, self._objects.belong_together):
            return _INVALID
        if not all([await self._is_on_its_schema(each) for each in proof["identifiers"]]):
            return _INVALID
        if not await self._holds(proof, asked):
            return _INVALID
        asked_at = asked["non_revoked"]["to"]
        return UnjudgedPresentation(
            None, tuple([await self._presented(one, asked_at) for one in _shown(proof, asked)])
        )

    async def _holds(self, proof: Json, asked: Json) -> bool:
        """Verify with what the registry says; a proof that cannot even be read does not hold."""
        by = verifier.AnonCredsVerifier(self._profile)
        try:
            with registry_may_be_down():
                objects = await by.process_pres_identifiers(proof["identifiers"])
                verified, _ = await by.verify_presentation(asked, proof, *objects)
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001  # a stranger's proof may break its reader in any way
            LOGGER.warning("A presentation could not be read: %s", type(error).__qualname__)
            return False
        return bool(verified)

    async def _is_on_its_schema(self, identifier: Json) -> bool:
        """Whether the schema named is the one on which the credential definition was made.

        The wallet names both, and the proof verifies with any schema that has the same names. Raises
        `Unavailable`.
        """
        with registry_may_be_down():
            found = await self._profile.inject(AnonCredsRegistry).get_credential_definition(
                self._profile, identifier["cred_def_id"]
            )
        return bool(found.credential_definition.schema_id == identifier["schema_id"])

    async def _presented(self, shown: "_Shown", asked_at: int) -> PresentedCredential:
        claims = schemas.with_leading_zeros(schemas.load(shown.credential), shown.claims)
        status = claims.pop(schemas.STATUS_ATTRIBUTE, "").split()
        return PresentedCredential(
            credential=shown.credential,
            format=CredentialFormat.ANONCREDS,
            schema_id=shown.identifier["schema_id"],
            issuer_did=await self._objects.issuer_of(shown.identifier["cred_def_id"]),
            claims=claims,
            status=tuple(map(StatusEntryId, status)),
            proven_unrevoked=await self._proven_unrevoked(shown.identifier, asked_at),
        )

    async def _proven_unrevoked(self, identifier: Json, asked_at: int) -> bool:
        """Whether the wallet proved against the newest list of the registry that its credential is in.

        The proof itself was verified; but which registry and which list it speaks of is the wallet's choice.
        It may prefer an older list, or a copy of the registry under a DID of its own. Raises `Unavailable`,
        code `status_moved`, when a newer list came since we asked: the question must be put again.
        """
        registry, proven_at = identifier.get("rev_reg_id"), identifier.get("timestamp")
        if not registry or not proven_at:
            return False
        lists = await self._objects.lists_at(registry, (proven_at, asked_at, None))
        return lists.definition == identifier["cred_def_id"] and proven_by_the_newest_list(*lists.began)


def proven_by_the_newest_list(proven: int, asked: int, newest: int) -> bool:
    """Whether the list that was proven against still holds; each is known by when it began.

    Raises `Unavailable`, code `status_moved`, when it was the newest one as we asked.
    """
    if proven == newest:
        return True
    if proven == asked:
        raise Unavailable("Revocations came while the wallet answered; ask again.", code="status_moved")
    return False


@dataclass(frozen=True, slots=True)
class _Shown:
    """One group of revealed attributes, with the identifiers of the credential that it comes from."""

    credential: CredentialType
    claims: dict[str, str]
    identifier: Json


def _shown(proof: Json, asked: Json) -> list[_Shown]:
    """The groups that were asked for and revealed; what was not asked is not read."""
    groups: Json = proof["requested_proof"].get("revealed_attr_groups", {})
    return [
        _Shown(
            CredentialType(name),
            _in_order(wanted["names"], groups[name]["values"]),
            proof["identifiers"][groups[name]["sub_proof_index"]],
        )
        for name, wanted in asked["requested_attributes"].items()
        if name in groups
    ]


def _in_order(names: list[str], values: Json) -> dict[str, str]:
    """The revealed claims, in the order in which their definition lists them."""
    return {name: values[name]["raw"] for name in names if name in values}

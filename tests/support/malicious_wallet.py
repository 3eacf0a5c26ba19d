"""A wallet whose owner cheats. The owner's software is theirs to change, so here ACA-Py itself is changed.

Run as `python -m tests.support.malicious_wallet CHEAT wallet --config FILE`.
"""

import hashlib
import sys
from collections.abc import Callable
from copy import deepcopy
from typing import Any

from acapy_agent.connections.models.conn_record import ConnRecord
from acapy_agent.messaging.decorators.attach_decorator import AttachDecorator
from acapy_agent.messaging.responder import BaseResponder
from acapy_agent.protocols.present_proof.v2_0.formats.anoncreds.handler import AnonCredsPresExchangeHandler
from acapy_agent.protocols.present_proof.v2_0.manager import V20PresManager
from acapy_agent.protocols.present_proof.v2_0.message_types import PRES_20
from acapy_agent.protocols.present_proof.v2_0.messages.pres import V20Pres
from acapy_agent.protocols.present_proof.v2_0.messages.pres_ack import V20PresAck
from acapy_agent.protocols.present_proof.v2_0.messages.pres_format import V20PresFormat
from acapy_agent.protocols.present_proof.v2_0.models.pres_exchange import V20PresExRecord

from signed_documents.resolution import WebvhReader
from signed_documents.status_lists import StatusList
from staff_passport.launch import main

type Proof = dict[str, Any]

_recorded: list[Proof] = []


def promoted(proof: Proof) -> Proof:
    """A claim raised after it was proven."""
    changed = deepcopy(proof)
    changed["requested_proof"]["revealed_attr_groups"]["employment"]["values"]["positionTitle"]["raw"] = (
        "Consultant"
    )
    return changed


def promoted_with_its_encoding(proof: Proof) -> Proof:
    """The same, by an owner who also knows how AnonCreds encodes a claim."""
    changed = promoted(proof)
    value = changed["requested_proof"]["revealed_attr_groups"]["employment"]["values"]["positionTitle"]
    value["encoded"] = str(int.from_bytes(hashlib.sha256(b"Consultant").digest()))
    return changed


def replayed(proof: Proof) -> Proof:
    """The first presentation ever made, again."""
    _recorded.append(proof)
    return _recorded[0]


def without_checks(proof: Proof) -> Proof:
    """A presentation with one credential taken out."""
    changed = deepcopy(proof)
    del changed["requested_proof"]["revealed_attr_groups"]["employment_checks"]
    return changed


def with_a_stray_identifier(proof: Proof) -> Proof:
    """A credential beside those shown, of a kind that nothing here can resolve."""
    changed = deepcopy(proof)
    stray = {"schema_id": "did:web:a.example/x", "cred_def_id": "did:web:a.example/y"}
    changed["identifiers"].append(stray)
    return changed


def with_a_claim_that_nobody_asked(proof: Proof) -> Proof:
    """One name more than was asked."""
    changed = deepcopy(proof)
    group = changed["requested_proof"]["revealed_attr_groups"]["identity"]
    group["values"]["extra"] = {"raw": "x", "encoded": "1"}
    return changed


def with_another_registry(proof: Proof) -> Proof:
    """Proven against a registry of the same issuer in which this credential is not."""
    changed = deepcopy(proof)
    first, *others = changed["identifiers"]
    for other in others:
        other["rev_reg_id"], other["timestamp"] = first["rev_reg_id"], first["timestamp"]
    return changed


def with_another_schema(proof: Proof) -> Proof:
    """The identity credential, as if it were on the schema of another type."""
    changed = deepcopy(proof)
    first, second, *_ = changed["identifiers"]
    first["schema_id"] = second["schema_id"]
    return changed


def with_more_than_a_claim(proof: Proof) -> Proof:
    """A word beside a claim, which nothing proves."""
    changed = deepcopy(proof)
    group = changed["requested_proof"]["revealed_attr_groups"]["employment"]
    group["values"]["positionTitle"]["label"] = "Consultant"
    return changed


PRESENTATION_CHEATS: dict[str, Callable[[Proof], Proof]] = {
    "promoted": promoted,
    "promoted-with-its-encoding": promoted_with_its_encoding,
    "replayed": replayed,
    "without-checks": without_checks,
    "stray-identifier": with_a_stray_identifier,
    "unasked-claim": with_a_claim_that_nobody_asked,
    "another-registry": with_another_registry,
    "another-schema": with_another_schema,
    "more-than-a-claim": with_more_than_a_claim,
}


def cheat_in_presentations(change: Callable[[Proof], Proof]) -> None:
    """Change what is sent after it was proven."""
    honest = AnonCredsPresExchangeHandler.get_format_data

    def cheating(
        self: AnonCredsPresExchangeHandler, message_type: str, data: Proof
    ) -> tuple[Any, AttachDecorator]:
        return honest(self, message_type, change(data) if message_type == PRES_20 else data)

    AnonCredsPresExchangeHandler.get_format_data = cheating  # type: ignore[method-assign]  # the cheat


def cheat_with_the_first_status_list() -> None:
    """Prove against the oldest status list that the registry has, from before any revocation."""
    honest = WebvhReader.status_list

    async def oldest(self: WebvhReader, registry_id: str, *, at: int | None = None) -> StatusList:
        newest = await honest(self, registry_id, at=at)
        first = newest.timestamp
        while True:
            try:
                first = (await honest(self, registry_id, at=first - 1)).timestamp
            except Exception:  # noqa: BLE001  # there is none before it
                return await honest(self, registry_id, at=first)

    WebvhReader.status_list = oldest  # type: ignore[method-assign]  # the cheat


def cheat_with_remembered_status_lists() -> None:
    """Prove against the list of each registry that was the newest when it was first looked at."""
    honest = WebvhReader.status_list
    remembered: dict[str, StatusList] = {}

    async def first_seen(self: WebvhReader, registry_id: str, *, at: int | None = None) -> StatusList:
        if registry_id not in remembered:
            remembered[registry_id] = await honest(self, registry_id, at=at)
        return remembered[registry_id]

    WebvhReader.status_list = first_seen  # type: ignore[method-assign]  # the cheat


def cheat_after_the_verdict() -> None:
    """Send another presentation, with a claim raised, once the first one was confirmed."""
    honest = V20PresManager.receive_pres_ack

    async def cheating(self: V20PresManager, message: V20PresAck, conn_record: ConnRecord) -> V20PresExRecord:
        record: V20PresExRecord = await honest(self, message, conn_record)
        proof = record.pres.attachment(V20PresFormat.Format.ANONCREDS) if record.pres else {}
        forged = V20Pres(
            formats=record.pres.formats if record.pres else [],
            presentations_attach=[AttachDecorator.data_base64(promoted(proof), ident="anoncreds")],
        )
        forged.assign_thread_id(record.thread_id)
        await self._profile.inject(BaseResponder).send(forged, connection_id=record.connection_id)
        return record

    V20PresManager.receive_pres_ack = cheating  # type: ignore[method-assign]  # the cheat


if __name__ == "__main__":
    cheat = sys.argv.pop(1)
    if cheat == "older-status":
        cheat_with_the_first_status_list()
    elif cheat == "remembered-status":
        cheat_with_remembered_status_lists()
    elif cheat == "after-the-verdict":
        cheat_after_the_verdict()
    else:
        cheat_in_presentations(PRESENTATION_CHEATS[cheat])
    main()

"""A wallet whose owner cheats. The owner's software is theirs to change, so here ACA-Py itself is changed.

Run as `python -m tests.support.malicious_wallet CHEAT wallet --config FILE`.
"""

import hashlib
import sys
from collections.abc import Callable
from copy import deepcopy
from typing import Any

from acapy_agent.messaging.decorators.attach_decorator import AttachDecorator
from acapy_agent.protocols.present_proof.v2_0.formats.anoncreds.handler import AnonCredsPresExchangeHandler
from acapy_agent.protocols.present_proof.v2_0.message_types import PRES_20

from signed_documents.resolution import WebvhReader
from signed_documents.status_lists import StatusList
from staff_passport.cli import main

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


PRESENTATION_CHEATS: dict[str, Callable[[Proof], Proof]] = {
    "promoted": promoted,
    "promoted-with-its-encoding": promoted_with_its_encoding,
    "replayed": replayed,
    "without-checks": without_checks,
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


if __name__ == "__main__":
    cheat = sys.argv.pop(1)
    if cheat == "older-status":
        cheat_with_the_first_status_list()
    else:
        cheat_in_presentations(PRESENTATION_CHEATS[cheat])
    main()

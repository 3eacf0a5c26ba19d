"""How long it takes to make a status list anew, of which many entries are set."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from random import Random

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from signed_documents.bitstring_status_lists import (
    LONGEST_LIFE,
    SMALLEST,
    Bitstring,
    StatusListId,
    StatusPurpose,
    sign_status_list,
)
from signed_documents.keys import SoftwareSigner

ENTRIES_SET = 10_000
REPETITIONS = 20
_LIST = StatusListId("https://registry.example/organisations/northmoor", StatusPurpose.REVOCATION, 1)


async def rebuilding_times(clock: Callable[[], float] = time.perf_counter) -> list[float]:
    """Seconds of each repetition: the bits set, compressed, encoded, and signed."""
    signer = SoftwareSigner(Ed25519PrivateKey.generate(), "did:webvh:example#key")
    random, times = Random(REPETITIONS), list[float]()  # noqa: S311  # any entries will do
    for _ in range(REPETITIONS):
        indices = random.sample(range(SMALLEST), ENTRIES_SET)
        started = clock()
        await sign_status_list(
            Bitstring.of(indices),
            _LIST,
            issuer="did:webvh:example",
            signer=signer,
            now=datetime.now(UTC),
            life=LONGEST_LIFE,
        )
        times.append(clock() - started)
    return times

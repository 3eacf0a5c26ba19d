"""What a witness compares a log with before it approves: what strangers read of the DID, wherever it was."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest
from acapy_agent.core.profile import Profile
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from agent.domain.actors import Actor
from agent.domain.errors import Conflict, Unavailable
from agent.domain.workforce import OdsCode
from agent.webvh.witnessing import Witnessing
from signed_documents.errors import DocumentUnavailable
from signed_documents.identifiers import WebvhDid
from signed_documents.keys import SoftwareSigner, did_key_method
from signed_documents.resolution import WebvhReader
from signed_documents.webvh_entries import append_entry, prepare_move, sign_entry
from tests.support.esr import AuditInMemory
from tests.support.signing import NOON, Clock, Publisher, Web, a_publisher, public

SOMEBODY = Actor("administrator@calder-bay.example", OdsCode("ZZCB1"), frozenset(), None)
CLOCK = Clock(NOON + timedelta(hours=1))


class LookedAtKeyError(Exception):
    """The log was compared with what is published; the witness's own key comes next."""


class NoWallet:
    def transaction(self) -> Any:
        raise LookedAtKeyError


async def approve(web: Web, by: Publisher) -> None:
    witnessing = Witnessing(
        profile=cast("Profile", NoWallet()),
        audit=AuditInMemory(),
        reader=WebvhReader(web, clock=CLOCK),
        clock=CLOCK,
    )
    await witnessing.approve(by.log.text.decode(), by=SOMEBODY)


async def moved(by: Publisher) -> Publisher:
    """Where it said nothing before."""
    to = WebvhDid(by.log.did.scid, by.log.did.host, ("organisations", "elsewhere"))
    upcoming = Ed25519PrivateKey.generate()
    signer = SoftwareSigner(by.next_key, did_key_method(public(by.next_key)))
    prepared = prepare_move(by.log, to, created=CLOCK())
    entry = await sign_entry(prepared, signer, public(upcoming))
    return replace(by, log=append_entry(by.log, entry, now=CLOCK()), next_key=upcoming)


@pytest.fixture
async def northmoor() -> Publisher:
    return await a_publisher()


async def test_a_log_of_which_nothing_is_published_is_compared_with_nothing(northmoor: Publisher) -> None:
    with pytest.raises(LookedAtKeyError):
        await approve(Web(), northmoor)


async def test_a_log_that_goes_on_from_what_is_published_is_approved_also_when_it_moves(
    northmoor: Publisher,
) -> None:
    web = Web()
    web.publish(northmoor)
    longer = await northmoor.rotated(created=NOON + timedelta(minutes=1))
    for each in (northmoor, longer, await moved(longer)):
        with pytest.raises(LookedAtKeyError):
            await approve(web, each)


async def test_a_move_does_not_leave_behind_what_was_published_before_it(northmoor: Publisher) -> None:
    """Whoever has the key that was announced forks the log, and takes it to where nobody has read it yet."""
    web, fork = Web(), await moved(northmoor)
    web.publish(await northmoor.rotated(created=NOON + timedelta(minutes=1)))
    with pytest.raises(Conflict) as refused:
        await approve(web, fork)
    assert refused.value.code == "log_forked"


async def test_once_it_is_read_where_it_went_nobody_is_asked_where_it_was(northmoor: Publisher) -> None:
    there = await moved(northmoor)
    web = Web({northmoor.log.did.log_url: DocumentUnavailable("the host is gone")})
    with pytest.raises(Unavailable):
        await approve(web, there)
    web.publish(there)
    with pytest.raises(LookedAtKeyError):
        await approve(web, there)

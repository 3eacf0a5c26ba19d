"""A real Indy pool of four nodes on this machine, and what its trustee does there."""

import asyncio
import json
import os
import signal
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import base58
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from indy_vdr import Pool, Request, ledger, open_pool

from staff_passport.processes import Process, Processes, Program
from tests.indy.pool.install import HERE, PYTHON, install
from tests.support.ports import free_port

type Json = dict[str, Any]

NODES = ("Node1", "Node2", "Node3", "Node4")
"""One of four may lie."""
NODE_PROGRAMS = HERE / "node"
GENESIS = Path("staff-passport-test") / "pool_transactions_genesis"
AGREEMENT = "Synthetic people only."
VERSION = "1.0"
RATIFIED = 1_700_000_000  # seconds, Unix
MECHANISM = "wallet_agreement"
WITHIN_SECONDS = 300
_DAY = 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class Trustee:
    """Who may register DIDs, and lay down the agreement: the seed is public, as the pool is a test's."""

    key: Ed25519PrivateKey

    @classmethod
    def of_a_test_pool(cls) -> "Trustee":
        return cls(Ed25519PrivateKey.from_private_bytes(b"Trustee1".rjust(32, b"0")))

    @property
    def nym(self) -> str:
        return base58.b58encode(self.key.public_key().public_bytes_raw()[:16]).decode()

    def sign(self, request: Request) -> Request:
        request.set_signature(self.key.sign(request.signature_input))
        return request


@dataclass(frozen=True, slots=True)
class RunningPool:
    """The nodes as they run, as a client sees them."""

    genesis: Path
    client: Pool
    trustee: Trustee
    nodes: Sequence[Process]

    @contextmanager
    def held_up(self) -> Iterator[None]:
        """No node answers anybody until the block ends."""
        self._tell(signal.SIGSTOP)
        try:
            yield
        finally:
            self._tell(signal.SIGCONT)

    def _tell(self, number: signal.Signals) -> None:
        for node in self.nodes:
            assert node.pid is not None
            os.killpg(node.pid, number)

    async def register_author(self, did: str, verkey: str) -> None:
        """Have the trustee write a DID that writes nothing without an endorser."""
        nym = did.removeprefix("did:sov:")
        await self._write(_accepting(ledger.build_nym_request(self.trustee.nym, nym, verkey)))

    async def register_endorser(self, did: str, verkey: str) -> None:
        """Have the trustee write a DID that writes by itself, and endorses what others write."""
        nym = did.removeprefix("did:sov:")
        await self._write(
            _accepting(ledger.build_nym_request(self.trustee.nym, nym, verkey, role="ENDORSER"))
        )

    async def have_agreement(self) -> None:
        """Lay down an agreement that every author must accept from now on, the trustee among them."""
        mechanisms = json.dumps({MECHANISM: "Accepted in the wallet"})
        own = self.trustee.nym
        await self._write(ledger.build_acceptance_mechanisms_request(own, mechanisms, VERSION))
        await self._write(
            ledger.build_txn_author_agreement_request(own, AGREEMENT, VERSION, ratification_ts=RATIFIED)
        )

    async def read(self, kind: str, identifier: str) -> Json | None:
        """What the ledger has under an id: `schema`, `cred_def`, `nym`; None when it has nothing."""
        request = {
            "schema": ledger.build_get_schema_request,
            "cred_def": ledger.build_get_cred_def_request,
            "nym": ledger.build_get_nym_request,
        }[kind](None, identifier)
        answer = await self.client.submit_request(request)
        return answer if answer.get("seqNo") else None

    async def _write(self, request: Request) -> None:
        await self.client.submit_request(self.trustee.sign(request))


@asynccontextmanager
async def a_pool(folder: Path) -> AsyncIterator[RunningPool]:
    """Four nodes with their files in `folder`, which is there, ready to be asked; they end with the block."""
    install()
    ports = [free_port() for _ in range(2 * len(NODES))]
    genesis = folder / GENESIS
    async with Processes() as processes:
        await _run(_program(folder, "make_pool", str(folder), *map(str, ports)))
        nodes = []
        for number, name in enumerate(NODES):
            own = map(str, ports[2 * number : 2 * number + 2])
            nodes.append(await processes.start(_program(folder, "run_node", str(folder), name, *own)))
        for name, node in zip(NODES, nodes, strict=True):
            said = partial(_participates, genesis.with_name(f"{name}.log"))
            await node.wait_until_ready(said, within=WITHIN_SECONDS)
        client = await open_pool(transactions_path=str(genesis))
        try:
            yield RunningPool(genesis, client, Trustee.of_a_test_pool(), nodes)
        finally:
            client.close()


def _accepting(request: Request) -> Request:
    today = int(time.time()) // _DAY * _DAY  # the ledger wants to know no more
    request.set_txn_author_agreement_acceptance(
        ledger.prepare_txn_author_agreement_acceptance(AGREEMENT, VERSION, None, MECHANISM, today)
    )
    return request


def _program(folder: Path, program: str, *arguments: str) -> Program:
    argv: Sequence[str] = (str(PYTHON), str(NODE_PROGRAMS / f"{program}.py"), *arguments)
    name = f"{program}-{arguments[1]}"
    return Program(name, argv, folder / f"{name}.log", environment={"PYTHONPATH": str(NODE_PROGRAMS)})


async def _run(program: Program) -> None:
    with program.log_file.open("ab") as log:
        child = await asyncio.create_subprocess_exec(
            *program.argv, stdout=log, stderr=log, env=os.environ | dict(program.environment)
        )
        assert await child.wait() == 0, f"see {program.log_file}"


async def _participates(log: Path) -> bool:
    """Whether a node says that it takes part. A client that asks earlier may wait for ever."""
    try:
        said = await asyncio.to_thread(log.read_text)
    except FileNotFoundError:
        return False
    return "started participating" in said

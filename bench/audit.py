"""What a long audit costs: `python -m bench.audit` fills a chain, appends to it, signs it and checks it."""

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import batched
from pathlib import Path
from typing import Annotated, Any

import psycopg
import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from rich.console import Console

from agent.audit.chain import AuditChain, AuditEntry, told
from agent.audit.checkpoints import AuditCheckpoints
from agent.domain.ports.audit import AuditOutcome, CheckpointPublisher, CheckpointSigner
from agent.domain.workforce import OdsCode
from agent.store.engine import Store
from agent.store.migrations import upgrade
from bench.bounds import Bound, all_hold
from bench.process_figures import Meter
from bench.results import machine
from bench.spread import percentile
from bench.table import bound_table
from signed_documents.audit_chains import GENESIS, entry_hash, exported
from signed_documents.checkpoints import Checkpoint, sign_checkpoint
from signed_documents.did_documents import checkpoint_key_id, organisation_document
from signed_documents.keys import SoftwareSigner, did_key_method
from signed_documents.webvh_entries import create_log
from signed_documents.webvh_logs import VerifiedLog
from staff_passport.audit_verification import CHECKPOINTS, DID_LOG, ENTRIES
from staff_passport.embedded_postgres import Databases, EmbeddedPostgres

OWN = OdsCode("ZZNM1")
LATEST = Path(__file__).parent / "results" / "audit.json"
MOST_APPEND_SECONDS = 0.003
MOST_VERIFY_SECONDS = 60.0
MOST_VERIFY_BYTES = 300 * 2**20
LOOK_EVERY_SECONDS = 0.05
_BATCH = 10_000
_BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
console = Console(stderr=True)


@dataclass(frozen=True, slots=True)
class AuditFigures:
    """Seconds, and bytes of memory."""

    entries: int
    append_p50: float
    append_p95: float
    first_checkpoint: float
    next_checkpoint: float
    inclusion: float
    export: float
    verify: float
    verify_memory: int

    @property
    def bounds(self) -> list[Bound]:
        """What must hold of a million entries."""
        many = f"{self.entries:,} entries"
        return [
            _bound(f"audit append, p95, after {many}", MOST_APPEND_SECONDS, self.append_p95),
            _bound(f"verification of {many}", MOST_VERIFY_SECONDS, self.verify),
            Bound(
                f"memory while {many} are verified",
                f"under {MOST_VERIFY_BYTES >> 20} MB",
                f"{self.verify_memory / 2**20:.0f} MB",
                self.verify_memory < MOST_VERIFY_BYTES,
            ),
        ]


class _Key(CheckpointSigner, CheckpointPublisher):
    """An organisation with a DID, whose registry is not what is measured here."""

    def __init__(self, log: VerifiedLog, key: Ed25519PrivateKey) -> None:
        self.log = log
        self._key = key

    @classmethod
    async def made(cls) -> "_Key":
        update, upcoming, credential, resource_key, audit = (Ed25519PrivateKey.generate() for _ in range(5))
        document = partial(
            organisation_document,
            credential_key=_public(credential),
            resource_key=_public(resource_key),
            audit_key=_public(audit),
        )
        signer = SoftwareSigner(update, did_key_method(_public(update)))
        place = ("registry.staff-passport.example", ("organisations", "northmoor"))
        log = await create_log(
            *place, document, update_key=signer, next_key=_public(upcoming), created=datetime.now(UTC)
        )
        return cls(log, audit)

    async def checkpoint(self, size: int, root: bytes, *, at: datetime) -> bytes:
        did, public = str(self.log.did), _public(self._key)
        signer = SoftwareSigner(self._key, checkpoint_key_id(did, public))
        return await sign_checkpoint(Checkpoint(did, size, root, at), signer, public)

    async def published(self) -> None:
        """Nothing was."""

    async def publish(self, note: bytes, *, after: int, proof: Sequence[bytes]) -> None:
        """Nobody reads it."""


async def measure(entries: int, appends: int) -> AuditFigures:
    """Fill a chain on an embedded PostgreSQL, and do with it what is done with every audit."""
    key = await _Key.made()
    with EmbeddedPostgres.temporary() as postgres, tempfile.TemporaryDirectory() as folder:
        databases = postgres.provide("audit")
        upgrade(databases.migration_url, agent_url=databases.url)
        store = Store.at(databases.url)
        try:
            return await _measured(databases, store, key, Path(folder), entries, appends)
        finally:
            await store.dispose()


async def _measured(
    databases: Databases, store: Store, key: _Key, folder: Path, entries: int, appends: int
) -> AuditFigures:
    console.print(f"{entries:,} entries are made …")
    await asyncio.to_thread(_fill, databases, entries)
    chain = AuditChain(store, OWN, b"a salt of a benchmark")
    checkpoints = AuditCheckpoints(store=store, organisation=OWN, signer=key, publisher=key)
    first = await _timed(checkpoints.sign)
    console.print(f"{appends} more are appended …")
    seconds = sorted(await _append(chain, appends))
    again = await _timed(checkpoints.sign)
    inclusion = await _timed(lambda: checkpoints.inclusion(entries // 3, entries))
    console.print("All are exported, and checked by a program of their own …")
    export = await _timed(lambda: _export(chain, checkpoints, key, folder))
    verify, memory = await asyncio.to_thread(_verify, folder)
    return AuditFigures(
        entries,
        percentile(seconds, 50),
        percentile(seconds, 95),
        first,
        again,
        inclusion,
        export,
        verify,
        memory,
    )


def _fill(databases: Databases, entries: int) -> None:
    """As if a busy organisation had worked for years."""
    columns = ", ".join(_COLUMNS)
    with psycopg.connect(databases.migration_url) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT set_config('staff_passport.organisation', %s, false)", [OWN])
        cursor.execute("ALTER TABLE audit.entries NO FORCE ROW LEVEL SECURITY")  # COPY knows no policies
        last = GENESIS
        for some in batched(_made(entries), _BATCH, strict=False):
            with cursor.copy(f"COPY audit.entries ({columns}) FROM STDIN") as copy:
                for entry in some:
                    copy.write_row([entry[name] for name in _COLUMNS])
            last = str(some[-1]["hash"])
        head = "INSERT INTO audit.chain_heads (organisation, sequence, hash) VALUES (%s, %s, %s)"
        cursor.execute(head, [OWN, entries, last])
        cursor.execute("ALTER TABLE audit.entries FORCE ROW LEVEL SECURITY")
        connection.commit()
        connection.autocommit = True
        cursor.execute("ANALYZE audit.entries")


_COLUMNS = tuple(column.name for column in AuditEntry.__table__.columns)


def _made(entries: int) -> Iterator[dict[str, Any]]:
    previous = GENESIS
    for number in range(1, entries + 1):
        entry: dict[str, Any] = {
            "organisation": OWN,
            "sequence": number,
            "intent": f"{(number + 1) // 2:036}",
            "phase": "intent" if number % 2 else "outcome",
            "action": "offer employment credential",
            "actor": f"user-{number % 300}@northmoor.example",
            "subject": f"{number // 40:064x}",
            "outcome": None if number % 2 else "done",
            "code": None,
            "request": f"{number:036}",
            "at": (_BEGAN + timedelta(seconds=number)).isoformat(),
            "previous": previous,
        }
        previous = entry["hash"] = entry_hash(entry)
        yield entry


async def _append(chain: AuditChain, count: int) -> list[float]:
    """Seconds of each append: half of them intents, half outcomes, each committed."""
    seconds = list[float]()
    for number in range(count // 2):
        started = time.perf_counter()
        intent = await chain.intend("search", actor="somebody", subject=str(number))
        between = time.perf_counter()
        await chain.conclude(intent, AuditOutcome.DONE)
        seconds += [between - started, time.perf_counter() - between]
    return seconds


async def _export(chain: AuditChain, checkpoints: AuditCheckpoints, key: _Key, folder: Path) -> None:
    (folder / CHECKPOINTS).mkdir()
    (folder / DID_LOG).write_bytes(key.log.text)
    for row in await checkpoints.all():
        (folder / CHECKPOINTS / str(row.size)).write_text(row.note)
    after = 0
    with (folder / ENTRIES).open("wb") as file:
        while entries := await chain.entries(after=after, limit=1000):
            file.writelines(exported(told(entry)) for entry in entries)
            after = entries[-1].sequence


def _verify(folder: Path) -> tuple[float, int]:
    """Seconds and the most memory of the program that anybody would run."""
    command, most = (sys.executable, "-m", "staff_passport", "audit", "verify", str(folder)), 0
    started = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as program:
        meter = Meter(program.pid)
        while program.poll() is None:
            with suppress(KeyError, OSError):  # it may end while we look
                most = meter.memory().peak
            time.sleep(LOOK_EVERY_SECONDS)
    if program.returncode:
        raise RuntimeError("the audit does not hold")
    return time.perf_counter() - started, most


async def _timed(do: Callable[[], Awaitable[object]]) -> float:
    started = time.perf_counter()
    await do()
    return time.perf_counter() - started


def _public(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes_raw()


def _bound(name: str, most: float, seconds: float) -> Bound:
    unit, factor = ("ms", 1000) if most < 1 else ("s", 1)
    return Bound(
        name, f"at most {most * factor:.0f} {unit}", f"{seconds * factor:.2f} {unit}", seconds <= most
    )


def main(
    *,
    entries: Annotated[int, typer.Option(min=1000, help="How long the chain is.")] = 1_000_000,
    appends: Annotated[int, typer.Option(min=20, help="How often something is appended.")] = 2_000,
    output: Annotated[Path, typer.Option(help="Where the JSON goes.")] = LATEST,
) -> None:
    """Measure an audit of a million entries."""
    figures = asyncio.run(measure(entries, appends))
    output.parent.mkdir(parents=True, exist_ok=True)
    bounds = [asdict(bound) for bound in figures.bounds]
    result = {"machine": machine(), "figures": asdict(figures), "bounds": bounds}
    output.write_text(json.dumps(result, indent=1), encoding="utf-8")
    out = Console(width=None if sys.stdout.isatty() else 170)
    out.print(bound_table(figures.bounds))
    out.print_json(json.dumps(asdict(figures)))
    raise typer.Exit(0 if all_hold(figures.bounds) else 1)


if __name__ == "__main__":
    typer.run(main)

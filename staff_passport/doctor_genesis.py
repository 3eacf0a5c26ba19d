"""Genesis transactions: who the first nodes of a ledger are, one JSON object a line."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, IPvAnyAddress, StringConstraints, ValidationError

from staff_passport.doctor_findings import At, Finding
from staff_passport.doctor_ledgers import Ledger, Ledgers
from staff_passport.located_yaml import LocatedYaml

FEWEST_NODES = 4
"""With fewer, none may fail."""
Port = Annotated[int, Field(ge=1, le=65535)]
Base58 = Annotated[str, StringConstraints(pattern=r"^[1-9A-HJ-NP-Za-km-z]+$")]


class _Data(BaseModel):
    alias: Annotated[str, StringConstraints(min_length=1)]
    blskey: Base58
    client_ip: IPvAnyAddress
    client_port: Port
    node_ip: IPvAnyAddress
    node_port: Port
    services: list[str]


class _Node(BaseModel):
    data: _Data
    dest: Annotated[Base58, StringConstraints(min_length=43, max_length=44)]


class _Txn(BaseModel):
    type: Literal["0"]
    data: _Node


class _Metadata(BaseModel):
    seqNo: Annotated[int, Field(ge=1)]  # noqa: N815 - as it stands in the file


class Transaction(BaseModel):
    """A node transaction, as far as who connects has to believe it (Indy, NODE)."""

    txn: _Txn
    txnMetadata: _Metadata  # noqa: N815 - as it stands in the file

    @property
    def node(self) -> _Data:
        return self.txn.data.data


@dataclass(frozen=True, slots=True)
class _Line:
    """A transaction, and what tells a fault in it."""

    number: int
    at: At
    transaction: Transaction


def faults_of_genesis(file: Path, ledgers: Ledgers, located: LocatedYaml) -> Iterator[Finding]:
    """What is wrong with the genesis of each ledger that has one here."""
    for number, ledger in enumerate(ledgers.root):
        if ledger.genesis_file is not None:
            at = Finding.at(file, located.line((number, "genesis_file")))
            yield from _faults_of_file(at, file.parent / ledger.genesis_file, ledger)
        elif ledger.genesis_transactions is not None:
            at = Finding.at(file, located.line((number, "genesis_transactions")))
            lines = [(at, line) for line in ledger.genesis_transactions.splitlines() if line.strip()]
            yield from _faults_of_lines(at, lines, ledger)


def _faults_of_file(named: At, file: Path, ledger: Ledger) -> Iterator[Finding]:
    try:
        text = file.read_text(encoding="utf-8")
    except OSError:
        yield named(f"there is no file {ledger.genesis_file} in this folder: add it")
        return
    except UnicodeDecodeError:
        yield named(f"{ledger.genesis_file} is not UTF-8")
        return
    lines = [
        (Finding.at(file, number), line) for number, line in enumerate(text.splitlines(), 1) if line.strip()
    ]
    yield from _faults_of_lines(Finding.at(file, 0), lines, ledger)


def _faults_of_lines(whole: At, lines: Sequence[tuple[At, str]], ledger: Ledger) -> Iterator[Finding]:
    nodes: list[_Line] = []
    for number, (at, text) in enumerate(lines, 1):
        found = _transaction(at, text)
        if isinstance(found, Finding):
            yield found
        else:
            nodes.append(_Line(number, at, found))
    yield from _faults_of_nodes(nodes, ledger)
    if len(lines) < FEWEST_NODES:
        yield whole(f"a pool has at least {FEWEST_NODES} nodes, and here are {len(lines)}")


def _transaction(at: At, text: str) -> Finding | Transaction:
    try:
        said: Any = json.loads(text)
    except ValueError:
        return at("this line is not JSON: each line is one transaction")
    try:
        return Transaction.model_validate(said)
    except ValidationError as errors:
        error = errors.errors(include_url=False)[0]
        where = ".".join(map(str, error["loc"]))
        return at(f"this is not a node transaction: {where}: {error['msg']}")


def _faults_of_nodes(nodes: list[_Line], ledger: Ledger) -> Iterator[Finding]:
    seen: set[object] = set()
    for each in nodes:
        node, number = each.transaction.node, each.transaction.txnMetadata.seqNo
        if number != each.number:
            yield each.at(f"the sequence is broken: this is number {number}, and should be {each.number}")
        if "VALIDATOR" not in node.services:
            yield each.at(f"{node.alias} is no validator: its services do not say so")
        if ledger.is_production and ip_address(str(node.client_ip)).is_loopback:
            yield each.at(f"{node.alias} of a production ledger is on this machine")
        for what, name in _names(each.transaction):
            if (what, name) in seen:
                yield each.at(f"two nodes have one {what}: {name}")
            seen.add((what, name))


def _names(transaction: Transaction) -> Iterator[tuple[str, object]]:
    node = transaction.node
    yield "alias", node.alias
    yield "key", transaction.txn.data.dest
    yield "address for clients", f"{node.client_ip}:{node.client_port}"
    yield "address for nodes", f"{node.node_ip}:{node.node_port}"

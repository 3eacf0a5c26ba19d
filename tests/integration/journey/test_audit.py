"""Who did what, signed and published by the agent itself, and checked by somebody who trusts none of it."""

import base64
import csv
import json
from pathlib import Path
from typing import Any

import pytest

from agent_client import AgentClient
from signed_documents.checkpoints import claimed
from signed_documents.merkle import extends, includes, leaf_hash
from staff_passport.audit_verification import AuditRefused, verify
from staff_passport.demo.audit_export import export_audit
from staff_passport.demo.network import CALDER_BAY, NORTHMOOR, OPERATOR, Network
from tests.support.journey import a_passport, as_owner, hr, refused, registry_down

type Json = dict[str, Any]


@pytest.fixture
def auditor(network: Network) -> AgentClient:
    return network.client(NORTHMOOR, "auditor")


async def published(network: Network) -> bytes:
    """The checkpoint that strangers read."""
    async with network.session.get(
        f"{network.registry_url}/organisations/northmoor/audit/checkpoint"
    ) as answer:
        assert (answer.status, answer.content_type) == (200, "text/plain")
        return await answer.read()


async def test_every_organisations_audit_is_checked_from_its_folder_alone(
    network: Network, tmp_path: Path
) -> None:
    await a_passport(network, "bank")

    for party in (OPERATOR, NORTHMOOR, CALDER_BAY):
        await export_audit(network, party, tmp_path / party.slug)

        audit = verify(tmp_path / party.slug)
        assert audit.did == network.dids[party.ods_code]
        assert audit.entries > 0


async def test_what_the_owner_of_the_database_changes_is_found(network: Network, tmp_path: Path) -> None:
    """Their role alone may. The export then tells what the database says, and that it was not signed so."""
    await export_audit(network, CALDER_BAY, tmp_path / "before")
    lines = (tmp_path / "before" / "entries.jsonl").read_text().splitlines()
    actor = json.loads(lines[1])["actor"]
    change = "UPDATE audit.entries SET actor = %s WHERE sequence = 2"

    assert as_owner(network, CALDER_BAY, change, "somebody else") == 1
    try:
        await export_audit(network, CALDER_BAY, tmp_path / "after")
    finally:
        assert as_owner(network, CALDER_BAY, change, actor) == 1

    with pytest.raises(AuditRefused) as found:
        verify(tmp_path / "after")
    assert found.value.entry == 2


async def test_a_checkpoint_is_published_and_covers_the_call_that_asked_for_it(
    network: Network, auditor: AgentClient
) -> None:
    made = await auditor.post("/audit/checkpoints")

    assert await published(network) == made["note"].encode()
    last = await auditor.get(f"/audit/entries?after={made['size'] - 1}&limit=1")
    assert (last["entries"][0]["action"], last["entries"][0]["outcome"]) == ("sign audit", "done")


async def test_anybody_can_check_what_the_api_proves(network: Network, auditor: AgentClient) -> None:
    earlier = await auditor.post("/audit/checkpoints")
    await a_passport(network, "bank")
    later = await auditor.post("/audit/checkpoints")
    old, new = claimed(earlier["note"].encode()), claimed(later["note"].encode())

    inclusion = await auditor.get(f"/audit/entries/3/inclusion?size={new.size}")
    consistency = await auditor.get(f"/audit/consistency?earlier={old.size}&later={new.size}")

    (third,) = (await auditor.get("/audit/entries?after=2&limit=1"))["entries"]
    assert inclusion["entry_hash"] == third["hash"]
    leaf = leaf_hash(bytes.fromhex(third["hash"]))
    assert includes(new.root, size=new.size, index=2, leaf=leaf, proof=decoded(inclusion["proof"]))
    assert extends((old.size, old.root), (new.size, new.root), decoded(consistency["proof"]))


def decoded(proof: list[str]) -> list[bytes]:
    return [base64.b64decode(each) for each in proof]


async def test_who_reads_the_audit_stands_in_it(auditor: AgentClient, tmp_path: Path) -> None:
    await auditor.get("/audit/entries?action=create+passport")
    await auditor.download("/audit/export?format=csv", tmp_path / "audit.csv")

    read = await auditor.get("/audit/entries?actor=auditor@northmoor.example&limit=500")
    assert {"search audit", "export audit"} <= {entry["action"] for entry in read["entries"]}


async def test_an_export_for_people_is_a_table_with_the_same_entries(
    auditor: AgentClient, tmp_path: Path
) -> None:
    made = await auditor.post("/audit/checkpoints")
    for form in ("jsonl", "csv"):
        path = f"/audit/export?format={form}&until={made['size']}"
        await auditor.download(path, tmp_path / f"audit.{form}")

    entries = [json.loads(line) for line in (tmp_path / "audit.jsonl").read_text().splitlines()]
    with (tmp_path / "audit.csv").open(newline="") as file:
        table = list(csv.DictReader(file))
    assert len(entries) == made["size"]
    assert [row["hash"] for row in table] == [entry["hash"] for entry in entries]
    assert table[0]["action"] == entries[0]["action"]


async def test_an_export_may_be_of_some_entries_only(auditor: AgentClient, tmp_path: Path) -> None:
    await auditor.download("/audit/export?action=publish+organisation+DID", tmp_path / "some.jsonl")

    entries = [json.loads(line) for line in (tmp_path / "some.jsonl").read_text().splitlines()]
    assert {entry["action"] for entry in entries} == {"publish organisation DID"}


async def test_only_an_auditor_exports_and_a_nominated_user_sees_nothing_of_it(network: Network) -> None:
    administrator = network.client(NORTHMOOR)

    assert (await refused(administrator.get("/audit/export"))).code == "not_permitted"
    for path in (
        "/audit/entries",
        "/audit/checkpoints",
        "/audit/export",
        "/audit/entries/1/inclusion?size=1",
    ):
        assert (await refused(hr(network).get(path))).code == "not_permitted"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/audit/export?format=xml", 422),
        ("/audit/export?until=-1", 422),
        ("/audit/entries/0/inclusion?size=3", 404),
        ("/audit/entries/4/inclusion?size=3", 404),
        ("/audit/entries/x/inclusion?size=3", 404),
        ("/audit/entries/1/inclusion", 422),
        ("/audit/entries/1/inclusion?size=2000000000", 422),
        ("/audit/consistency?earlier=2&later=1", 422),
        ("/audit/consistency?earlier=0&later=1", 422),
        ("/audit/checkpoints?limit=501", 422),
        ("/audit/checkpoints?limit=0", 422),
        ("/audit/entries?limit=0", 422),
        (f"/audit/entries?limit={'0' * 20}5000000", 422),
        (f"/audit/entries?after={'0' * 4400}", 422),
        (f"/audit/entries?after={'9' * 30}", 422),
    ],
)
async def test_what_cannot_be_proven_or_given_is_refused(
    auditor: AgentClient, path: str, status: int
) -> None:
    assert (await refused(auditor.get(path))).status == status


async def test_what_the_registry_cannot_answer_for_is_signed_when_it_is_back(
    network: Network, auditor: AgentClient
) -> None:
    before = await auditor.post("/audit/checkpoints")
    async with registry_down(network):
        problem = await refused(auditor.post("/audit/checkpoints"))
        signed = (await auditor.get("/audit/checkpoints?limit=500"))["checkpoints"]

    assert (problem.status, problem.code) == (503, "registry_unavailable")
    assert signed[-1]["size"] == before["size"]
    made = await auditor.post("/audit/checkpoints")
    assert made["size"] > before["size"] + 1
    assert claimed(await published(network)).size == made["size"]


async def test_a_chain_that_was_written_anew_is_not_signed(network: Network) -> None:
    """By who owns the database, with every hash right, and without what was signed before."""
    auditor = network.client(CALDER_BAY, "auditor")
    await auditor.post("/audit/checkpoints")
    renamed = "UPDATE audit.entries SET hash = md5(hash) || md5(hash) WHERE sequence = 3"
    kept = "CREATE TABLE audit.kept AS SELECT hash FROM audit.entries WHERE sequence = 3"
    restored = "UPDATE audit.entries SET hash = (SELECT hash FROM audit.kept) WHERE sequence = 3"
    as_owner(network, CALDER_BAY, kept)
    as_owner(network, CALDER_BAY, renamed)
    for table in ("checkpoints", "tree_nodes"):
        as_owner(network, CALDER_BAY, f"DELETE FROM audit.{table}")  # noqa: S608  # our own names
    try:
        problem = await refused(auditor.post("/audit/checkpoints"))
    finally:
        as_owner(network, CALDER_BAY, restored)
        as_owner(network, CALDER_BAY, "DROP TABLE audit.kept")

    assert (problem.status, problem.code) == (409, "audit_forked")
    await auditor.post("/audit/checkpoints")

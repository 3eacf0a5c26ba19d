"""An organisation's audit in a folder, from which anybody can check it (`staff-passport audit verify`)."""

from http import HTTPStatus
from pathlib import Path

from agent_client import AgentClient
from staff_passport.audit_verification import CHECKPOINTS, DID_LOG, ENTRIES, WITNESSES
from staff_passport.demo.network import Network, Party


async def export_audits(network: Network, folder: Path) -> int:
    """One folder an organisation, called by its name there; how many."""
    with_agents = [party for party in network.parties if party.agent]
    for party in with_agents:
        await export_audit(network, party, folder / party.slug)
    return len(with_agents)


async def export_audit(network: Network, party: Party, folder: Path) -> None:
    """Have all of it signed, and write it, the signatures, and whose they are; in place of an earlier one."""
    (folder / CHECKPOINTS).mkdir(parents=True, exist_ok=True)
    for earlier in (folder / CHECKPOINTS).iterdir():
        earlier.unlink()
    auditor = network.client(party, "auditor")
    signed = await auditor.post("/audit/checkpoints")
    await auditor.download(f"/audit/export?until={signed['size']}", folder / ENTRIES)
    await _write_checkpoints(auditor, signed["size"], folder / CHECKPOINTS)
    await _write_did(network, f"{network.registry_url}/organisations/{party.slug}", folder)


async def _write_did(network: Network, place: str, folder: Path) -> None:
    """The DID's log, and its witnesses' approval if there is any, which was published before the log."""
    async with network.session.get(f"{place}/{DID_LOG}") as log:
        log.raise_for_status()
        (folder / DID_LOG).write_bytes(await log.read())
    (folder / WITNESSES).unlink(missing_ok=True)
    async with network.session.get(f"{place}/{WITNESSES}") as proofs:
        if proofs.status != HTTPStatus.NOT_FOUND:
            proofs.raise_for_status()
            (folder / WITNESSES).write_bytes(await proofs.read())


async def _write_checkpoints(auditor: AgentClient, size: int, folder: Path) -> None:
    """Every checkpoint up to the one of `size` entries, in files called by their sizes."""
    after: int | None = 0
    while after is not None:
        page = await auditor.get(f"/audit/checkpoints?after={after}")
        for checkpoint in page["checkpoints"]:
            if checkpoint["size"] <= size:
                (folder / f"{checkpoint['size']:012}").write_text(checkpoint["note"], encoding="utf-8")
        after = page["next"]

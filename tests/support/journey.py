"""Steps of the journey that tests share, each through our admin API."""

import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import psycopg
import yaml

from agent.audit.chain import AuditEntry
from agent_client import AgentClient, CallFailed
from staff_passport.demo.network import (
    CALDER_BAY,
    CONSOLE,
    NORTHMOOR,
    Network,
    Party,
    write_whole,
)
from staff_passport.demo.waiting import until
from staff_passport.processes import Process

__all__ = ["Issued", "a_connected_passport", "a_passport", "refused", "search", "until"]

type Json = dict[str, Any]
type Connect = Callable[[str], Awaitable[str]]
"""How a wallet takes up an invitation's URL; answers its own id of the connection."""

ALL_TYPES = ["identity", "employment", "employment_checks"]


@dataclass(frozen=True, slots=True)
class Issued:
    """A passport, and the wallet's own id of the connection to its employer."""

    passport: Json
    connection: str

    @property
    def path(self) -> str:
        return f"/passports/{self.passport['id']}"


def hr(network: Network, user: str = "ottilie") -> AgentClient:
    """A nominated user of the employing authority."""
    return network.client(NORTHMOOR, user)


def host(network: Network) -> AgentClient:
    """A nominated user of the host organisation."""
    return network.client(CALDER_BAY, "wanjiru")


async def imported(network: Network, party: Party, *, files: int = 1) -> list[Json]:
    """Have what came in imported, unless the worker does so by itself; the newest imports, newest first."""
    try:
        await network.machine(party).post("/esr/imports")
    except CallFailed as failed:
        if failed.code != "import_under_way":
            raise

    async def imports() -> list[Json]:
        found: list[Json] = (await network.client(party).get("/esr/imports"))["imports"]
        return found

    def done(found: list[Json]) -> bool:
        return len(found) >= files and all(one["ended_at"] for one in found)

    return await until(imports, done)


async def persona(network: Network, key: str) -> Json:
    """One of the sandbox's ready people."""
    people = (await network.sandbox("GET", "/personas"))["personas"]
    return next(person for person in people if person["key"] == key)


async def keyed(network: Network, key: str) -> Json:
    """What HR would key of a persona."""
    person = await persona(network, key)
    return {
        "surname": person["lastName"],
        "forenames": person["firstName"],
        "date_of_birth": person["dateOfBirth"],
        "ni_number": person["niNumber"],
    }


async def search(network: Network, key: str, *, user: str = "ottilie", **changed: object) -> Json:
    """Search ESR for a persona."""
    return await hr(network, user).post("/esr/searches", await keyed(network, key) | changed)


async def a_passport(network: Network, key: str, *, number: str | None = None, user: str = "ottilie") -> Json:
    """A new passport for a persona, in place of any that another test left open."""
    match = await search(network, key, user=user)
    chosen = number or match["assignments"][0]["number"]
    await _end_open_passport(network, chosen)
    body = {"search": match["search"], "assignment_number": chosen}
    return await hr(network, user).post("/passports", body)


async def a_connected_passport(network: Network, key: str, connect: Connect, **also: str) -> Issued:
    """A passport whose invitation somebody's wallet took up; nothing is confirmed."""
    passport = await a_passport(network, key, **also)
    path = f"/passports/{passport['id']}"
    url = (await hr(network).get(f"{path}/invitation"))["url"]
    connection = await connect(url)
    connected = await until(lambda: hr(network).get(path), lambda found: found["state"] == "connected")
    return Issued(connected, connection)


async def a_review(network: Network, connect: Connect, purpose: str = "Starting work on Ward 4") -> str:
    """A host's review of a person whose wallet is connected; its path."""
    made = await host(network).post("/reviews", {"purpose": purpose})
    path = f"/reviews/{made['id']}"
    await connect((await host(network).get(f"{path}/invitation"))["url"])
    await until(lambda: host(network).get(path), lambda found: found["state"] == "connected")
    return path


async def credentials(network: Network, issued: Issued) -> dict[str, Json]:
    """The newest credential of each type of a passport."""
    found = (await hr(network).get(f"{issued.path}/credentials"))["credentials"]
    return {credential["type"]: credential for credential in found}


async def credentials_in(network: Network, issued: Issued, *states: str) -> dict[str, Json]:
    """The same, once every one of them is in one of `states`."""
    return await until(
        lambda: credentials(network, issued),
        lambda found: {c["state"] for c in found.values()} <= set(states),
    )


async def verdict(network: Network, request: Json) -> Json:
    """A presentation request once it is decided."""
    decided = {"accepted", "refused", "declined", "unavailable"}
    path = f"/presentation-requests/{request['id']}"
    return await until(lambda: host(network).get(path), lambda found: found["verdict"] in decided)


def reasons(decided: Json) -> list[str]:
    """The codes of a verdict's reasons."""
    return [reason["code"] for reason in decided["reasons"]]


async def refused(call: Awaitable[Json]) -> CallFailed:
    """The problem with which `call` ends, as it must."""
    try:
        answer = await call
    except CallFailed as problem:
        return problem
    raise AssertionError(f"this was answered: {sorted(answer)}")


async def audit_entries(network: Network, party: Party) -> list[AuditEntry]:
    """A party's whole chain, as a stranger with the API gets it."""
    found: list[AuditEntry] = []
    while True:
        after = found[-1].sequence if found else 0
        page = await network.client(party).get(f"/audit/entries?limit=500&after={after}")
        for told in page["entries"]:
            at = datetime.fromisoformat(told.pop("at"))
            found.append(AuditEntry(organisation=party.ods_code, at=at, **told))
        if page["next"] is None:
            return found


async def person(network: Network, user: str, party: Party = NORTHMOOR) -> Json:
    """Somebody who acts for a party, as its administrators see them."""
    people = (await network.client(party).get("/people?limit=200"))["people"]
    return next(one for one in people if one["user"] == user)


@asynccontextmanager
async def suspended(network: Network, user: str) -> AsyncIterator[None]:
    """Somebody at the employing authority may do nothing for as long as the block."""
    path = f"/people/{(await person(network, user))['id']}"
    await network.client(NORTHMOOR).post(f"{path}/suspension")
    try:
        yield
    finally:
        await network.client(NORTHMOOR).post(f"{path}/restoration")


@asynccontextmanager
async def in_roles(network: Network, user: str, *roles: str) -> AsyncIterator[None]:
    """Somebody at the employing authority has other roles for as long as the block."""
    one = await person(network, user)
    path = f"/people/{one['id']}/changes"
    await network.client(NORTHMOOR).post(path, {"roles": list(roles)})
    try:
        yield
    finally:
        await network.client(NORTHMOOR).post(path, {"roles": one["roles"]})


@asynccontextmanager
async def registry_down(network: Network) -> AsyncIterator[None]:
    """Nobody answers where the registry was, for as long as the block."""
    assert network.registry is not None
    await network.registry.stop()
    try:
        yield
    finally:
        await network.start_registry()


@asynccontextmanager
async def running_otherwise(
    network: Network, party: Party, *, console: Sequence[str] = CONSOLE, **sections: Json
) -> AsyncIterator[None]:
    """A party's agent has other settings, or is another program, for as long as the block."""
    agent = network.agents[party.slug]
    usual, file = agent.program, agent.folder / "agent.yml"
    changed = {name: agent.settings[name] | section for name, section in sections.items()}
    await _restart(network, party, {**agent.settings, **changed}, (*console, "agent", "--config", str(file)))
    try:
        yield
    finally:
        await _restart(network, party, agent.settings, usual.argv)


async def _restart(network: Network, party: Party, settings: Json, argv: Sequence[str]) -> None:
    agent = network.agents[party.slug]
    assert agent.process is not None
    await agent.process.stop()
    write_whole(agent.folder / "agent.yml", yaml.safe_dump(settings, sort_keys=False))
    agent.program = replace(agent.program, argv=argv)
    await network.start_agent(party)


@contextmanager
def paused(process: Process | None) -> Iterator[None]:
    """A process does nothing for as long as the block, if it lives so long; what is sent to it waits."""
    assert process is not None
    assert process.pid is not None
    os.killpg(process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGCONT)


def as_owner(network: Network, party: Party, statement: str, *values: object, of: str | None = None) -> int:
    """Change rows of a party's database, or of another organisation's in it, as its owner may; how many."""
    with psycopg.connect(network.postgres.provide(party.slug).migration_url) as connection:
        organisation = of or party.ods_code
        connection.execute("SELECT set_config('staff_passport.organisation', %s, true)", [organisation])
        return connection.execute(statement.encode(), values).rowcount


async def _end_open_passport(network: Network, number: str) -> None:
    found = (await hr(network).get("/passports?limit=200"))["passports"]
    for passport in found:
        if passport["assignment_number"] == number and passport["state"] not in {"closed", "deactivated"}:
            await hr(network).post(f"/passports/{passport['id']}/deactivation", {"reason": "other"})


async def change_did(network: Network, party: Party, kind: str) -> None:
    """A change of the party's DID that says no more than its kind, and that anybody can read afterwards."""
    done = await network.client(party).post("/organisation/did/changes", {"change": {"kind": kind}})
    assert done["standing"] == "published"

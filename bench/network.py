"""All that the benchmark runs, on one PostgreSQL, one registry and one ESR."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.cells import Form
from bench.holders import Holder, listening
from bench.process_figures import Meter
from bench.stock_agent import StockAgent, WebhookReceiver, start_stock_agent
from staff_passport.demo.environment import Environment, registered
from staff_passport.demo.network import (
    OPERATOR,
    Network,
    Party,
    a_network,
    director_of,
    nominated_at,
    officers_of,
)
from staff_passport.embedded_postgres import EmbeddedPostgres

type Json = dict[str, Any]

VPD = "901"
REGISTRY_SIZE = 1_000
"""Credentials in one revocation registry, on both sides: our default."""
UNLIMITED: Mapping[str, Json] = {
    "esr": {
        "requests_a_second": 10_000,
        "burst": 10_000,
        "searches": {"per_user": 1_000_000, "per_organisation": 1_000_000},
    },
    "trust": {"refetch_after": 30},
}
"""What is measured is how fast agents are, not how fast they may ask ESR, or how often one user may; the
trust list is kept for a moment, since nobody waits five minutes to be found in it."""
HR = "ottilie"
_FORMATS: Mapping[Form, Sequence[str]] = {
    Form.ANONCREDS: ("anoncreds",),
    Form.W3C: ("w3c",),
    Form.BOTH: ("anoncreds", "w3c"),
}


def _issuer(form: Form, ods_code: str) -> Party:
    slug = f"issuer-{form}"
    settings = {"issuer": {"formats": list(_FORMATS[form]), "revocation_registry_size": REGISTRY_SIZE}}
    people = officers_of(slug) | nominated_at(slug, **{HR: "90100001"})
    return Party(
        slug,
        ods_code,
        "Northmoor Teaching Hospitals",
        VPD,
        director_of(slug),
        people,
        issues=True,
        settings=settings,
    )


ISSUERS: Mapping[Form, Party] = {
    Form.ANONCREDS: _issuer(Form.ANONCREDS, "ZZNM1"),
    Form.W3C: _issuer(Form.W3C, "ZZNM2"),
    Form.BOTH: _issuer(Form.BOTH, "ZZNM3"),
}
"""One agent of ours for each setting of `issuer.formats`; the last is the default."""
HOST = Party(
    "host",
    "ZZCB1",
    "Calder Bay Community Care",
    None,
    director_of("host"),
    officers_of("host") | nominated_at("host", **{HR: "90100001"}),
    verifies=True,
)
STOCK_ISSUER = Party("stock-issuer", "ZZST1", "Stock issuer", None, {}, {}, issues=True, agent=False)
STOCK_VERIFIER = Party("stock-verifier", "ZZST2", "Stock verifier", None, {}, {}, verifies=True, agent=False)
PARTIES = (OPERATOR, *ISSUERS.values(), HOST, STOCK_ISSUER, STOCK_VERIFIER)


@dataclass(frozen=True, slots=True)
class Bench:
    """Everything that is measured, or takes part."""

    network: Network
    stock_issuer: StockAgent
    stock_verifier: StockAgent
    receivers: Sequence[Holder]
    """Wallets to which credentials are issued."""
    presenters: Sequence[Holder]
    """Wallets that hold one passport each, and show it again and again."""

    def meter(self, party: Party) -> Meter:
        """What an agent of ours uses."""
        process = self.network.agents[party.slug].process
        return Meter((process and process.pid) or 0)

    @property
    def our_meters(self) -> dict[str, Meter]:
        """Those of our agents that are measured, by name."""
        return {party.slug: self.meter(party) for party in (*ISSUERS.values(), HOST)}

    @property
    def stock_meters(self) -> dict[str, Meter]:
        return {"stock-issuer": self.stock_issuer.meter, "stock-verifier": self.stock_verifier.meter}


def environment() -> Environment:
    """The embedded environment's origin, with the benchmark's organisations registered."""
    parties = (*ISSUERS.values(), HOST)
    organisations = [registered(each.ods_code, each.name, issues=each.issues) for each in parties]
    return Environment(Environment.read().origin, tuple(organisations))


@asynccontextmanager
async def a_bench(*, receivers: int, presenters: int) -> AsyncIterator[Bench]:
    """Start it all; stop it, and remove what it left, at the end of the block."""
    names = [f"receiver-{n}" for n in range(receivers)] + [f"presenter-{n}" for n in range(presenters)]
    with (
        tempfile.TemporaryDirectory(prefix="staff-passport-bench-") as folder,
        EmbeddedPostgres.temporary() as postgres,
    ):
        async with (
            a_network(
                Path(folder), postgres, parties=PARTIES, environment=environment(), overrides=UNLIMITED
            ) as network,
            WebhookReceiver().receiving() as webhooks,
            asyncio.TaskGroup() as tasks,
        ):
            issuer, verifier = await asyncio.gather(
                *(
                    start_stock_agent(network, party, webhooks, registry_size=REGISTRY_SIZE)
                    for party in (STOCK_ISSUER, STOCK_VERIFIER)
                )
            )
            network.unregistered_hosts = "ask"  # as stock agents are
            await asyncio.gather(*map(network.start_wallet, names))
            holders = [Holder(network.wallets[name], tasks) for name in names]
            async with listening(*holders):
                yield Bench(network, issuer, verifier, holders[:receivers], holders[receivers:])

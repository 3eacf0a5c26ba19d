"""Our agents, driven by the admin API as HR's program does: a signed assertion with every call."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from agent_client import AgentClient
from bench.cells import CREDENTIALS, Form, Operation
from bench.holders import Holder
from bench.people import MemberOfStaff

type Json = dict[str, Any]

LOOKS_EVERY_SECONDS = 0.1
"""Our agent tells nobody: whoever waits has to look, and each look is part of what ours costs."""
LOOKS = 600
_UNDECIDED = frozenset({"requesting", "requested", "judging"})


class WentWrong(Exception):
    """Something came to another end than what is measured."""


@dataclass(slots=True)
class OurCase:
    """One person at the employing authority, step by step."""

    agent: AgentClient
    holder: Holder
    person: MemberOfStaff
    search: str = ""
    passport: str = ""
    connection: str = ""  # as the wallet calls it

    async def find(self) -> None:
        """Search ESR."""
        found = await self.agent.post("/esr/searches", self.person.keyed)
        self.search = found["search"]

    async def connect(self) -> None:
        """Make a passport; its invitation is taken up."""
        body = {"search": self.search, "assignment_number": self.person.assignment_number}
        self.passport = f"/passports/{(await self.agent.post('/passports', body))['id']}"
        invitation = await self.agent.get(f"{self.passport}/invitation")
        self.connection = await self.holder.connect(invitation["url"])

    async def is_connected(self) -> None:
        """Look until the agent knows it too."""
        await looked(self.agent, self.passport, lambda found: found["state"] == "connected")

    async def confirm(self) -> None:
        """Key the code that the person reads out."""
        code = await self.holder.comparison_code(self.connection)
        await self.agent.post(f"{self.passport}/compared-code", {"code": code})

    async def issue(self) -> None:
        """Offer, and wait until all are in the wallet."""
        await self.agent.post(f"{self.passport}/offers")
        await self.holder.until_issued(self.connection, CREDENTIALS[Operation.ISSUE])

    async def is_issued(self) -> None:
        """Look until the agent knows it too."""
        await looked(
            self.agent,
            f"{self.passport}/credentials",
            lambda found: {each["state"] for each in found["credentials"]} == {"active"},
        )


@dataclass(slots=True)
class OurReview:
    """One connection between the host and a wallet that holds a passport."""

    agent: AgentClient
    holder: Holder
    review: str = ""
    connection: str = ""

    async def connect(self) -> None:
        """Begin a review, and have its invitation taken up."""
        made = await self.agent.post("/reviews", {"purpose": "Starting work on Ward 4"})
        self.review = f"/reviews/{made['id']}"
        invitation = await self.agent.get(f"{self.review}/invitation")
        self.connection = await self.holder.connect(invitation["url"])
        await looked(self.agent, self.review, lambda found: found["state"] == "connected")

    async def verify(self, form: Form) -> None:
        """Ask for everything in one presentation, and wait for the verdict."""
        asked = await self.agent.post(f"{self.review}/presentation-requests", {"formats": [form]})
        await self.holder.until_presented(self.connection)
        verdict = await looked(
            self.agent,
            f"/presentation-requests/{asked['id']}",
            lambda found: found["verdict"] not in _UNDECIDED,
        )
        if verdict["verdict"] != "accepted":
            reasons = ", ".join(reason["code"] for reason in verdict["reasons"])
            raise WentWrong(f"a presentation was not accepted: {verdict['verdict']} ({reasons})")


async def looked(agent: AgentClient, path: str, holds: Callable[[Json], bool]) -> Json:
    """Look until it holds. Raises `WentWrong`."""
    for _ in range(LOOKS):
        found = await agent.get(path)
        if holds(found):
            return found
        await asyncio.sleep(LOOKS_EVERY_SECONDS)
    raise WentWrong(f"{path} did not come to what was awaited")

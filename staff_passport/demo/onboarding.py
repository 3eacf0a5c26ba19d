"""How an organisation comes to be registered, and its people to act: through the agents' own API."""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from agent_client import AgentClient, CallFailed
from staff_passport.demo.waiting import until

if TYPE_CHECKING:
    from staff_passport.demo.network import Network, Party

type Json = dict[str, Any]

DIRECTOR = "director"
OPERATORS = ("olu", "oona")
"""At the operator: one invites and approves; where two are needed, both."""
DEFINITIONS = "/organisation/credential-definitions"
NOT_READY = "revocation_registry_not_ready"
PUBLISHING_CALLS = 5
SWITCHBOARD = "+44 20 7946 0000"
"""A number that nobody has."""


async def onboard(network: "Network", party: "Party") -> str:
    """Register `party`, have everybody of it sign in, and activate it; its DID. Again does no harm."""
    director, operator = network.client(party, DIRECTOR), network.client(network.operator, OPERATORS[0])
    known = await director.get("/organisation/registration")
    if known["state"] == "draft":
        application = await _apply(network, party, director, operator)
        await _be_approved(director, operator, application)
        await _accept_terms(party, director)
        await _nominate(network, director, party.administrators)
        await director.post("/organisation/activation")
        await _nominate(network, network.client(party), party.others)
        path = f"/applications/{application}"
        asked = await until(lambda: operator.get(path), lambda found: found["did"] is not None)
        return str(asked["did"])
    return str((await director.get("/organisation"))["did"])


async def publish_definitions(issuer: AgentClient) -> Json:
    """Have `issuer` publish its credential definitions; where cores are few, one call may not see the end."""
    for _ in range(PUBLISHING_CALLS - 1):
        try:
            return await issuer.post(DEFINITIONS)
        except CallFailed as failed:
            if failed.code != NOT_READY:
                raise
    return await issuer.post(DEFINITIONS)


async def _apply(network: "Network", party: "Party", director: AgentClient, operator: AgentClient) -> str:
    """The application's id at the operator, which has received it."""
    invited = await operator.post("/applications", {"ods_code": party.ods_code})
    path = f"/applications/{invited['id']}"
    invitation = (await operator.get(f"{path}/invitation"))["url"]
    await director.post("/organisation/registration", details_of(party))
    await director.post("/organisation/registration/email-proof")
    token = await network.outbox.link(director.user, "email-proofs")
    await director.post("/organisation/registration/email-proven", {"token": token})
    await director.post("/organisation/registration/operator", {"invitation": invitation})
    await until(
        lambda: director.get("/organisation/registration"), lambda found: found["comparison_code"] is not None
    )
    await director.post("/organisation/registration/submission")
    await until(lambda: operator.get(path), lambda found: found["state"] == "received")
    return str(invited["id"])


async def _be_approved(director: AgentClient, operator: AgentClient, application: str) -> None:
    code = (await director.get("/organisation/registration"))["comparison_code"]
    await operator.post(f"/applications/{application}/call-back", a_call_back(code))
    await operator.post(f"/applications/{application}/approval")
    await until(
        lambda: director.get("/organisation/registration"), lambda found: found["state"] == "approved"
    )


async def _accept_terms(party: "Party", director: AgentClient) -> None:
    for kind in ("passport", "esr") if party.issues else ("passport",):
        digest = (await director.get(f"/terms/{kind}/current"))["digest"]
        said = {"digest": digest, "name": f"The director of {party.name}", "capacity": "hr_director"}
        await director.post(f"/terms/{kind}/acceptance", said)


async def _nominate(network: "Network", by: AgentClient, people: Mapping[str, Json]) -> None:
    await asyncio.gather(*(nominate(network, by, user, entry) for user, entry in people.items()))


async def nominate(network: "Network", by: AgentClient, user: str, entry: Json) -> Json:
    """Nominate somebody whose sign-in is called as their address is, and have them take up their link."""
    number = {"employee_number": entry["employee_number"]} if entry.get("employee_number") else {}
    name = user.partition("@")[0].replace("-", " ").title()
    before = len(network.outbox.links(user, "invitations"))
    await by.post("/people", {"name": name, "email": user, "roles": entry["roles"], **number})
    token = await network.outbox.link(user, "invitations", after=before)
    return await by.acting_as(user).post("/invitation-acceptances", {"token": token})


def details_of(party: "Party") -> Json:
    """What the director says of the organisation."""
    domain = f"{party.slug}.example"
    return {
        "ods_code": party.ods_code,
        "name": party.name,
        "vpd": party.vpd,
        "region": "North East and Yorkshire",
        "email_domains": [domain],
        "contact": {"name": "The HR office", "email": f"hr@{domain}", "phone": SWITCHBOARD},
        "capacity": "hr_director",
    }


def a_call_back(code: str) -> Json:
    """What somebody at the operator writes down after having called back."""
    return {
        "number": SWITCHBOARD,
        "number_from": "the national directory of organisations",
        "spoke_to": "The HR office",
        "code": code,
        "confirmed": True,
    }

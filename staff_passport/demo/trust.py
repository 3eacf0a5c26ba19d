"""The trust list of a network on this machine: its root is signed here, and its operator publishes it."""

from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from signed_documents.resolution import utc_now
from signed_documents.trust_roots import THRESHOLD, OnlineKeys, TrustRoot
from staff_passport.demo.onboarding import OPERATORS

if TYPE_CHECKING:
    from agent_client import AgentClient
    from staff_passport.demo.network import Network

type Json = dict[str, Any]

ENTRIES = "/trust-list/organisations"


def new_root_keys() -> tuple[Ed25519PrivateKey, ...]:
    """Three: nobody but a demonstration has all of them in one place."""
    return tuple(Ed25519PrivateKey.generate() for _ in range(THRESHOLD + 1))


async def establish(network: "Network") -> None:
    """Have the first root signed, give it to everybody, and publish a list. Again does no harm."""
    operator = operator_of(network)
    if (await operator.get("/trust-list/root"))["root"] is None:
        await renew_root(network)
    network.trust_root.write_text((await operator.get("/trust-list/root"))["root"], encoding="utf-8")
    await operator.post("/trust-list/publications", {})


async def renew_root(network: "Network") -> None:
    """Have the next root signed and submitted; the first, or one that names the agent's new keys."""
    operator = operator_of(network)
    told = await operator.get("/trust-list/root")
    before = None if told["root"] is None else TrustRoot.parse(told["root"].encode())
    online = OnlineKeys.of({role: bytes.fromhex(key) for role, key in told["keys"].items()})
    public = [key.public_key().public_bytes_raw() for key in network.root_keys]
    root = TrustRoot.prepared(public, online, now=utc_now(), after=before)
    for key in network.root_keys[:THRESHOLD]:
        root.sign(key, before=before)
    await operator.post("/trust-list/root", {"root": root.text.decode()})


async def enter(network: "Network") -> None:
    """Enter every organisation of the environment whose DID is known, and publish. Again does no harm."""
    operator = operator_of(network)
    entered = {each["ods_code"] for each in (await operator.get(ENTRIES))["organisations"]}
    for said in network.environment.organisations:
        did = network.dids.get(said["ods_code"])
        if did is not None and said["ods_code"] not in entered:
            await operator.post(ENTRIES, {**said, "dids": [did]})
    await operator.post("/trust-list/publications", {})


async def change(network: "Network", ods_code: str, said: Json) -> None:
    """Have something else said of an organisation, and publish it."""
    operator = operator_of(network)
    await operator.post(f"{ENTRIES}/{ods_code}/changes", said)
    await operator.post("/trust-list/publications", {})


def operator_of(network: "Network", number: int = 0) -> "AgentClient":
    """The way of one of the operator's two people to its agent."""
    return network.client(network.operator, OPERATORS[number])

"""Certified providers of OpenID Connect, run here, and a portal whose people sign in at them."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc.jwk import ECKey

from staff_passport.demo.network import NORTHMOOR, Network, free_port
from staff_passport.demo.onboarding import nominate
from staff_passport.processes import Process, Program
from tests.browser.oidc.install import HERE, install
from tests.support.portal import RunningPortal, a_portal

CARD, MAIL = "card", "mail"
"""Two providers: people of the first have smartcards, of the other mailboxes."""
NAMES = {CARD: "Invented Smartcards", MAIL: "Invented Mail"}
SECRET = "a secret of a test: 100% invented + odd"  # of a client that lives as long as a test
PEOPLE = (
    {"subject": "imogen-1", "email": "imogen@northmoor.example", "verified": True},
    {"subject": "imogen-2", "email": "Imogen@northmoor.example", "verified": True},
    {"subject": "una-1", "email": "unverified@northmoor.example", "verified": False},
)


@dataclass(frozen=True, slots=True)
class RunningProvider:
    """A provider as it runs."""

    issuer: str
    process: Process


@dataclass(frozen=True, slots=True)
class PortalElsewhere:
    """A portal, and where its people sign in."""

    portal: RunningPortal
    providers: dict[str, RunningProvider] = field(default_factory=dict)


@asynccontextmanager
async def a_portal_with_providers(network: Network) -> AsyncIterator[PortalElsewhere]:
    """Two providers and a portal; at `localhost`, for browsers keep no passkeys for a number."""
    install()
    await nominate(
        network, network.client(NORTHMOOR), "imogen@northmoor.example", {"roles": ["nominated_user"]}
    )
    port, key = free_port(), _client_key()
    origin = f"http://localhost:{port}"
    async with AsyncExitStack() as stack:
        providers = {
            name: await stack.enter_async_context(_a_provider(network, name, _client(name, origin, key)))
            for name in (CARD, MAIL)
        }
        sign_in = {
            "wrong_tries": 3,
            "tries_per_address": 10,
            "provider_seconds": 2,
            "providers": {name: _told(name, providers[name].issuer, key) for name in providers},
        }
        portal = await stack.enter_async_context(
            a_portal(network, "portal-elsewhere", origin=origin, port=port, sign_in=sign_in)
        )
        yield PortalElsewhere(portal, providers)


@asynccontextmanager
async def _a_provider(network: Network, name: str, client: dict[str, Any]) -> AsyncIterator[RunningProvider]:
    port = free_port()
    told = {
        "port": port,
        "client": client,
        "people": PEOPLE,
        "claimsInToken": name == MAIL,
        "algorithm": client["id_token_signed_response_alg"],
    }
    issuer = f"http://127.0.0.1:{port}"
    program = Program(
        f"provider-{name}",
        ("node", str(HERE / "server.mjs"), json.dumps(told)),
        network.folder / f"provider-{name}.log",
    )
    process = await network.processes.start(program, ready=f"{issuer}/.well-known/openid-configuration")
    try:
        yield RunningProvider(issuer, process)
    finally:
        await process.stop()


def _client_key() -> str:
    private = generate_private_key(SECP256R1())
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _client(name: str, origin: str, key: str) -> dict[str, Any]:
    """We, as the provider knows us: by a key at one, by a secret at the other."""
    public = ECKey.import_key(key).as_dict(private=False) | {"kid": "portal-1", "use": "sig"}
    proof: dict[str, Any] = {"client_secret": SECRET}
    if name == CARD:
        proof = {"token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": [public]}}
    return {
        "client_id": f"portal-at-{name}",
        "redirect_uris": [f"{origin}/sign-in/back/{name}"],
        "post_logout_redirect_uris": [f"{origin}/signed-out"],
        "id_token_signed_response_alg": "PS256" if name == CARD else "RS256",
        **proof,
    }


def _told(name: str, issuer: str, key: str) -> dict[str, Any]:
    """The provider, as the portal's settings name it."""
    proof: dict[str, Any] = {"client_secret": SECRET}
    if name == CARD:
        proof = {"client_key": {"id": "portal-1", "key": key}, "userinfo": True}
    return {
        "name": NAMES[name],
        "issuer": issuer,
        "client_id": f"portal-at-{name}",
        "acr_values": ["strong"],
        "assurance": {"claim": "acr", "accepted": ["strong"]},
        **proof,
    }

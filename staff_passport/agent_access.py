"""The way of this console program to an agent's admin API: one file says where it is, and who calls."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any, Self

import aiohttp
import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from pydantic import BaseModel, ConfigDict, HttpUrl, SecretStr, model_validator

from agent_client import AgentClient, CallFailed, PortalKey
from staff_passport.configuration import ConfigurationError, load

TIMEOUT = aiohttp.ClientTimeout(total=120)
REFUSED = 1
"""The exit code when the agent says no, or does not answer."""

AgentFile = Annotated[
    Path,
    typer.Option(
        "--agent",
        help="YAML that says which agent is called, and by whom (see `agent_access` in the how-to).",
        metavar="FILE",
    ),
]


class AgentAccess(BaseModel):
    """An agent, the organisation it speaks for, and who calls.

    `machine` is a program known to the agent under that name. A person is `user`, with the key of the
    portal that vouches for them and that key's name as `portal`. `key` is a PEM file with an Ed25519 private
    key, found from where the settings are. `token` is an organisation's at an agent that speaks for many.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: HttpUrl
    organisation: str
    key: Path
    machine: str | None = None
    user: str | None = None
    portal: str | None = None
    api_key: SecretStr | None = None
    token: SecretStr | None = None

    @model_validator(mode="after")
    def _somebody_calls(self) -> Self:
        if (self.machine is None) == (self.user is None) or (self.user is None) != (self.portal is None):
            raise ValueError("who calls is a machine, or a user together with the portal")
        if (self.api_key is None) == (self.token is None):
            raise ValueError("either api_key or token is needed")
        return self

    def client(self, session: aiohttp.ClientSession, private: Ed25519PrivateKey) -> AgentClient:
        """The way to the agent, for as long as `session` is open."""
        return AgentClient(
            session,
            str(self.url).rstrip("/"),
            self.api_key.get_secret_value() if self.api_key else "",
            self.organisation,
            PortalKey(self.machine or str(self.portal), private),
            f"machine:{self.machine}" if self.machine else str(self.user),
            self.token.get_secret_value() if self.token else None,
        )


@asynccontextmanager
async def opened(file: Path) -> AsyncIterator[AgentClient]:
    """The agent that `file` describes. Raises `ConfigurationError`."""
    access = load(AgentAccess, file, process="client")
    private = private_key(file.parent / access.key)
    async with aiohttp.ClientSession(timeout=TIMEOUT) as session:
        yield access.client(session, private)


def answer(file: Path, call: Callable[[AgentClient], Awaitable[dict[str, Any]]]) -> dict[str, Any]:
    """What the agent answers to `call`. Ends the program when it says no, or nothing."""

    async def called() -> dict[str, Any]:
        async with opened(file) as agent:
            return await call(agent)

    try:
        return asyncio.run(called())
    except CallFailed as failed:
        typer.echo(f"staff-passport: {failed.problem.get('detail', 'the agent refuses')}", err=True)
        for field, wrong in dict(failed.problem.get("fields") or {}).items():
            typer.echo(f"  {field}: {wrong}", err=True)
        raise typer.Exit(REFUSED) from None
    except (aiohttp.ClientError, TimeoutError, ValueError):
        typer.echo("staff-passport: the agent does not answer", err=True)
        raise typer.Exit(REFUSED) from None


def private_key(file: Path) -> Ed25519PrivateKey:
    """The Ed25519 private key in a PEM file. Raises `ConfigurationError`, which names the file alone."""
    try:
        key = load_pem_private_key(file.read_bytes(), None)
    except OSError as error:
        raise ConfigurationError(f"{file}: cannot be read") from error
    except (ValueError, TypeError):
        raise ConfigurationError(f"{file.name}: is not the PEM of an Ed25519 private key") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise ConfigurationError(f"{file.name}: is not the PEM of an Ed25519 private key")
    return key

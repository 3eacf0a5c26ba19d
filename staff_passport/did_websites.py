"""`staff-passport did website`: websites that belong to a DID, and say so themselves."""

from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import aiohttp
import typer

from agent_client import AgentClient
from staff_passport.agent_access import REFUSED, AgentFile, answer
from staff_passport.configuration import ConfigurationError
from staff_passport.launch import wrong_settings_in_one_line

app = typer.Typer(help="Link the DID with websites, and check those of others.", no_args_is_help=True)


@app.command()
def file(
    *,
    agent: AgentFile,
    origin: Annotated[str, typer.Argument(help="The website, such as https://www.example.nhs.uk.")],
    out: Annotated[Path, typer.Option(metavar="FILE")] = Path("did-configuration.json"),
) -> None:
    """Write the signed file that the website is to publish."""

    async def written(client: AgentClient) -> dict[str, Any]:
        try:
            await client.download(f"/organisation/did/configuration?origin={quote(origin, safe=':/')}", out)
        except aiohttp.ClientError:  # some are an OSError, too
            raise
        except OSError as error:
            raise ConfigurationError(f"{out}: {error.strerror}") from error
        return {}

    with wrong_settings_in_one_line():
        answer(agent, written)
    typer.echo(f"Publish {out} as {origin.rstrip('/')}/.well-known/did-configuration.json")


@app.command()
def registry(
    *,
    agent: AgentFile,
    end: Annotated[bool, typer.Option("--end", help="Link it no more.")] = False,
) -> None:
    """Link the DID with the registry that it stands on, for a year from now."""
    path = "/organisation/did/registry-linkage" + ("/withdrawal" if end else "")
    with wrong_settings_in_one_line():
        found = answer(agent, lambda client: client.post(path))
    until = f"linked until {found['valid_until']}" if found["valid_until"] else "not linked"
    typer.echo(f"{found['origin']}: {until}")


@app.command()
def check(
    *, agent: AgentFile, did: Annotated[str, typer.Argument(help="Any organisation's, in full.")]
) -> None:
    """Ask each website that a DID names whether it belongs to it; exit code 1 unless all do."""
    with wrong_settings_in_one_line():
        found = answer(agent, lambda client: client.get(f"/organisation/did/linked-domains/{did}"))
    if not found["origins"]:
        typer.echo("The DID names no website.")
    for each in found["origins"]:
        typer.echo(f"{each['origin']}: {_in_words(each)}")
    if any(each["verdict"] != "linked" for each in found["origins"]):
        raise typer.Exit(REFUSED)


def _in_words(judged: dict[str, Any]) -> str:
    match judged["verdict"]:
        case "linked":
            return f"linked until {judged['valid_until']}"
        case "unavailable":
            return "unavailable"
    return f"refused, {judged['reason']}"

"""`staff-passport trust …`: calls of the operator's agent, and the root ceremony by files."""

import json
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from agent_client import AgentClient
from staff_passport import trust_ceremony as ceremony
from staff_passport.agent_access import AgentFile, answer
from staff_passport.configuration import ConfigurationError
from staff_passport.launch import wrong_settings_in_one_line

app = typer.Typer(
    help="Say who is a registered organisation, and publish it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
keys = typer.Typer(help="Root keys, which stay offline; and the agent's online keys.", no_args_is_help=True)
root = typer.Typer(help="The root ceremony: prepare, sign by two people, submit.", no_args_is_help=True)
app.add_typer(keys, name="keys")
app.add_typer(root, name="root")

_ENTRIES = "/trust-list/organisations"

Ods = Annotated[str, typer.Argument(help="The organisation's ODS code.", metavar="ODS")]
Entry = Annotated[
    Path, typer.Option("--file", help="YAML with what is said of it, as the API takes it.", metavar="FILE")
]
RootFile = Annotated[Path, typer.Argument(help="The root that is being made.", metavar="ROOT")]


@app.command()
def register(organisation: Ods, file: Entry, agent: AgentFile) -> None:
    """Enter an organisation; `publish` puts it into the list. What FILE leaves out, its application says."""
    said = {**_entry(file), "ods_code": organisation}
    _show(answer(agent, lambda client: client.post(_ENTRIES, said)))


@app.command()
def change(organisation: Ods, file: Entry, agent: AgentFile) -> None:
    """Say something else of an organisation; `publish` puts it into the list."""
    said = _entry(file)
    _show(answer(agent, lambda client: client.post(f"{_ENTRIES}/{organisation}/changes", said)))


@app.command()
def suspend(organisation: Ods, agent: AgentFile) -> None:
    """Let nothing count that the organisation issued, at once, until two people restore it."""
    _show(answer(agent, lambda client: client.post(f"{_ENTRIES}/{organisation}/suspension")))


@app.command("ask-to-restore")
def ask_to_restore(organisation: Ods, agent: AgentFile) -> None:
    """Ask for a suspended organisation to be restored; another person does it."""
    _show(answer(agent, lambda client: client.post(f"{_ENTRIES}/{organisation}/restoration-request")))


@app.command()
def restore(organisation: Ods, agent: AgentFile) -> None:
    """Restore what another person asked to have restored, at once."""
    _show(answer(agent, lambda client: client.post(f"{_ENTRIES}/{organisation}/restoration")))


@app.command()
def publish(
    *,
    agent: AgentFile,
    above: Annotated[
        int, typer.Option(min=0, help="After the agent was set back: a number that the registry has passed.")
    ] = 0,
) -> None:
    """Publish everything that was said."""
    _show(answer(agent, lambda client: client.post("/trust-list/publications", {"above": above})))


@app.command()
def show(
    agent: AgentFile,
    organisation: Annotated[str | None, typer.Argument(help="One alone.", metavar="ODS")] = None,
) -> None:
    """Show who stands in the list and how, or one organisation."""
    if organisation is not None:
        _show(answer(agent, lambda client: client.get(f"{_ENTRIES}/{organisation}")))
        return
    following: str | None = ""
    while following is not None:
        path = f"{_ENTRIES}?limit=200" + (f"&cursor={following}" if following else "")
        page = answer(agent, partial(_get, path))
        for each in page["organisations"]:
            published = "" if each["is_published"] else "  (not published as it is said)"
            typer.echo(f"{each['ods_code']:8}{each['status']:12}{each['name']}{published}")
        following = page["next"]


@keys.command()
def new(
    private: Annotated[Path, typer.Argument(help="A new file for the private key.", metavar="FILE")],
    *,
    without_passphrase: Annotated[
        bool, typer.Option("--without-passphrase", help="Where the medium itself is encrypted.")
    ] = False,
) -> None:
    """Make a root key on a machine that is not connected; FILE.pub is its public half."""
    passphrase = None
    if not without_passphrase:
        passphrase = typer.prompt("Passphrase", hide_input=True, confirmation_prompt=True)
    with wrong_settings_in_one_line():
        ceremony.new_key(private, private.with_name(f"{private.name}.pub"), passphrase)


@keys.command()
def rotate(agent: AgentFile) -> None:
    """Have the agent make new online keys. They sign once a root that names them is submitted."""
    _show(answer(agent, lambda client: client.post("/trust-list/online-keys")))


@root.command()
def prepare(
    *,
    agent: AgentFile,
    out: Annotated[Path, typer.Option(help="A new file.", metavar="ROOT")],
    root_key: Annotated[
        list[Path] | None,
        typer.Option(help="A root key's public half; three times. Those of the last root when left out."),
    ] = None,
) -> None:
    """Write the root that comes next, unsigned: the first, one with other keys, or one that ends later."""
    told = answer(agent, lambda client: client.get("/trust-list/root"))
    with wrong_settings_in_one_line():
        root = ceremony.prepared(told, root_key or [])
        _write(out, root.text)
    typer.echo(ceremony.in_words(root))


@root.command()
def sign(
    file: RootFile,
    *,
    key: Annotated[Path, typer.Option(help="Your root key.", metavar="FILE")],
    before: Annotated[
        Path | None, typer.Option(help="The root before it, if your key is only in that.", metavar="ROOT")
    ] = None,
) -> None:
    """Add your signature to ROOT, on a machine that is not connected."""
    with wrong_settings_in_one_line():
        encrypted = ceremony.needs_passphrase(key)
        passphrase = typer.prompt("Passphrase", hide_input=True) if encrypted else None
        root = ceremony.signed(file, key, before, passphrase)
        _write(file, root.text)
    typer.echo(f"Signed: {ceremony.in_words(root)}")


@root.command()
def submit(file: RootFile, agent: AgentFile) -> None:
    """Hand ROOT in when enough people have signed it; the list is signed anew under it and published."""
    with wrong_settings_in_one_line():
        text = ceremony.read_root(file).text.decode()
    told = answer(agent, lambda client: client.post("/trust-list/root", {"root": text}))
    typer.echo(f"root {told['version']}, to {told['expires']}")


@root.command("show")
def show_root(agent: AgentFile) -> None:
    """Write the newest root, which every agent and wallet is given once."""
    told = answer(agent, lambda client: client.get("/trust-list/root"))
    typer.echo(told["root"] or "", nl=False)


async def _get(path: str, client: AgentClient) -> dict[str, Any]:
    return await client.get(path)


def _entry(file: Path) -> dict[str, Any]:
    """What YAML says, as JSON: a date is text."""
    with wrong_settings_in_one_line():
        try:
            said = yaml.safe_load(file.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise ConfigurationError(f"{file}: cannot be read as YAML") from error
        if not isinstance(said, dict):
            raise ConfigurationError(f"{file.name}: `name: value` is needed")
    plain: dict[str, Any] = json.loads(json.dumps(said, default=str))
    return plain


def _write(file: Path, content: bytes) -> None:
    try:
        file.write_bytes(content)
    except OSError as error:
        raise ConfigurationError(f"{file}: cannot be written") from error


def _show(told: dict[str, Any]) -> None:
    typer.echo(json.dumps(told, indent=2, ensure_ascii=False))

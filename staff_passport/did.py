"""`staff-passport did`: the life of an organisation's DID, from making it to ending it."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from agent_client import AgentClient, CallFailed
from signed_documents.encoding import JsonObject
from staff_passport.agent_access import REFUSED, AgentFile, answer, private_key
from staff_passport.configuration import ConfigurationError
from staff_passport.did_signing import in_words, make_key, read_prepared, read_signed, signed, told
from staff_passport.did_websites import app as websites
from staff_passport.launch import wrong_settings_in_one_line

app = typer.Typer(help="Look after the organisation's DID.", no_args_is_help=True)
prepare = typer.Typer(
    help="Prepare a change where the update key is outside the agent: the same as without `prepare`.",
    no_args_is_help=True,
)
keys = typer.Typer(help="Update keys that are kept outside the agent.", no_args_is_help=True)
witness = typer.Typer(
    help="Approve other organisations' DID logs, and have one's own approved.", no_args_is_help=True
)
app.add_typer(prepare, name="prepare")
app.add_typer(keys, name="keys")
app.add_typer(witness, name="witness")
app.add_typer(websites, name="website")

WAITS = {
    "published": "Done: anybody can read it.",
    "awaits_witnesses": "It waits for its witnesses: send them what `did log` writes.",
    "awaits_registry": "The registry does not answer. The agent tries again every five minutes.",
    "deactivated": "The DID has ended.",
}

OutFile = Annotated[
    Path,
    typer.Option("--out", help="Where to write what is to be signed, if that is needed.", metavar="FILE"),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the agent's answer as JSON.")]
TO_SIGN = Path("did-change.json")


@app.command()
def show(*, agent: AgentFile, as_json: AsJson = False) -> None:
    """Show the DID: its keys, services and witnesses, and what its last change waits for."""
    _tell(_asked(agent, "GET", "/organisation/did"), as_json=as_json)


@app.command()
def create(*, agent: AgentFile, out: OutFile = TO_SIGN, as_json: AsJson = False) -> None:
    """Make the DID and publish it; again does no harm."""

    async def made(client: AgentClient) -> JsonObject:
        try:
            await client.post("/organisation/did")
        except CallFailed as failed:
            if failed.code != "did_awaits_signature":
                raise
        return await client.get("/organisation/did")

    with wrong_settings_in_one_line():
        _tell(answer(agent, made), as_json=as_json, out=out)


def rotate_update_keys(
    *,
    agent: AgentFile,
    next_key: Annotated[
        str | None, typer.Option(help="A key outside the agent (z6Mk…), which signs from the next entry on.")
    ] = None,
    out: OutFile = TO_SIGN,
    as_json: AsJson = False,
) -> None:
    """Let another key sign the entries of the log."""
    _change(agent, {"kind": "rotate_update_keys", "next_key": next_key}, out, as_json=as_json)


def rotate_assertion_keys(*, agent: AgentFile, out: OutFile = TO_SIGN, as_json: AsJson = False) -> None:
    """Let new keys sign credentials and resources; what was signed before goes on verifying."""
    _change(agent, {"kind": "rotate_assertion_keys"}, out, as_json=as_json)


def rotate_audit_key(*, agent: AgentFile, out: OutFile = TO_SIGN, as_json: AsJson = False) -> None:
    """Let a new key sign the audit; what was signed before goes on verifying."""
    _change(agent, {"kind": "rotate_audit_key"}, out, as_json=as_json)


def remove_key(
    *,
    agent: AgentFile,
    key: Annotated[str, typer.Argument(help="The retired key's name, as `did show` says it.")],
    stops: Annotated[
        int | None,
        typer.Option(
            "--yes", help="So many credentials stop verifying: the number that was told.", metavar="N"
        ),
    ] = None,
    out: OutFile = TO_SIGN,
    as_json: AsJson = False,
) -> None:
    """Take a retired key out of the document, after saying what stops verifying."""
    found = _asked(agent, "GET", f"/organisation/did/keys/{key}/removal")
    if stops is None:
        _tell_removal(found)
        typer.echo(f"Nothing was changed. To remove the key: --yes {found['credentials']}")
        raise typer.Exit(REFUSED)
    _change(agent, {"kind": "remove_key", "key": key, "stops": stops}, out, as_json=as_json)


def add_service(
    *,
    agent: AgentFile,
    name: Annotated[str, typer.Argument(help="The part after the #.")],
    kind: Annotated[str, typer.Argument(metavar="TYPE")],
    endpoint: Annotated[str, typer.Argument(metavar="URL")],
    out: OutFile = TO_SIGN,
    as_json: AsJson = False,
) -> None:
    """Put a service into the document, in place of one that is so called."""
    change = {"kind": "add_service", "name": name, "type": kind, "endpoint": endpoint}
    _change(agent, change, out, as_json=as_json)


def remove_service(*, agent: AgentFile, name: str, out: OutFile = TO_SIGN, as_json: AsJson = False) -> None:
    """Take a service out of the document."""
    _change(agent, {"kind": "remove_service", "name": name}, out, as_json=as_json)


def move(
    *,
    agent: AgentFile,
    to: Annotated[str, typer.Argument(help="The place, as the agent's settings say it.", metavar="URL")],
    out: OutFile = TO_SIGN,
    as_json: AsJson = False,
) -> None:
    """Move the DID to another host or path. What was issued stays where it is."""
    _change(agent, {"kind": "move", "to": to}, out, as_json=as_json)
    if not as_json:
        typer.echo(
            "Now publish credential definitions anew, and have the operator list the new DID beside the old."
        )


def set_witnesses(
    *,
    agent: AgentFile,
    witnesses: Annotated[
        list[str] | None, typer.Argument(help="Witnesses (did:key:z6Mk…); nobody if none is named.")
    ] = None,
    threshold: Annotated[int, typer.Option(help="So many of them must approve an entry.")] = 1,
    out: OutFile = TO_SIGN,
    as_json: AsJson = False,
) -> None:
    """Say which other organisations must approve every change."""
    change = {"kind": "set_witnesses", "witnesses": witnesses or [], "threshold": threshold}
    _change(agent, change, out, as_json=as_json)


def deactivate(
    *,
    agent: AgentFile,
    did: Annotated[str, typer.Argument(help="The DID that is to end, in full.")],
    out: OutFile = TO_SIGN,
    as_json: AsJson = False,
) -> None:
    """End the DID for good: nothing that it signed verifies any more."""
    _change(agent, {"kind": "deactivate", "did": did}, out, as_json=as_json)


for _command in (
    rotate_update_keys,
    rotate_assertion_keys,
    rotate_audit_key,
    remove_key,
    add_service,
    remove_service,
    move,
    set_witnesses,
    deactivate,
):
    for _group in (app, prepare):
        _group.command()(_command)


@app.command()
def announce_trust_registry(*, agent: AgentFile, out: OutFile = TO_SIGN, as_json: AsJson = False) -> None:
    """Say in the operator's document where the trust list is asked (TRQP); again does no harm."""
    _asked(agent, "POST", "/organisation/did/trust-registry")
    _tell(_asked(agent, "GET", "/organisation/did"), as_json=as_json, out=out)


@keys.command()
def new(out: Annotated[Path, typer.Option(help="A file that is not there yet.", metavar="FILE")]) -> None:
    """Make an update key, as PEM, on the machine where it stays."""
    with wrong_settings_in_one_line():
        made = make_key(out)
    typer.echo(f"public key:   {made.public}")
    typer.echo(f"announced as: {made.announced_as}")


@app.command()
def sign(
    *,
    file: Annotated[Path, typer.Argument(help="What the agent prepared.")],
    key: Annotated[Path, typer.Option(help="The update key that the last entry announced, as PEM.")],
    next_key: Annotated[
        Path, typer.Option("--next", help="The key for the entry after; it is made if the file is not there.")
    ],
    out: Annotated[Path, typer.Option(help="Where to write the signed change.", metavar="FILE")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Say what a prepared change does, and sign it. Needs no network."""
    with wrong_settings_in_one_line():
        prepared = read_prepared(file)
        for line in in_words(prepared):
            typer.echo(line)
        if not yes and not typer.confirm("Sign this?"):
            raise typer.Exit(REFUSED)
        upcoming = told(private_key(next_key)) if next_key.exists() else make_key(next_key)
        text = signed(prepared, key, next_key)
        _write(out, text)
    if not prepared.deactivates:
        typer.echo(f"Keep {next_key}: only that key ({upcoming.public}) can sign the next change.")


@app.command()
def submit(*, agent: AgentFile, file: Path, as_json: AsJson = False) -> None:
    """Give the agent a signed change; it publishes exactly what it prepared, and nothing else."""
    with wrong_settings_in_one_line():
        entry = read_signed(file)
    _tell(_asked(agent, "POST", "/organisation/did/signed-entries", {"entry": entry}), as_json=as_json)


@app.command()
def log(
    *, agent: AgentFile, out: Annotated[Path, typer.Option(metavar="FILE")] = Path("did-log.json")
) -> None:
    """Write the log, with an entry that is not published yet, for its witnesses."""
    found = _asked(agent, "GET", "/organisation/did/log")
    with wrong_settings_in_one_line():
        _write(out, json.dumps(found, indent=1) + "\n")


@witness.command("key")
def witness_key(agent: AgentFile) -> None:
    """Print the name by which others ask this organisation as witness; made by the first call."""
    typer.echo(_asked(agent, "POST", "/witness/key")["witness"])


@witness.command("sign")
def witness_sign(
    *,
    agent: AgentFile,
    file: Annotated[Path, typer.Argument(help="What the other organisation's `did log` wrote.")],
    out: Annotated[Path, typer.Option(metavar="FILE")] = Path("did-approval.json"),
) -> None:
    """Have the agent verify another organisation's log, and approve its last entry."""
    with wrong_settings_in_one_line():
        asked = _read(file, "log")
    approval = _asked(agent, "POST", "/witness/approvals", {"log": asked["log"]})
    with wrong_settings_in_one_line():
        _write(out, json.dumps(approval, indent=1) + "\n")
    typer.echo(f"Approved {approval['version_id']}.")


@witness.command("submit")
def witness_submit(*, agent: AgentFile, file: Path, as_json: AsJson = False) -> None:
    """Give the agent a witness's approval; it publishes once there are enough."""
    with wrong_settings_in_one_line():
        approval = _read(file, "proof")
    body = {"version_id": approval.get("version_id"), "proof": approval["proof"]}
    _tell(_asked(agent, "POST", "/organisation/did/approvals", body), as_json=as_json)


def _change(agent: Path, change: JsonObject, out: Path, *, as_json: bool) -> None:
    said = {key: value for key, value in change.items() if value is not None}
    _tell(_asked(agent, "POST", "/organisation/did/changes", {"change": said}), as_json=as_json, out=out)


def _asked(agent: Path, method: str, path: str, body: JsonObject | None = None) -> dict[str, Any]:
    with wrong_settings_in_one_line():
        return answer(agent, lambda client: client.call(method, path, body))


def _tell(did: JsonObject, *, as_json: bool, out: Path | None = None) -> None:
    if did["prepared"] is not None and out is not None:
        with wrong_settings_in_one_line():
            _write(out, json.dumps(did["prepared"], indent=1) + "\n")
    if as_json:
        typer.echo(json.dumps(did, indent=1))
        return
    typer.echo(f"{did['did'] or 'No DID yet'}, entry {did['version_number']}")
    for key in did["keys"]:
        typer.echo(f"  key {key['name']} ({key['use']}): {_signs(key)}")
    for service in did["services"]:
        typer.echo(f"  service {service['id'].partition('#')[2]} ({service['type']}): {service['endpoint']}")
    for former in did["former_dids"]:
        typer.echo(f"  before: {former}")
    if did["witnesses"]:
        rule = did["witnesses"]
        typer.echo(f"  {rule['threshold']} of these approve: {', '.join(rule['witnesses'])}")
    typer.echo(_what_it_waits_for(did, out))


def _signs(key: JsonObject) -> str:
    now, since, until = datetime.now(UTC), key["since"], key["until"]
    if until is not None:
        return f"signs until {until}" if now < datetime.fromisoformat(until) else f"retired {until}"
    return f"signs from {since}" if now < datetime.fromisoformat(since) else f"signs since {since}"


def _what_it_waits_for(did: JsonObject, out: Path | None) -> str:
    if did["standing"] != "awaits_signature":
        return WAITS[did["standing"]]
    where = f" It is in {out}." if out is not None else ""
    return f"It waits to be signed where the update key is: `did sign`, then `did submit`.{where}"


def _tell_removal(found: JsonObject) -> None:
    key = found["key"]
    typer.echo(f"The key {key['name']} signed from {key['since']} until {key['until']}.")
    typer.echo(
        f"{found['credentials']} credentials that still hold may be signed with it and stop verifying."
    )
    if key["use"] == "audit":
        typer.echo("Audits that were exported with checkpoints of this key stop verifying.")
    if found["resources"]:
        typer.echo("These are signed anew first, and go on verifying:")
        for resource in found["resources"]:
            typer.echo(f"  {resource}")


def _read(file: Path, member: str) -> JsonObject:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"{file}: {error.strerror}") from error
    except ValueError:
        content = None
    if not isinstance(content, dict) or member not in content:
        raise ConfigurationError(f"{file.name}: has no `{member}`")
    return content


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"{file}: {error.strerror}") from error

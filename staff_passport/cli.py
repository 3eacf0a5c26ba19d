"""The console program: one subcommand a process, each of which it turns into."""

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NoReturn, cast

import typer
from pydantic import BaseModel

from staff_passport.configuration import load
from staff_passport.did import app as did
from staff_passport.launch import become, imported, wrong_settings_in_one_line

app = typer.Typer(
    help="Staff Passport: employment credentials that staff carry from one NHS organisation to the next.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

audit = typer.Typer(help="Check an organisation's audit.", no_args_is_help=True)
app.add_typer(audit, name="audit")

tenant = typer.Typer(help="Let an organisation's program at a shared agent.", no_args_is_help=True)
app.add_typer(tenant, name="tenant")

registry = typer.Typer(add_completion=False)
app.add_typer(registry, name="registry")

app.add_typer(did, name="did")

portal = typer.Typer(add_completion=False)
app.add_typer(portal, name="portal")

esr_sandbox = typer.Typer(add_completion=False)
app.add_typer(esr_sandbox, name="esr-sandbox")

type ConfigurationFile = Annotated[
    Path | None,
    typer.Option(
        "--config", help="The settings, as YAML. STAFF_PASSPORT_<PROCESS>__SECTION__KEY goes over it."
    ),
]


@app.command()
def agent(config: ConfigurationFile = None) -> None:
    """Run an agent: an employing authority, a host organisation or the operator, as its settings say."""
    become("agent", config)


@registry.callback(invoke_without_command=True)
def serve_registry(context: typer.Context, config: ConfigurationFile = None) -> None:
    """Serve DID logs, attested resources, contexts and tails, and take verified writes."""
    if context.invoked_subcommand is None:
        become("registry", config)


@registry.command()
def export(
    folder: Annotated[Path, typer.Argument(help="Where the site is, or will be.", metavar="DIR")],
    config: ConfigurationFile = None,
) -> None:
    """Write all that anyone may read as a static site; again, and what has changed is written."""
    with wrong_settings_in_one_line():
        exported = imported("staff_passport.registry_export:export")(folder, config)
    raise typer.Exit(exported)


@portal.callback(invoke_without_command=True)
def serve_portal(context: typer.Context, config: ConfigurationFile = None) -> None:
    """Serve HR's pages; or look after who may sign in to them."""
    if context.invoked_subcommand is None:
        become("portal", config)


@portal.command("migrate")
def migrate_portal(config: ConfigurationFile = None) -> None:
    """Bring the portal's database to the schema that this release knows."""
    become("migrate-portal", config)


type SignInName = Annotated[str, typer.Argument(help="By which agents know the person.", metavar="EMAIL")]


@portal.command()
def add_account(email: SignInName, config: ConfigurationFile = None) -> None:
    """Let somebody sign in: prints a password, the authenticator app's set-up and recovery codes, once."""
    _change_account("add_account", email, config)


@portal.command()
def remove_account(email: SignInName, config: ConfigurationFile = None) -> None:
    """Let somebody sign in no more, and end every session of theirs."""
    _change_account("remove_account", email, config)


def _change_account(command: str, email: str, config: Path | None) -> NoReturn:
    with wrong_settings_in_one_line():
        kind = cast("type[BaseModel]", imported("portal.settings:Settings"))
        settings = load(kind, config, process="portal")
        changed = imported(f"portal.commands:{command}")
    raise typer.Exit(changed(settings, email))


@esr_sandbox.callback(invoke_without_command=True)
def serve_esr_sandbox(context: typer.Context, config: ConfigurationFile = None) -> None:
    """Serve synthetic staff records in place of ESR; or make files of them."""
    if context.invoked_subcommand is None:
        become("esr-sandbox", config)


class FileEncoding(StrEnum):
    """How outbound files are written; with Windows-1252, lines end as they do on Windows."""

    UTF_8 = "utf-8"
    WINDOWS_1252 = "windows-1252"


DatasetFolder = Annotated[Path, typer.Option(help="A new folder, or an empty one.", metavar="DIR")]


@esr_sandbox.command()
def generate(
    *,
    out: DatasetFolder,
    people: Annotated[int, typer.Option(min=1, max=1_500_000, help="Over all VPDs.")] = 3000,
    vpds: Annotated[int, typer.Option(min=1, max=99, help="From 901 on.")] = 2,
    seed: Annotated[int, typer.Option(help="Another seed, other people.")] = 7,
    on: Annotated[
        datetime, typer.Option("--on", formats=["%Y-%m-%d"], help="The day on which they are so.")
    ] = datetime(2026, 10, 1),  # noqa: DTZ001 - a day, not a moment
    encoding: Annotated[FileEncoding, typer.Option(help="Of the outbound files.")] = FileEncoding.UTF_8,
) -> None:
    """Invent people: a dataset for the sandbox, and a full outbound file for each VPD."""
    with wrong_settings_in_one_line():
        made = imported("esr_sandbox.commands:generate")
    raise typer.Exit(made(people, vpds, seed, on.date(), out=out, encoding=encoding.value))


@esr_sandbox.command()
def month(
    *,
    source: Annotated[Path, typer.Option("--in", help="A dataset; it stays as it is.", metavar="DIR")],
    out: DatasetFolder,
) -> None:
    """Let a month pass in a dataset: how it is then, and a delta outbound file for each VPD."""
    with wrong_settings_in_one_line():
        passed = imported("esr_sandbox.commands:month")
    raise typer.Exit(passed(source, out))


@app.command()
def wallet(config: ConfigurationFile = None) -> None:
    """Run a wallet for one member of staff, as the demo does."""
    become("wallet", config)


@app.command()
def worker(config: ConfigurationFile = None) -> None:
    """Send what agents have to tell people, and do what is due by the calendar."""
    become("worker", config)


@app.command()
def migrate(config: ConfigurationFile = None) -> None:
    """Bring an agent's database to the schema that this release knows."""
    become("migrate", config)


@app.command()
def demo(
    *,
    once: Annotated[bool, typer.Option("--once", help="Stop after the journey.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")] = False,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Leave each organisation's audit in DIR/audit/.", metavar="DIR"),
    ] = None,
) -> None:
    """Show the whole journey on this machine, then keep everything running."""
    with wrong_settings_in_one_line():
        run = imported("staff_passport.demo.command:run")
    raise typer.Exit(run(once=once, as_json=json, out=out))


@app.command()
def doctor(
    environment: Annotated[
        Path, typer.Argument(help="A folder of ledger-config/, such as ledger-config/test.", metavar="ENV")
    ],
) -> None:
    """Look whether an environment is whole: exit code 0, or 1 and each fault by file and line."""
    with wrong_settings_in_one_line():
        examine = imported("staff_passport.doctor:examine")
    raise typer.Exit(examine(environment))


@audit.command()
def verify(
    folder: Annotated[Path, typer.Argument(help="An exported audit, such as DIR/audit/northmoor.")],
    against: Annotated[
        Path | None,
        typer.Option(help="A checkpoint that you kept: finds what was rolled back or forked since."),
    ] = None,
) -> None:
    """Check that no entry was changed, removed or put in: exit code 0, or 1 and the first bad entry."""
    with wrong_settings_in_one_line():
        report = imported("staff_passport.audit_report:verify")
    raise typer.Exit(report(folder, against))


type Organisation = Annotated[str, typer.Argument(help="The organisation's ODS code.", metavar="ODS")]


@app.command(
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []}
)
def trust(context: typer.Context) -> None:
    """Say who is a registered organisation, publish it, and keep the root of the trust list."""
    with wrong_settings_in_one_line():
        program = imported("staff_passport.trust:app")  # loaded by nothing else: it calls agents
    program(args=context.args, prog_name="staff-passport trust")


@tenant.command()
def agree(
    organisation: Organisation,
    name: Annotated[str, typer.Option("--as", help="Your name among the agent's custodians.")],
    key: Annotated[Path, typer.Option(help="Your private key, as PEM.")],
) -> None:
    """Agree, as one of two custodians, to a token for an organisation. It is good for an hour, and once."""
    with wrong_settings_in_one_line():
        agreed = imported("staff_passport.tenant:agree")(organisation, name, key)
    raise typer.Exit(agreed)


@tenant.command()
def token(
    organisation: Organisation,
    agreed: Annotated[list[Path], typer.Option(help="What a custodian agreed to; twice.")],
    config: ConfigurationFile = None,
) -> None:
    """Make a token for an organisation; the one before ends. On the agent's own machine, and nowhere else."""
    with wrong_settings_in_one_line():
        made = imported("staff_passport.tenant:token")(organisation, agreed, config)
    raise typer.Exit(made)

"""The console program: one subcommand a process, each started from its own settings."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, cast

import typer
from pydantic import BaseModel
from rich.console import Console

from staff_passport.configuration import Configuration, ConfigurationError

WRONG_SETTINGS = 2
"""The exit code for a wrong or missing setting."""

app = typer.Typer(
    help="Staff Passport: employment credentials that staff carry from one NHS organisation to the next.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

type ConfigurationFile = Annotated[
    Path | None,
    typer.Option(
        "--config", help="The settings, as YAML. STAFF_PASSPORT_<PROCESS>__SECTION__KEY goes over it."
    ),
]


@dataclass(frozen=True, slots=True)
class Launch:
    """How a subcommand is started: whose settings it reads, and what it then calls with them.

    Modules are named, not imported: no process should need what another one is made of.
    """

    process: str
    settings: str
    run: str
    needs_database: bool = False


AGENT = Launch("agent", "agent.settings:Settings", "agent.process:run", needs_database=True)
MIGRATE = Launch("agent", "agent.settings:Settings", "agent.store.migrations:migrate", needs_database=True)
REGISTRY = Launch("registry", "registry.settings:Settings", "registry.app:run")
ESR_SANDBOX = Launch("esr-sandbox", "esr_sandbox.settings:Settings", "esr_sandbox.app:run")
WALLET = Launch("wallet", "wallet.settings:Settings", "wallet.process:run")


@app.command()
def agent(config: ConfigurationFile = None) -> None:
    """Run an agent: an employing authority, a host organisation or the operator, as its settings say."""
    launch(AGENT, config)


@app.command()
def registry(config: ConfigurationFile = None) -> None:
    """Serve DID logs, attested resources, contexts and tails, and take verified writes."""
    launch(REGISTRY, config)


@app.command()
def esr_sandbox(config: ConfigurationFile = None) -> None:
    """Serve synthetic staff records in place of ESR."""
    launch(ESR_SANDBOX, config)


@app.command()
def wallet(config: ConfigurationFile = None) -> None:
    """Run a wallet for one member of staff, as the demo does."""
    launch(WALLET, config)


@app.command()
def migrate(config: ConfigurationFile = None) -> None:
    """Bring an agent's database to the schema that this release knows."""
    launch(MIGRATE, config)


@app.command()
def demo(
    *,
    once: Annotated[bool, typer.Option("--once", help="Stop after the journey.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")] = False,
) -> None:
    """Show the whole journey on this machine, then keep everything running."""
    raise typer.Exit(_imported("staff_passport.demo.command:run")(once=once, as_json=json))


def launch(process: Launch, file: Path | None) -> None:
    """Read the settings of `process` and run it until it ends."""
    configuration = Configuration.read(process.process, file)
    with _with_database(configuration, process) as complete:
        settings = complete.settings(cast("type[BaseModel]", _imported(process.settings)))
        # AnonCreds' native library writes the claims of a proof that it cannot read to stderr, whatever our
        # own log level; it reads this once, when it is imported.
        os.environ["RUST_LOG"] = "off"
        _imported(process.run)(settings)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the console program; a wrong setting is one line and exit code 2."""
    try:
        app(arguments)
    except ConfigurationError as wrong:
        Console(stderr=True, soft_wrap=True).print(f"staff-passport: {wrong}", markup=False, highlight=False)
        sys.exit(WRONG_SETTINGS)


@contextmanager
def _with_database(configuration: Configuration, process: Launch) -> Iterator[Configuration]:
    """Where a database is needed and none is configured, run the embedded one meanwhile."""
    if not process.needs_database or "database" in configuration.values:
        yield configuration
        return
    from staff_passport.embedded_postgres import EmbeddedPostgres, default_folder  # noqa: PLC0415 - an extra

    name = configuration.file.stem if configuration.file else "agent"
    with EmbeddedPostgres(default_folder(), durable=True) as postgres:
        databases = postgres.provide(name)
        yield configuration.over(
            {
                "database": {"url": databases.url, "migration_url": databases.migration_url},
                "wallet": {"storage": databases.wallet.url},
            }
        )


def _imported(path: str) -> Callable[..., Any]:
    """Return what `path` (`module:name`) names; one line if the extra it comes with is not installed."""
    module, name = path.split(":")
    try:
        return cast("Callable[..., Any]", getattr(import_module(module), name))
    except ModuleNotFoundError as missing:
        if missing.name is None or missing.name.split(".")[0] == module.split(".")[0]:
            raise  # a fault of ours, not something to install
        raise ConfigurationError(f"{module} needs {missing.name}, which is not installed") from missing

"""Starts one process from its own settings, with nothing in memory of the command line that asked for it.

`python -m staff_passport.launch PROCESS [--config FILE]`: what the console program turns itself into.
"""

import os
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn, cast

from pydantic import BaseModel

from staff_passport.configuration import Configuration, ConfigurationError

WRONG_SETTINGS = 2
"""The exit code for a wrong or missing setting."""


@dataclass(frozen=True, slots=True)
class Launch:
    """How a process is started: whose settings it reads, and what it then calls with them.

    Modules are named, not imported: no process should need what another one is made of.
    """

    process: str
    settings: str
    run: str
    needs_database: bool = False


LAUNCHES = {
    "agent": Launch("agent", "agent.settings:Settings", "agent.process:run", needs_database=True),
    "migrate": Launch(
        "agent", "agent.settings:Settings", "agent.store.migrations:migrate", needs_database=True
    ),
    "registry": Launch("registry", "registry.settings:Settings", "registry.app:run"),
    "esr-sandbox": Launch("esr-sandbox", "esr_sandbox.settings:Settings", "esr_sandbox.app:run"),
    "wallet": Launch("wallet", "wallet.settings:Settings", "wallet.process:run"),
    "portal": Launch("portal", "portal.settings:Settings", "portal.process:run"),
    "migrate-portal": Launch("portal", "portal.settings:Settings", "portal.migrations:migrate"),
    "worker": Launch("worker", "worker.settings:Settings", "worker.process:run"),
}


def become(name: str, file: Path | None) -> NoReturn:
    """Replace this very process by the one called `name`: same process id, a tenth of the memory less."""
    told = () if file is None else ("--config", str(file))
    # -P: what happens to lie in the current folder is not ours to import.
    os.execv(sys.executable, (sys.executable, "-P", "-m", __name__, name, *told))  # noqa: S606  # our own program


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the process that the arguments name; a wrong setting is one line and exit code 2."""
    parser = ArgumentParser("python -m staff_passport.launch")
    parser.add_argument("process", choices=LAUNCHES)
    parser.add_argument("--config", type=Path)
    asked = parser.parse_args(arguments)
    with wrong_settings_in_one_line():
        launch(LAUNCHES[asked.process], asked.config)


@contextmanager
def wrong_settings_in_one_line() -> Iterator[None]:
    """Let a `ConfigurationError` end this program with what it says and exit code 2."""
    try:
        yield
    except ConfigurationError as wrong:
        sys.stderr.write(f"staff-passport: {wrong}\n")
        sys.exit(WRONG_SETTINGS)


def launch(process: Launch, file: Path | None) -> None:
    """Read the settings of `process` and run it until it ends."""
    configuration = Configuration.read(process.process, file)
    with _with_database(configuration, process) as complete:
        settings = complete.settings(cast("type[BaseModel]", imported(process.settings)))
        # AnonCreds' native library writes the claims of a proof that it cannot read to stderr, whatever our
        # own log level; it reads this once, when it is imported.
        os.environ["RUST_LOG"] = "off"
        # ACA-Py's library for QR codes on a terminal would load it, and take 4 MB. No process of ours draws.
        sys.modules.setdefault("PIL", cast("ModuleType", None))
        load_when_used("lxml.html")  # 4 MB, for JSON-LD that comes in HTML: none does
        keep_asyncio_as_it_is()
        imported(process.run)(settings)


def keep_asyncio_as_it_is() -> None:
    """Have ACA-Py patch nothing of asyncio's when it is imported.

    It would have every task of the process run by pure Python, so that one loader of documents can run a loop
    within the loop. Ours reads pinned documents, and waits for none.
    """
    stand_in = sys.modules["nest_asyncio"] = ModuleType("nest_asyncio")
    setattr(stand_in, "apply", lambda: None)  # noqa: B010 - a module of our making, of which type checkers know nothing


def load_when_used(name: str) -> None:
    """Let whoever imports a submodule have a place-holder, which loads it when something of it is used.

    The standard library's `LazyLoader` does so too, but loads it as soon as `inspect` looks through modules.
    """
    package, _, submodule = name.rpartition(".")
    if name in sys.modules or find_spec(package) is None:
        return

    def used(attribute: str) -> object:
        if attribute.startswith("__"):
            raise AttributeError(attribute)
        if sys.modules[name] is placeholder:
            del sys.modules[name]
        return getattr(import_module(name), attribute)

    placeholder = sys.modules[name] = ModuleType(name)
    setattr(import_module(package), submodule, placeholder)
    setattr(placeholder, "__getattr__", used)  # noqa: B010 - PEP 562, of which type checkers know nothing


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


def imported(path: str) -> Callable[..., Any]:
    """Return what `path` (`module:name`) names; one line if the extra it comes with is not installed."""
    module, name = path.split(":")
    try:
        return cast("Callable[..., Any]", getattr(import_module(module), name))
    except ModuleNotFoundError as missing:
        if missing.name is None or missing.name.split(".")[0] == module.split(".")[0]:
            raise  # a fault of ours, not something to install
        raise ConfigurationError(f"{module} needs {missing.name}, which is not installed") from missing


if __name__ == "__main__":
    main()

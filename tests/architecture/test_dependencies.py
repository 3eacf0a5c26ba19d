"""What setup.cfg declares, against what is imported."""

import ast
import configparser
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
OURS = {file.parent.name for file in PROJECT.glob("*/__init__.py")}
EXTRA_OF = {
    "agent": "agent",
    "esr_sandbox": "esr-sandbox",
    "portal": "portal",
    "registry": "registry",
    "signed_documents": "signed-documents",
    "wallet": "wallet",
}
NOT_INSTALLED = {"_typeshed", "tests"}
"""What only the type checker sees, and what is never installed."""
DISTRIBUTIONS = packages_distributions()
EVERYWHERE = ""
"""What every installation has: `install_requires`."""


def declared() -> dict[str, set[str]]:
    """The distributions that each extra names itself."""
    setup = configparser.ConfigParser()
    setup.read(PROJECT / "setup.cfg")
    extras = dict(setup["options.extras_require"]) | {EVERYWHERE: setup["options"]["install_requires"]}
    return {extra: {distribution(line) for line in lines.split()} for extra, lines in extras.items()}


def distribution(requirement: str) -> str:
    return re.split(r"[\[<>=]", requirement)[0].lower()


def sources(folder: Path) -> list[Path]:
    """Our own files: not what npm and pip put below `tests`, nor what runs in the Indy nodes' environment."""
    foreign = {".native", ".environment", "node", "node_modules"}
    return [file for file in folder.rglob("*.py") if not foreign & set(file.parts)]


def imported_by(package: str) -> set[str]:
    """The distributions that `package` imports from."""
    modules: set[str] = set()
    for file in sources(PROJECT / package):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                modules |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                modules.add(node.module.split(".")[0])
    foreign = modules - OURS - NOT_INSTALLED - sys.stdlib_module_names
    return {DISTRIBUTIONS[module][0].lower().replace("_", "-") for module in foreign}


@pytest.mark.parametrize("package", sorted(EXTRA_OF))
def test_a_process_declares_what_it_imports(package: str) -> None:
    extras = declared()

    assert imported_by(package) <= extras[EXTRA_OF[package]] | extras[EVERYWHERE], "declare it in its extra"


@pytest.mark.parametrize("folder", ["bench", "staff_passport", "tests", "tools"])
def test_what_is_used_on_a_developers_machine_is_declared_somewhere(folder: str) -> None:
    assert imported_by(folder) <= set().union(*declared().values())


@pytest.mark.parametrize("package", ["schemas"])
def test_what_stands_in_no_extra_needs_nothing_but_what_is_always_there(package: str) -> None:
    assert imported_by(package) <= declared()[EVERYWHERE]


def test_the_lock_names_no_place_to_install_from() -> None:
    lock = (PROJECT / "requirements.lock").read_text()

    assert not re.search(r"://|--(index|extra-index|find-links)", lock)


def test_the_lock_has_everything_that_is_declared() -> None:
    locked = set(re.findall(r"^([a-z0-9-]+)==", (PROJECT / "requirements.lock").read_text(), re.MULTILINE))

    assert set().union(*declared().values()) - locked == {"staff-passport"}, "run: make lock"

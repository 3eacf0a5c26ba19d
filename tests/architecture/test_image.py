"""What docker/Dockerfile copies; there is no engine here to build it with."""

import ast
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
DOCKERFILE = PROJECT / "docker" / "Dockerfile"
OURS = {file.parent.name for file in PROJECT.glob("*/__init__.py")}


def instructions(name: str) -> list[list[str]]:
    lines = DOCKERFILE.read_text().replace("\\\n", " ").splitlines()
    return [line.split()[1:] for line in lines if line.startswith(f"{name} ")]


def copied() -> set[str]:
    """What the image takes from the project's folder."""
    from_project = [words for words in instructions("COPY") if not words[0].startswith("--from=")]
    return {source for *sources, _ in from_project for source in sources}


def imported_by(package: str) -> set[str]:
    """Our packages that `package` imports; the console program's are named in strings, a process each."""
    found: set[str] = set()
    for file in (PROJECT / package).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
            found |= {name.split(".")[0] for name in names}
    return found & OURS


def test_the_image_has_every_package_that_the_agent_imports() -> None:
    needed = {"staff_passport"}
    waiting = {"agent"}
    while waiting:
        package = waiting.pop()
        needed.add(package)
        waiting |= imported_by(package) - needed

    assert copied() & OURS == needed, "say in docker/Dockerfile and its .dockerignore what the agent needs"


def test_what_the_image_copies_is_there_and_is_let_through() -> None:
    let_through = {
        line.removeprefix("!")
        for line in Path(f"{DOCKERFILE}.dockerignore").read_text().splitlines()
        if line.startswith("!")
    }

    assert copied() == let_through
    assert [name for name in sorted(copied()) if not (PROJECT / name).exists()] == []


@pytest.mark.parametrize("instruction", ["USER", "HEALTHCHECK"])
def test_the_image_says_who_runs_it_and_how_it_is(instruction: str) -> None:
    assert len(instructions(instruction)) == 1


def test_the_agent_is_not_run_as_root() -> None:
    assert instructions("USER")[0][0] not in {"0", "root"}

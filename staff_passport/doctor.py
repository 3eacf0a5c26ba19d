"""Looks at an environment's folder in `ledger-config/`, and tells each fault by file and line."""

import sys
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from staff_passport.doctor_findings import Finding
from staff_passport.doctor_genesis import faults_of_genesis
from staff_passport.doctor_ledgers import Ledgers, faults_of_order
from staff_passport.doctor_secrets import faults_of_secrets
from staff_passport.doctor_settings import Environment, Indy
from staff_passport.doctor_trust import faults_of_root
from staff_passport.located_yaml import LocatedYaml, NotYaml

ENVIRONMENT = "environment.yml"


def examine(folder: Path) -> int:
    """Print what is wrong in `folder`; the exit code: 0 when nothing is, 1 otherwise."""
    findings = sorted(set(findings_in(folder)))
    for each in findings:
        sys.stdout.write(f"{each}\n")
    if not findings:
        sys.stdout.write(f"{folder}: nothing is wrong here.\n")
    return 1 if findings else 0


def findings_in(folder: Path) -> Iterator[Finding]:
    """Everything that is wrong with an environment."""
    if not folder.is_dir():
        yield Finding(folder, 0, "there is no such folder: name one of ledger-config/")
        return
    yield from faults_of_secrets(folder)
    file = folder / ENVIRONMENT
    read = list(_read(file, Environment))
    yield from (each for each in read if isinstance(each, Finding))
    for found in read:
        if isinstance(found, tuple):
            yield from _faults_of(file, *found)


def _faults_of(file: Path, said: Environment, located: LocatedYaml) -> Iterator[Finding]:
    if said.trust.root is not None:
        at = Finding.at(file, located.line(("trust", "root")))
        yield from faults_of_root(at, file.parent, said.trust.root)
    if said.registry.indy is not None:
        yield from _faults_of_ledgers(file, said.registry.indy, located)


def _faults_of_ledgers(file: Path, indy: Indy, located: LocatedYaml) -> Iterator[Finding]:
    ledgers = file.parent / indy.ledgers
    if not ledgers.is_file():
        line = located.line(("registry", "indy", "ledgers"))
        yield Finding(file, line, f"there is no file {indy.ledgers} in this folder: add it")
        return
    for found in _read(ledgers, Ledgers):
        if isinstance(found, Finding):
            yield found
        else:
            said, where = found
            yield from faults_of_order(ledgers, said, where)
            yield from faults_of_genesis(ledgers, said, where)


def _read[S: BaseModel](file: Path, kind: type[S]) -> Iterator[Finding | tuple[S, LocatedYaml]]:
    """What a file says, as far as it says it well, or what is wrong with it."""
    try:
        located = LocatedYaml.read(file)
    except OSError:
        yield Finding(file, 0, "there is no such file: every environment has one")
        return
    except NotYaml as wrong:
        yield Finding(file, wrong.line, str(wrong))
        return
    try:
        yield kind.model_validate(located.value), located
    except ValidationError as errors:
        for error in errors.errors(include_url=False):
            yield Finding(file, located.line(_path(error)), _sentence(error))


def _path(error: ErrorDetails) -> tuple[str | int, ...]:
    return error["loc"]


def _sentence(error: ErrorDetails) -> str:
    where = ".".join(str(step) for step in error["loc"])
    match error["type"]:
        case "missing":
            return f"{where} is missing: add it"
        case "extra_forbidden":
            return f"{where} is nothing that is known here: take it out, or mend its name"
    reason = error["msg"].removeprefix("Value error, ")
    return f"{where}: {reason}" if where else reason

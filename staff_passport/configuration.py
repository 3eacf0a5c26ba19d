"""One file and the environment, parsed once to a process's typed settings."""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self, cast

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

type Values = dict[str, Any]
"""Settings before they are checked: sections within sections, and whatever stands in them."""

SECRET = re.compile(r"password|secret|token|seed|key|pin$", re.IGNORECASE)
PASSWORD_IN_URL = re.compile(r"(?<=:)[^:/@]+(?=@)")


class ConfigurationError(Exception):
    """A setting is wrong or missing. The message is one line that names it."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """What one process was told: by its file, and over it by `STAFF_PASSPORT_<PROCESS>__SECTION__KEY`."""

    process: str
    file: Path | None
    values: Values
    variables: frozenset[str]

    @classmethod
    def read(cls, process: str, file: Path | None, environment: Mapping[str, str] = os.environ) -> Self:
        """Read both; raises `ConfigurationError` for a file that is not there or is not YAML."""
        prefix = _prefix(process)
        ours = {name: text for name, text in environment.items() if name.startswith(prefix)}
        values = {} if file is None else _read_file(file)
        for name, text in ours.items():
            path = name.removeprefix(prefix).lower().split("__")
            values = merged(values, _nested(path, _value(name, text)))
        return cls(process, file, values, frozenset(ours))

    def over(self, defaults: Values) -> Self:
        """Return the same with `defaults` for what neither the file nor the environment says."""
        return replace(self, values=merged(defaults, self.values))

    def settings[S: BaseModel](self, kind: type[S]) -> S:
        """Check the values and make the settings; raises `ConfigurationError`."""
        try:
            return kind.model_validate(self.values)
        except ValidationError as errors:
            sentences = [self._sentence(error) for error in errors.errors(include_url=False)]
            raise ConfigurationError("; ".join(sentences)) from None  # the cause would show secrets

    def _sentence(self, error: ErrorDetails) -> str:
        path = tuple(str(step) for step in error["loc"])
        variable = _prefix(self.process) + "__".join(path).upper()
        where = ".".join(path) or "the settings"
        match error["type"]:
            case "missing":
                return f"{self._source(variable)}{where}: is missing; set it in the file, or as {variable}"
            case "extra_forbidden":
                return f"{self._source(variable)}{where}: there is no such setting"
        reason = error["msg"].removeprefix("Value error, ")
        return f"{self._source(variable)}{where}: {reason}{_got(path, error['input'])}"

    def _source(self, variable: str) -> str:
        """Say where a setting was set: in its variable, in one within it, or else in the file."""
        for name in sorted(self.variables):
            if name == variable or name.startswith(f"{variable}__"):
                return f"{name}: "
        return "" if self.file is None else f"{self.file.name}: "


def load[S: BaseModel](
    kind: type[S], file: Path | None, *, process: str, environment: Mapping[str, str] = os.environ
) -> S:
    """Make the settings of `process` from its file and the environment; raises `ConfigurationError`."""
    return Configuration.read(process, file, environment).settings(kind)


def merged(under: Values, over: Values) -> Values:
    """Return `under` with everything that `over` says; sections are merged, all else is replaced."""
    together = dict(under)
    for key, value in over.items():
        before = together.get(key)
        both = isinstance(before, dict) and isinstance(value, dict)
        together[key] = merged(cast("Values", before), value) if both else value
    return together


def _prefix(process: str) -> str:
    return f"STAFF_PASSPORT_{process.upper().replace('-', '_')}__"


def _read_file(file: Path) -> Values:
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as failure:
        raise ConfigurationError(f"{file}: {failure.strerror or failure}") from failure
    except (UnicodeDecodeError, yaml.YAMLError) as failure:
        raise ConfigurationError(f"{file.name}: is not YAML{_position(failure)}") from failure
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise ConfigurationError(f"{file.name}: settings are needed, as `name: value`")
    return content


def _position(failure: Exception) -> str:
    mark = getattr(failure, "problem_mark", None)
    return "" if mark is None else f": line {mark.line + 1}, column {mark.column + 1}"


def _nested(path: list[str], value: object) -> Values:
    *sections, key = path
    nested: Values = {key: value}
    for section in reversed(sections):
        nested = {section: nested}
    return nested


def _value(name: str, text: str) -> object:
    """Return a list or section, which a variable holds as JSON, or the text, whose type the settings know."""
    if not text.startswith(("[", "{")):
        return text
    try:
        return cast("object", json.loads(text))
    except ValueError as failure:
        raise ConfigurationError(f"{name}: is not JSON") from failure


def _got(path: tuple[str, ...], value: object) -> str:
    """Return what was found instead, unless it may be secret or is a whole section."""
    if isinstance(value, dict | list) or any(SECRET.search(step) for step in path):
        return ""
    return f", got {PASSWORD_IN_URL.sub('***', str(value))!r}"

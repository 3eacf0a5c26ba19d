"""YAML that knows where each value stands, so that a fault is told by its line."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml


class NotYaml(Exception):
    """A file cannot be read as YAML, or says one thing twice."""

    def __init__(self, line: int, wrong: str) -> None:
        super().__init__(wrong)
        self.line = line


@dataclass(frozen=True, slots=True)
class LocatedYaml:
    """What a file says, and on which line."""

    value: Any
    _root: yaml.Node | None

    @classmethod
    def read(cls, file: Path) -> "LocatedYaml":
        """Raises `NotYaml`, and `OSError`."""
        try:
            text = file.read_text(encoding="utf-8")
            root = yaml.compose(text, Loader=yaml.SafeLoader)
            _require_names_once(root)
            return cls(yaml.safe_load(text), root)
        except UnicodeDecodeError as error:
            raise NotYaml(1, "this is not UTF-8") from error
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            raise NotYaml(
                1 if mark is None else mark.line + 1, f"this is not YAML: {error.problem}"
            ) from error
        except yaml.YAMLError as error:
            raise NotYaml(1, "this is not YAML") from error

    def line(self, path: Sequence[str | int]) -> int:
        """The line of what stands at `path`, or of the last thing on the way to it that is there."""
        node, line = self._root, 1
        for step in path:
            found = _step(node, step)
            if found is None:
                break
            line, node = found
        return line


def _step(node: yaml.Node | None, step: str | int) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(step):
                return key.start_mark.line + 1, value
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        item = node.value[step]
        return item.start_mark.line + 1, item
    return None


def _require_names_once(node: yaml.Node | None) -> None:
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if str(key.value) in seen:
                raise NotYaml(key.start_mark.line + 1, f"{key.value} stands here twice: keep one of them")
            seen.add(str(key.value))
            _require_names_once(value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            _require_names_once(item)

"""The messages of the Trust Registry Query Protocol v2.0, as JSON Schemas."""

from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.validators import validator_for

_TEXT = {"type": "string", "minLength": 1}
_TIME = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$"}
_CONTEXT = {
    "type": "object",
    "properties": {"time": {"anyOf": [_TIME, {"const": ""}]}},  # blank is now
    "additionalProperties": {"type": "string"},
}
_ASKED = dict.fromkeys(("entity_id", "authority_id", "action", "resource"), _TEXT)


def _response(verdict: str) -> dict[str, Any]:
    return {
        "type": "object",
        "required": [*_ASKED, "time_evaluated", verdict],
        "properties": {
            **_ASKED,
            verdict: {"type": "boolean"},
            "time_requested": _TIME,
            "time_evaluated": _TIME,
            "message": {"type": "string"},
            "context": _CONTEXT,
        },
        "additionalProperties": False,
    }


QUERY: dict[str, Any] = {
    "type": "object",
    "required": [*_ASKED],
    "properties": {**_ASKED, "context": _CONTEXT},
}
AUTHORIZATION, RECOGNITION = _response("authorized"), _response("recognized")
PROBLEM: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        **{name: {"type": "string"} for name in ("type", "title", "detail", "code")},
        "status": {"type": "integer"},
    },
}
"""RFC 9457, and our code in it."""


def conforms(message: Any, schema: dict[str, Any]) -> bool:
    """Whether `message` is as the protocol has it; raises `ValidationError` if not."""
    validator_for(schema, default=Draft202012Validator)(schema).validate(message)
    return True

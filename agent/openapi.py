"""The OpenAPI document of our routes, from the tables that say them: `python -m agent.openapi`."""

import re
import sys
from collections.abc import Iterable
from typing import Any

import yaml
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from agent.esr_plugin.routes import ROUTES as ESR
from agent.indy.routes import ROUTES as INDY
from agent.issuer.routes import ROUTES as ISSUER
from agent.operator.routes import ROUTES as OPERATOR
from agent.organisation.routes import ROUTES as ORGANISATION
from agent.problems import STATUS
from agent.routing import ASSERTION_HEADER, IDEMPOTENCY_HEADER, Route, RouteTable
from agent.trust.routes import ROUTES as TRUST
from agent.verifier.routes import ROUTES as VERIFIER
from agent.webvh.routes import ROUTES as WEBVH

type Json = dict[str, Any]

TABLES: tuple[RouteTable, ...] = (ORGANISATION, WEBVH, INDY, TRUST, OPERATOR, ESR, ISSUER, VERIFIER)
_SCHEMAS = "#/components/schemas/"
_PROBLEM: Json = {
    "type": "object",
    "description": "RFC 9457. `code` is for machines and does not change, `detail` is for people.",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "fields": {"type": "object", "additionalProperties": {"type": "string"}},
        "refusals": {"type": "array", "items": {"type": "object"}},
    },
}


def document(tables: Iterable[RouteTable] = TABLES) -> Json:
    """The whole document (OpenAPI 3.1)."""
    routes = [(table.name, route) for table in tables for route in table.routes]
    paths: dict[str, Json] = {}
    for tag, route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(tag, route)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Staff Passport agent", "version": "1", "license": {"name": "Apache-2.0"}},
        "security": [{"key": [], "assertion": []}],
        "paths": dict(sorted(paths.items())),
        "components": {"schemas": _schemas(route for _, route in routes), "securitySchemes": _security()},
    }


def as_yaml() -> str:
    """The document as it stands in `docs/api/`."""
    return yaml.safe_dump(document(), sort_keys=False, allow_unicode=True, width=110)


def _operation(tag: str, route: Route) -> Json:
    operation: Json = {
        "tags": [tag],
        "operationId": route.handler.__name__,
        "summary": route.summary,
        "description": f"Needs the permission `{route.permission}`.",
        "parameters": list(_parameters(route)),
        "responses": {str(route.status): _answered(route), **_problems()},
    }
    if route.body is not None:
        operation["requestBody"] = {"required": True, **_content("", route.body.__name__)}
        del operation["requestBody"]["description"]
    return operation


def _parameters(route: Route) -> Iterable[Json]:
    for name in re.findall(r"{(\w+)}", route.path):
        yield {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
    for name, meaning in route.query.items():
        yield {"name": name, "in": "query", "description": meaning, "schema": {"type": "string"}}
    if route.idempotent:
        schema = {"type": "string", "minLength": 8, "maxLength": 120}
        yield {"name": IDEMPOTENCY_HEADER, "in": "header", "required": True, "schema": schema}


def _problems() -> Json:
    said: dict[int, list[str]] = {}
    for _, status, title in STATUS:
        said.setdefault(status, []).append(title)
    reference = {"schema": {"$ref": f"{_SCHEMAS}Problem"}}
    return {
        str(status): {"description": "; ".join(titles), "content": {"application/problem+json": reference}}
        for status, titles in sorted(said.items())
    }


def _answered(route: Route) -> Json:
    if isinstance(route.answer, tuple):
        file: Json = {"schema": {"type": "string"}}
        return {"description": "The file", "content": dict.fromkeys(route.answer, file)}
    return _content("Done", route.answer.__name__)


def _content(description: str, model: str) -> Json:
    schema = {"schema": {"$ref": f"{_SCHEMAS}{model}"}}
    return {"description": description, "content": {"application/json": schema}}


def _schemas(routes: Iterable[Route]) -> Json:
    models: set[type[BaseModel]] = set()
    for route in routes:
        models |= {model for model in (route.answer, route.body) if isinstance(model, type)}
    ordered = sorted(models, key=lambda model: model.__name__)
    mode: Any = "validation"
    _, defined = models_json_schema([(model, mode) for model in ordered], ref_template=f"{_SCHEMAS}{{model}}")
    return {"Problem": _PROBLEM, **dict(sorted(defined["$defs"].items()))}


def _security() -> Json:
    return {
        "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
        "assertion": {
            "type": "apiKey",
            "in": "header",
            "name": ASSERTION_HEADER,
            "description": "An EdDSA JWT of at most 60 s for this very call; see docs/adr/0002.",
        },
    }


if __name__ == "__main__":
    sys.stdout.write(as_yaml())

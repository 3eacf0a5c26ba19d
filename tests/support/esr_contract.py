"""The ESR API's OpenAPI document, and whether an answer is in it."""

from importlib import resources
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

import schemas

CONTRACT: dict[str, Any] = yaml.safe_load(
    (resources.files(schemas) / "esr" / "openapi.yml").read_text("utf-8")
)
REGISTRY: Registry[Any] = Registry().with_resource("urn:esr", DRAFT202012.create_resource(CONTRACT))


def in_contract(path: str, method: str, status: int, answer: object) -> None:
    """Check an answer against what the document says of this operation and status."""
    response: dict[str, Any] = CONTRACT["paths"][path][method]["responses"][str(status)]
    if "$ref" in response:
        response = CONTRACT["components"]["responses"][response["$ref"].rpartition("/")[2]]
    schema = absolute(response["content"]["application/json"]["schema"])
    checker = Draft202012Validator.FORMAT_CHECKER
    Draft202012Validator(schema, registry=REGISTRY, format_checker=checker).validate(answer)


def absolute(schema: Any) -> Any:
    """A schema whose references into the document have its name."""
    if isinstance(schema, list):
        return [absolute(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {key: f"urn:esr{value}" if key == "$ref" else absolute(value) for key, value in schema.items()}

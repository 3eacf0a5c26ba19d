"""A prepared change of a DID, in words for whoever is to sign it: all that it does."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import Any

from signed_documents.did_documents import key_purpose_of
from signed_documents.encoding import JsonObject
from signed_documents.key_history import KeyUse
from signed_documents.webvh_entries import PreparedEntry

_SIGNS = {
    KeyUse.CREDENTIAL: "credentials in JSON-LD",
    KeyUse.RESOURCE: "credential definitions, status lists and statements",
    KeyUse.AUDIT: "the audit",
}
_TOLD = {"id", "verificationMethod", "assertionMethod", "authentication", "service", "alsoKnownAs"}


def described(prepared: PreparedEntry) -> list[str]:
    """What signing it does, a sentence a line. Raises `DocumentRefused` if the log before does not verify."""
    log = prepared.before()
    before = {} if log is None else log.document_json
    return [*_about(prepared, before), *_parameters(prepared), *_document(before, prepared.document)]


def _about(prepared: PreparedEntry, before: JsonObject) -> Iterator[str]:
    log, did = prepared.before(), str(prepared.document["id"])
    if log is None:
        yield f"Makes a new DID at https://{'/'.join(did.split(':')[3:])}."
        return
    yield f"Changes {log.did}."
    yield f"It would be entry {log.version_number + 1}; the last one is {log.version_id}, of {log.updated}."
    if did != before["id"]:
        yield f"MOVES the DID to https://{'/'.join(did.split(':')[3:])}."


def _parameters(prepared: PreparedEntry) -> Iterator[str]:
    for name, value in prepared.parameters.items():
        match name, value:
            case "deactivated", True:
                yield "ENDS THE DID FOR GOOD: nothing that it signed verifies any more."
            case "portable", True:
                yield "The DID may be moved to another place later."
            case "witness", {"threshold": threshold, "witnesses": witnesses}:
                names = ", ".join(str(each["id"]) for each in witnesses)
                yield f"From now on {threshold} of these must approve every entry: {names}."
            case "witness", _:
                yield "From now on nobody has to approve entries."
            case _:
                yield f"Sets {name} to {value!r}."


def _document(before: JsonObject, after: JsonObject) -> Iterator[str]:
    yield from _keys(before, after)
    yield from _services(before, after)
    yield from _compared("name", set(before.get("alsoKnownAs", [])), set(after.get("alsoKnownAs", [])))
    other = {name for name in {*before, *after} - _TOLD if before.get(name) != after.get(name)}
    if before and other:
        yield f"Changes of the document also: {', '.join(sorted(other))}."


def _keys(before: JsonObject, after: JsonObject) -> Iterator[str]:
    old, new = _by_name(before, "verificationMethod"), _by_name(after, "verificationMethod")
    for name in new:
        if name not in old:
            yield f"Adds the key {name}, which signs {_SIGNS[KeyUse(key_purpose_of(name))]}."
        elif old[name] != new[name]:
            yield f"REPLACES the key {name} by another of the same name."
    for name in old.keys() - new.keys():
        yield f"REMOVES the key {name}: what it signed does not verify any more."
    yield from _uses(before, after, old.keys(), new.keys())


def _uses(
    before: JsonObject, after: JsonObject, old: AbstractSet[str], new: AbstractSet[str]
) -> Iterator[str]:
    """Of keys that are new only what their names do not say."""
    for purpose, what in (("assertionMethod", "make assertions"), ("authentication", "answer for the DID")):
        had, has = _references(before, purpose), _references(after, purpose)
        for name in sorted((had - has) & new):
            yield f"The key {name} may not {what} any more."
        for name in sorted(has - had):
            if name in old or name not in new or key_purpose_of(name) == KeyUse.AUDIT:
                yield f"The key {name} may {what} from now on."


def _services(before: JsonObject, after: JsonObject) -> Iterator[str]:
    old, new = _by_name(before, "service"), _by_name(after, "service")
    for name, service in new.items():
        if old.get(name) != service:
            said = f"{name} ({service['type']}) at {service['serviceEndpoint']}"
            yield f"Changes a service to {said}." if name in old else f"Adds the service {said}."
    for name in old.keys() - new.keys():
        yield f"Removes the service {name}."


def _compared(what: str, before: set[str], after: set[str]) -> Iterator[str]:
    for added in sorted(after - before):
        yield f"Adds the {what} {added}."
    for removed in sorted(before - after):
        yield f"Removes the {what} {removed}."


def _by_name(document: JsonObject, member: str) -> dict[str, Any]:
    """By their names in the DID's own document. Raises `ValueError` for two of one name: one would hide."""
    found = document.get(member, [])
    named = {_name(document, each["id"]): _without_did(document, each) for each in found}
    if len(named) != len(found):
        raise ValueError("two of one name")
    return named


def _references(document: JsonObject, purpose: str) -> set[str]:
    return {_name(document, each) for each in document.get(purpose, [])}


def _name(document: JsonObject, identifier: object) -> str:
    """The fragment alone of what is the DID's own; all of anything else."""
    return str(identifier).removeprefix(f"{document['id']}#")


def _without_did(document: JsonObject, each: JsonObject) -> JsonObject:
    """So that what only moved is the same."""
    return {name: value for name, value in each.items() if name != "id" and value != document["id"]}

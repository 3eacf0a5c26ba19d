"""Which keys a DID's document has had, what each was for, and from when until when it signed."""

import json
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from signed_documents.did_documents import key_purpose_of
from signed_documents.encoding import JsonObject
from signed_documents.webvh_logs import VerifiedLog


class KeyUse(StrEnum):
    """What a key of an organisation's document signs."""

    CREDENTIAL = "credential"
    RESOURCE = "resource"
    AUDIT = "audit"


@dataclass(frozen=True, slots=True)
class DocumentKey:
    """A key in the document: `until` is when another took its place; None of one that signs now."""

    name: str  # the fragment
    use: KeyUse
    since: datetime
    until: datetime | None = None


def keys_in_document(log: VerifiedLog) -> tuple[DocumentKey, ...]:
    """Those in the newest document, in its order; what was removed is not there."""
    keys: dict[str, DocumentKey] = {}
    for entry in log.entries:
        line = json.loads(entry)
        moment = datetime.fromisoformat(line["versionTime"])
        signing = _signing(line["state"])
        for name in _names(line["state"]):
            key = keys.setdefault(name, DocumentKey(name, KeyUse(key_purpose_of(name)), moment))
            if key.until is None and name not in signing:
                keys[name] = replace(key, until=moment)
    return tuple(keys[name] for name in _names(log.document_json))


def _names(document: JsonObject) -> list[str]:
    return [method["id"].partition("#")[2] for method in document["verificationMethod"]]


def _signing(document: JsonObject) -> set[str]:
    """Those that answer for the organisation, and the newest of the audit, which stands last."""
    asserting = {name.partition("#")[2] for name in document["authentication"]}
    audit = [name for name in _names(document) if key_purpose_of(name) == KeyUse.AUDIT]
    return asserting | set(audit[-1:])

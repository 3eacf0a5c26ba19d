"""What a write did, and what every one begins with."""

import json
from enum import StrEnum

from signed_documents.encoding import JsonObject
from signed_documents.errors import DocumentRefused, Reason


class Outcome(StrEnum):
    """What a write did. Each may come twice: the second finds the document as it should be."""

    CREATED = "created"
    EXTENDED = "extended"
    UNCHANGED = "unchanged"
    REMOVED = "removed"


def json_object(text: bytes) -> JsonObject:
    """Raises `DocumentRefused`."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DocumentRefused(Reason.MALFORMED, "this is not JSON") from error
    if not isinstance(document, dict):
        raise DocumentRefused(Reason.MALFORMED, "this is not a JSON object")
    return document

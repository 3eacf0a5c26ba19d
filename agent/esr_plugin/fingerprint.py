"""What the audit keeps of a search, and of a person, instead of what says who it is."""

import hashlib
import hmac
import json

from agent.domain.names import normal
from agent.domain.ports.staff_records import SearchCriteria
from agent.domain.workforce import EmployeeNumber


def fingerprint(criteria: SearchCriteria, key: bytes) -> str:
    """A keyed hash of all inputs: equal searches have equal ones, and nobody without `key` can guess them.

    HMAC-SHA-256, in hex. `key` is kept outside the database.
    """
    inputs = [
        normal(criteria.surname),
        normal(criteria.forenames),
        criteria.date_of_birth.isoformat(),
        criteria.ni_number,
        criteria.number,
    ]
    return _keyed(json.dumps(inputs), key)


def person_fingerprint(number: EmployeeNumber, key: bytes) -> str:
    """A keyed hash of whom a record is of: whoever has only the salt would soon guess eight digits."""
    return _keyed(json.dumps({"employee_number": number}), key)


def _keyed(text: str, key: bytes) -> str:
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()

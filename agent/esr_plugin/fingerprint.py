"""What the audit keeps of a search instead of what was searched for."""

import hashlib
import hmac
import json

from agent.domain.ports.staff_records import SearchCriteria
from agent.esr_plugin.names import normal


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
    return hmac.new(key, json.dumps(inputs).encode(), hashlib.sha256).hexdigest()

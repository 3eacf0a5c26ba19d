"""`staff-passport audit verify`: what became of checking an audit, for people."""

import sys
from pathlib import Path

from staff_passport import audit_verification
from staff_passport.audit_verification import AuditRefused

REFUSED = 1
"""The exit code for an audit that does not hold."""


def verify(folder: Path, against: Path | None) -> int:
    """Check the audit in `folder`, say what was found, and return the exit code."""
    try:
        audit = audit_verification.verify(folder, against)
    except AuditRefused as refusal:
        where = "" if refusal.entry is None else f"entry {refusal.entry}: "
        sys.stderr.write(f"staff-passport: {folder.name}: {where}{refusal}\n")
        return REFUSED
    checkpoints = f"{audit.checkpoints} checkpoint{'' if audit.checkpoints == 1 else 's'}"
    sys.stdout.write(
        f"{folder.name}: {audit.entries} entries as they were signed, in {checkpoints},"
        f" the last at {audit.signed_at:%Y-%m-%d %H:%M:%S} UTC,\nby {audit.did}\n"
        f"with the keys that it had in version {audit.did_version}\n"
    )
    return 0

"""What BLS signatures raise."""

from enum import IntEnum

from indy_bls import IndyBlsError as IndyCryptoError  # noqa: F401


class ErrorCode(IntEnum):
    """The code on which Indy's nodes look."""

    CommonInvalidStructure = 113

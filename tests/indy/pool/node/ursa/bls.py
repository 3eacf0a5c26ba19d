"""BLS signatures."""

from indy_bls.bls import *  # noqa: F403

"""The second factor: codes of an authenticator app (RFC 6238), and recovery codes for when it is lost."""

import hashlib
import hmac
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import pyotp
from cryptography.fernet import Fernet

from portal.accounts import Account, Email, SecondFactor

STEP_SECONDS = 30
DIGITS = 6
STEPS_AROUND = 1
"""A phone's clock may be half a minute off."""
RECOVERY_CODES = 10
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
"""Without what is easily mistaken for another."""
ISSUER = "Staff Passport"


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What a person needs once, to set up their app and to keep for later."""

    uri: str
    encrypted_secret: bytes
    recovery_codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SecondFactors:
    """Makes secrets, and reads what people key."""

    key: Fernet

    def enrol(self, email: Email) -> Enrolment:
        """Make what one account needs."""
        secret = pyotp.random_base32()
        uri = pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)
        return Enrolment(uri, self.key.encrypt(secret.encode()), new_recovery_codes())

    def read(self, keyed: str, account: Account, now: datetime) -> SecondFactor | None:
        """What `keyed` proves, if anything; whether it was used before is for the account to say."""
        word = "".join(keyed.lower().split()).replace("-", "")
        if len(word) == DIGITS and word.isascii() and word.isdigit():
            return self._time_step(word, account, now)
        digest = recovery_digest(word)
        return SecondFactor(recovery_code=digest) if digest in account.recovery_codes else None

    def _time_step(self, code: str, account: Account, now: datetime) -> SecondFactor | None:
        totp = pyotp.TOTP(self.key.decrypt(account.totp_secret).decode())
        matching = [step for step in _steps(now) if hmac.compare_digest(totp.generate_otp(step), code)]
        return SecondFactor(totp_step=max(matching)) if matching else None


def new_recovery_codes() -> tuple[str, ...]:
    """Codes for when the app is lost."""
    return tuple(_recovery_code() for _ in range(RECOVERY_CODES))


def recovery_digest(code: str) -> str:
    """The hash that is kept of a recovery code. The codes are random, so a fast one is enough."""
    return hashlib.sha256(code.replace("-", "").encode()).hexdigest()


def _steps(now: datetime) -> Iterator[int]:
    current = int(now.timestamp()) // STEP_SECONDS
    yield from range(current - STEPS_AROUND, current + STEPS_AROUND + 1)


def _recovery_code() -> str:
    """Sixteen characters in four groups: 79 bits."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(4))

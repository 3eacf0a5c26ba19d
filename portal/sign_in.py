"""Signing in with a password and a second factor. One refusal for everything that is wrong."""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.accounts import Account, AccountId, Accounts, Email, Judged, LockOut, SecondFactor, judge
from portal.passwords import Passwords
from portal.second_factor import SecondFactors

ASSURANCE = "urn:staff-passport:acr:password-and-second-factor"
"""What agents are told of somebody who came in this way."""
NOBODY = AccountId("nobody")
"""No account has this id."""


class SignInRefused(Exception):
    """Not known, wrong, used before, or locked: which of them is told to nobody."""


class TooManyTries(Exception):
    """From one address, whoever it tried to be."""

    def __init__(self, retry_after: timedelta) -> None:
        super().__init__("too many tries to sign in from one address")
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Tried:
    """What somebody sent to sign in."""

    email: Email
    password: str
    code: str
    address: str


@dataclass(frozen=True, slots=True)
class AddressLimit:
    """How many tries one address has in `within`; addresses are kept as keyed hashes."""

    tries: int
    within: timedelta
    key: bytes

    def digest(self, address: str) -> str:
        """What is kept of an address."""
        return hmac.digest(self.key, b"address:" + address.encode(), hashlib.sha256).hex()


@dataclass(frozen=True, slots=True)
class SignIn:
    """Lets people in."""

    accounts: Accounts
    passwords: Passwords
    second_factors: SecondFactors
    lock_out: LockOut
    address_limit: AddressLimit
    now: Callable[[], datetime]

    async def sign_in(self, tried: Tried) -> AccountId:
        """The account that was opened. Raises `SignInRefused` or `TooManyTries`."""
        await self.require_within_limit(tried.address)
        account = await self.accounts.by_email(tried.email)
        right = await self.passwords.is_right(
            tried.password, None if account is None else account.password_hash
        )
        known = NOBODY if account is None else account.id  # who is unknown takes the same way
        if not await self.accounts.decide(known, lambda current: self._judge(current, tried, right=right)):
            raise SignInRefused
        return known

    def _judge(self, account: Account, tried: Tried, *, right: bool) -> Judged:
        now = self.now()
        second: SecondFactor | None = self.second_factors.read(tried.code, account, now)
        return judge(account, second, password_right=right, lock_out=self.lock_out, now=now)

    async def require_within_limit(self, address: str) -> None:
        """Count one try from an address, by whichever way. Raises `TooManyTries`."""
        now, limit = self.now(), self.address_limit
        if await self.accounts.count_try(limit.digest(address), now - limit.within, now) > limit.tries:
            raise TooManyTries(limit.within)

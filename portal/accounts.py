"""Sign-in accounts: what somebody must know and have, and when an account is locked."""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NewType

AccountId = NewType("AccountId", str)
Email = NewType("Email", str)
"""In lower case; agents know the person by it."""

EMAIL = re.compile(r"[^\s@]{1,64}@[^\s@.]{1,63}(\.[^\s@.]{1,63}){1,4}")
"""Enough of an address to know somebody by."""


@dataclass(frozen=True, slots=True)
class Account:
    """How one person signs in here: nothing of it is about their employment."""

    id: AccountId
    email: Email
    password_hash: str
    totp_secret: bytes
    """Encrypted with the key of the settings."""
    totp_step: int = 0
    """The newest time step of which a code was used: none of it or before counts again."""
    recovery_codes: frozenset[str] = frozenset()
    """The hashes of those that are left."""
    wrong_tries: int = 0
    locked_until: datetime | None = None

    def is_locked(self, now: datetime) -> bool:
        """Whether nothing opens the account yet."""
        return self.locked_until is not None and now < self.locked_until


@dataclass(frozen=True, slots=True)
class LockOut:
    """How many wrong tries in a row lock an account, and for how long."""

    wrong_tries: int
    lasts: timedelta


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """What a second factor proved: a time step of the authenticator app, or one recovery code."""

    totp_step: int | None = None
    recovery_code: str | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """The account as it is after a try, and whether the try opens it."""

    account: Account
    accepted: bool


def judge(
    account: Account, second: SecondFactor | None, *, password_right: bool, lock_out: LockOut, now: datetime
) -> Judged:
    """Decide on one try. While an account is locked nothing opens it, and no try counts."""
    if account.is_locked(now):
        return Judged(account, accepted=False)
    if password_right and second is not None and _is_unused(account, second):
        return Judged(_used(account, second), accepted=True)
    return Judged(_one_more_wrong(account, lock_out, now), accepted=False)


def _is_unused(account: Account, second: SecondFactor) -> bool:
    if second.totp_step is not None:
        return second.totp_step > account.totp_step
    return second.recovery_code in account.recovery_codes


def _used(account: Account, second: SecondFactor) -> Account:
    opened = replace(account, wrong_tries=0, locked_until=None)
    if second.totp_step is not None:
        return replace(opened, totp_step=second.totp_step)
    return replace(opened, recovery_codes=account.recovery_codes - {second.recovery_code or ""})


def _one_more_wrong(account: Account, lock_out: LockOut, now: datetime) -> Account:
    wrong = account.wrong_tries + 1
    if wrong < lock_out.wrong_tries:
        return replace(account, wrong_tries=wrong, locked_until=None)
    return replace(account, wrong_tries=0, locked_until=now + lock_out.lasts)


class Accounts(ABC):
    """Who may sign in."""

    @abstractmethod
    async def by_email(self, email: Email) -> Account | None:
        """The account, if there is one."""

    @abstractmethod
    async def by_id(self, account: AccountId) -> Account | None:
        """The account, if it is one that signs in here."""

    @abstractmethod
    async def decide(self, account: AccountId, decision: Callable[[Account], Judged]) -> bool:
        """Keep what `decision` makes of the account, one try at a time; whether the account was opened."""

    @abstractmethod
    async def count_try(self, address: str, since: datetime, now: datetime) -> int:
        """Count one try from `address`, and say how many there were since."""

"""What somebody changes of how they sign in here themselves."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from cryptography.fernet import Fernet, InvalidToken

from portal.accounts import Account, AccountId, Accounts, Judged, LockOut, judge
from portal.passwords import Passwords
from portal.second_factor import SecondFactors, new_recovery_codes, recovery_digest
from portal.sessions import Session
from portal.sign_in import SignInRefused

RECENT = timedelta(minutes=15)
"""How long after signing in somebody may change what opens their account."""
CODES_KEPT = timedelta(minutes=30)
"""How long new recovery codes wait for their owner to have kept them."""


@dataclass(frozen=True, slots=True)
class NewCodes:
    """Recovery codes that count once their owner has said that they are kept."""

    codes: tuple[str, ...]
    sealed: str
    """Their hashes and whose they are, as our own form brings them back."""


class CodesNotOurs(Exception):
    """What a form brought back was not made for this person, or long ago."""


@dataclass(frozen=True, slots=True)
class OwnSignIn:
    """Changes a person's own password and recovery codes."""

    accounts: Accounts
    passwords: Passwords
    second_factors: SecondFactors
    lock_out: LockOut
    seal: Fernet
    now: Callable[[], datetime]

    def is_recent(self, session: Session) -> bool:
        """Whether it is the owner still, and nobody who found their browser open."""
        return self.now() - session.proof.at < RECENT

    async def account(self, account: AccountId) -> Account | None:
        """How they sign in here, if they do."""
        return await self.accounts.by_id(account)

    async def change_password(self, account: AccountId, *, old: str, code: str, new: str) -> None:
        """Keep another password. A wrong try counts as one to sign in. Raises `SignInRefused`."""
        known = await self.accounts.by_id(account)
        right = await self.passwords.is_right(old, None if known is None else known.password_hash)
        hashed = await self.passwords.hash_aside(new)

        def decision(current: Account) -> Judged:
            # Somebody else may have changed it since it was read.
            unchanged = known is not None and current.password_hash == known.password_hash
            return self._with_password(current, hashed, code, right=right and unchanged)

        if not await self.accounts.decide(account, decision):
            raise SignInRefused

    def _with_password(self, account: Account, hashed: str, code: str, *, right: bool) -> Judged:
        now = self.now()
        second = self.second_factors.read(code, account, now)
        judged = judge(account, second, password_right=right, lock_out=self.lock_out, now=now)
        if not judged.accepted:
            return judged
        return Judged(replace(judged.account, password_hash=hashed), accepted=True)

    def new_codes(self, account: AccountId) -> NewCodes:
        """Recovery codes to be kept by their owner; those before count until then."""
        codes = new_recovery_codes()
        said = {"account": account, "codes": [recovery_digest(code) for code in codes]}
        return NewCodes(codes, self.seal.encrypt(json.dumps(said).encode()).decode())

    async def keep_codes(self, account: AccountId, sealed: str) -> None:
        """From now on these count, and none before. Raises `CodesNotOurs`."""
        digests = self._opened(account, sealed)
        await self.accounts.decide(
            account, lambda current: Judged(replace(current, recovery_codes=digests), accepted=True)
        )

    def _opened(self, account: AccountId, sealed: str) -> frozenset[str]:
        try:
            told = json.loads(self.seal.decrypt(sealed.encode(), ttl=int(CODES_KEPT.total_seconds())))
        except (InvalidToken, ValueError) as error:
            raise CodesNotOurs from error
        if not isinstance(told, dict) or told.get("account") != account:
            raise CodesNotOurs
        return frozenset(map(str, told["codes"]))

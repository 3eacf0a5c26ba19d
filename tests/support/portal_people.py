"""Sign-in without a database: accounts and sessions in memory, as the portal's ports have them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pyotp
from argon2 import PasswordHasher
from cryptography.fernet import Fernet

from portal.accounts import Account, AccountId, Accounts, Email, Judged, LockOut
from portal.attempts import Attempt, AttemptDigest, KeptAttempts
from portal.openid.person import ProvenPerson
from portal.openid.refusals import NotSignedInThere, Reason
from portal.openid.service import KnownPeople
from portal.own_sign_in import OwnSignIn
from portal.passkeys import KeptPasskeys, Owner, Passkey, PasskeyId
from portal.passwords import Passwords
from portal.second_factor import SecondFactors, recovery_digest
from portal.sessions import KeptSessions, Session, TokenDigest
from portal.sign_in import AddressLimit, SignIn, Tried

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
EMAIL = Email("ottilie@northmoor.example")
PASSWORD = "a password of a made-up person"
RECOVERY_CODES = ("aaaa-bbbb-cccc-dddd", "eeee-ffff-gggg-hhhh")
STEP = timedelta(seconds=30)


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


class AccountsInMemory(Accounts):
    """Who may sign in, and from where it was tried."""

    def __init__(self, *accounts: Account) -> None:
        self.all = {account.id: account for account in accounts}
        self.tries: list[tuple[str, datetime]] = []

    async def by_email(self, email: Email) -> Account | None:
        return next((each for each in self.all.values() if each.email == email), None)

    async def by_id(self, account: AccountId) -> Account | None:
        return self.all.get(account)

    async def decide(self, account: AccountId, decision: Callable[[Account], Judged]) -> bool:
        if account not in self.all:
            return False
        judged = decision(self.all[account])
        self.all[account] = judged.account
        return judged.accepted

    async def count_try(self, address: str, since: datetime, now: datetime) -> int:
        self.tries.append((address, now))
        return sum(1 for tried, at in self.tries if tried == address and at >= since)


class SessionsInMemory(KeptSessions):
    """Who is signed in."""

    def __init__(self) -> None:
        self.all: dict[TokenDigest, Session] = {}

    async def add(self, session: Session) -> None:
        self.all[session.digest] = session

    async def find(self, digest: TokenDigest) -> Session | None:
        return self.all.get(digest)

    async def keep(self, session: Session) -> None:
        if session.digest in self.all:
            self.all[session.digest] = session

    async def remove(self, digest: TokenDigest) -> None:
        self.all.pop(digest, None)

    async def remove_all_of(self, account: AccountId) -> None:
        self.all = {digest: each for digest, each in self.all.items() if each.account != account}

    async def remove_ended(self, *, seen_before: datetime, signed_in_before: datetime) -> None:
        for digest, each in list(self.all.items()):
            if each.seen_at < seen_before or each.signed_in_at < signed_in_before:
                del self.all[digest]


class AttemptsInMemory(KeptAttempts):
    """What is under way."""

    def __init__(self) -> None:
        self.all: dict[AttemptDigest, Attempt] = {}

    async def add(self, attempt: Attempt, *, now: datetime) -> None:
        self.all[attempt.digest] = attempt

    async def take(self, digest: AttemptDigest) -> Attempt | None:
        return self.all.pop(digest, None)


class PasskeysInMemory(KeptPasskeys):
    """Everybody's passkeys."""

    def __init__(self) -> None:
        self.all: dict[PasskeyId, Passkey] = {}

    async def of(self, account: AccountId) -> list[Passkey]:
        return [each for each in self.all.values() if each.account == account]

    async def add(self, passkey: Passkey) -> bool:
        return self.all.setdefault(passkey.id, passkey) is passkey

    async def use(self, passkey: PasskeyId, used: Callable[[Passkey], Passkey]) -> Owner | None:
        if passkey not in self.all:
            return None
        self.all[passkey] = used(self.all[passkey])
        return Owner(self.all[passkey].account, EMAIL)

    async def remove(self, account: AccountId, passkey: PasskeyId) -> None:
        if passkey in self.all and self.all[passkey].account == account:
            del self.all[passkey]


class PeopleInMemory(KnownPeople):
    """Who came from providers."""

    def __init__(self) -> None:
        self.all: dict[Email, ProvenPerson] = {}

    async def admit(self, person: ProvenPerson, at: datetime) -> AccountId:
        if self.all.setdefault(person.email, person).subject != person.subject:
            raise NotSignedInThere(Reason.ANOTHER_SUBJECT)
        return AccountId(f"account of {person.email}")


class Door:
    """Signing in, and one person who may."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.app = pyotp.TOTP(pyotp.random_base32())
        factors = SecondFactors(Fernet(Fernet.generate_key()))
        passwords = Passwords(PasswordHasher(time_cost=1, memory_cost=64))
        self.account = Account(
            AccountId("account-1"),
            EMAIL,
            passwords.hash(PASSWORD),
            factors.key.encrypt(self.app.secret.encode()),
            recovery_codes=frozenset(map(recovery_digest, RECOVERY_CODES)),
        )
        self.accounts = AccountsInMemory(self.account)
        limit = AddressLimit(20, timedelta(minutes=5), b"a key")
        lock_out = LockOut(3, timedelta(minutes=15))
        self.sign_in = SignIn(self.accounts, passwords, factors, lock_out, limit, self.clock)
        self.own = OwnSignIn(self.accounts, passwords, factors, lock_out, factors.key, self.clock)

    def code(self, *, later: timedelta = timedelta()) -> str:
        """What the authenticator app shows."""
        return self.app.at(self.clock.now + later)

    async def comes(self, **changed: str) -> AccountId:
        """Somebody tries to sign in: rightly, but for what the test says."""
        tried = Tried(EMAIL, PASSWORD, self.code(), "192.0.2.7")
        if "email" in changed:
            changed["email"] = Email(changed["email"])
        return await self.sign_in.sign_in(replace(tried, **changed))  # type: ignore[arg-type]  # each is text

"""The ways to sign in, made of what the settings say."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import aiohttp
from cryptography.fernet import Fernet

from portal.accounts import LockOut
from portal.attempts import Attempts
from portal.database import Database
from portal.openid.client import ProviderClient
from portal.openid.discovery import Discovery
from portal.openid.fetching import Fetching, HttpFetching
from portal.openid.service import ProviderSignIn
from portal.own_sign_in import OwnSignIn
from portal.passkey_records import PasskeyRecords
from portal.passkeys import Passkeys, RelyingParty
from portal.passwords import Passwords
from portal.records import AccountRecords, AttemptRecords, PeopleOfProviders
from portal.second_factor import SecondFactors
from portal.settings import Settings
from portal.sign_in import AddressLimit, SignIn
from portal.sign_in_settings import Provider


@dataclass(frozen=True, slots=True)
class WaysIn:
    """All of them, over one database."""

    local: SignIn
    own: OwnSignIn
    passkeys: Passkeys
    providers: ProviderSignIn

    @classmethod
    def of(
        cls,
        settings: Settings,
        database: Database,
        session: aiohttp.ClientSession,
        passwords: Passwords,
        now: Callable[[], datetime],
    ) -> "WaysIn":
        """As the settings say."""
        told, seal = settings.sign_in, Fernet(settings.totp_key.get_secret_value())
        key = settings.form_key.get_secret_value().encode()
        accounts, factors = AccountRecords(database), SecondFactors(seal)
        lock_out = LockOut(told.wrong_tries, timedelta(minutes=told.locked_minutes))
        limit = AddressLimit(told.tries_per_address, timedelta(minutes=told.address_minutes), key)
        attempts = Attempts(AttemptRecords(database), key, now)
        fetching = HttpFetching(session, aiohttp.ClientTimeout(total=told.provider_seconds))
        clients = {
            name: _client(name, provider, settings.origin, fetching, now)
            for name, provider in told.providers.items()
        }
        return cls(
            SignIn(accounts, passwords, factors, lock_out, limit, now),
            OwnSignIn(accounts, passwords, factors, lock_out, seal, now),
            Passkeys(RelyingParty(settings.origin), attempts, PasskeyRecords(database), now),
            ProviderSignIn(clients, attempts, PeopleOfProviders(database)),
        )


def _client(
    name: str, provider: Provider, origin: str, fetching: Fetching, now: Callable[[], datetime]
) -> ProviderClient:
    # One address for each provider, so that the answer of one is never taken for another's (RFC 9700, 4.4).
    back = f"{origin}/sign-in/back/{name}"
    return ProviderClient(provider, back, Discovery(provider, fetching, now), fetching, now)

"""Passkeys (WebAuthn, level 2): something that a person has, which asks who uses it: two factors in one."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from ipaddress import ip_address
from typing import NewType

import webauthn
from webauthn.helpers import base64url_to_bytes
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from yarl import URL

from portal.accounts import AccountId, Email
from portal.attempts import Attempts, AttemptToken

ASSURANCE = "urn:staff-passport:acr:passkey"
"""What agents are told of somebody who came in by one."""
SHOWN_AS = "Staff Passport"
TO_SIGN_IN = "sign in with a passkey"
MOST = 20
"""How many an account may have."""
REQUIRED = UserVerificationRequirement.REQUIRED

PasskeyId = NewType("PasskeyId", bytes)


class PasskeyRefused(Exception):
    """Not known, not for us, not for this browser, used before, or nobody was asked who they are."""


@dataclass(frozen=True, slots=True)
class Passkey:
    """One of somebody's."""

    id: PasskeyId
    account: AccountId
    name: str
    public_key: bytes
    sign_count: int
    """How often it signed, as it says itself; it stays 0 for those that do not count."""
    made_at: datetime
    used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose a passkey is."""

    account: AccountId
    email: Email


class KeptPasskeys(ABC):
    """Where they are kept."""

    @abstractmethod
    async def of(self, account: AccountId) -> list[Passkey]:
        """Somebody's, the oldest first."""

    @abstractmethod
    async def add(self, passkey: Passkey) -> bool:
        """Keep one more; whether nobody has it already."""

    @abstractmethod
    async def use(self, passkey: PasskeyId, used: Callable[[Passkey], Passkey]) -> Owner | None:
        """Keep what `used` makes of it, one use at a time; whose it is, if there is such a one."""

    @abstractmethod
    async def remove(self, account: AccountId, passkey: PasskeyId) -> None:
        """Forget one of somebody's."""


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """Who we are to a browser."""

    origin: str

    @property
    def id(self) -> str | None:
        """The host of our address; none where that is a number, for which browsers keep no passkeys."""
        host = URL(self.origin).host or ""
        try:
            ip_address(host)
        except ValueError:
            return host
        return None


@dataclass(frozen=True, slots=True)
class Asked:
    """What a browser is asked, in the JSON that it takes, and the token that it keeps until it answers."""

    options: str
    token: AttemptToken


@dataclass(frozen=True, slots=True)
class Passkeys:
    """Adds passkeys, and lets people in by them."""

    party: RelyingParty
    attempts: Attempts
    kept: KeptPasskeys
    now: Callable[[], datetime]

    @property
    def are_possible(self) -> bool:
        """Whether browsers keep any for our address."""
        return self.party.id is not None

    async def ask_to_sign_in(self) -> Asked:
        """Ask for whichever the person has for us."""
        token = await self.attempts.begin(TO_SIGN_IN)
        options = webauthn.generate_authentication_options(
            rp_id=self._party_id(), challenge=self._challenge(token), user_verification=REQUIRED
        )
        return Asked(webauthn.options_to_json(options), token)

    async def sign_in(self, token: AttemptToken | None, answer: str) -> Owner:
        """Whom it lets in; an account that is locked, too. Raises `PasskeyRefused`."""
        challenge = await self._asked_with(token, TO_SIGN_IN)
        try:
            credential = webauthn.helpers.parse_authentication_credential_json(answer)
            owner = await self.kept.use(
                PasskeyId(credential.raw_id), lambda passkey: self._used(passkey, answer, challenge)
            )
        except (WebAuthnException, ValueError) as error:
            raise PasskeyRefused(type(error).__name__) from error
        handle = credential.response.user_handle
        if owner is None or handle != owner.account.encode():
            raise PasskeyRefused("unknown")
        return owner

    async def ask_to_add(self, owner: Owner) -> Asked:
        """Ask for a new one, that is not on a device which has one already."""
        token = await self.attempts.begin(_to_add(owner.account))
        options = webauthn.generate_registration_options(
            rp_id=self._party_id(),
            rp_name=SHOWN_AS,
            user_id=owner.account.encode(),
            user_name=owner.email,
            challenge=self._challenge(token),
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED, user_verification=REQUIRED
            ),
            exclude_credentials=[
                PublicKeyCredentialDescriptor(id=each.id) for each in await self.kept.of(owner.account)
            ],
        )
        return Asked(webauthn.options_to_json(options), token)

    async def add(self, token: AttemptToken | None, answer: str, owner: Owner, name: str) -> None:
        """Keep a new one. Raises `PasskeyRefused`."""
        challenge = await self._asked_with(token, _to_add(owner.account))
        if len(await self.kept.of(owner.account)) >= MOST:
            raise PasskeyRefused("too_many")
        passkey = self._made(answer, challenge, owner.account, name)
        if not await self.kept.add(passkey):
            raise PasskeyRefused("known")

    def _made(self, answer: str, challenge: bytes, account: AccountId, name: str) -> Passkey:
        try:
            made = webauthn.verify_registration_response(
                credential=answer,
                expected_challenge=challenge,
                expected_rp_id=self._party_id(),
                expected_origin=self.party.origin,
                require_user_verification=True,
            )
        except (WebAuthnException, ValueError) as error:
            raise PasskeyRefused(type(error).__name__) from error
        identifier, key = PasskeyId(made.credential_id), made.credential_public_key
        return Passkey(identifier, account, name, key, made.sign_count, self.now())

    def _used(self, passkey: Passkey, answer: str, challenge: bytes) -> Passkey:
        """The passkey after this use. Raises `WebAuthnException`; also when it counts back, as copies do."""
        seen = webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=self._party_id(),
            expected_origin=self.party.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
        return replace(passkey, sign_count=seen.new_sign_count, used_at=self.now())

    async def _asked_with(self, token: AttemptToken | None, purpose: str) -> bytes:
        if token is None or await self.attempts.take(token, purpose) is None:
            raise PasskeyRefused("not_asked_here")
        return self._challenge(token)

    def _challenge(self, token: AttemptToken) -> bytes:
        return base64url_to_bytes(self.attempts.secret(token, "challenge"))

    def _party_id(self) -> str:
        if self.party.id is None:
            raise PasskeyRefused("not_possible_here")
        return self.party.id


def _to_add(account: AccountId) -> str:
    return f"add a passkey to {account}"


def passkey_id(text: str) -> PasskeyId | None:
    """An id as pages write it, if it is one."""
    try:
        return PasskeyId(bytes.fromhex(text))
    except ValueError:
        return None

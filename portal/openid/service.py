"""Signing in at a provider: begun in one browser, finished in the same, once."""

import hmac
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from portal.accounts import AccountId, Email
from portal.attempts import Attempts, AttemptToken
from portal.openid.client import ProviderClient, Secrets
from portal.openid.person import ProvenPerson
from portal.openid.refusals import NotSignedInThere, Reason
from portal.sessions import Proof


@dataclass(frozen=True, slots=True)
class Leaving:
    """Where the browser goes, and what it keeps until it is back."""

    address: str
    token: AttemptToken


@dataclass(frozen=True, slots=True)
class Arrived:
    """Somebody came back signed in."""

    account: AccountId
    email: Email
    proof: Proof
    to: str


class KnownPeople(ABC):
    """Who came from providers before."""

    @abstractmethod
    async def admit(self, person: ProvenPerson, at: datetime) -> AccountId:
        """The account of the person's address, made if there is none.

        Raises `NotSignedInThere` when the same provider called another subject by that address before: an
        address that was given to somebody else does not bring what its first owner had.
        """


@dataclass(frozen=True, slots=True)
class ProviderSignIn:
    """The providers that the settings name."""

    clients: Mapping[str, ProviderClient]
    attempts: Attempts
    people: KnownPeople

    async def begin(self, provider: str, to: str, *, again: bool) -> Leaving:
        """Send a browser there. Raises `NotSignedInThere`."""
        token = await self.attempts.begin(_purpose(provider), to)
        address = await self.clients[provider].authorization_address(self._secrets(token), again=again)
        return Leaving(address, token)

    async def finish(self, provider: str, token: AttemptToken | None, answer: Mapping[str, str]) -> Arrived:
        """Let in whom the provider signed in. Raises `NotSignedInThere`."""
        attempt = await self.attempts.take(token, _purpose(provider))
        if attempt is None or token is None:
            raise NotSignedInThere(Reason.NOT_BEGUN_HERE)
        client, secrets = self.clients[provider], self._secrets(token)
        if not hmac.compare_digest(answer.get("state", "").encode(), secrets.state.encode()):
            raise NotSignedInThere(Reason.NOT_BEGUN_HERE, "state")
        await client.require_issuer(answer.get("iss"))
        person = await client.person(_code(answer), secrets)
        account = await self.people.admit(person, client.now())
        return Arrived(account, person.email, _proof(provider, client, person), attempt.to)

    async def sign_out_address(self, provider: str, back_to: str) -> str | None:
        """Where the browser signs out there as well; nowhere, when the provider does not say."""
        client = self.clients.get(provider)
        try:
            return None if client is None else await client.sign_out_address(back_to)
        except NotSignedInThere:
            return None

    def _secrets(self, token: AttemptToken) -> Secrets:
        state, nonce, verifier = (self.attempts.secret(token, use) for use in ("state", "nonce", "pkce"))
        return Secrets(state, nonce, verifier)


def _purpose(provider: str) -> str:
    return f"provider {provider}"


def _code(answer: Mapping[str, str]) -> str:
    error, code = answer.get("error"), answer.get("code")
    if error in {"temporarily_unavailable", "server_error"}:
        raise NotSignedInThere(Reason.UNAVAILABLE, error)
    if error == "unmet_authentication_requirements":
        raise NotSignedInThere(Reason.TOO_WEAK, error)
    if error == "access_denied":
        raise NotSignedInThere(Reason.CANCELLED)
    if error is not None or not code:
        raise NotSignedInThere(Reason.NOT_UNDERSTOOD, "answer_without_code")
    return code


def _proof(provider: str, client: ProviderClient, person: ProvenPerson) -> Proof:
    told = client.provider.assurance.told_agents or f"urn:staff-passport:acr:{provider}"
    return Proof(told, person.authenticated_at, provider)

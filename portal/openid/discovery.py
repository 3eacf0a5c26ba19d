"""What a provider says of itself (OpenID Connect Discovery 1.0): its endpoints and its keys."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, KeySet, RSAKey, import_key
from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError
from yarl import URL

from portal.openid.fetching import Fetching
from portal.openid.refusals import NotSignedInThere, Reason
from portal.sections import origin, safe_address
from portal.sign_in_settings import Provider

WELL_KNOWN = "/.well-known/openid-configuration"
KEPT_FOR = timedelta(hours=1)
KEYS_ASKED_EVERY = timedelta(seconds=30)
"""How soon keys are asked for again, when a token names one that we do not know."""
MOST_KEYS = 50

Endpoint = Annotated[str, AfterValidator(safe_address)]


class Metadata(BaseModel):
    """What we read of it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    issuer: str
    authorization_endpoint: Endpoint
    token_endpoint: Endpoint
    jwks_uri: Endpoint
    userinfo_endpoint: Endpoint | None = None
    end_session_endpoint: Endpoint | None = None
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)
    authorization_response_iss_parameter_supported: bool = False


def read_metadata(told: Mapping[str, object], provider: Provider) -> Metadata:
    """The provider's own, and no other's. Raises `NotSignedInThere`."""
    try:
        metadata = Metadata.model_validate(told)
    except ValidationError as error:
        raise NotSignedInThere(Reason.NOT_UNDERSTOOD, "metadata_unreadable") from error
    if metadata.issuer != provider.issuer:
        raise NotSignedInThere(Reason.NOT_UNDERSTOOD, "metadata_of_another_issuer")
    pages = (metadata.authorization_endpoint, metadata.end_session_endpoint)
    # The policy of our pages lets forms lead there and nowhere else.
    if any(page is not None and _origin(page) != provider.pages_origin for page in pages):
        raise NotSignedInThere(Reason.NOT_UNDERSTOOD, "pages_at_another_origin")
    return metadata


def read_keys(told: Mapping[str, object]) -> KeySet:
    """The public keys that sign; others are passed over. Raises `NotSignedInThere` when none is left."""
    entries = told.get("keys")
    found = entries[:MOST_KEYS] if isinstance(entries, list) else []
    keys = [key for each in found if (key := _signing_key(each)) is not None]
    if not keys:
        raise NotSignedInThere(Reason.NOT_UNDERSTOOD, "no_keys")
    return KeySet(keys)


def _signing_key(told: object) -> Key | None:
    if not isinstance(told, dict) or told.get("use", "sig") != "sig":
        return None
    try:
        key = import_key(told)
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    return key if isinstance(key, RSAKey | ECKey) else None


def _origin(address: str) -> str:
    return origin(str(URL(address).origin()))


@dataclass(frozen=True, slots=True)
class _Known:
    metadata: Metadata
    keys: KeySet
    at: datetime
    keys_at: datetime


class Discovery:
    """One provider's word of itself, kept for a while; a failure is not kept."""

    def __init__(self, provider: Provider, fetching: Fetching, now: Callable[[], datetime]) -> None:
        self._provider, self._fetching, self._now = provider, fetching, now
        self._known: _Known | None = None

    async def metadata(self) -> Metadata:
        """Its endpoints. Raises `NotSignedInThere`."""
        return (await self._current()).metadata

    async def keys(self, *, named: str | None) -> KeySet:
        """Its keys; asked for anew when `named` is not among them. Raises `NotSignedInThere`."""
        known = await self._current()
        if named is None or any(key.kid == named for key in known.keys):
            return known.keys
        return (await self._with_newer_keys(known)).keys

    async def _current(self) -> _Known:
        # Several may ask at once: nobody waits for another who waits for a provider that is away.
        known = self._known
        if known is None or self._now() - known.at >= KEPT_FOR:
            known = self._known = await self._read()
        return known

    async def _read(self) -> _Known:
        told = await self._fetching.get(self._provider.issuer.rstrip("/") + WELL_KNOWN)
        metadata = read_metadata(told, self._provider)
        keys, now = read_keys(await self._fetching.get(metadata.jwks_uri)), self._now()
        return _Known(metadata, keys, now, now)

    async def _with_newer_keys(self, known: _Known) -> _Known:
        if self._now() - known.keys_at >= KEYS_ASKED_EVERY:
            keys = read_keys(await self._fetching.get(known.metadata.jwks_uri))
            known = self._known = _Known(known.metadata, keys, known.at, self._now())
        return known

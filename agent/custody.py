"""Tokens for the organisations of a shared agent: made on its own machine, when two custodians have agreed.

Whoever has such a token is let in as that organisation's program (what they may do there is another question,
which their assertions answer). So no route makes one, and nobody makes one alone.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import jwt
from acapy_agent.config.injection_context import InjectionContext
from acapy_agent.config.wallet import wallet_config
from acapy_agent.core.profile import Profile, ProfileManager, ProfileManagerProvider
from acapy_agent.multitenant.single_wallet_askar_manager import SingleWalletAskarMultitenantManager

from agent.audit.chain import AuditChain
from agent.domain.errors import NotFound, Refusal, Refused
from agent.domain.workforce import OdsCode
from agent.organisation.records import UsedAssertions
from agent.process import acapy_settings
from agent.settings import OwnSections, Settings
from agent.store.engine import Store
from agent.tenants import wallet_of

TYPE = "staff-passport-custody+jwt"
LIFE = timedelta(hours=1)
CUSTODIANS = 2


@dataclass(frozen=True, slots=True)
class Agreement:
    """That one custodian agreed to a token for one organisation, lately."""

    custodian: str
    id: str
    expires_at: datetime


def agree(organisation: str, name: str, private_pem: str) -> str:
    """A custodian's agreement, to be used within the hour, once. Raises `ValueError` for what is no key."""
    now = datetime.now(UTC)
    claims = {"iss": name, "org": organisation, "iat": now, "exp": now + LIFE, "jti": uuid4().hex}
    return jwt.encode(claims, private_pem, algorithm="EdDSA", headers={"kid": name, "typ": TYPE})


def verified(
    agreements: Sequence[str], organisation: OdsCode, custodians: Mapping[str, str]
) -> Sequence[Agreement]:
    """The agreements of two different custodians. Raises `Refused` for anything less."""
    found = [_verified(text, organisation, custodians) for text in agreements]
    if len({each.custodian for each in found}) < CUSTODIANS:
        raise _refused("custodians_missing", "Two different custodians have to agree.")
    return found


def _verified(text: str, organisation: OdsCode, custodians: Mapping[str, str]) -> Agreement:
    try:
        header = jwt.get_unverified_header(text)
        name = str(header.get("kid"))
        if header.get("typ") != TYPE or name not in custodians:
            raise _refused("custodian_unknown", "An agreement is of nobody who is a custodian.")
        claims = jwt.decode(
            text,
            custodians[name],
            algorithms=["EdDSA"],
            issuer=name,
            options={"require": ["iss", "org", "iat", "exp", "jti"]},
        )
    except jwt.PyJWTError as error:
        raise _refused(
            "agreement_refused", f"An agreement does not verify: {type(error).__name__}."
        ) from error
    expires = datetime.fromtimestamp(claims["exp"], UTC)
    lives_too_long = expires - datetime.fromtimestamp(claims["iat"], UTC) > LIFE
    if claims["org"] != organisation or lives_too_long:
        raise _refused("agreement_refused", "An agreement is for another organisation, or lives too long.")
    return Agreement(name, str(claims["jti"]), expires)


def make_token(settings: Settings, organisation: str, agreements: Sequence[str]) -> str:
    """A token for an organisation of this agent; the one before ends.

    Raises `Refused` without two custodians' agreement, `NotFound` for an organisation that the agent does not
    speak for, or has not met yet: it has to have been started with it.
    """
    return asyncio.run(_make_token(settings, OdsCode(organisation), agreements))


async def _make_token(settings: Settings, organisation: OdsCode, agreements: Sequence[str]) -> str:
    own = _own(settings, organisation)
    agreed = verified(agreements, organisation, settings.shared.custodians if settings.shared else {})
    store = Store.at(settings.database.url.get_secret_value())
    salt = own.organisation.audit_salt.get_secret_value().encode()
    actor = "custodians:" + "+".join(sorted({each.custodian for each in agreed}))
    try:
        async with AuditChain(store, organisation, salt).recording(
            "make tenant token", actor=actor, subject=organisation
        ):
            used = UsedAssertions(store, organisation)
            if not all([await used.use(each.id, until=each.expires_at) for each in agreed]):
                raise _refused("agreement_used", "An agreement was used before.")
            return await _token(settings, organisation)
    finally:
        await store.dispose()


async def _token(settings: Settings, organisation: OdsCode) -> str:
    context = InjectionContext(settings=dict(acapy_settings(settings)))
    context.injector.bind_provider(ProfileManager, ProfileManagerProvider())
    root: Profile
    root, _ = await wallet_config(context)
    try:
        record = await wallet_of(root, organisation)
        if record is None:
            raise NotFound("The agent has to be started once with this organisation.")
        return str(await SingleWalletAskarMultitenantManager(root).create_auth_token(record))
    finally:
        await root.close()


def _own(settings: Settings, organisation: OdsCode) -> OwnSections:
    if settings.shared is None:
        raise NotFound("This agent speaks for one organisation, and has no tokens.")
    for own in settings.organisations:
        if own.organisation.ods_code == organisation:
            return own
    raise NotFound("This agent does not speak for that organisation.")


def _refused(code: str, sentence: str) -> Refused:
    return Refused(sentence, (Refusal(code, sentence),), code=code)

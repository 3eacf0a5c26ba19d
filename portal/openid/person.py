"""Who a provider says that somebody is, as far as we believe it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.accounts import EMAIL, Email
from portal.openid.id_token import IdToken
from portal.openid.refusals import NotSignedInThere, Reason
from portal.sign_in_settings import Assurance, Provider

YES = (True, "true", "1")
"""How providers say that an address is verified: some write it as text."""


@dataclass(frozen=True, slots=True)
class ProvenPerson:
    """Somebody whom a provider signed in, strongly enough."""

    issuer: str
    subject: str
    email: Email
    authenticated_at: datetime


def proven_person(token: IdToken, userinfo: Mapping[str, Any], provider: Provider) -> ProvenPerson:
    """The person of a verified token. Raises `NotSignedInThere`.

    How strongly somebody signed in is read from the token alone.
    """
    if not is_enough(token.claims, provider.assurance):
        raise NotSignedInThere(Reason.TOO_WEAK)
    if userinfo and userinfo.get("sub") != token.subject:  # OpenID Connect Core 1.0, section 5.3.2
        raise NotSignedInThere(Reason.NOT_UNDERSTOOD, "userinfo_of_another_subject")
    # The address and the word that it is verified are of one source.
    email = _email(token.claims if provider.email_claim in token.claims else userinfo, provider)
    return ProvenPerson(provider.issuer, token.subject, email, token.authenticated_at)


def is_enough(claims: Mapping[str, Any], assurance: Assurance) -> bool:
    """Whether the claim has a value that is accepted; absent means no."""
    said = claims.get(assurance.claim)
    values = said if isinstance(said, list) else [said]
    return any(isinstance(each, str | int) and str(each) in assurance.accepted for each in values)


def _email(claims: Mapping[str, Any], provider: Provider) -> Email:
    said = claims.get(provider.email_claim)
    if not isinstance(said, str) or not EMAIL.fullmatch(said):
        raise NotSignedInThere(Reason.NO_EMAIL)
    if provider.verified_claim is not None and claims.get(provider.verified_claim) not in YES:
        raise NotSignedInThere(Reason.EMAIL_NOT_PROVEN)
    return Email(said.lower())

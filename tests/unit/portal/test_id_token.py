"""Which ID tokens are believed, and whom they are taken for."""

import base64
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from authlib.oidc.core.util import create_half_hash
from joserfc.jwk import ECKey, RSAKey

from portal.accounts import Email
from portal.openid.id_token import IdToken, key_named, verified
from portal.openid.person import ProvenPerson, proven_person
from portal.openid.refusals import NotSignedInThere, Reason
from tests.support.id_tokens import (
    ACCESS_TOKEN,
    CLIENT,
    ISSUER,
    KEY,
    LONGEST,
    OTHER_KEY,
    a_provider,
    claims,
    expected,
    keys,
    signed,
)
from tests.support.portal_people import NOON

NOW = int(NOON.timestamp())


def refused_for(token: str, **changed: Any) -> str:
    """Why it is not believed."""
    with pytest.raises(NotSignedInThere) as refused:
        verified(token, changed.pop("of", keys()), expected(**changed), NOON)
    assert refused.value.reason is Reason.NOT_UNDERSTOOD
    return str(refused.value).partition(" ")[2]


def test_a_token_that_is_as_it_should_be_is_believed() -> None:
    token = verified(signed(claims()), keys(), expected(), NOON)

    assert (token.subject, token.authenticated_at) == ("imogen-1", NOON - timedelta(minutes=1))


@pytest.mark.parametrize(
    ("changed", "broken"),
    [
        ({"iss": "https://sign-in.example/"}, "iss"),
        ({"iss": None}, "iss"),
        ({"aud": "another"}, "aud"),
        ({"aud": [CLIENT, "another"]}, "aud"),
        ({"aud": []}, "aud"),
        ({"aud": None}, "aud"),
        ({"azp": "another"}, "azp"),
        ({"exp": NOW - 61}, "exp"),
        ({"exp": None}, "exp"),
        ({"exp": "never"}, "exp"),
        ({"exp": True}, "exp"),
        ({"nbf": NOW + 120}, "nbf"),
        ({"iat": NOW - 3600}, "iat"),
        ({"iat": NOW + 120}, "iat"),
        ({"iat": 1e300}, "iat"),
        ({"iat": None}, "iat"),
        ({"nonce": "another"}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"nonce": 7}, "nonce"),
        ({"sub": ""}, "sub"),
        ({"sub": "x" * 256}, "sub"),
        ({"sub": None}, "sub"),
        ({"auth_time": None}, "auth_time"),
        ({"auth_time": NOW - LONGEST.total_seconds() - 61}, "auth_time"),
        ({"auth_time": NOW + 120}, "auth_time"),
        ({"at_hash": "another"}, "at_hash"),
        ({"at_hash": 7}, "at_hash"),
    ],
)
def test_a_token_that_breaks_a_rule_is_not(changed: dict[str, Any], broken: str) -> None:
    assert refused_for(signed(claims(**changed))) == f"id_token_{broken}"


def test_every_rule_that_is_broken_is_said() -> None:
    assert refused_for(signed(claims(iss="x", aud="y", exp=0))) == "id_token_iss,aud,exp"


def test_one_audience_may_be_written_as_a_list_and_clocks_may_be_a_minute_off() -> None:
    token = signed(claims(aud=[CLIENT], azp=CLIENT, iat=NOW + 59, exp=NOW - 59, nbf=NOW + 59))

    assert verified(token, keys(), expected(), NOON).subject == "imogen-1"


def test_a_token_goes_with_the_access_token_that_came_with_it() -> None:
    half = create_half_hash(ACCESS_TOKEN, "RS256").decode()

    assert verified(signed(claims(at_hash=half)), keys(), expected(), NOON).subject == "imogen-1"
    assert refused_for(signed(claims(at_hash=half)), access_token="another") == "id_token_at_hash"


def test_the_key_of_somebody_else_proves_nothing() -> None:
    assert refused_for(signed(claims(), key=OTHER_KEY)) == "id_token_BadSignatureError"


def test_a_token_that_was_changed_proves_nothing() -> None:
    header, _, signature = signed(claims()).split(".")
    body = base64.urlsafe_b64encode(json.dumps(claims(sub="another")).encode()).rstrip(b"=").decode()

    assert refused_for(f"{header}.{body}.{signature}") == "id_token_BadSignatureError"


def test_a_token_that_is_signed_by_nobody_is_not_believed() -> None:
    header = base64.urlsafe_b64encode(b'{"alg":"none","kid":"one"}').rstrip(b"=").decode()
    _, body, _ = signed(claims()).split(".")

    assert refused_for(f"{header}.{body}.") == "id_token_UnsupportedAlgorithmError"


def test_a_secret_that_others_know_too_proves_nothing() -> None:
    """A public key used as a secret is the oldest trick (RFC 8725, section 2.1)."""
    header = base64.urlsafe_b64encode(b'{"alg":"HS256","kid":"one"}').rstrip(b"=")
    signing_input = header + b"." + signed(claims()).split(".")[1].encode()
    by_secret = hmac.digest(KEY.as_pem(private=False), signing_input, "sha256")
    token = signing_input + b"." + base64.urlsafe_b64encode(by_secret).rstrip(b"=")

    assert refused_for(token.decode()) == "id_token_UnsupportedAlgorithmError"


def test_an_algorithm_that_the_settings_do_not_name_does_not_count() -> None:
    token = signed(claims())

    assert refused_for(token, algorithms=frozenset({"ES256"})) == "id_token_UnsupportedAlgorithmError"


def test_a_key_of_another_kind_than_the_algorithm_does_not_count() -> None:
    elliptic = ECKey.generate_key("P-256", {"kid": "one"})

    assert refused_for(signed(claims()), of=keys(elliptic)).startswith("id_token_")


@pytest.mark.filterwarnings("ignore:Key size should be")
def test_a_key_that_is_too_short_does_not_count() -> None:
    short = RSAKey.generate_key(1024, {"kid": "one"})

    assert refused_for(signed(claims(), key=short), of=keys(short)) == "id_token_key_too_short"


def test_a_token_that_names_no_key_counts_where_there_is_but_one() -> None:
    unnamed = signed(claims(), kid=None)

    assert verified(unnamed, keys(), expected(), NOON).subject == "imogen-1"
    assert refused_for(unnamed, of=keys(KEY, OTHER_KEY)) == "id_token_InvalidKeyIdError"


@pytest.mark.parametrize("text", ["", "a.b", "a.b.c", "..", "é.b.c"])
def test_what_is_no_token_is_not_read(text: str) -> None:
    with pytest.raises(NotSignedInThere):
        key_named(text)


def a_token(**changed: Any) -> IdToken:
    return IdToken("imogen-1", NOON, claims(**changed))


def test_a_person_is_known_by_their_address_in_lower_case() -> None:
    assert proven_person(a_token(), {}, a_provider()) == ProvenPerson(
        ISSUER, "imogen-1", Email("imogen@northmoor.example"), NOON
    )


@pytest.mark.parametrize("acr", [None, "weak", "", ["weak"], {"strong": 1}, True])
def test_who_was_not_seen_strongly_enough_is_not_let_in(acr: object) -> None:
    assert reason_for(acr=acr) is Reason.TOO_WEAK


@pytest.mark.parametrize("acr", ["strong", ["pwd", "strong"], ["strong"]])
def test_one_accepted_value_is_enough(acr: object) -> None:
    assert proven_person(a_token(acr=acr), {}, a_provider()).subject == "imogen-1"


def test_a_number_counts_as_it_is_written() -> None:
    provider = a_provider(assurance={"claim": "authentication_assurance_level", "accepted": ["3"]})

    assert proven_person(a_token(authentication_assurance_level=3), {}, provider).subject == "imogen-1"


@pytest.mark.parametrize("said", [None, False, "false", 0, "yes", []])
def test_an_address_that_is_not_verified_is_nobodys(said: object) -> None:
    assert reason_for(email_verified=said) is Reason.EMAIL_NOT_PROVEN


@pytest.mark.parametrize("said", [None, "", "no address", 7, ["a@b.example"], "a@b.example\n"])
def test_who_has_no_address_is_not_known(said: object) -> None:
    assert reason_for(email=said) is Reason.NO_EMAIL


def test_a_provider_may_be_trusted_for_its_addresses_and_may_call_them_something_else() -> None:
    provider = a_provider(verified_claim=None, email_claim="upn")

    person = proven_person(a_token(upn="a@b.example", email_verified=None), {}, provider)

    assert person.email == "a@b.example"


def test_userinfo_is_read_when_it_is_of_the_same_person() -> None:
    without = a_token(email=None, email_verified=None)
    told = {"sub": "imogen-1", "email": "a@b.example", "email_verified": True}

    assert proven_person(without, told, a_provider()).email == "a@b.example"
    with pytest.raises(NotSignedInThere) as refused:
        proven_person(without, told | {"sub": "another"}, a_provider())
    assert refused.value.reason is Reason.NOT_UNDERSTOOD


def test_the_address_of_one_source_is_not_verified_by_the_other() -> None:
    """An address in the token that it does not call verified stays so, whatever userinfo says."""
    told = {"sub": "imogen-1", "email": "a@b.example", "email_verified": True}

    with pytest.raises(NotSignedInThere) as refused:
        proven_person(a_token(email_verified=None), told, a_provider())

    assert refused.value.reason is Reason.EMAIL_NOT_PROVEN


def test_userinfo_makes_nobody_stronger() -> None:
    with pytest.raises(NotSignedInThere) as refused:
        proven_person(a_token(acr=None), {"sub": "imogen-1", "acr": "strong"}, a_provider())

    assert refused.value.reason is Reason.TOO_WEAK


def reason_for(**changed: object) -> Reason:
    with pytest.raises(NotSignedInThere) as refused:
        proven_person(a_token(**changed), {}, a_provider())
    return refused.value.reason


def test_when_somebody_signed_in_is_when_they_did_there() -> None:
    signed_in = datetime.fromtimestamp(NOW - 3600, UTC)

    token = verified(signed(claims(auth_time=NOW - 3600)), keys(), expected(), NOON)

    assert proven_person(token, {}, a_provider()).authenticated_at == signed_in

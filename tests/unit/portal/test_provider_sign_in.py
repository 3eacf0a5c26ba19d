"""A sign-in at a provider from its beginning to its end: what is asked, and which answers count."""

import base64
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt

from portal.attempts import Attempts, AttemptToken
from portal.openid.client import ProviderClient
from portal.openid.discovery import KEPT_FOR, KEYS_ASKED_EVERY, Discovery, read_keys
from portal.openid.refusals import NotSignedInThere, Reason
from portal.openid.service import Arrived, Leaving, ProviderSignIn
from portal.sessions import Proof
from tests.support.fake_provider import FakeProvider
from tests.support.id_tokens import CLIENT, ISSUER, KEY, OTHER_KEY, a_provider
from tests.support.portal_people import NOON, AttemptsInMemory, Clock, PeopleInMemory

CARD, MAIL = "card", "mail"
OTHER_ISSUER = "https://mail.example"


class Lobby:
    """Signing in at two providers, and one browser."""

    def __init__(self, **changed: Any) -> None:
        self.clock = Clock()
        self.card, self.mail = FakeProvider(ISSUER), FakeProvider(OTHER_ISSUER)
        self.attempts = Attempts(AttemptsInMemory(), b"a key", self.clock)
        clients = {
            CARD: self._client(CARD, self.card, **changed),
            MAIL: self._client(MAIL, self.mail, issuer=OTHER_ISSUER),
        }
        self.sign_in = ProviderSignIn(clients, self.attempts, PeopleInMemory())

    def _client(self, name: str, fake: FakeProvider, **changed: Any) -> ProviderClient:
        provider = a_provider(**changed)
        back = f"https://portal.example/sign-in/back/{name}"
        return ProviderClient(provider, back, Discovery(provider, fake, self.clock), fake, self.clock)

    async def leaves(self, provider: str = CARD, *, again: bool = False) -> Leaving:
        """Somebody goes there, and what the provider reads is what it will answer to."""
        leaving = await self.sign_in.begin(provider, "/passports", again=again)
        fake = self.card if provider == CARD else self.mail
        fake.said["nonce"] = asked_at(leaving)["nonce"]
        return leaving

    async def comes_back(self, leaving: Leaving, provider: str = CARD, **changed: str | None) -> Arrived:
        """The browser brings the answer: rightly, but for what the test says."""
        answer = {"code": "a code", "state": asked_at(leaving)["state"], "iss": ISSUER} | changed
        told = {name: value for name, value in answer.items() if value is not None}
        return await self.sign_in.finish(provider, leaving.token, told)

    async def is_refused(self, leaving: Leaving, provider: str = CARD, **changed: str | None) -> Reason:
        with pytest.raises(NotSignedInThere) as refused:
            await self.comes_back(leaving, provider, **changed)
        return refused.value.reason


def asked_at(leaving: Leaving) -> dict[str, str]:
    """What the provider is asked."""
    return dict(parse_qsl(urlsplit(leaving.address).query))


@pytest.fixture
def lobby() -> Lobby:
    return Lobby()


async def test_who_comes_back_as_they_should_is_let_in(lobby: Lobby) -> None:
    arrived = await lobby.comes_back(await lobby.leaves())

    assert arrived == Arrived(
        arrived.account,
        arrived.email,
        Proof("urn:staff-passport:acr:card", NOON - timedelta(minutes=1), CARD),
        "/passports",
    )
    assert arrived.email == "imogen@northmoor.example"


async def test_what_agents_are_told_may_be_in_the_settings() -> None:
    told = {"claim": "acr", "accepted": ["strong"], "told_agents": "urn:aal3"}
    lobby = Lobby(assurance=told)

    assert (await lobby.comes_back(await lobby.leaves())).proof.assurance == "urn:aal3"


async def test_a_provider_is_asked_for_all_that_binds_its_answer(lobby: Lobby) -> None:
    leaving = await lobby.leaves()
    asked = asked_at(leaving)
    await lobby.comes_back(leaving)

    assert leaving.address.startswith(f"{ISSUER}/authorize?")
    assert asked == {
        "response_type": "code",
        "client_id": CLIENT,
        "redirect_uri": "https://portal.example/sign-in/back/card",
        "scope": "openid email",
        "state": asked["state"],
        "nonce": asked["nonce"],
        "code_challenge": create_s256_code_challenge(lobby.card.form["code_verifier"]),
        "code_challenge_method": "S256",
        "max_age": "36000",
    }
    assert asked["state"] != asked["nonce"]


async def test_who_is_signed_in_already_is_asked_again(lobby: Lobby) -> None:
    assert asked_at(await lobby.leaves(again=True))["prompt"] == "login"


async def test_an_answer_counts_once(lobby: Lobby) -> None:
    leaving = await lobby.leaves()
    await lobby.comes_back(leaving)

    assert await lobby.is_refused(leaving) is Reason.NOT_BEGUN_HERE


@pytest.mark.parametrize("state", ["another", "", None])
async def test_another_state_is_refused_before_the_code_is_used(lobby: Lobby, state: str | None) -> None:
    assert await lobby.is_refused(await lobby.leaves(), state=state) is Reason.NOT_BEGUN_HERE
    assert "/token" not in lobby.card.asked


async def test_another_browser_brings_nothing(lobby: Lobby) -> None:
    theirs, ours = await lobby.leaves(), await lobby.leaves()
    answer = {"code": "a code", "state": asked_at(theirs)["state"], "iss": ISSUER}

    for token in (ours.token, None, AttemptToken("made up")):
        with pytest.raises(NotSignedInThere) as refused:
            await lobby.sign_in.finish(CARD, token, answer)
        assert refused.value.reason is Reason.NOT_BEGUN_HERE


async def test_the_answer_of_one_provider_is_not_taken_for_anothers(lobby: Lobby) -> None:
    """Mix-up (RFC 9700, section 4.4): the code of one must never be shown to the other."""
    leaving = await lobby.leaves(CARD)

    assert await lobby.is_refused(leaving, MAIL) is Reason.NOT_BEGUN_HERE
    assert lobby.mail.asked == []


@pytest.mark.parametrize("issuer", [OTHER_ISSUER, f"{ISSUER}/", None])
async def test_an_answer_has_to_name_the_issuer_where_it_does_so(lobby: Lobby, issuer: str | None) -> None:
    assert await lobby.is_refused(await lobby.leaves(), iss=issuer) is Reason.NOT_UNDERSTOOD
    assert "/token" not in lobby.card.asked


async def test_where_a_provider_does_not_name_itself_its_own_address_does(lobby: Lobby) -> None:
    del lobby.card.metadata["authorization_response_iss_parameter_supported"]

    assert (await lobby.comes_back(await lobby.leaves(), iss=None)).proof.provider == CARD
    assert await lobby.is_refused(await lobby.leaves(), iss=OTHER_ISSUER) is Reason.NOT_UNDERSTOOD


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        ("access_denied", Reason.CANCELLED),
        ("temporarily_unavailable", Reason.UNAVAILABLE),
        ("server_error", Reason.UNAVAILABLE),
        ("unmet_authentication_requirements", Reason.TOO_WEAK),
        ("invalid_request", Reason.NOT_UNDERSTOOD),
    ],
)
async def test_an_error_of_the_provider_is_told_apart(lobby: Lobby, error: str, reason: Reason) -> None:
    assert await lobby.is_refused(await lobby.leaves(), error=error, code=None) is reason


async def test_a_token_of_another_sign_in_is_refused(lobby: Lobby) -> None:
    leaving = await lobby.leaves()
    lobby.card.said["nonce"] = "of another"

    assert await lobby.is_refused(leaving) is Reason.NOT_UNDERSTOOD


async def test_an_address_stays_with_whom_the_provider_first_called_by_it(lobby: Lobby) -> None:
    await lobby.comes_back(await lobby.leaves())
    lobby.card.said["sub"] = "imogen-2"

    assert await lobby.is_refused(await lobby.leaves()) is Reason.ANOTHER_SUBJECT


async def test_a_provider_that_is_away_is_neither_yes_nor_no(lobby: Lobby) -> None:
    leaving = await lobby.leaves()
    lobby.card.is_away = True

    assert await lobby.is_refused(leaving) is Reason.UNAVAILABLE
    assert await lobby.sign_in.sign_out_address(CARD, "https://portal.example/signed-out") is not None
    lobby.clock.now += KEPT_FOR
    assert await lobby.sign_in.sign_out_address(CARD, "https://portal.example/signed-out") is None


async def test_signing_out_leads_there_and_back(lobby: Lobby) -> None:
    address = await lobby.sign_in.sign_out_address(CARD, "https://portal.example/signed-out")

    assert address == (
        f"{ISSUER}/end?client_id={CLIENT}&post_logout_redirect_uri=https%3A%2F%2Fportal.example%2Fsigned-out"
    )
    assert await lobby.sign_in.sign_out_address("gone", "https://portal.example/signed-out") is None


@pytest.mark.parametrize(
    "changed",
    [
        {"issuer": OTHER_ISSUER},
        {"token_endpoint": "http://sign-in.example/token"},
        {"authorization_endpoint": "https://elsewhere.example/authorize"},
        {"end_session_endpoint": "https://elsewhere.example/end"},
        {"jwks_uri": None},
    ],
)
async def test_a_provider_that_says_something_else_of_itself_is_not_asked(
    lobby: Lobby, changed: dict[str, Any]
) -> None:
    lobby.card.metadata |= changed

    with pytest.raises(NotSignedInThere) as refused:
        await lobby.leaves()

    assert refused.value.reason is Reason.NOT_UNDERSTOOD


async def test_its_pages_may_be_at_an_origin_that_the_settings_name() -> None:
    lobby = Lobby(pages_at="https://elsewhere.example")
    for page in ("authorization_endpoint", "end_session_endpoint"):
        lobby.card.metadata[page] = "https://elsewhere.example/page"

    assert (await lobby.leaves()).address.startswith("https://elsewhere.example/page?")


async def test_what_a_provider_says_of_itself_is_kept_for_an_hour(lobby: Lobby) -> None:
    await lobby.leaves()
    await lobby.leaves()
    assert lobby.card.asked == ["/.well-known/openid-configuration", "/keys"]

    lobby.clock.now += KEPT_FOR
    await lobby.leaves()

    assert lobby.card.asked == ["/.well-known/openid-configuration", "/keys"] * 2


async def test_a_new_key_is_asked_for_when_a_token_names_it_and_not_too_often(lobby: Lobby) -> None:
    await lobby.leaves()
    lobby.card.turns_to(OTHER_KEY, "two")
    assert await lobby.is_refused(await lobby.leaves()) is Reason.NOT_UNDERSTOOD  # keys are just read

    lobby.clock.now += KEYS_ASKED_EVERY
    lobby.card.said |= {"iat": int(lobby.clock.now.timestamp())}

    assert (await lobby.comes_back(await lobby.leaves())).proof.provider == CARD


def test_keys_that_do_not_sign_or_are_secrets_are_passed_over() -> None:
    public = KEY.as_dict(private=False)
    told = [public | {"use": "enc"}, {"kty": "oct", "k": "c2VjcmV0"}, {"kty": "AKP"}, 7, {}, public]

    assert [key.kid for key in read_keys({"keys": told})] == ["one"]
    for nothing in ([], None, told[:5]):
        with pytest.raises(NotSignedInThere):
            read_keys({"keys": nothing})


async def test_a_secret_is_shown_in_the_header_as_a_form_would_have_it() -> None:
    lobby = Lobby(client_secret="odd: 100% & more")
    await lobby.comes_back(await lobby.leaves())

    shown = base64.b64decode(lobby.card.headers["Authorization"].removeprefix("Basic ")).decode()
    assert shown == "portal:odd%3A+100%25+%26+more"
    assert "client_secret" not in lobby.card.form


async def test_a_secret_is_shown_in_the_form_where_a_provider_wants_that(lobby: Lobby) -> None:
    lobby.card.metadata["token_endpoint_auth_methods_supported"] = ["client_secret_post"]
    await lobby.comes_back(await lobby.leaves())

    assert lobby.card.form["client_secret"] == "s" * 16
    assert "Authorization" not in lobby.card.headers


async def test_a_key_proves_who_we_are_without_being_shown() -> None:
    pem = KEY.as_pem(private=True).decode()
    lobby = Lobby(client_secret=None, client_key={"id": "portal-1", "key": pem, "algorithm": "PS256"})
    await lobby.comes_back(await lobby.leaves())

    assertion = jwt.decode(lobby.card.form["client_assertion"], KEY, algorithms=["PS256"])
    assert assertion.header["kid"] == "portal-1"
    said = assertion.claims
    assert (said["iss"], said["sub"], said["aud"]) == (CLIENT, CLIENT, f"{ISSUER}/token")
    assert said["exp"] - said["iat"] == 60

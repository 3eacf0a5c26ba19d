"""Keys on a real PKCS#11 token: they sign there, do not leave it, and are missed while it is away."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pkcs11
import pytest
from acapy_agent.core.profile import Profile
from acapy_agent.utils.testing import create_test_profile
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pkcs11 import Attribute, ObjectClass, TokenFlag

from agent.domain.errors import Unavailable
from agent.domain.workforce import OdsCode
from agent.plugin_settings import PluginSettingsError
from agent.webvh.keys import AskarKeys, KeyPurpose, KeyRef, SigningKeys, in_askar, public_key
from agent.webvh.settings import WebvhSettings
from agent.webvh.tokens import HardwareTokens
from agent.wiring import PerOrganisation
from tests.support.softhsm import PIN, SoftHsm, library

METHOD = "did:webvh:Qm:registry.example#key"
MESSAGE = b"what is signed"


@pytest.fixture(scope="module")
def hsm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SoftHsm]:
    made = SoftHsm.at(tmp_path_factory.mktemp("softhsm"))
    with pytest.MonkeyPatch.context() as patch:
        for name, value in made.environment.items():
            patch.setenv(name, value)
        yield made


@pytest.fixture
async def profile() -> AsyncIterator[Profile]:
    made = await create_test_profile({"wallet.type": "askar-anoncreds"})
    yield made
    await made.close()  # type: ignore[no-untyped-call]  # a test profile of ACA-Py's own


@dataclass(frozen=True, slots=True)
class Kept:
    """What keeps the keys of organisations, as an agent's settings say."""

    tokens: HardwareTokens
    settings: PerOrganisation[WebvhSettings]

    def keys(self, profile: Profile, organisation: str) -> SigningKeys:
        return self.tokens.keys(profile, self.settings[OdsCode(organisation)])


async def opened(**told: object) -> Kept:
    """Organisations by their codes, each with what it says of `signing_keys`."""
    settings = {
        OdsCode(code): WebvhSettings.model_validate(
            {
                "origin": "https://registry.staff-passport.example",
                "registry_url": "http://127.0.0.1:8040",
                "path": f"organisations/{code.lower()}",
                "write_token": "a made-up write token",
                "signing_keys": signing_keys,
            }
        )
        for code, signing_keys in told.items()
    }
    known = PerOrganisation(settings, many=True)
    return Kept(await HardwareTokens.opened(known), known)


@pytest.fixture(scope="module")
def the_token(hsm: SoftHsm) -> dict[str, object]:
    return hsm.token("the-token")


@pytest.fixture
async def kept(the_token: dict[str, object]) -> AsyncIterator[Kept]:
    found = await opened(RR8=the_token)
    yield found
    await found.tokens.close()


async def signs(keys: SigningKeys, ref: KeyRef) -> None:
    """Raises unless the signature is the key's."""
    signature = await keys.signer(ref, METHOD).sign(MESSAGE)
    Ed25519PublicKey.from_public_bytes(public_key(ref)).verify(signature, MESSAGE)


async def test_a_key_signs_where_it_is_and_its_reference_says_what_verifies_it(
    kept: Kept, profile: Profile
) -> None:
    keys = kept.keys(profile, "RR8")
    made = [await keys.new(purpose) for purpose in KeyPurpose]

    for ref in made:
        await signs(keys, ref)
    assert len({public_key(ref) for ref in made}) == len(KeyPurpose)
    assert not any(in_askar(ref) for ref in made)
    async with profile.session() as session:
        assert not list(await session.handle.fetch_all_keys())


async def test_a_key_is_labelled_and_cannot_leave(kept: Kept, profile: Profile) -> None:
    await kept.keys(profile, "RR8").new(KeyPurpose.AUDIT)

    def looked_at(session: pkcs11.Session) -> list[tuple[object, ...]]:
        asked = (Attribute.LABEL, Attribute.SENSITIVE, Attribute.EXTRACTABLE, Attribute.NEVER_EXTRACTABLE)
        found = session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY})
        return [tuple(each[attribute] for attribute in asked) for each in found]

    (token,) = kept.tokens._tokens.values()
    described = await token.do(looked_at)
    assert ("organisations/rr8 audit", True, False, True) in described


async def test_signatures_that_are_wanted_at_once_are_all_made(kept: Kept, profile: Profile) -> None:
    keys = kept.keys(profile, "RR8")
    ref = await keys.new(KeyPurpose.RESOURCE)

    await asyncio.gather(*(signs(keys, ref) for _ in range(100)))


async def test_while_the_token_is_away_nothing_is_signed_and_afterwards_it_is(
    hsm: SoftHsm, kept: Kept, profile: Profile
) -> None:
    keys = kept.keys(profile, "RR8")
    ref = await keys.new(KeyPurpose.CREDENTIAL)

    with hsm.away():
        for _ in range(2):
            with pytest.raises(Unavailable) as missed:
                await signs(keys, ref)
            assert missed.value.code == "signing_keys_unavailable"
        with pytest.raises(Unavailable):
            await keys.new(KeyPurpose.CREDENTIAL)

    await signs(keys, ref)


async def test_an_agent_starts_without_its_token_and_signs_once_it_is_there(
    hsm: SoftHsm, profile: Profile
) -> None:
    told = hsm.token("late")
    with hsm.away():
        kept = await opened(RR8=told)
        with pytest.raises(Unavailable):
            await kept.keys(profile, "RR8").new(KeyPurpose.AUDIT)

    keys = kept.keys(profile, "RR8")
    await signs(keys, await keys.new(KeyPurpose.AUDIT))
    await kept.tokens.close()


async def test_organisations_share_a_token_or_have_their_own(hsm: SoftHsm, profile: Profile) -> None:
    shared, own = hsm.token("shared"), hsm.token("own")
    kept = await opened(RR8=shared, RXA=shared, RAE=own, RCB=None)
    made = {}
    for code in ("RR8", "RXA", "RAE", "RCB"):
        made[code] = await kept.keys(profile, code).new(KeyPurpose.RESOURCE)

    for code, ref in made.items():
        await signs(kept.keys(profile, code), ref)
    assert [code for code, ref in made.items() if in_askar(ref)] == ["RCB"]
    with pytest.raises(Unavailable):
        await signs(kept.keys(profile, "RAE"), made["RR8"])
    await signs(kept.keys(profile, "RR8"), made["RR8"])
    await kept.tokens.close()


async def test_a_wrong_pin_is_told_at_the_start_without_being_said(hsm: SoftHsm, profile: Profile) -> None:
    told = hsm.token("careful")

    with pytest.raises(PluginSettingsError) as refused:
        await opened(RR8=told | {"pin": "0815-wrong"})

    assert str(refused.value) == "agent.webvh.signing_keys.pin: the token careful refuses it"
    kept = await opened(RR8=told)
    assert not pkcs11.lib(library()).get_token(token_label="careful").flags & TokenFlag.USER_PIN_LOCKED
    await kept.tokens.close()


async def test_a_pin_that_was_refused_once_is_not_tried_again(hsm: SoftHsm, profile: Profile) -> None:
    kept = await opened(RR8=hsm.token("changed"))
    keys = kept.keys(profile, "RR8")
    ref = await keys.new(KeyPurpose.AUDIT)
    (token,) = kept.tokens._tokens.values()
    await token.do(lambda session: session.set_pin(PIN, "another"))

    with hsm.away(), pytest.raises(Unavailable):
        await signs(keys, ref)
    with pytest.raises(Unavailable):
        await signs(keys, ref)
    pkcs11.lib(library()).get_token(token_label="changed").open(rw=True, user_pin="another").set_pin(
        "another", PIN
    )
    with pytest.raises(Unavailable):
        await signs(keys, ref)
    await kept.tokens.close()


async def test_what_is_no_pkcs11_library_is_told_at_the_start(hsm: SoftHsm, tmp_path: Path) -> None:
    other = tmp_path / "module.so"
    other.write_text("no library")

    with pytest.raises(PluginSettingsError, match=r"signing_keys\.module: this is no PKCS#11 library"):
        await opened(RR8=hsm.token("unused") | {"module": str(other)})


async def test_two_tokens_of_one_name_are_told_at_the_start(hsm: SoftHsm) -> None:
    told = [hsm.token("twin") for _ in range(2)]

    with pytest.raises(PluginSettingsError, match=r"signing_keys\.token: more than one is called twin"):
        await opened(RR8=told[0])


async def test_one_token_has_one_pin(hsm: SoftHsm) -> None:
    told = hsm.token("contested")

    with pytest.raises(PluginSettingsError, match="two PINs of one token"):
        await opened(RR8=told, RXA=told | {"pin": "another"})


async def test_a_key_from_before_there_was_a_token_goes_on_signing(kept: Kept, profile: Profile) -> None:
    before = await AskarKeys(profile).new(KeyPurpose.CREDENTIAL)

    await signs(kept.keys(profile, "RR8"), before)


async def test_a_key_of_a_token_that_no_setting_names_is_missed(kept: Kept, profile: Profile) -> None:
    ref = await kept.keys(profile, "RR8").new(KeyPurpose.CREDENTIAL)

    with pytest.raises(Unavailable, match="kept elsewhere"):
        await signs(AskarKeys(profile), ref)

"""The tokens that settings name: each opened once, however many organisations keep keys on it."""

import logging
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Self

from acapy_agent.core.profile import Profile

from agent.domain.errors import Unavailable
from agent.plugin_settings import PluginSettingsError
from agent.webvh.keys import AskarKeys, SigningKeys
from agent.webvh.pkcs11_keys import Pkcs11Keys, Pkcs11Library, Pkcs11Token, WrongToken
from agent.webvh.settings import SigningKeysSettings, WebvhSettings
from agent.wiring import PerOrganisation

_LOGGER = logging.getLogger(__name__)

type _Name = tuple[Path, str]


class HardwareTokens:
    """Says who keeps an organisation's keys."""

    def __init__(self, tokens: Mapping[_Name, Pkcs11Token]) -> None:
        self._tokens = tokens

    @classmethod
    async def opened(cls, settings: PerOrganisation[WebvhSettings]) -> Self:
        """Log in to each token. Raises `PluginSettingsError` for a wrong PIN or library.

        One that is away may come back, as a registry may: until then nothing can be signed.
        """
        tokens = _tokens([each.signing_keys for each in settings.values() if each.signing_keys is not None])
        for (_, label), token in tokens.items():
            try:
                await token.open()
            except WrongToken as wrong:
                raise PluginSettingsError(f"agent.webvh.signing_keys.{wrong}") from None
            except Unavailable:
                _LOGGER.warning("The token %s does not answer: nothing can be signed until it does", label)
        return cls(tokens)

    def keys(self, profile: Profile, own: WebvhSettings) -> SigningKeys:
        """What keeps the keys of the organisation with this wallet and these settings."""
        askar = AskarKeys(profile)
        if own.signing_keys is None:
            return askar
        return Pkcs11Keys(self._tokens[_name(own.signing_keys)], own.path, askar)

    async def close(self) -> None:
        for token in self._tokens.values():
            await token.close()


def _tokens(named: Iterable[SigningKeysSettings]) -> Mapping[_Name, Pkcs11Token]:
    pins = {(each.module, each.token, each.pin) for each in named}
    libraries = {module: Pkcs11Library(str(module)) for module, _, _ in pins}
    if len({(module, label) for module, label, _ in pins}) < len(pins):
        raise PluginSettingsError("agent.webvh.signing_keys.pin: two organisations say two PINs of one token")
    return {
        (module, label): Pkcs11Token(libraries[module], label, pin.get_secret_value())
        for module, label, pin in pins
    }


def _name(told: SigningKeysSettings) -> _Name:
    return told.module, told.token

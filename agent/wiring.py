"""How a plugin says what is made for whom: for the wallet that asks, and so for its organisation."""

from collections.abc import Callable, Iterator, Mapping
from typing import Protocol, cast

from acapy_agent.config.base import BaseInjector, BaseProvider, BaseSettings
from acapy_agent.config.injection_context import InjectionContext
from pydantic import ValidationError

from agent.domain.errors import NotFound
from agent.domain.workforce import OdsCode
from agent.plugin_settings import PluginSettings, PluginSettingsError


class Inject(Protocol):
    """Gives the capability that the asking wallet has."""

    def __call__[T](self, capability: type[T], /) -> T: ...


type Bind = Callable[[type, BaseProvider], None]
"""Says who provides a capability: `context.injector.bind_provider`."""


class WalletSettings(dict[str, object]):
    """What ACA-Py is to be told for one organisation's wallet alone."""


class Made[T](BaseProvider):
    """Makes a capability anew each time somebody asks."""

    def __init__(self, make: Callable[[Inject], T]) -> None:
        self._make = make

    def provide(self, config: BaseSettings, injector: BaseInjector) -> T:  # noqa: ARG002  # ACA-Py's signature
        return self._make(cast("Inject", injector.inject))


class NotHere(NotFound):
    """What was asked for belongs to a plugin that this organisation does not have."""


class OfOrganisation[T](BaseProvider):
    """What is kept ready for each organisation; the wallet that asks says for which.

    A wallet is called by its organisation's ODS code where there are many, and is the only one where there is
    one. What an organisation does not have is not there.
    """

    def __init__(self, kept: Mapping[OdsCode, T], *, many: bool) -> None:
        self._kept = kept
        self._many = many

    def __iter__(self) -> Iterator[T]:
        return iter(self._kept.values())

    def provide(self, config: BaseSettings, injector: BaseInjector) -> T:  # noqa: ARG002  # ACA-Py's signature
        if not self._many:
            (only,) = self._kept.values()
            return only
        name = OdsCode(str(config.get_value("wallet.name") or ""))
        if name not in self._kept:
            raise NotHere("There is no such resource.")
        return self._kept[name]


class PerOrganisation[S: PluginSettings](Mapping[OdsCode, S]):
    """A plugin's settings for every organisation that has the plugin."""

    def __init__(self, settings: Mapping[OdsCode, S], *, many: bool) -> None:
        self._settings = settings
        self.many = many

    def __getitem__(self, organisation: OdsCode) -> S:
        return self._settings[organisation]

    def __iter__(self) -> Iterator[OdsCode]:
        return iter(self._settings)

    def __len__(self) -> int:
        return len(self._settings)

    def kept[T](self, make: Callable[[S], T]) -> OfOrganisation[T]:
        """What is made once for each organisation out of its settings."""
        return OfOrganisation({own: make(each) for own, each in self._settings.items()}, many=self.many)


def settings_of[S: PluginSettings](
    context: InjectionContext, plugin: str, kind: type[S]
) -> PerOrganisation[S]:
    """The settings of `plugin` (its module's name), bound as `kind` too. Raises `PluginSettingsError`."""
    told = dict(context.settings.for_plugin(plugin))
    organisations: Mapping[str, object] = told["organisations"]
    parsed = {
        OdsCode(own): _parsed(plugin, own if told["many"] else "", values, kind)
        for own, values in organisations.items()
    }
    settings = PerOrganisation(parsed, many=bool(told["many"]))
    context.injector.bind_provider(kind, OfOrganisation(parsed, many=settings.many))
    return settings


def _parsed[S: PluginSettings](plugin: str, own: str, values: object, kind: type[S]) -> S:
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        where = f"{own}: {plugin}" if own else plugin
        wrong = "; ".join(f"{where}.{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise PluginSettingsError(wrong) from None

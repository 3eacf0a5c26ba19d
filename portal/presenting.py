"""Templates, and what browsers load with them."""

import gzip
import json
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import ChainableUndefined, ChoiceLoader, Environment, FileSystemLoader, PackageLoader
from starlette.requests import Request
from starlette.responses import Response

HERE = Path(__file__).parent
FOR_A_YEAR = "public, max-age=31536000, immutable"
TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
NOON = 12
LONDON = ZoneInfo("Europe/London")
_ATTRIBUTES_OF_DICTS = frozenset(dir(dict))


class AssetsMissing(Exception):
    """What browsers load was not put in its place; one line says how."""


@dataclass(frozen=True, slots=True)
class Asset:
    """One file, plain and compressed."""

    content: bytes
    compressed: bytes
    content_type: str


class Assets:
    """What browsers load, kept in memory; names change with the content, so a browser asks once."""

    def __init__(self, folder: Path = HERE / "static") -> None:
        try:
            self._names: Mapping[str, str] = json.loads((folder / "manifest.json").read_text("utf-8"))
        except FileNotFoundError as missing:
            raise AssetsMissing("what browsers load is missing: run tools/assets.py") from missing
        self._files = {name: _asset(folder / name) for name in self._names.values()}

    def address(self, name: str) -> str:
        """Where a page finds `name`."""
        return f"/static/{self._names[name]}"

    def serve(self, request: Request) -> Response:
        """One file, compressed for whoever takes that."""
        asset = self._files.get(request.path_params["name"])
        if asset is None:
            return Response(status_code=404)
        headers = {"Cache-Control": FOR_A_YEAR, "Vary": "Accept-Encoding"}
        if "gzip" not in request.headers.get("accept-encoding", ""):
            return Response(asset.content, headers=headers, media_type=asset.content_type)
        headers["Content-Encoding"] = "gzip"
        return Response(asset.compressed, headers=headers, media_type=asset.content_type)


class Components(Environment):
    """Jinja as the design system's macros use it: they read dicts by attribute, dozens of times a field.

    What comes out is what Jinja makes of it, in four fifths of the time; tests hold one against the other.
    """

    def getattr(self, obj: Any, attribute: str) -> Any:  # noqa: ANN401  # as Jinja has it
        """Look into a dict at once, for what cannot be an attribute of one, instead of failing first."""
        if type(obj) is dict and attribute not in _ATTRIBUTES_OF_DICTS:
            return obj[attribute] if attribute in obj else self.undefined(obj=obj, name=attribute)
        return super().getattr(obj, attribute)

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """One dict: of two that are chained, the keys are slow to compare, and each import compares them."""
        return {**self.globals, **(d or {})}


class Templates:
    """Pages as HTML. Everything that is put into one is escaped."""

    def __init__(self, assets: Assets) -> None:
        loaders = [FileSystemLoader(HERE / "templates"), PackageLoader("nhsuk_frontend_jinja")]
        self._environment = Components(
            loader=ChoiceLoader(loaders),
            autoescape=True,
            undefined=ChainableUndefined,  # as the design system's macros need it
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,  # every list has many macros, and each would look at its file on disk
        )
        self._environment.globals["asset"] = assets.address
        self._environment.filters["day"] = day
        self._environment.filters["moment"] = moment
        self._environment.filters["on"] = on

    def render(self, template: str, page: Mapping[str, object]) -> str:
        """One page."""
        return self._environment.get_template(template).render(**page)


def day(instant: datetime) -> str:
    """A day as people write it, in London."""
    return on(instant.astimezone(LONDON).date())


def on(when: date) -> str:
    """A day as people write it."""
    return f"{when.day} {when:%B %Y}"


def moment(instant: datetime) -> str:
    """A day and time as people write them, in London."""
    local = instant.astimezone(LONDON)
    half = "am" if local.hour < NOON else "pm"
    return f"{local.day} {local:%B %Y} at {local.hour % NOON or NOON}:{local:%M}{half}"


def _asset(file: Path) -> Asset:
    content = file.read_bytes()
    return Asset(content, gzip.compress(content, mtime=0), TYPES[file.suffix])

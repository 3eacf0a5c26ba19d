"""Which pages there are, and what each asks of whoever wants it: nothing is served that is not in a table."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from starlette.responses import Response

from agent.domain.actors import Permission
from portal.visits import ActingVisit, SignedInVisit, Visit


class Open(StrEnum):
    """Pages that ask for no permission at an organisation; a test knows each of them."""

    TO_EVERYBODY = "everybody"
    TO_SIGNED_IN = "signed in"


type Access = Permission | Open
type View[V: Visit] = Callable[[V], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Page:
    """One row of a table."""

    method: str
    path: str
    access: Access
    view: Callable[[Any], Awaitable[Response]]
    watches: bool = False
    """A page that a browser asks for by itself: it does not count as somebody's being there."""
    reads: bool = False
    """A page that shows only what the agent tells for it, and so is judged there, each time."""


class PageTable:
    """One journey's pages."""

    def __init__(self) -> None:
        self.pages: list[Page] = []

    def page(
        self,
        method: str,
        path: str,
        *,
        permission: Permission,
        watches: bool = False,
        reads: bool = False,
    ) -> Callable[[View[ActingVisit]], View[ActingVisit]]:
        """Say a page for those who hold `permission` at the organisation they chose."""
        return self._row(method, path, permission, watches=watches, reads=reads)

    def signed_in(self, method: str, path: str) -> Callable[[View[SignedInVisit]], View[SignedInVisit]]:
        """Say a page for whoever is signed in."""
        return self._row(method, path, Open.TO_SIGNED_IN)

    def everybody(self, method: str, path: str) -> Callable[[View[Visit]], View[Visit]]:
        """Say a page for everybody."""
        return self._row(method, path, Open.TO_EVERYBODY)

    def _row[V: Visit](
        self, method: str, path: str, access: Access, *, watches: bool = False, reads: bool = False
    ) -> Callable[[View[V]], View[V]]:
        def say(view: View[V]) -> View[V]:
            self.pages.append(Page(method, path, access, view, watches, reads))
            return view

        return say

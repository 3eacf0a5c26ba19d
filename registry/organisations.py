"""Keeps the page of registered organisations beside the trust list, and leads people to it."""

import logging
from typing import NoReturn

from aiohttp import web

from registry.kinds import ORGANISATIONS, TRUST_TIMESTAMP
from registry.pages import organisations_page
from registry.store import Store
from registry.trust_list import NAMESPACE, TrustPublications
from signed_documents.trust_lists import TrustListing

LOGGER = logging.getLogger(__name__)


class OrganisationsPage:
    """Made anew with each publication. Every method but `register` blocks."""

    def __init__(self, store: Store, trust: TrustPublications) -> None:
        self._store = store
        self._trust = trust
        trust.on_published.append(self._put)

    def register(self, app: web.Application) -> None:
        app.router.add_get(ORGANISATIONS.url.rstrip("/"), _to_the_page)

    def mend(self) -> None:
        """Make the page if it is older than the list: whoever took that died before it made this."""
        with self._store.writing(NAMESPACE):
            try:
                if self._store.is_older(ORGANISATIONS, TRUST_TIMESTAMP) and (found := self._trust.listing()):
                    self._put(found)
            except LookupError:
                LOGGER.exception("The trust list is not whole, and its page stays as it was")

    def _put(self, listing: TrustListing) -> None:
        self._store.put(ORGANISATIONS, organisations_page(listing))


async def _to_the_page(_request: web.Request) -> NoReturn:
    raise web.HTTPPermanentRedirect(ORGANISATIONS.url)

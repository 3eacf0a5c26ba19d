"""The one write of the trust list over HTTP: its operator publishes it as a whole."""

from aiohttp import web

from registry.access import Writers
from registry.routes import body_of, written
from registry.trust_list import PUBLICATION, TrustPublications


class TrustRoutes:
    def __init__(self, publications: TrustPublications, writers: Writers) -> None:
        self._publications = publications
        self._writers = writers

    def register(self, app: web.Application) -> None:
        app.router.add_put(PUBLICATION.route, self.put_publication)

    async def put_publication(self, request: web.Request) -> web.Response:
        self._writers.require_context_writer(request)
        body = await body_of(request, PUBLICATION)
        return await written(request, lambda: self._publications.publish(body))

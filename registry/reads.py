"""Reads: static documents that a cache can hold, the same for whoever asks."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from http import HTTPStatus

from aiohttp import hdrs, web

from registry.kinds import KINDS, Kind
from registry.memory import Memory, Version, read, version_of
from registry.problems import NotPublished
from registry.store import Store, StoredDocument

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

TO_ALL_READERS = {
    hdrs.ACCESS_CONTROL_ALLOW_ORIGIN: "*",  # any page may read what anyone may read
    "X-Content-Type-Options": "nosniff",
}


def headers_of(kind: Kind) -> dict[str, str]:
    """What is said with each document of that kind."""
    return {hdrs.CONTENT_TYPE: kind.content_type, hdrs.CACHE_CONTROL: kind.caching, **TO_ALL_READERS}


class Reads:
    """A GET and a HEAD for each URL of `KINDS`."""

    def __init__(self, store: Store, memory: Memory) -> None:
        self._store = store
        self._memory = memory

    def register(self, app: web.Application) -> None:
        by_route: dict[str, list[Kind]] = {}
        for kind in KINDS:
            by_route.setdefault(kind.route, []).append(kind)
        for route, kinds in by_route.items():
            app.router.add_get(route, self._handler(kinds))

    def _handler(self, kinds: Iterable[Kind]) -> Handler:
        async def handler(request: web.Request) -> web.StreamResponse:
            for kind in kinds:
                file = self._store.name(kind, request.match_info)
                # Asked without a thread, as servers of files do: the kernel knows, whoever wrote it.
                if (version := version_of(file)) is not None:
                    return await self._answer(request, kind, file, version)
            raise NotPublished("there is no such document")

        return handler

    async def _answer(
        self, request: web.Request, kind: Kind, file: str, version: Version
    ) -> web.StreamResponse:
        if not kind.in_memory:
            return web.FileResponse(file, headers=headers_of(kind))
        document = self._memory.recall(file, version) or await self._load(kind, file)
        if any(tag.value in (document.etag, "*") for tag in request.if_none_match or ()):
            return web.Response(status=HTTPStatus.NOT_MODIFIED, headers=_headers(document))
        return web.Response(body=document.body, headers=_headers(document))

    async def _load(self, kind: Kind, file: str) -> StoredDocument:
        found = await asyncio.to_thread(read, kind, file)
        if found is None:
            raise NotPublished("there is no such document")
        version, document = found
        self._memory.remember(file, version, document)
        return document


def _headers(document: StoredDocument) -> dict[str, str]:
    return {**headers_of(document.kind), hdrs.ETAG: f'"{document.etag}"'}

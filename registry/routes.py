"""The registry's writes over HTTP: authenticated, bounded, and verified before they are stored."""

import asyncio
import hashlib
import logging
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from http import HTTPStatus

import base58
from aiohttp import BodyPartReader, web

from registry.access import Writers
from registry.kinds import CHECKPOINT, CONTEXT, LOG, RESOURCE, STATUS_LIST, TAILS, Kind
from registry.problems import NoRoomLeft, WriteTooSlow
from registry.publishing import Outcome, Publications
from registry.settings import Limits
from registry.store import Store
from signed_documents.errors import DocumentRefused, Reason
from signed_documents.files import whole_file_without_blocking

LOGGER = logging.getLogger(__name__)

WRITING = web.AppKey("writing", ThreadPoolExecutor)
"""Threads of their own: writers that wait for each other keep no reader waiting."""
LIMITS = web.AppKey("limits", Limits)
_CHUNK = 256 * 1024
_ENVELOPE = 4 * 1024
"""Bytes that multipart puts round a file."""


class Routes:
    def __init__(self, store: Store, publications: Publications, writers: Writers) -> None:
        self._store = store
        self._publications = publications
        self._writers = writers

    def register(self, app: web.Application) -> None:
        app.add_routes(
            [
                web.get("/status/live", self.live),
                web.put(LOG.route, self.put_log),
                web.put(RESOURCE.route, self.put_resource),
                web.put(CONTEXT.route, self.put_context),
                web.put(STATUS_LIST.route, self.put_status_list),
                web.put(CHECKPOINT.route, self.put_checkpoint),
                web.put(TAILS.route, self.put_tails),
            ]
        )

    async def live(self, _request: web.Request) -> web.Response:
        return web.json_response({"alive": True}, headers={"Cache-Control": "no-store"})

    async def put_log(self, request: web.Request) -> web.Response:
        namespace = self._own_namespace(request)
        body = await body_of(request, LOG)
        return await written(request, lambda: self._publications.publish_log(namespace, body))

    async def put_resource(self, request: web.Request) -> web.Response:
        namespace, digest = self._own_namespace(request), request.match_info["digest"]
        body = await body_of(request, RESOURCE)
        return await written(request, lambda: self._publications.publish_resource(namespace, digest, body))

    async def put_context(self, request: web.Request) -> web.Response:
        name, version = request.match_info["context"], request.match_info["version"]
        self._writers.require_context_writer(request)
        body = await body_of(request, CONTEXT)
        return await written(request, lambda: self._publications.publish_context(name, version, body))

    async def put_status_list(self, request: web.Request) -> web.Response:
        namespace = self._own_namespace(request)
        body = await body_of(request, STATUS_LIST)
        purpose, number = request.match_info["purpose"], request.match_info["number"]
        return await written(
            request, lambda: self._publications.publish_status_list(namespace, purpose, number, body)
        )

    async def put_checkpoint(self, request: web.Request) -> web.Response:
        namespace = self._own_namespace(request)
        body = await body_of(request, CHECKPOINT)
        return await written(request, lambda: self._publications.publish_checkpoint(namespace, body))

    async def put_tails(self, request: web.Request) -> web.Response:
        """Take a tails file, sent as ACA-Py does: multipart, in the field `tails`."""
        writer = self._writers.require_writer(request)
        file = self._store.file(TAILS, request.match_info)
        if await asyncio.to_thread(file.is_file):
            return web.json_response({"outcome": Outcome.UNCHANGED})
        _require_size(request.content_length, TAILS.max_bytes + _ENVELOPE)
        limits = request.app[LIMITS]
        async with _in_time(limits.tails_seconds), whole_file_without_blocking(file) as partial:
            part = await _tails_part(request)
            digest, size = hashlib.sha256(), 0
            while chunk := await part.read_chunk(_CHUNK):
                size += len(chunk)
                _require_size(size, TAILS.max_bytes)
                digest.update(chunk)
                await asyncio.to_thread(partial.write, chunk)
            _require_hash(digest.digest(), file.name)
            await asyncio.to_thread(self._take_room, writer, file.name, size, limits)
        LOGGER.info("created %s", request.path)
        return web.json_response({"outcome": Outcome.CREATED}, status=HTTPStatus.CREATED)

    def _take_room(self, writer: str, tails: str, size: int, limits: Limits) -> None:
        with self._store.writing(writer):
            if self._store.tails_of(writer) + size > limits.tails_bytes_per_writer:
                raise NoRoomLeft("the tails files of this writer take as much room as they may")
            self._store.mark_tails(tails, writer, size)

    def _own_namespace(self, request: web.Request) -> str:
        namespace = request.match_info["namespace"]
        self._writers.require_writer_of(namespace, request)
        return namespace


async def body_of(request: web.Request, kind: Kind) -> bytes:
    """The body of a write, refused as soon as it says or shows to be larger than that kind may be."""
    _require_size(request.content_length, kind.max_bytes)
    body = bytearray()
    async with _in_time(request.app[LIMITS].document_seconds):
        async for chunk in request.content.iter_any():
            body += chunk
            _require_size(len(body), kind.max_bytes)
    return bytes(body)


async def written(request: web.Request, publish: Callable[[], Outcome]) -> web.Response:
    """The answer to a write that `publish`, which blocks, verifies and stores."""
    loop = asyncio.get_running_loop()
    outcome = await loop.run_in_executor(request.app[WRITING], publish)
    LOGGER.info("%s %s", outcome, request.path)
    status = HTTPStatus.CREATED if outcome is Outcome.CREATED else HTTPStatus.OK
    return web.json_response({"outcome": outcome}, status=status)


async def _tails_part(request: web.Request) -> BodyPartReader:
    if request.content_type != "multipart/form-data":
        raise DocumentRefused(Reason.MALFORMED, "a tails file is sent as multipart/form-data")
    part = await (await request.multipart()).next()
    if not isinstance(part, BodyPartReader) or part.name != "tails":
        raise DocumentRefused(Reason.MALFORMED, "the first field must be called tails")
    return part


@asynccontextmanager
async def _in_time(seconds: float) -> AsyncIterator[None]:
    """Raise `WriteTooSlow` if what is sent has not arrived by then: nobody keeps a place by trickling."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as error:
        raise WriteTooSlow("the body did not arrive in time") from error


def _require_size(size: int | None, most: int) -> None:
    if size is not None and size > most:
        raise DocumentRefused(Reason.TOO_LARGE, "this is larger than any document of its kind that we take")


def _require_hash(digest: bytes, name: str) -> None:
    if base58.b58encode(digest).decode() != name:
        raise DocumentRefused(Reason.WRONG_DIGEST, "the tails file does not have the hash in its name")

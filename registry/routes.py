"""The registry's HTTP: reads that a cache can hold, writes that are authenticated and verified."""

import asyncio
import hashlib
import logging
from collections.abc import Callable
from http import HTTPStatus

import base58
from aiohttp import BodyPartReader, hdrs, web

from registry.access import Writers
from registry.problems import NotPublished
from registry.publishing import Outcome, Publications
from registry.store import CONTEXT, DIGEST, NAMESPACE, NUMBER, PURPOSE, TAILS, VERSION, Store, StoredDocument
from signed_documents.errors import DocumentRefused, Reason
from signed_documents.files import whole_file_without_blocking

LOGGER = logging.getLogger(__name__)

FOREVER = "public, max-age=31536000, immutable"
REVALIDATE = "public, no-cache"
MAX_TAILS_BYTES = 256 * 1024 * 1024  # a registry of a million credentials
_CHUNK = 256 * 1024


class Routes:
    def __init__(self, store: Store, publications: Publications, writers: Writers) -> None:
        self._store = store
        self._publications = publications
        self._writers = writers

    def register(self, app: web.Application) -> None:
        log = f"/{{namespace:{NAMESPACE}}}/did.jsonl"
        resource = f"/{{namespace:{NAMESPACE}}}/resources/{{digest:{DIGEST}}}"
        context = f"/contexts/{{name:{CONTEXT}}}/{{version:{VERSION}}}"
        status = f"/{{namespace:{NAMESPACE}}}/status/{{purpose:{PURPOSE}}}/{{number:{NUMBER}}}"
        checkpoint = f"/{{namespace:{NAMESPACE}}}/audit/checkpoint"
        tails = f"/hash/{{name:{TAILS}}}"
        app.add_routes(
            [
                web.get("/status/live", self.live),
                web.get(log, self.get_log),
                web.put(log, self.put_log),
                web.get(resource, self.get_resource),
                web.put(resource, self.put_resource),
                web.get(context, self.get_context),
                web.put(context, self.put_context),
                web.get(status, self.get_status_list),
                web.put(status, self.put_status_list),
                web.get(checkpoint, self.get_checkpoint),
                web.put(checkpoint, self.put_checkpoint),
                web.get(tails, self.get_tails),
                web.put(tails, self.put_tails),
            ]
        )

    async def live(self, _request: web.Request) -> web.Response:
        return web.json_response({"alive": True}, headers={"Cache-Control": "no-store"})

    async def get_log(self, request: web.Request) -> web.Response:
        document = await asyncio.to_thread(self._store.log, request.match_info["namespace"])
        return _served(request, document, "text/jsonl")

    async def put_log(self, request: web.Request) -> web.Response:
        namespace = request.match_info["namespace"]
        self._writers.require_writer_of(namespace, request)
        body = await request.read()
        return await _written(request, lambda: self._publications.publish_log(namespace, body))

    async def get_resource(self, request: web.Request) -> web.Response:
        names = request.match_info
        document = await asyncio.to_thread(self._store.resource, names["namespace"], names["digest"])
        # Credo-TS reads as JSON only what is called exactly so.
        return _served(request, document, "application/json")

    async def put_resource(self, request: web.Request) -> web.Response:
        namespace, digest = request.match_info["namespace"], request.match_info["digest"]
        self._writers.require_writer_of(namespace, request)
        body = await request.read()
        return await _written(request, lambda: self._publications.publish_resource(namespace, digest, body))

    async def get_context(self, request: web.Request) -> web.Response:
        names = request.match_info
        document = await asyncio.to_thread(self._store.context, names["name"], names["version"])
        return _served(request, document, "application/ld+json")

    async def put_context(self, request: web.Request) -> web.Response:
        name, version = request.match_info["name"], request.match_info["version"]
        self._writers.require_context_writer(request)
        body = await request.read()
        return await _written(request, lambda: self._publications.publish_context(name, version, body))

    async def get_status_list(self, request: web.Request) -> web.Response:
        names = request.match_info
        document = await asyncio.to_thread(
            self._store.status_list, names["namespace"], names["purpose"], names["number"]
        )
        return _served(request, document, "application/vc")

    async def put_status_list(self, request: web.Request) -> web.Response:
        namespace = request.match_info["namespace"]
        self._writers.require_writer_of(namespace, request)
        body = await request.read()
        purpose, number = request.match_info["purpose"], request.match_info["number"]
        return await _written(
            request, lambda: self._publications.publish_status_list(namespace, purpose, number, body)
        )

    async def get_checkpoint(self, request: web.Request) -> web.Response:
        document = await asyncio.to_thread(self._store.checkpoint, request.match_info["namespace"])
        return _served(request, document, "text/plain")

    async def put_checkpoint(self, request: web.Request) -> web.Response:
        namespace = request.match_info["namespace"]
        self._writers.require_writer_of(namespace, request)
        body = await request.read()
        return await _written(request, lambda: self._publications.publish_checkpoint(namespace, body))

    async def get_tails(self, request: web.Request) -> web.StreamResponse:
        file = self._store.tails_file(request.match_info["name"])
        if not await asyncio.to_thread(file.is_file):
            raise NotPublished("there is no such tails file")
        headers = {"Cache-Control": FOREVER, "Content-Type": "application/octet-stream"}
        return web.FileResponse(file, headers=headers)

    async def put_tails(self, request: web.Request) -> web.Response:
        """Take a tails file, sent as ACA-Py does: multipart, in the field `tails`."""
        self._writers.require_writer(request)
        file = self._store.tails_file(request.match_info["name"])
        if await asyncio.to_thread(file.is_file):
            return web.json_response({"outcome": Outcome.UNCHANGED})
        part = await _tails_part(request)
        async with whole_file_without_blocking(file) as partial:
            digest, size = hashlib.sha256(), 0
            while chunk := await part.read_chunk(_CHUNK):
                size += len(chunk)
                _require_size(size)
                digest.update(chunk)
                await asyncio.to_thread(partial.write, chunk)
            _require_hash(digest.digest(), file.name)
        LOGGER.info("created %s", request.path)
        return web.json_response({"outcome": Outcome.CREATED}, status=HTTPStatus.CREATED)


def _served(request: web.Request, document: StoredDocument | None, content_type: str) -> web.Response:
    if document is None:
        raise NotPublished("there is no such document")
    headers = {"Cache-Control": FOREVER if document.immutable else REVALIDATE, "ETag": f'"{document.etag}"'}
    if any(tag.value in (document.etag, "*") for tag in request.if_none_match or ()):
        return web.Response(status=HTTPStatus.NOT_MODIFIED, headers=headers)
    return web.Response(body=document.body, content_type=content_type, headers=headers)


async def _written(request: web.Request, publish: Callable[[], Outcome]) -> web.Response:
    outcome = await asyncio.to_thread(publish)
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


def _require_size(size: int) -> None:
    if size > MAX_TAILS_BYTES:
        raise DocumentRefused(Reason.TOO_LARGE, "the tails file is larger than any we take")


def _require_hash(digest: bytes, name: str) -> None:
    if base58.b58encode(digest).decode() != name:
        raise DocumentRefused(Reason.WRONG_DIGEST, "the tails file does not have the hash in its name")


async def open_to_all_readers(request: web.Request, response: web.StreamResponse) -> None:
    """Let any page read what anyone may read; nothing here depends on who asks."""
    if request.method in (hdrs.METH_GET, hdrs.METH_HEAD):
        response.headers[hdrs.ACCESS_CONTROL_ALLOW_ORIGIN] = "*"

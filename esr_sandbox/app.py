"""Serves the ESR API of `schemas/esr/openapi.yml` to organisations' programs."""

import sys
import time
from datetime import UTC, datetime
from typing import NoReturn
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

from aiohttp import web

from esr_sandbox.answers import problem, problems
from esr_sandbox.contradictions import Contradictions
from esr_sandbox.control import Control, OutboundFolder, control_routes
from esr_sandbox.directory import Directory
from esr_sandbox.mutual_tls import TlsNotUsable, certificate_of, server_context
from esr_sandbox.outage import Outage
from esr_sandbox.records import Search
from esr_sandbox.settings import Settings
from esr_sandbox.tokens import TokenIssuer

NOT_STARTED = 1
_BEARER = "Bearer "
_ONE_PERSON = "/v1/people/{employee_number:(?!searches$)[^/]+}"
"""A search is no person: it says which methods it takes."""


def create_app(settings: Settings) -> web.Application:
    """Make the sandbox; its people are invented here."""
    directory = Directory(settings, lambda: settings.today or datetime.now(ZoneInfo("Europe/London")).date())
    certified = settings.tls is not None
    tokens = TokenIssuer(settings.clients, settings.token_seconds, time.monotonic, certified=certified)
    outage = Outage()
    app = web.Application(middlewares=[problems, outage.middleware], client_max_size=64 * 1024)
    app.add_routes(EsrApi(directory, tokens, settings.candidate_limit, outage.contradictions).routes())
    app.add_routes([web.get("/status/ready", _ready)])
    if settings.control_token is not None:
        control = Control(directory, outage, tokens, OutboundFolder(settings.outbound))
        app.add_routes(control_routes(control, settings.control_token))
    return app


def run(settings: Settings) -> None:
    """Serve until told to stop. No access log: paths name people. What keeps it from starting is one line."""
    try:
        tls = None if settings.tls is None else server_context(settings.tls)
        web.run_app(
            create_app(settings),
            host=settings.host,
            port=settings.port,
            ssl_context=tls,
            access_log=None,
            print=None,
            shutdown_timeout=1,
        )
    except TlsNotUsable as wrong:
        _stop(str(wrong))
    except OSError as error:
        _stop(f"port {settings.port} cannot be opened: {error.strerror}")


def _stop(why: str) -> NoReturn:
    sys.stderr.write(f"staff-passport esr-sandbox: {why}\n")
    sys.exit(NOT_STARTED)


class EsrApi:
    """The routes of the contract. Whom they speak of is bounded by the VPD of the caller's token."""

    def __init__(
        self,
        directory: Directory,
        tokens: TokenIssuer,
        candidate_limit: int,
        contradictions: Contradictions,
    ) -> None:
        self._directory = directory
        self._contradictions = contradictions
        self._tokens = tokens
        self._candidate_limit = candidate_limit

    def routes(self) -> list[web.RouteDef]:
        """List the contract's routes."""
        person = "/v1/people/{employee_number}"
        return [
            web.post("/oauth2/token", self.issue_token),
            web.post("/v1/people/searches", self.find_candidates),
            web.get(_ONE_PERSON, self.get_person, allow_head=False),
            web.get(f"{person}/assignments", self.list_assignments, allow_head=False),
            web.get(f"{person}/checks", self.list_checks, allow_head=False),
            web.get("/v1/users/{employee_number}/access", self.get_user_access, allow_head=False),
        ]

    async def issue_token(self, request: web.Request) -> web.Response:
        """RFC 6749, section 4.4: client credentials in the form; the token is bound to the certificate."""
        form = await _form(request)
        grant_type, client_id, client_secret = (
            form.get(name, "") for name in ("grant_type", "client_id", "client_secret")
        )
        if not grant_type:
            return web.json_response({"error": "invalid_request"}, status=400)
        if grant_type != "client_credentials":
            return web.json_response({"error": "unsupported_grant_type"}, status=400)
        certificate = certificate_of(request)
        token = self._tokens.issue(client_id, client_secret, certificate)
        if token is None:
            return web.json_response({"error": "invalid_client"}, status=401)
        answer = {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": self._tokens.seconds,
            "vpd": self._tokens.vpd(token, certificate),
        }
        return web.json_response(answer, headers={"Cache-Control": "no-store"})

    async def find_candidates(self, request: web.Request) -> web.Response:
        """List who of this VPD could be meant."""
        if (vpd := self._vpd(request)) is None:
            return _no_token()
        search = Search.model_validate_json(await request.read())
        found = self._directory.candidates(vpd, search)
        shown = [person.on_the_wire() for person in found[: self._candidate_limit]]
        return web.json_response({"people": shown, "complete": len(shown) == len(found)})

    async def get_person(self, request: web.Request) -> web.Response:
        """Give one person."""
        if (vpd := self._vpd(request)) is None:
            return _no_token()
        person = self._directory.member(vpd, _number(request)).person.on_the_wire()
        return web.json_response(self._contradictions.person(person))

    async def list_assignments(self, request: web.Request) -> web.Response:
        """List one person's assignments."""
        if (vpd := self._vpd(request)) is None:
            return _no_token()
        member = self._directory.member(vpd, _number(request))
        assignments = [each.on_the_wire() for each in member.assignments]
        return web.json_response({"assignments": self._contradictions.assignments(assignments)})

    async def list_checks(self, request: web.Request) -> web.Response:
        """List one person's employment checks."""
        if (vpd := self._vpd(request)) is None:
            return _no_token()
        member = self._directory.member(vpd, _number(request))
        checks = [each.on_the_wire() for each in member.checks]
        return web.json_response({"checks": self._contradictions.checks(checks)})

    async def get_user_access(self, request: web.Request) -> web.Response:
        """Give one member of staff's own access record."""
        if (vpd := self._vpd(request)) is None:
            return _no_token()
        access = self._directory.member(vpd, _number(request)).access.on_the_wire()
        return web.json_response(self._contradictions.access(access))

    def _vpd(self, request: web.Request) -> str | None:
        """Return the VPD for which the caller's token speaks, shown with the caller's certificate."""
        given = request.headers.get("Authorization", "")
        if not given.startswith(_BEARER):
            return None
        return self._tokens.vpd(given.removeprefix(_BEARER), certificate_of(request))


async def _form(request: web.Request) -> dict[str, str]:
    """Read a form, whatever was sent as one; what is none has no fields."""
    return dict(parse_qsl((await request.read()).decode(errors="replace")))


def _number(request: web.Request) -> str:
    return request.match_info["employee_number"]


def _no_token() -> web.Response:
    return problem(401, "invalid_token", "The token is absent, unknown, expired or another certificate's.")


async def _ready(_request: web.Request) -> web.Response:
    return web.json_response({"ready": True, "at": datetime.now(UTC).isoformat(timespec="seconds")})

"""Changes the sandbox's people and health, for demonstrations and tests; nothing like it exists in ESR."""

import secrets
from datetime import date
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler
from pydantic import BaseModel, ConfigDict, Field, JsonValue, SecretStr, TypeAdapter

from esr_sandbox import building, slices
from esr_sandbox.answers import problem
from esr_sandbox.contradictions import Contradiction
from esr_sandbox.directory import Directory, UnknownRecord
from esr_sandbox.files import FileKind
from esr_sandbox.outage import Outage, OutageMode
from esr_sandbox.records import (
    Assignment,
    Check,
    Person,
    Record,
    Registration,
    StaffMember,
    SupplementaryRole,
)
from esr_sandbox.tokens import TokenIssuer

_FIELDS = TypeAdapter(dict[str, JsonValue])
_PERSON = "/sandbox/people/{vpd}/{employee_number}"


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class EndBody(_Body):
    """The last day of an assignment, which is still worked; today when not said."""

    on: date | None = None


class StatusBody(_Body):
    """The status of a user's own record."""

    status: str = Field(pattern="^(Active|Inactive)$")


class OutageBody(_Body):
    """How the API is out and for how many seconds; until told when not said."""

    mode: OutageMode
    seconds: float | None = Field(default=None, gt=0, le=3600)
    delay: float = Field(default=0, ge=0, le=3600)
    """After how many seconds a slow answer comes."""
    contradictions: frozenset[Contradiction] = frozenset(Contradiction)
    """What inconsistent answers have; everything when not said."""


class OutboundFileBody(_Body):
    """Of which VPD an outbound file is made: F, full, or D, what is different since the last one."""

    vpd: str
    kind: FileKind


class OutboundFolder:
    """Where outbound files are left, if that was said."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def leave(self, name: str, text: str) -> None:
        """Leave a file; it has its name only when it is whole."""
        if self._folder is None:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        unfinished = self._folder / f".{name}"
        unfinished.write_text(text, encoding="utf-8")
        unfinished.rename(self._folder / name)


def control_routes(control: "Control", control_token: SecretStr) -> list[web.RouteDef]:
    """List the operator's routes, each open only to the bearer of `control_token`."""

    def guarded(handler: Handler) -> Handler:
        async def answer(request: web.Request) -> web.StreamResponse:
            given = request.headers.get("Authorization", "").encode()
            if not secrets.compare_digest(given, f"Bearer {control_token.get_secret_value()}".encode()):
                return problem(401, "invalid_token", "The control token is absent or wrong.")
            return await handler(request)

        return answer

    return [web.route(method, path, guarded(handler)) for method, path, handler in control.table()]


class Control:
    """What the operator of the sandbox may do."""

    def __init__(
        self, directory: Directory, outage: Outage, tokens: TokenIssuer, outbound: OutboundFolder
    ) -> None:
        self._directory = directory
        self._outbound = outbound
        self._outage = outage
        self._tokens = tokens

    def table(self) -> list[tuple[str, str, Handler]]:
        """List method, path and handler of every route."""
        return [
            ("GET", "/sandbox/personas", self.list_personas),
            ("POST", "/sandbox/reset", self.reset),
            ("POST", "/sandbox/outage", self.begin_outage),
            ("DELETE", "/sandbox/outage", self.end_outage),
            ("DELETE", "/sandbox/tokens", self.revoke_tokens),
            ("POST", "/sandbox/months", self.pass_month),
            ("POST", "/sandbox/outbound-files", self.make_outbound_file),
            ("PATCH", _PERSON, self.change_person),
            ("PUT", f"{_PERSON}/status", self.set_status),
            ("PUT", _PERSON + "/roles/{role}", self.give_role),
            ("DELETE", _PERSON + "/roles/{role}", self.take_role),
            ("PATCH", _PERSON + "/assignments/{number}", self.change_assignment),
            ("POST", _PERSON + "/assignments/{number}/end", self.end_assignment),
            ("PATCH", _PERSON + "/checks/{type}", self.change_check),
            ("DELETE", _PERSON + "/checks/{type}", self.remove_check),
            ("PATCH", _PERSON + "/registrations/{number}", self.change_registration),
        ]

    async def list_personas(self, _request: web.Request) -> web.Response:
        """List the named cast."""
        return web.json_response({"personas": [each.on_the_wire() for each in self._directory.personas]})

    async def reset(self, _request: web.Request) -> web.Response:
        """Put everything back as it was at the start."""
        self._outage.end()
        self._directory.reset()
        return web.Response(status=204)

    async def begin_outage(self, request: web.Request) -> web.Response:
        """Make the API misbehave."""
        body = OutageBody.model_validate_json(await request.read())
        found = body.contradictions if body.mode is OutageMode.INCONSISTENT else frozenset[Contradiction]()
        self._outage.begin(body.mode, body.seconds, delay=body.delay, contradictions=found)
        return web.Response(status=204)

    async def end_outage(self, _request: web.Request) -> web.Response:
        """Make the API well again."""
        self._outage.end()
        return web.Response(status=204)

    async def revoke_tokens(self, _request: web.Request) -> web.Response:
        """Let every bearer token expire at once."""
        self._tokens.revoke_all()
        return web.Response(status=204)

    async def pass_month(self, _request: web.Request) -> web.Response:
        """Let a month pass, and answer the delta file of every VPD."""
        files = [self._left(*each) for each in self._directory.pass_month()]
        return web.json_response({"on": self._directory.today().isoformat(), "files": files})

    async def make_outbound_file(self, request: web.Request) -> web.Response:
        """Make a VPD's next outbound file."""
        body = OutboundFileBody.model_validate_json(await request.read())
        name, text = self._directory.outbound(body.vpd, body.kind)
        return web.json_response(self._left(body.vpd, name, text))

    def _left(self, vpd: str, name: str, text: str) -> dict[str, str]:
        self._outbound.leave(name, text)
        return {"vpd": vpd, "name": name, "text": text}

    async def change_person(self, request: web.Request) -> web.Response:
        """Set fields of a person, named as in the contract."""
        member = self._member(request)
        person = _changed(member.person, await _fields(request))
        return self._keep(request, member.model_copy(update={"person": person}))

    async def set_status(self, request: web.Request) -> web.Response:
        """Make a user of ESR active or inactive."""
        member = self._member(request)
        status = StatusBody.model_validate_json(await request.read()).status
        access = member.access.model_copy(update={"user_record_status": status})
        return self._keep(request, member.model_copy(update={"access": access}))

    async def give_role(self, request: web.Request) -> web.Response:
        """Give a user a supplementary role in this VPD."""
        role = SupplementaryRole(role=request.match_info["role"], vpd=request.match_info["vpd"])
        return self._with_roles(request, (*self._other_roles(request), role))

    async def take_role(self, request: web.Request) -> web.Response:
        """Take a supplementary role in this VPD from a user."""
        return self._with_roles(request, self._other_roles(request))

    async def change_assignment(self, request: web.Request) -> web.Response:
        """Set fields of an assignment, named as in the contract."""
        member, wanted = self._member(request), request.match_info["number"]
        at, assignment = _find([(each.assignment_number, each) for each in member.assignments], wanted)
        changed = _changed(assignment, await _fields(request))
        return self._with_assignment(request, member, at, changed)

    async def end_assignment(self, request: web.Request) -> web.Response:
        """Give an assignment its last day."""
        member, wanted = self._member(request), request.match_info["number"]
        body = EndBody.model_validate_json(await request.read() or b"{}")
        at, assignment = _find([(each.assignment_number, each) for each in member.assignments], wanted)
        today = self._directory.today()
        last_day = body.on or today
        end = building.ended if last_day < today else building.ending
        member = slices.without_later_terms(member, wanted, last_day)
        return self._with_assignment(request, member, at, end(assignment, last_day))

    async def change_check(self, request: web.Request) -> web.Response:
        """Set fields of a check, named as in the contract."""
        member = self._member(request)
        at, check = _find([(each.check_type, each) for each in member.checks], request.match_info["type"])
        changed = _changed(check, await _fields(request))
        return self._with_checks(request, member, (*member.checks[:at], changed, *member.checks[at + 1 :]))

    async def remove_check(self, request: web.Request) -> web.Response:
        """Take a check away, as if it had never been recorded."""
        member = self._member(request)
        at, _ = _find([(each.check_type, each) for each in member.checks], request.match_info["type"])
        return self._with_checks(request, member, member.checks[:at] + member.checks[at + 1 :])

    async def change_registration(self, request: web.Request) -> web.Response:
        """Set fields of a professional registration, found by its number."""
        member, wanted = self._member(request), request.match_info["number"]
        at, registration = _find([(each.number, each) for each in member.registrations], wanted)
        changed = _changed(registration, await _fields(request))
        registrations = (*member.registrations[:at], changed, *member.registrations[at + 1 :])
        return self._keep(request, member.model_copy(update={"registrations": registrations}))

    def _member(self, request: web.Request) -> StaffMember:
        return self._directory.member(request.match_info["vpd"], request.match_info["employee_number"])

    def _keep(self, request: web.Request, member: StaffMember) -> web.Response:
        self._directory.put(request.match_info["vpd"], member)
        return web.Response(status=204)

    def _other_roles(self, request: web.Request) -> tuple[SupplementaryRole, ...]:
        vpd, role = request.match_info["vpd"], request.match_info["role"]
        roles = self._member(request).access.supplementary_roles
        return tuple(each for each in roles if (each.vpd, each.role) != (vpd, role))

    def _with_roles(self, request: web.Request, roles: tuple[SupplementaryRole, ...]) -> web.Response:
        member = self._member(request)
        access = member.access.model_copy(update={"supplementary_roles": roles})
        return self._keep(request, member.model_copy(update={"access": access}))

    def _with_assignment(
        self, request: web.Request, member: StaffMember, at: int, changed: Assignment
    ) -> web.Response:
        assignments = (*member.assignments[:at], changed, *member.assignments[at + 1 :])
        return self._keep(request, member.model_copy(update={"assignments": assignments}))

    def _with_checks(
        self, request: web.Request, member: StaffMember, checks: tuple[Check, ...]
    ) -> web.Response:
        return self._keep(request, member.model_copy(update={"checks": checks}))


def _changed[R: (Person, Assignment, Check, Registration)](record: R, fields: dict[str, JsonValue]) -> R:
    """Set `fields` of a record. Raises pydantic's `ValidationError` when it would leave the contract."""
    return type(record).model_validate({**record.on_the_wire(), **fields})


def _find[R: Record](records: list[tuple[str, R]], wanted: str) -> tuple[int, R]:
    for at, (name, record) in enumerate(records):
        if name == wanted:
            return at, record
    raise UnknownRecord("This person has no such record.")


async def _fields(request: web.Request) -> dict[str, JsonValue]:
    return _FIELDS.validate_json(await request.read())

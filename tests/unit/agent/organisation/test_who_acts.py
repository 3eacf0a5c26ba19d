"""A key speaks for whom it may speak for: a portal's for its users, a machine's for the machine alone."""

import base64
import hashlib
from contextlib import AbstractAsyncContextManager, nullcontext
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from pydantic import ValidationError

from agent.domain.actors import NEWCOMER, PERMISSIONS, Actor, Permission, Role
from agent.domain.clock import utc_now
from agent.domain.errors import NotAuthenticated, NotPermitted
from agent.domain.ports.authentication import Act
from agent.domain.ports.nominated_users import NominatedUsers
from agent.domain.workforce import OdsCode
from agent.openapi import TABLES
from agent.organisation.assertions import AssertionVerifier
from agent.organisation.machines import Machine, MachineClients
from agent.organisation.people.policy import GIVEN_BY
from agent.organisation.records import UsedAssertions
from agent.organisation.service import AssertedActors
from agent.settings import OrganisationSection
from agent_client import PortalKey

NORTHMOOR = OdsCode("ZZNM1")
AUDIENCE = "urn:staff-passport:agent:ZZNM1"
ACT = Act("GET", "/audit/entries", b"")
PORTAL, ROSTER = PortalKey.new(), PortalKey("roster", PortalKey.new().private)
ENDS = utc_now() + timedelta(days=30)


class Used(UsedAssertions):
    """Those that were used, in memory."""

    def __init__(self) -> None:
        self.ids: set[str] = set()

    def unit(self) -> AbstractAsyncContextManager[object]:
        return nullcontext()

    async def use(self, assertion: str, *, until: datetime) -> bool:
        fresh = assertion not in self.ids
        self.ids.add(assertion)
        return fresh


class Users(NominatedUsers):
    """One nominated user."""

    async def actor(self, user_id: str, *, signed_in_at: datetime | None = None) -> Actor:
        if user_id != "ottilie":
            raise NotPermitted("You are not a nominated user of this organisation.", code="not_nominated")
        return Actor(user_id, NORTHMOOR, PERMISSIONS[Role.NOMINATED_USER], None)

    async def asker(self, user_id: str | None, person: str | None) -> None:
        """Nobody asked for anything."""


def who_acts(now: datetime | None = None) -> AssertedActors:
    machines = {"roster": Machine(frozenset({Permission.PASSPORT_READ}), ENDS)}
    keys = {key.id: key.public_pem for key in (PORTAL, ROSTER)}
    clients = MachineClients(NORTHMOOR, machines, clock=lambda: now or utc_now())
    return AssertedActors(AssertionVerifier(keys, AUDIENCE, NORTHMOOR), Used(), Users(), clients)


def assertion(key: PortalKey, names: str, **instead: object) -> str:
    now = int(utc_now().timestamp())
    claims: dict[str, object] = {
        "iss": key.id,
        "sub": names,
        "aud": AUDIENCE,
        "org": NORTHMOOR,
        "iat": now,
        "exp": now + 30,
        "jti": uuid4().hex,
        "auth_time": now,
        "acr": "urn:staff-passport:acr:demonstration",
        "htm": ACT.method,
        "htu": ACT.path,
        "bdh": base64.urlsafe_b64encode(hashlib.sha256(ACT.body).digest()).rstrip(b"=").decode(),
    }
    return key.assertion(claims | instead)


async def test_a_machine_may_what_it_was_given_and_no_more() -> None:
    actor = await who_acts().actor(assertion(ROSTER, "machine:roster"), ACT)

    assert actor == Actor("machine:roster", NORTHMOOR, frozenset({Permission.PASSPORT_READ}), None)


@pytest.mark.parametrize("names", ["ottilie", "roster", "machine:other", "machine:", ""])
async def test_a_machines_key_speaks_for_nobody_else(names: str) -> None:
    with pytest.raises(NotAuthenticated, match="speaks for somebody else"):
        await who_acts().actor(assertion(ROSTER, names), ACT)


async def test_a_portals_key_speaks_for_no_machine() -> None:
    with pytest.raises(NotAuthenticated, match="speaks for a machine"):
        await who_acts().actor(assertion(PORTAL, "machine:roster"), ACT)
    assert (await who_acts().actor(assertion(PORTAL, "ottilie"), ACT)).id == "ottilie"


async def test_a_machine_acts_until_its_key_expires() -> None:
    in_time, too_late = who_acts(now=ENDS - timedelta(seconds=1)), who_acts(now=ENDS)

    assert (await in_time.actor(assertion(ROSTER, "machine:roster"), ACT)).id == "machine:roster"
    with pytest.raises(NotAuthenticated, match="expired"):
        await too_late.actor(assertion(ROSTER, "machine:roster"), ACT)


async def test_a_machines_assertion_is_used_once_too() -> None:
    acting, once = who_acts(), assertion(ROSTER, "machine:roster")
    await acting.actor(once, ACT)

    with pytest.raises(NotAuthenticated, match="used before"):
        await acting.actor(once, ACT)


async def test_who_signs_with_one_key_in_anothers_name_is_a_stranger() -> None:
    with pytest.raises(NotAuthenticated):
        await who_acts().actor(assertion(PORTAL, "machine:roster", iss="roster"), ACT)


def section(**changes: Any) -> dict[str, Any]:
    return {
        "ods_code": NORTHMOOR,
        "name": "Northmoor Teaching Hospitals",
        "first_people": {
            "director@northmoor.example": {
                "name": "The director",
                "email": "director@northmoor.example",
                "roles": ["hr_director"],
            }
        },
        "portal": "https://portal.staff-passport.example",
        "terms": "docs/terms",
        "portal_keys": {"portal": PORTAL.public_pem},
        "audit_salt": "sixteen characters and more",
        **changes,
    }


def machine(**changes: Any) -> dict[str, Any]:
    return {
        "key": ROSTER.public_pem,
        "permissions": ["passport:read"],
        "expires": "2027-01-01T00:00:00Z",
        **changes,
    }


def test_a_machine_is_configured_with_a_key_permissions_and_an_end() -> None:
    made = OrganisationSection.model_validate(section(machine_clients={"roster": machine()}))

    assert made.machine_clients["roster"].permissions == {Permission.PASSPORT_READ}


@pytest.mark.parametrize(
    "clients",
    [
        {"roster": machine(key="no key")},
        {"roster": machine(permissions=[])},
        {"roster": machine(permissions=["passport:everything"])},
        {"roster": machine(expires="2027-01-01T00:00:00")},
        {"roster": {key: value for key, value in machine().items() if key != "expires"}},
        {"Roster": machine()},
        {"portal": machine()},
        {"roster": machine(key=PORTAL.public_pem)},
        {"roster": machine(), "payroll": machine()},
    ],
    ids=["key", "none", "unknown", "no-zone", "no-end", "name", "a-portals-name", "a-portals-key", "one-key"],
)
def test_a_machine_without_one_of_them_is_not_configured(clients: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        OrganisationSection.model_validate(section(machine_clients=clients))


def test_every_route_names_a_permission_and_every_permission_opens_something() -> None:
    needed = {route.permission for table in TABLES for route in table.routes}

    assert all(isinstance(permission, Permission) for permission in needed)
    by_roles = frozenset().union(*PERMISSIONS.values())
    by_machines = {Permission.NOTIFICATION_DELIVER, Permission.ESR_IMPORT}
    assert needed | set(GIVEN_BY.values()) == set(Permission) == by_roles | by_machines | NEWCOMER


async def test_somebody_whom_nobody_nominated_may_take_up_an_invitation_and_nothing_else() -> None:
    newcomer = await who_acts().actor(assertion(PORTAL, "newcomer"), ACT)

    assert newcomer == Actor("newcomer", NORTHMOOR, frozenset({Permission.INVITATION_ACCEPT}), None)

"""Who acts is proven by an assertion; what they may do is looked up here."""

from datetime import timedelta

from agent.domain.actors import NEWCOMER, Actor
from agent.domain.errors import NotAuthenticated, NotPermitted, StaffPassportError
from agent.domain.ports.authentication import Act, Authentication
from agent.domain.ports.nominated_users import NOT_NOMINATED, NominatedUsers
from agent.organisation.assertions import LEEWAY, AssertionVerifier, VerifiedAssertion
from agent.organisation.machines import PREFIX, MachineClients
from agent.organisation.records import UsedAssertions

CLOCKS = timedelta(minutes=1)
"""A margin for replicas whose clocks differ: an id is forgotten only when nobody would take it any more."""


class AssertedActors(Authentication):
    """Actors as signed assertions name them."""

    def __init__(
        self,
        verifier: AssertionVerifier,
        used: UsedAssertions,
        users: NominatedUsers,
        machines: MachineClients,
    ) -> None:
        self._verifier = verifier
        self._used = used
        self._users = users
        self._machines = machines
        self._organisation = machines.organisation

    async def actor(self, assertion: str | None, act: Act) -> Actor:
        """Verify, mark as used, and only then look up; a replay never gets as far as the look-up.

        In one unit of work, which is kept whatever comes of the look-up: who was refused does not try again.
        """
        verified = self._verifier.verify(assertion, act)
        async with self._used.unit():
            if not await self._used.use(verified.id, until=verified.expires_at + LEEWAY + CLOCKS):
                raise NotAuthenticated("the assertion was used before")
            found = await self._found(verified)
        if isinstance(found, StaffPassportError):
            raise found
        return found

    async def _found(self, verified: VerifiedAssertion) -> Actor | StaffPassportError:
        try:
            return await self._looked_up(verified)
        except (NotAuthenticated, NotPermitted) as refused:
            return refused

    async def _looked_up(self, verified: VerifiedAssertion) -> Actor:
        if verified.issuer in self._machines:
            return self._machines.actor(verified.issuer, named=verified.user_id)
        if verified.user_id.startswith(PREFIX):
            raise NotAuthenticated("a portal's key speaks for a machine")
        return await self._person(verified)

    async def _person(self, verified: VerifiedAssertion) -> Actor:
        """Who signed in; somebody who is nobody here yet may take up an invitation, and nothing else."""
        try:
            return await self._users.actor(verified.user_id, signed_in_at=verified.signed_in_at)
        except NotPermitted as refused:
            if refused.code != NOT_NOMINATED:
                raise
            return Actor(verified.user_id, self._organisation, NEWCOMER, None)

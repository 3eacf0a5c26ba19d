"""What an organisation's agent said a moment ago, for pages that may show it a moment late."""

import time
from collections.abc import Callable

from cachetools import TTLCache

from agent.domain.actors import Permission
from portal.agent_client.passports import PassportCalls, PassportKinds
from portal.sessions import Session

SECONDS = 30
MOST = 1_000


class RememberedPermissions:
    """For pages that show only what the agent tells for them: it judges that call, whatever is known here.

    So somebody who was removed sees what there is to choose for a moment longer, and nothing behind it.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._held = TTLCache[tuple[str, str | None], frozenset[Permission]](MOST, SECONDS, now)

    def keep(self, session: Session, held: frozenset[Permission]) -> None:
        """Remember an answer."""
        self._held[session.digest, session.organisation] = held

    def held(self, session: Session) -> frozenset[Permission]:
        """What was remembered of this session at this organisation; nothing once it is too old."""
        return self._held.get((session.digest, session.organisation), frozenset())


class RememberedKinds:
    """What an organisation's list of passports can be narrowed to: words of nobody in particular."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._kinds = TTLCache[str | None, PassportKinds](MOST, SECONDS, now)

    async def of(self, session: Session, calls: PassportCalls) -> PassportKinds:
        """Asked of the agent when it is too long ago. Raises a `PageError`."""
        known = self._kinds.get(session.organisation)
        if known is None:
            known = self._kinds[session.organisation] = await calls.kinds()
        return known

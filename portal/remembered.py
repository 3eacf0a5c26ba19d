"""What somebody may do, as their organisation's agent said a moment ago."""

import time
from collections.abc import Callable

from agent.domain.actors import Permission
from portal.sessions import Session

SECONDS = 30
PRUNED_FROM = 1_000


class RememberedPermissions:
    """For pages that show only what the agent tells for them: it judges that call, whatever is known here.

    So somebody who was removed sees what there is to choose for a moment longer, and nothing behind it.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._held: dict[tuple[str, str | None], tuple[float, frozenset[Permission]]] = {}

    def keep(self, session: Session, held: frozenset[Permission]) -> None:
        """Remember an answer."""
        now = self._now()
        if len(self._held) >= PRUNED_FROM:
            self._held = {key: each for key, each in self._held.items() if each[0] > now}
        self._held[session.digest, session.organisation] = (now + SECONDS, held)

    def held(self, session: Session) -> frozenset[Permission]:
        """What was remembered of this session at this organisation; nothing once it is too old."""
        until, held = self._held.get((session.digest, session.organisation), (0.0, frozenset()))
        return held if self._now() < until else frozenset()

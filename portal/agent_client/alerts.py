"""What a host accepted and stands otherwise since."""

from dataclasses import dataclass
from datetime import datetime

from agent.domain.credentials import CredentialType
from agent.domain.review import ReviewId, Standing
from portal.agent_client.calls import Answer, Calls


class Alert(Answer):
    """One of them, and who took note of it."""

    id: str
    review: ReviewId
    request: str
    type: CredentialType
    standing: Standing
    raised_at: datetime
    acknowledged_by: str | None = None
    acknowledged_at: datetime | None = None


class AlertPage(Answer):
    """A page of alerts, and where the next one begins."""

    alerts: tuple[Alert, ...]
    next: str | None = None


@dataclass(frozen=True, slots=True)
class AlertCalls:
    """What a host accepted and stands otherwise since."""

    calls: Calls

    async def page(self, *, review: str | None, unseen: bool, cursor: str | None) -> AlertPage:
        """The newest first."""
        told = "true" if unseen else None
        return await self.calls.read(
            AlertPage, "/alerts", review=review, unseen=told, cursor=cursor, limit="25"
        )

    async def acknowledge(self, alert: str, *, key: str) -> Alert:
        """Take note of one; the first who does is named. Raises `NotFound`."""
        return await self.calls.act(Alert, f"/alerts/{alert}/acknowledgement", key=key)

"""The routes of the worker, which sends what people are to be told."""

from agent.domain.actors import Permission
from agent.organisation.messages import Messages
from agent.organisation.notifications import Notifications
from agent.routing import Answer, Call, RouteTable

NOTIFICATION_ROUTES = RouteTable("organisation")


class MessageAnswer(Answer):
    """One e-mail, to be sent now: a link in it replaces any that was made before."""

    to: str
    subject: str
    text: str


class DeliveredAnswer(Answer):
    """That it was sent."""

    id: str


@NOTIFICATION_ROUTES.post(
    "/notifications/{notification}/message",
    permission=Permission.NOTIFICATION_DELIVER,
    summary="Write the message that is to be sent now",
    answer=MessageAnswer,
)
async def write_message(call: Call[None]) -> MessageAnswer:
    """Write it, with a fresh link."""
    message = await call.inject(Messages).write(call.path["notification"])
    return MessageAnswer(to=message.to, subject=message.subject, text=message.text)


@NOTIFICATION_ROUTES.post(
    "/notifications/{notification}/delivery",
    permission=Permission.NOTIFICATION_DELIVER,
    summary="Say that it was sent",
    answer=DeliveredAnswer,
)
async def delivered(call: Call[None]) -> DeliveredAnswer:
    """Remember it."""
    await call.inject(Notifications).sent(call.path["notification"])
    return DeliveredAnswer(id=call.path["notification"])

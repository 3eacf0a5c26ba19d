"""A wallet on a line that loses things: the first of every message of a credential's exchange, both ways.

Run as `python -m tests.support.lossy_wallet wallet --config FILE`.
"""

from typing import Any

from acapy_agent.messaging.agent_message import AgentMessage
from acapy_agent.messaging.base_handler import BaseHandler
from acapy_agent.messaging.request_context import RequestContext
from acapy_agent.messaging.responder import BaseResponder
from acapy_agent.protocols.issue_credential.v2_0.messages.cred_ack import V20CredAck
from acapy_agent.protocols.issue_credential.v2_0.messages.cred_problem_report import V20CredProblemReport
from acapy_agent.protocols.issue_credential.v2_0.messages.cred_request import V20CredRequest

from staff_passport.launch import main
from wallet.holder.repeats import CredentialHandler, OfferHandler

ANSWERS = (V20CredRequest, V20CredAck, V20CredProblemReport)
_lost: set[tuple[type, str]] = set()


def is_lost(message: AgentMessage) -> bool:
    """Whether this is the first of its kind on its thread."""
    key = (type(message), message._thread_id)  # ACA-Py has no public name for it
    if key in _lost:
        return False
    _lost.add(key)
    return True


def lose_what_comes(handler: type[BaseHandler]) -> None:
    """Lose it before the wallet looks at it."""
    honest = handler.handle

    async def lossy(self: BaseHandler, context: RequestContext, responder: BaseResponder) -> None:
        if not is_lost(context.message):
            await honest(self, context, responder)

    handler.handle = lossy  # type: ignore[method-assign]  # the loss


def lose_what_goes(way: str) -> None:
    """Lose it after the wallet believes it sent."""
    honest = getattr(BaseResponder, way)

    async def lossy(self: BaseResponder, message: AgentMessage, **how: Any) -> None:
        if not (isinstance(message, ANSWERS) and is_lost(message)):
            await honest(self, message, **how)

    setattr(BaseResponder, way, lossy)


if __name__ == "__main__":
    lose_what_comes(OfferHandler)
    lose_what_comes(CredentialHandler)
    lose_what_goes("send")
    lose_what_goes("send_reply")
    main()

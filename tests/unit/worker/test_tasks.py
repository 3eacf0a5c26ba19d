"""What a job does about an agent that does not do its part."""

from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any, cast

import pytest

from agent_client import AgentClient, CallFailed
from worker.post import Post
from worker.tasks import Deliveries, RetentionWaits

MESSAGE = {"to": "ada@office.example", "subject": "Staff Passport", "text": "A link."}


@dataclass
class Agent:
    """One organisation's, which answers these problems first."""

    problems: list[int] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    async def post(self, path: str) -> dict[str, Any]:
        self.asked.append(path)
        if self.problems:
            raise CallFailed(self.problems.pop(0), {"code": "a_code", "detail": "ada@office.example"})
        return MESSAGE


@dataclass
class Sent(Post):
    """What went out, from a server that may refuse."""

    messages: list[EmailMessage] = field(default_factory=list)
    refuses: bool = False

    async def send(self, message: EmailMessage) -> None:
        if self.refuses:
            raise ConnectionError("ada@office.example is refused")
        self.messages.append(message)


def deliveries(post: Sent, **agents: Agent) -> Deliveries:
    return Deliveries(cast("dict[str, AgentClient]", agents), post, "staff-passport@operator.example")


async def test_one_organisation_that_cannot_erase_keeps_no_other_from_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    first, second = Agent([503]), Agent()

    with pytest.raises(RetentionWaits):
        await deliveries(Sent(), ZZNM1=first, ZZCB1=second).erase_what_is_due()

    assert (first.asked, second.asked) == (["/retention/runs"], ["/retention/runs"])
    assert "ada@" not in caplog.text


async def test_what_nobody_need_be_told_any_more_is_done() -> None:
    agent, post = Agent([404]), Sent()

    await deliveries(post, ZZNM1=agent).deliver("ZZNM1", "n")

    assert (agent.asked, post.messages) == (["/notifications/n/message"], [])


async def test_what_was_sent_is_told_and_what_was_not_is_not(caplog: pytest.LogCaptureFixture) -> None:
    agent, post = Agent(), Sent(refuses=True)
    with pytest.raises(ConnectionError):
        await deliveries(post, ZZNM1=agent).deliver("ZZNM1", "n")
    post.refuses = False
    await deliveries(post, ZZNM1=agent).deliver("ZZNM1", "n")

    assert agent.asked == [
        "/notifications/n/message",
        "/notifications/n/message",
        "/notifications/n/delivery",
    ]
    assert [message["To"] for message in post.messages] == ["ada@office.example"]
    assert "ada@" not in caplog.text


async def test_one_organisation_that_cannot_import_keeps_no_other_from_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    first, second = Agent([503]), Agent()

    await deliveries(Sent(), ZZNM1=first, ZZCB1=second).import_staff_files()

    assert (first.asked, second.asked) == (["/esr/imports"], ["/esr/imports"])
    assert "Staff files of ZZNM1 wait" in caplog.text
    assert "ada@" not in caplog.text


async def test_an_organisation_without_staff_files_is_nothing_to_tell_of(
    caplog: pytest.LogCaptureFixture,
) -> None:
    await deliveries(Sent(), ZZOP1=Agent([404])).import_staff_files()

    assert caplog.text == ""

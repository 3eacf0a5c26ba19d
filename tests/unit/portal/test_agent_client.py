"""What an agent's answers and problems become."""

from typing import Any, cast

import aiohttp
import pytest

from agent.domain.actors import Permission
from agent_client import AgentClient, CallFailed
from portal.agent_client.calls import Calls
from portal.agent_client.passports import PassportCalls
from portal.agent_client.people import PeopleCalls
from portal.errors import (
    CannotBeRead,
    Faulty,
    NotFound,
    NotPermitted,
    NotSignedIn,
    PageError,
    Refused,
    TooOften,
    Unavailable,
)


class AnAgent:
    """Answers every call in the same way, and remembers what it was asked."""

    def __init__(self, answer: dict[str, Any] | Exception) -> None:
        self.answer = answer
        self.asked: list[str] = []

    async def call(
        self, method: str, path: str, body: object = None, *, key: object = None
    ) -> dict[str, Any]:
        self.asked.append(path)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def calls(agent: AnAgent) -> Calls:
    return Calls(cast("AgentClient", agent))


async def test_permissions_that_we_do_not_know_yet_open_nothing() -> None:
    agent = AnAgent({"user": "a", "person": None, "permissions": ["passport:read", "moon:land"]})

    me = await PeopleCalls(calls(agent)).me()

    assert me.known == {Permission.PASSPORT_READ}


async def test_a_list_is_asked_for_with_what_was_said_and_no_more() -> None:
    agent = AnAgent({"passports": [], "next": None})

    await PassportCalls(calls(agent)).page({"cursor": "a=b&c", "name": "Zoë O'Brien"}, limit=5)

    assert agent.asked == ["/passports?cursor=a%3Db%26c&name=Zo%C3%AB+O%27Brien&limit=5"]


@pytest.mark.parametrize(
    ("status", "code", "page"),
    [
        (401, "not_authenticated", Faulty),
        (403, "not_nominated", NotPermitted),
        (403, "session_ended", NotSignedIn),
        (404, "not_found", NotFound),
        (409, "passport_closed", Refused),
        (422, "unreadable", CannotBeRead),
        (429, "too_often", TooOften),
        (500, "internal_error", Faulty),
        (503, "database_unavailable", Unavailable),
    ],
)
async def test_a_problem_becomes_its_page(status: int, code: str, page: type[PageError]) -> None:
    problem = {"code": code, "detail": "A sentence for people."}

    with pytest.raises(page) as shown:
        await PeopleCalls(calls(AnAgent(CallFailed(status, problem)))).me()

    assert type(shown.value) is page
    assert shown.value.code == code


async def test_every_broken_rule_is_told() -> None:
    refusals = [{"code": "a", "sentence": "First."}, {"code": "b", "sentence": "Second."}]

    with pytest.raises(Refused) as refused:
        await PeopleCalls(calls(AnAgent(CallFailed(409, {"refusals": refusals})))).me()

    assert refused.value.sentences == ("First.", "Second.")


@pytest.mark.parametrize("fault", [aiohttp.ClientConnectionError(), TimeoutError()])
async def test_an_agent_that_does_not_answer_is_unavailable(fault: Exception) -> None:
    with pytest.raises(Unavailable):
        await PeopleCalls(calls(AnAgent(fault))).me()


async def test_an_answer_of_another_form_is_a_fault() -> None:
    with pytest.raises(Faulty):
        await PeopleCalls(calls(AnAgent({"permissions": 7}))).me()

"""Our ESR client when much is asked at once, or ESR asks to be left alone: real HTTP, by a virtual clock."""

import asyncio
from itertools import combinations
from typing import Any

import pytest
from aiohttp import web

from agent.domain.errors import Unavailable
from agent.domain.workforce import EmployeeNumber
from agent.esr_plugin.settings import Timeouts
from tests.support.unwell_esr import Flaky, Says, served
from tests.support.virtual_clock import in_virtual_time, now

NURSE = EmployeeNumber("90100010")
PATIENT = Timeouts(connect=60, answer=60, overall=60)


class Watched(Flaky):
    """An ESR that takes its time, and remembers when it was asked and how many asked at once."""

    def __init__(self, *, takes: float) -> None:
        super().__init__(Says(200))
        self.takes = takes
        self.waiting = 0
        self.most = 0

    async def answer(self, request: web.Request) -> web.Response:
        self.waiting += 1
        self.most = max(self.most, self.waiting)
        await asyncio.sleep(self.takes)
        self.waiting -= 1
        response = await super().answer(request)
        self.asked[-1] -= self.takes  # when it came
        return response


async def asked_many_times(esr: Flaky, times: int, **settings: Any) -> list[object]:
    """What came of each question, all asked at once."""
    async with served(esr, **settings) as client:
        questions = (client.person(NURSE) for _ in range(times))
        return list(await asyncio.gather(*questions, return_exceptions=True))


async def asked_once(esr: Flaky, **settings: Any) -> tuple[object, float]:
    """What came of one question, and after how many seconds."""
    async with served(esr, **{"timeouts": PATIENT, **settings}) as client:
        began = now()
        (outcome,) = await asyncio.gather(client.person(NURSE), return_exceptions=True)
        return outcome, now() - began


def test_a_flood_reaches_esr_as_a_stream() -> None:
    esr = Watched(takes=0.2)
    limits = {"most_in_flight": 3, "requests_a_second": 10, "burst": 5}
    outcomes = in_virtual_time(asked_many_times(esr, 60, timeouts=PATIENT, **limits))
    assert outcomes == [{}] * 60
    assert esr.most == 3
    came = sorted([*esr.tokens_asked, *esr.asked])
    assert len(came) == 61
    for (first, start), (last, end) in combinations(enumerate(came), 2):
        assert last - first + 1 <= 5 + 10 * (end - start) + 0.01


def test_who_has_no_turn_in_the_time_for_a_question_is_told_that_too_much_is_asked() -> None:
    esr = Watched(takes=0.1)
    limits = {"requests_a_second": 1, "burst": 1}
    outcomes = in_virtual_time(asked_many_times(esr, 10, timeouts=Timeouts(overall=5), **limits))
    answered = [each for each in outcomes if each == {}]
    late = [each for each in outcomes if isinstance(each, Unavailable)]
    assert len(answered) + len(late) == 10
    assert len(answered) in {4, 5}  # one a second, after the token
    assert {(each.code, each.retry_after) for each in late} == {("esr_busy", 5)}
    assert len(esr.asked) == len(answered)


def test_who_waits_behind_one_that_esr_leaves_waiting_is_told_that_too_much_is_asked() -> None:
    esr = Watched(takes=100)
    waits = Timeouts(answer=50, overall=5)
    outcomes = in_virtual_time(asked_many_times(esr, 2, most_in_flight=1, timeouts=waits))
    assert [isinstance(each, Unavailable) and each.code for each in outcomes] == [
        "esr_unavailable",
        "esr_busy",
    ]


def test_no_question_takes_longer_than_the_time_for_it() -> None:
    """The last attempt began in time, and does not end in time."""
    esr = Watched(takes=100)
    outcome, seconds = in_virtual_time(asked_once(esr, timeouts=Timeouts(answer=5, overall=12), attempts=5))
    assert isinstance(outcome, Unavailable)
    assert outcome.code == "esr_unavailable"
    assert seconds == pytest.approx(12, abs=0.1)


@pytest.mark.parametrize("status", [429, 503])
def test_esr_is_left_alone_for_as_long_as_it_asks(status: int) -> None:
    esr = Flaky(Says(status, headers={"Retry-After": "7"}), Says(200))
    outcome, _ = in_virtual_time(asked_once(esr))
    assert outcome == {}
    first, second = esr.asked
    assert second - first == pytest.approx(7, abs=0.1)


def test_who_would_have_to_wait_too_long_is_told_at_once_for_how_long() -> None:
    esr = Flaky(Says(429, headers={"Retry-After": "90"}))
    outcome, seconds = in_virtual_time(asked_once(esr))
    assert isinstance(outcome, Unavailable)
    assert (outcome.code, outcome.retry_after) == ("esr_busy", 90)
    assert seconds < 1
    assert len(esr.asked) == 1


def test_an_esr_that_is_busy_without_saying_for_how_long_is_asked_again_after_a_pause_of_ours() -> None:
    esr = Flaky(Says(429), Says(429, headers={"Retry-After": "soon"}), Says(200))
    outcome, _ = in_virtual_time(asked_once(esr, longest_wait=4))
    first, second, third = esr.asked
    assert outcome == {}
    assert 1 <= second - first <= 4.1
    assert 2 <= third - second <= 4.1


def test_an_esr_that_stays_busy_is_busy() -> None:
    esr = Flaky(Says(429))
    outcome, _ = in_virtual_time(asked_once(esr))
    assert isinstance(outcome, Unavailable)
    assert outcome.code == "esr_busy"
    assert len(esr.asked) == 3


def test_pauses_differ_so_that_clients_do_not_come_back_together() -> None:
    """Two pauses out of four seconds' jitter are equal once in a while; ten never are."""
    pauses = set()
    for _ in range(10):
        esr = Flaky(Says(503), Says(200))
        in_virtual_time(asked_once(esr, longest_wait=8))
        pauses.add(round(esr.asked[1] - esr.asked[0], 2))
    assert len(pauses) > 1


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_token_is_asked_for_again_since_that_only_makes_one_more_of_them(status: int) -> None:
    esr = Flaky(Says(200), tokens=[Says(status, headers={"Retry-After": "3"})])
    outcome, _ = in_virtual_time(asked_once(esr))
    assert outcome == {}
    first, second = esr.tokens_asked
    assert second - first == pytest.approx(3, abs=0.1)


@pytest.mark.parametrize("status", [400, 401])
def test_a_token_that_was_refused_is_not_asked_for_again(status: int) -> None:
    esr = Flaky(Says(200), tokens=[Says(status)] * 3)
    outcome, _ = in_virtual_time(asked_once(esr))
    assert isinstance(outcome, Unavailable)
    assert outcome.code == "esr_client_refused"
    assert len(esr.tokens_asked) == 1
    assert esr.asked == []


@pytest.mark.parametrize(
    ("token", "code"),
    [
        (
            '{"access_token": "t", "token_type": "Bearer", "expires_in": 300, "vpd": "902"}',
            "esr_wrong_organisation",
        ),
        ('{"access_token": "t", "token_type": "Bearer", "expires_in": 300}', "esr_answer_malformed"),
    ],
    ids=["another organisation's", "nobody's"],
)
def test_a_token_that_does_not_open_our_own_staff_records_is_never_used(token: str, code: str) -> None:
    esr = Flaky(Says(200), tokens=[Says(200, token)])
    outcome, _ = in_virtual_time(asked_once(esr))
    assert isinstance(outcome, Unavailable)
    assert outcome.code == code
    assert (len(esr.tokens_asked), esr.asked) == (1, [])

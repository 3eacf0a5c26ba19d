"""When a person at the host may accept what was presented."""

from dataclasses import replace

import pytest

from agent.domain.credentials import CredentialType
from agent.domain.review import Standing, Verdict
from agent.verifier.decisions import ACCEPTING, Presented

PASSED = Presented(
    Verdict.ACCEPTED, (CredentialType.EMPLOYMENT,), {CredentialType.EMPLOYMENT: Standing.HOLDS}
)


def refused(presented: Presented) -> list[str]:
    return [refusal.code for refusal in ACCEPTING.refusals(presented)]


def test_what_passed_and_still_counts_can_be_accepted() -> None:
    assert refused(PASSED) == []


@pytest.mark.parametrize("verdict", sorted(set(Verdict) - {Verdict.ACCEPTED}))
def test_no_other_verdict_can_be_accepted(verdict: Verdict) -> None:
    assert refused(replace(PASSED, verdict=verdict, standings={})) == ["verdict_not_accepted"]


@pytest.mark.parametrize("standing", sorted(set(Standing) - {Standing.HOLDS}))
def test_what_does_not_count_any_more_cannot_be_accepted(standing: Standing) -> None:
    assert refused(replace(PASSED, standings={CredentialType.EMPLOYMENT: standing})) == ["stands_otherwise"]


def test_what_was_presented_anew_since_cannot_be_accepted() -> None:
    assert refused(replace(PASSED, standings={})) == ["presentation_over"]

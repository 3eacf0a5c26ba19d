import pytest

from agent.comparison_code import commitment
from agent.comparison_code import comparison_code as at_the_agent
from agent.domain.ports.connections import ConnectionDids
from wallet.comparison import comparison_code

AGENT, WALLET = "did:peer:4zQmAgent", "did:peer:4zQmWallet"


def test_both_ends_get_the_same_code() -> None:
    ours = comparison_code(commitment(AGENT), inviter=AGENT, invitee=WALLET)

    assert ours == at_the_agent(ConnectionDids(ours=AGENT, theirs=WALLET))
    assert ours == comparison_code(commitment(AGENT), inviter=f"{AGENT}:z2M1", invitee=f"{WALLET}:z2M1")


@pytest.mark.parametrize(
    "committed",
    [None, "", commitment(WALLET), commitment("did:peer:4zQmOther"), {"sha-256": commitment(AGENT)}, 7],
)
def test_who_did_not_commit_to_the_did_that_they_then_showed_gets_no_code(committed: object) -> None:
    assert comparison_code(committed, inviter=AGENT, invitee=WALLET) is None


def test_another_did_at_either_end_gives_another_code() -> None:
    other = "did:peer:2.Ez6LS:x"

    codes = [
        comparison_code(commitment(inviter), inviter=inviter, invitee=invitee)
        for inviter, invitee in ((AGENT, WALLET), (AGENT, other), (other, WALLET), (WALLET, AGENT))
    ]

    assert len({*codes, None}) == 5

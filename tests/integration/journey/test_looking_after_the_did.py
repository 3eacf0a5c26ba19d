"""The console program and agents as they run: a DID is shown, changed and witnessed, and people go on."""

from pathlib import Path
from typing import Any

import pytest

from staff_passport.demo.network import CALDER_BAY, NORTHMOOR, Network
from staff_passport.demo.wallet_client import WalletClient
from tests.support.console import Console, Done
from tests.support.holder import Holder
from tests.support.journey import (
    a_review,
    audit_entries,
    host,
    reasons,
    refused,
    registry_down,
    until,
    verdict,
)

type Json = dict[str, Any]


@pytest.fixture
def northmoor(network: Network, tmp_path: Path) -> Console:
    return Console.of(network, NORTHMOOR, tmp_path / "northmoor")


@pytest.fixture
def calder_bay(network: Network, tmp_path: Path) -> Console:
    return Console.of(network, CALDER_BAY, tmp_path / "calder-bay")


async def test_after_new_keys_old_and_new_credentials_are_accepted(
    network: Network, wallet: WalletClient, northmoor: Console
) -> None:
    robin = Holder(network, wallet)
    await robin.an_active_passport("nurse")
    before = (await northmoor.did("show", "--json")).answer

    for command in ("rotate-update-keys", "rotate-assertion-keys", "rotate-audit-key"):
        done = await northmoor.did(command)
        assert (done.code, done.said.splitlines()[-1]) == (0, "Done: anybody can read it."), done
    after = (await northmoor.did("show", "--json")).answer

    assert after["version_number"] == before["version_number"] + 3
    assert [key["use"] for key in after["keys"] if key["until"] is None] == [
        "credential",
        "resource",
        "audit",
    ]
    assert not {key["name"] for key in before["keys"]} - {key["name"] for key in after["keys"]}
    for form in ("w3c", "anoncreds"):
        review = await a_review(network, robin.connect)
        asked = await host(network).post(f"{review}/presentation-requests", {})
        await robin.present(form)
        decided = await verdict(network, asked)
        assert (decided["verdict"], reasons(decided)) == ("accepted", []), form
    told = [entry.action for entry in await audit_entries(network, NORTHMOOR) if "change DID" in entry.action]
    assert list(dict.fromkeys(told))[-3:] == [
        "change DID: rotate update keys",
        "change DID: rotate assertion keys",
        "change DID: rotate audit key",
    ]


async def test_removing_a_key_says_how_many_credentials_stop_and_waits_for_that_number(
    northmoor: Console, network: Network, wallet: WalletClient
) -> None:
    await Holder(network, wallet).an_active_passport("doctor")
    await northmoor.did("rotate-assertion-keys")
    keys = (await northmoor.did("show", "--json")).answer["keys"]
    name = next(key["name"] for key in keys if key["use"] == "credential" and key["until"] is not None)

    told = await northmoor.did("remove-key", name)
    unconfirmed = await northmoor.did("remove-key", name, "--yes", "0")
    current = await northmoor.did("remove-key", keys[0]["name"])

    assert told.code == 1
    assert "credentials that still hold may be signed with it and stop verifying." in told.said
    assert int(told.said.split("--yes ")[1]) >= 3
    assert (unconfirmed.code, "repeat that number" in unconfirmed.complained) == (1, True)
    assert (current.code, "signs now" in current.complained) == (1, True)
    assert keys == (await northmoor.did("show", "--json")).answer["keys"]


async def test_one_organisation_witnesses_what_another_changes(
    network: Network, northmoor: Console, calder_bay: Console
) -> None:
    key = (await northmoor.did("witness", "key")).said.strip()
    asked = await calder_bay.did("set-witnesses", key)
    assert "It waits for its witnesses" in asked.said, asked

    await approved(calder_bay, northmoor)
    waiting = await calder_bay.did(
        "add-service", "about", "About", "https://calder-bay.example/about", "--json"
    )
    another = await calder_bay.did("rotate-update-keys")
    await approved(calder_bay, northmoor)
    await calder_bay.did("remove-service", "about")
    await approved(calder_bay, northmoor)
    await calder_bay.did("set-witnesses")
    await approved(calder_bay, northmoor)

    assert waiting.answer["standing"] == "awaits_witnesses"
    assert (another.code, another.complained) == (
        1,
        "staff-passport: The last change waits for its witnesses.\n",
    )
    found = (await calder_bay.did("show", "--json")).answer
    assert (found["standing"], found["witnesses"], found["services"]) == ("published", None, [])
    told = [entry for entry in await audit_entries(network, NORTHMOOR) if entry.action == "approve DID log"]
    assert len(told) >= 4


async def approved(asks: Console, witness: Console) -> None:
    log, approval = asks.folder / "did-log.json", witness.folder / "did-approval.json"
    for done in (
        await asks.did("log"),
        await witness.did("witness", "sign", str(log)),
        await asks.did("witness", "submit", str(approval)),
    ):
        assert done.code == 0, done


async def test_a_change_waits_for_a_registry_that_is_down(network: Network, northmoor: Console) -> None:
    async with registry_down(network):
        done = await northmoor.did("add-service", "about", "About", "https://northmoor.example/about")
        show = await northmoor.did("show", "--json")

    assert (done.code, "The agent tries again every five minutes." in done.said) == (0, True), done
    assert show.answer["standing"] == "awaits_registry"

    async def removed() -> Done:
        return await northmoor.did("remove-service", "about")

    last = await until(removed, lambda done: done.code == 0)
    assert "about" not in last.said


async def test_who_may_not_publish_changes_no_did(network: Network, tmp_path: Path) -> None:
    somebody = Console.of(network, NORTHMOOR, tmp_path / "hr", user="ottilie@northmoor.example")

    shown, changed = await somebody.did("show"), await somebody.did("rotate-update-keys")

    assert shown.code == 0
    assert (changed.code, "organisation:publish" in changed.complained) == (1, True)


async def test_what_cannot_be_read_is_answered_field_by_field(network: Network) -> None:
    client = network.client(NORTHMOOR)
    for change in (
        {"kind": "nonsense"},
        {"kind": "add_service", "name": "a b", "type": "X", "endpoint": "https://x.example"},
        {"kind": "add_service", "name": "a", "type": "X", "endpoint": "http://x.example"},
        {"kind": "set_witnesses", "witnesses": ["did:key:z1"]},
        {"kind": "set_witnesses", "witnesses": [], "threshold": 0},
        {"kind": "rotate_update_keys", "next_key": "z6Mk"},
        {"kind": "rotate_update_keys", "more": 1},
    ):
        failed = await refused(client.post("/organisation/did/changes", {"change": change}))
        assert failed.code == "invalid_input", change
        assert failed.problem["fields"], change


async def test_an_agent_that_does_not_answer_is_said_in_a_line(network: Network, tmp_path: Path) -> None:
    nobody = Console.of(network, NORTHMOOR, tmp_path / "nobody", url="http://127.0.0.1:1")

    assert await nobody.did("show") == Done(1, "", "staff-passport: the agent does not answer\n")

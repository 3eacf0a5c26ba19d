"""The operator's people keep the trust list by `staff-passport trust`, with keys and roots in files."""

from pathlib import Path

import pytest
import yaml
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from staff_passport.demo.network import OPERATOR, Network
from staff_passport.demo.onboarding import OPERATORS
from staff_passport.demo.trust import operator_of
from tests.support.console import Console, Done

CODE = "ZZTC1"


@pytest.fixture
def olu(network: Network, tmp_path: Path) -> Console:
    return Console.of(network, OPERATOR, tmp_path / "olu", user=f"{OPERATORS[0]}@operator.example")


@pytest.fixture
def oona(network: Network, tmp_path: Path) -> Console:
    return Console.of(network, OPERATOR, tmp_path / "oona", user=f"{OPERATORS[1]}@operator.example")


def done(ended: Done) -> Done:
    assert ended.code == 0, ended
    return ended


async def listed(olu: Console) -> str:
    """The line of the organisation in the list, as it is shown."""
    lines = done(await olu.call("trust", "show")).said.splitlines()
    return next(line for line in lines if line.startswith(CODE))


async def test_an_organisation_is_entered_changed_suspended_and_restored_by_two(
    network: Network, olu: Console, oona: Console
) -> None:
    may_ask = [{"type": "identity", "valid_from": "2026-01-01"}]
    said = {"name": "Fell Example Trust", "region": "North West", "may_issue": [], "may_ask": may_ask}
    (olu.folder / "entry.yml").write_text(yaml.safe_dump(said))
    (olu.folder / "change.yml").write_text(yaml.safe_dump({"name": "Fell Example Hospitals"}))

    done(await olu.call("trust", "register", CODE, "--file", "entry.yml"))
    assert "not published" in await listed(olu)
    done(await olu.call("trust", "change", CODE, "--file", "change.yml"))
    done(await olu.call("trust", "publish"))
    assert await listed(olu) == f"{CODE:8}{'registered':12}Fell Example Hospitals"

    done(await olu.call("trust", "suspend", CODE))
    changed = await olu.call("trust", "change", CODE, "--file", "change.yml")
    alone = await olu.call("trust", "restore", CODE)
    done(await olu.call("trust", "ask-to-restore", CODE))
    own = await olu.call("trust", "restore", CODE)
    assert "suspended" in await listed(olu)
    done(await oona.call("trust", "restore", CODE))

    assert await listed(olu) == f"{CODE:8}{'registered':12}Fell Example Hospitals"
    assert [each.code for each in (changed, alone, own)] == [1, 1, 1]
    assert "suspended" in changed.complained
    assert "asked" in alone.complained
    shown = done(await olu.call("trust", "show", CODE)).answer
    assert len(shown["suspensions"]) == 1
    assert shown["suspensions"][0]["until"] is not None


async def test_two_people_sign_the_next_root_by_files(network: Network, olu: Console) -> None:
    for number, key in enumerate(network.root_keys):
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (olu.folder / f"{number}.key").write_bytes(pem)
    before = (await operator_of(network).get("/trust-list/root"))["version"]

    prepared = done(await olu.call("trust", "root", "prepare", "--out", "root.json"))
    unsigned = await olu.call("trust", "root", "submit", "root.json")
    first = done(await olu.offline("trust", "root", "sign", "root.json", "--key", "0.key"))
    one_alone = await olu.call("trust", "root", "submit", "root.json")
    done(await olu.offline("trust", "root", "sign", "root.json", "--key", "2.key"))
    submitted = done(await olu.call("trust", "root", "submit", "root.json"))

    assert first.said == f"Signed: {prepared.said}"
    assert prepared.said.startswith(f"root {before + 1}, valid until ")
    assert [each.code for each in (unsigned, one_alone)] == [1, 1]
    assert submitted.said.startswith(f"root {before + 1}, to ")
    shown = done(await olu.call("trust", "root", "show"))
    assert shown.said == (olu.folder / "root.json").read_text()


async def test_a_new_key_is_never_written_over_another(network: Network, olu: Console) -> None:
    done(await olu.offline("trust", "keys", "new", "mine.key", "--without-passphrase"))
    before = (olu.folder / "mine.key").read_bytes()

    again = await olu.offline("trust", "keys", "new", "mine.key", "--without-passphrase")

    assert (again.code, len(again.complained.splitlines())) == (2, 1)
    assert (olu.folder / "mine.key").read_bytes() == before
    assert (olu.folder / "mine.key").stat().st_mode & 0o077 == 0
    assert "PUBLIC KEY" in (olu.folder / "mine.key.pub").read_text()

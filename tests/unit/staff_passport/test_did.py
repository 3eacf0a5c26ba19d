"""Looking after a DID at the console: what is told before a signature, what is signed, and who calls."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from typer.testing import CliRunner, Result

from signed_documents.did_documents import (
    organisation_document,
    with_assertion_keys,
    with_service,
    without_key,
)
from signed_documents.encoding import JsonObject, multikey
from signed_documents.identifiers import WebvhDid
from signed_documents.webvh_entries import (
    PreparedEntry,
    append_entry,
    prepare_deactivation,
    prepare_move,
    prepare_new,
    prepare_next,
    prepare_witnesses,
)
from signed_documents.witnesses import WitnessRule
from staff_passport.cli import app
from tests.support.signing import NOON, Publisher, a_publisher, public

LATER = NOON + timedelta(hours=1)
NEW = bytes(range(32))


@dataclass(frozen=True)
class Desk:
    """A machine without network: a folder, a DID's log, and the key that it announced."""

    folder: Path
    publisher: Publisher

    @property
    def document(self) -> JsonObject:
        return self.publisher.log.document_json

    def prepared(self, entry: PreparedEntry | JsonObject | str) -> Path:
        file = self.folder / "change.json"
        said = entry.to_json() if isinstance(entry, PreparedEntry) else entry
        file.write_text(said if isinstance(said, str) else json.dumps(said))
        return file

    def next(self, document: JsonObject) -> PreparedEntry:
        return prepare_next(self.publisher.log, document, created=NOON)

    def sign(self, entry: PreparedEntry | JsonObject | str, *more: str, key: str = "update.pem") -> Result:
        told = ["did", "sign", str(self.prepared(entry)), "--key", str(self.folder / key)]
        told += ["--next", str(self.folder / "next.pem"), "--out", str(self.folder / "signed.json"), *more]
        return CliRunner().invoke(app, told)

    @property
    def signed(self) -> bytes:
        entry: str = json.loads((self.folder / "signed.json").read_text())["entry"]
        return entry.encode()


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    publisher = asyncio.run(a_publisher())
    pem = publisher.next_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "update.pem").write_bytes(pem)
    return Desk(tmp_path, publisher)


def test_a_change_is_told_signed_and_the_next_key_is_made(desk: Desk) -> None:
    entry = desk.next(with_service(desk.document, "trqp", "TRQP", "https://trqp.example"))

    done = desk.sign(entry, "--yes")

    assert done.exit_code == 0, done.output
    assert "Adds the service trqp (TRQP) at https://trqp.example." in done.output
    assert (desk.folder / "next.pem").stat().st_mode & 0o777 == 0o600
    log = append_entry(desk.publisher.log, desk.signed, now=LATER)
    assert log.document_json["service"][0]["serviceEndpoint"] == "https://trqp.example"


def test_nothing_is_signed_before_somebody_agrees(desk: Desk) -> None:
    done = desk.sign(desk.next(desk.document))

    assert done.exit_code == 1
    assert not (desk.folder / "signed.json").exists()
    assert not (desk.folder / "next.pem").exists()


def test_two_changes_one_after_the_other_use_the_key_that_was_made(desk: Desk) -> None:
    desk.sign(desk.next(desk.document), "--yes")
    log = append_entry(desk.publisher.log, desk.signed, now=LATER)
    (desk.folder / "next.pem").rename(desk.folder / "second.pem")

    done = desk.sign(prepare_next(log, log.document_json, created=LATER), "--yes", key="second.pem")

    assert done.exit_code == 0, done.output
    assert append_entry(log, desk.signed, now=LATER).version_number == 3


def test_a_new_did_is_signed_with_a_key_made_here(desk: Desk) -> None:
    made = CliRunner().invoke(app, ["did", "keys", "new", "--out", str(desk.folder / "first.pem")])
    again = CliRunner().invoke(app, ["did", "keys", "new", "--out", str(desk.folder / "first.pem")])
    keys = {"credential_key": NEW, "resource_key": NEW, "audit_key": NEW}
    entry = prepare_new("did.example", ("nhs",), lambda did: organisation_document(did, **keys), created=NOON)

    done = desk.sign(entry, "--yes", key="first.pem")

    assert (made.exit_code, again.exit_code, done.exit_code) == (0, 2, 0)
    assert "Makes a new DID at https://did.example/nhs." in done.output
    log = append_entry(None, desk.signed, now=LATER)
    assert made.output.splitlines()[0].split()[-1] in log.update_keys


def test_a_key_that_was_not_announced_signs_nothing(desk: Desk) -> None:
    CliRunner().invoke(app, ["did", "keys", "new", "--out", str(desk.folder / "other.pem")])

    done = desk.sign(desk.next(desk.document), "--yes", key="other.pem")

    assert done.exit_code == 2
    assert "is not the key that the last entry announced" in done.output
    assert not (desk.folder / "signed.json").exists()


def test_the_key_that_signs_is_not_announced_again(desk: Desk) -> None:
    (desk.folder / "next.pem").write_bytes((desk.folder / "update.pem").read_bytes())

    assert desk.sign(desk.next(desk.document), "--yes").exit_code == 2


CHANGES: dict[str, tuple[Callable[[Desk], PreparedEntry], tuple[str, ...]]] = {
    "assertion keys": (
        lambda desk: desk.next(with_assertion_keys(desk.document, "key-2018-2", NEW, NEW)),
        (
            "Adds the key key-2018-2, which signs credentials in JSON-LD.",
            f"Adds the key {multikey(NEW)}, which signs credential definitions, status lists and statements.",
            "The key key-2018 may not answer for the DID any more.",
        ),
    ),
    "removal": (
        lambda desk: desk.next(without_key(desk.document, f"{desk.document['id']}#key-2018")),
        ("REMOVES the key key-2018: what it signed does not verify any more.",),
    ),
    "move": (
        lambda desk: prepare_move(
            desk.publisher.log, WebvhDid(desk.publisher.log.did.scid, "b.example", ("x",)), created=NOON
        ),
        ("MOVES the DID to https://b.example/x.", "Adds the name did:web:b.example:x."),
    ),
    "end": (
        lambda desk: prepare_deactivation(desk.publisher.log, created=NOON),
        ("ENDS THE DID FOR GOOD: nothing that it signed verifies any more.",),
    ),
    "witnesses": (
        lambda desk: prepare_witnesses(
            desk.publisher.log,
            WitnessRule(1, (f"did:key:{multikey(public(desk.publisher.audit_key))}",)),
            created=NOON,
        ),
        ("From now on 1 of these must approve every entry: did:key:z6Mk",),
    ),
    "no witnesses": (
        lambda desk: prepare_witnesses(desk.publisher.log, None, created=NOON),
        ("From now on nobody has to approve entries.",),
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_everything_that_a_change_does_is_told(desk: Desk, name: str) -> None:
    prepare, sentences = CHANGES[name]

    told = desk.sign(prepare(desk)).output

    assert all(sentence in told for sentence in sentences), told
    assert desk.publisher.did in told


def hidden(change: Callable[[JsonObject], Any]) -> Callable[[Desk], JsonObject]:
    def made(desk: Desk) -> JsonObject:
        said = json.loads(json.dumps(desk.next(desk.document).to_json()))
        change(said)
        return dict(said)

    return made


def method(said: JsonObject, at: int) -> JsonObject:
    found: JsonObject = said["state"]["verificationMethod"][at]
    return found


SLY: dict[str, tuple[Callable[[Desk], JsonObject], str]] = {
    "another key of the same name": (
        hidden(lambda said: method(said, 1).update(publicKeyMultibase=multikey(NEW))),
        "REPLACES the key",
    ),
    "another controller": (
        hidden(lambda said: method(said, 1).update(controller="did:example:thief")),
        "REPLACES the key",
    ),
    "the audit's key asserts": (
        hidden(lambda said: said["state"]["assertionMethod"].append(method(said, 2)["id"])),
        "may make assertions from now on",
    ),
    "another DID's key asserts": (
        hidden(lambda said: said["state"]["assertionMethod"].append("did:example:thief#key-2018")),
        "did:example:thief#key-2018 may make assertions from now on",
    ),
    "a relationship of its own": (
        hidden(lambda said: said["state"].update(capabilityInvocation=["#key-2018"])),
        "Changes of the document also: capabilityInvocation.",
    ),
    "a parameter": (
        hidden(lambda said: said["parameters"].update(watchers=["https://w.example"])),
        "Sets watchers to ['https://w.example'].",
    ),
}


@pytest.mark.parametrize("name", SLY)
def test_nothing_is_slipped_in_untold(desk: Desk, name: str) -> None:
    prepare, sentence = SLY[name]

    told = desk.sign(prepare(desk))

    assert sentence in told.output, told.output


BAD: dict[str, Callable[[JsonObject], Any]] = {
    "two keys of one name": lambda said: said["state"]["verificationMethod"].append(
        method(said, 0) | {"publicKeyBase58": "x"}
    ),
    "a log that does not verify": lambda said: said.update(log=said["log"].replace("key-2018", "key-2019")),
    "no id": lambda said: said["state"].pop("id"),
    "a key without id": lambda said: method(said, 0).pop("id"),
    "keys that are no list": lambda said: said["state"].update(verificationMethod=7),
    "services that are no objects": lambda said: said["state"].update(service=["x"]),
    "an earlier time": lambda said: said.update(versionTime="2020-01-01T00:00:00Z"),
    "a parameter that there is not": lambda said: said["parameters"].update(nonsense=1),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_told_or_would_not_verify_is_not_signed(desk: Desk, name: str) -> None:
    done = desk.sign(hidden(BAD[name])(desk), "--yes")

    assert done.exit_code == 2, done.output
    assert not (desk.folder / "signed.json").exists()


@pytest.mark.parametrize("text", ["", "{}", "[", '{"type": "staff-passport-did-change/1"}'])
def test_what_is_no_change_is_not_signed(desk: Desk, text: str) -> None:
    assert desk.sign(text, "--yes").exit_code == 2


ACCESS = "url: http://127.0.0.1:1\norganisation: ZZNM1\nkey: key.pem\n"


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ("", "who calls is a machine, or a user together with the portal"),
        ("user: somebody\napi_key: x\n", "who calls is a machine, or a user together with the portal"),
        ("machine: did\n", "either api_key or token is needed"),
        ("machine: did\napi_key: x\ntoken: y\n", "either api_key or token is needed"),
        ("machine: did\napi_key: x\nfoo: y\n", "foo: there is no such setting"),
    ],
)
def test_the_file_says_who_calls_and_how_they_are_let_in(tmp_path: Path, more: str, sentence: str) -> None:
    (tmp_path / "agent.yml").write_text(ACCESS + more)

    done = CliRunner().invoke(app, ["did", "show", "--agent", str(tmp_path / "agent.yml")])

    assert (done.exit_code, sentence in done.output) == (2, True), done.output

"""What the doctor finds in an environment's folder: every fault, by file and line."""

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from signed_documents.trust_roots import OnlineKeys, TrustRoot
from staff_passport.doctor import examine, findings_in

ENVIRONMENTS = Path(__file__).parents[3] / "ledger-config"
EXTERNAL = """\
registry:
  mode: webvh-external
  origin: https://registry.example.org
trust:
  root: root.json
"""
type Change = Callable[[str], str]


@pytest.fixture
def production(tmp_path: Path) -> Path:
    """A copy of the example, to be spoilt."""
    return shutil.copytree(ENVIRONMENTS / "production-example", tmp_path / "production")


def found_in(folder: Path) -> list[str]:
    """The findings, without the way to the folder."""
    return [str(each).removeprefix(f"{folder}/") for each in sorted(findings_in(folder))]


def spoil(file: Path, change: Change) -> None:
    before = file.read_text()
    after = change(before)
    assert after != before
    file.write_text(after)


@pytest.mark.parametrize("name", sorted(each.name for each in ENVIRONMENTS.iterdir() if each.is_dir()))
def test_our_own_environments_are_whole(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert examine(ENVIRONMENTS / name) == 0
    assert "nothing is wrong" in capsys.readouterr().out


def test_each_of_the_three_environments_is_there() -> None:
    assert {each.name for each in ENVIRONMENTS.iterdir()} >= {"embedded", "test", "production-example"}


def test_every_fault_is_told_at_once_and_the_exit_code_is_1(
    production: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil(production / "environment.yml", lambda text: text.replace("https://", "http://"))
    (production / "root.json").unlink()
    spoil(production / "environment.yml", lambda text: text.replace("mode: indy", "mode: sovrin"))

    assert examine(production) == 1

    said = capsys.readouterr().out.replace(f"{production}/", "").splitlines()
    assert [line.split(" ")[:2] for line in said] == [
        ["environment.yml:3:", "registry.mode:"],
        ["environment.yml:4:", "registry.origin:"],
    ]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda text: text.replace("mode: indy", "mode: sovrin"),
            "environment.yml:3: registry.mode: Input should be 'webvh-embedded', 'webvh-external' or 'indy'",
        ),
        (
            lambda text: text.replace("mode: indy", "mode: webvh-external"),
            (
                "environment.yml:1: registry: an indy section means nothing to the mode webvh-external: "
                "take it out"
            ),
        ),
        (
            lambda text: text.replace("  origin: https://registry.staff-passport.example\n", ""),
            "environment.yml:1: registry.origin is missing: add it",
        ),
        (
            lambda text: text.replace("registry.staff-passport.example", "localhost:8443"),
            (
                "environment.yml:4: registry.origin: must be https with a dotted host, no port and no path: "
                "it stands in identifiers"
            ),
        ),
        (
            lambda text: text.replace("origin:", "orgin:"),
            "environment.yml:4: registry.orgin is nothing that is known here: take it out, or mend its name",
        ),
        (
            lambda text: text.replace('version: "2.1"', "version: 2.1"),
            "environment.yml:10: registry.indy.taa.version: Input should be a valid string",
        ),
        (
            lambda text: text.replace("on_file", "On File"),
            "environment.yml:9: registry.indy.taa.mechanism: String should match pattern '^[a-z_]{1,40}$'",
        ),
        (
            lambda text: text.replace('      version: "2.1"\n', ""),
            "environment.yml:8: registry.indy.taa.version is missing: add it",
        ),
        (
            lambda text: text.replace("ledgers: ledgers.yml", "ledgers: ../ledgers.yml"),
            "environment.yml:6: registry.indy.ledgers: must name a file in this folder",
        ),
        (
            lambda text: text.replace("ledgers: ledgers.yml", "ledgers: others.yml"),
            "environment.yml:6: there is no file others.yml in this folder: add it",
        ),
        (
            lambda text: text.replace("operator: ", "operator: did:sov:"),
            (
                "environment.yml:7: registry.indy.operator: String should match pattern "
                "'^[1-9A-HJ-NP-Za-km-z]{21,22}$'"
            ),
        ),
        (
            lambda text: text.partition("trust:")[0],
            "environment.yml:1: trust is missing: add it",
        ),
        (
            lambda text: text.replace("root: root.json", "root: null"),
            (
                "environment.yml:1: trust.root names no file: only an embedded environment makes its root "
                "when it starts"
            ),
        ),
        (
            lambda text: text.replace("root.json", "other.json"),
            "environment.yml:12: there is no file other.json in this folder: add the trust list's root",
        ),
        (lambda text: text + "trust: {}\n", "environment.yml:13: trust stands here twice: keep one of them"),
        (
            lambda text: text.replace("  mode: indy", "  mode: [indy"),
            "environment.yml:4: this is not YAML: expected ',' or ']', but got ':'",
        ),
        (
            lambda _: "- a list\n",
            "environment.yml:1: Input should be a valid dictionary or instance of Environment",
        ),
    ],
)
def test_what_is_wrong_with_the_environment(production: Path, change: Change, said: str) -> None:
    spoil(production / "environment.yml", change)

    assert said in found_in(production)


def without_first(text: str) -> str:
    first, second = text.split("- id: staff-passport-other")
    comment, _, writer = first.partition("- id:")
    return f"{comment}- id: staff-passport-other{second}- id:{writer}"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            without_first,
            (
                "ledgers.yml:8: the production writer staff-passport-production stands first: "
                "ACA-Py writes to another ledger otherwise"
            ),
        ),
        (
            lambda text: text.replace("is_write: true", "is_write: false").replace(
                "  endorser_did: ATkb98UVkGH5HngQfap2H7\n  endorser_alias: operator\n", ""
            ),
            "ledgers.yml:3: no ledger has is_write: true: agents write to one of them",
        ),
        (
            lambda text: text.replace(
                "is_production: true\n  is_write: true", "is_production: false\n  is_write: true"
            ),
            (
                "ledgers.yml:14: ACA-Py would take staff-passport-other for the ledger to write to: "
                "it prefers production ones"
            ),
        ),
        (
            lambda text: text.replace("staff-passport-other", "staff-passport-production"),
            "ledgers.yml:11: the id staff-passport-production stands here twice",
        ),
        (
            lambda text: text.replace("  read_only: true\n", "  pool_name: staff-passport-production\n"),
            "ledgers.yml:14: the pool staff-passport-production stands here twice",
        ),
        (
            lambda text: text.replace("is_write: true", "is_write: 'yes'"),
            "ledgers.yml:5: 0.is_write: Input should be a valid boolean",
        ),
        (
            lambda text: text.replace("  genesis_file: genesis/production.txn\n", ""),
            (
                "ledgers.yml:3: 0: one of genesis_file, genesis_url, genesis_transactions is needed, "
                "and here are 0"
            ),
        ),
        (
            lambda text: text.replace("keepalive: 60", "genesis_url: https://ledger.example/genesis"),
            (
                "ledgers.yml:3: 0: one of genesis_file, genesis_url, genesis_transactions is needed, "
                "and here are 2"
            ),
        ),
        (
            lambda text: text.replace(
                "genesis_file: genesis/production.txn", "genesis_url: http://ledger.example/genesis"
            ),
            "ledgers.yml:6: 0.genesis_url: must be https: who answers decides which ledger this is",
        ),
        (
            lambda text: text.replace("genesis/production.txn", "genesis/none.txn"),
            "ledgers.yml:6: there is no file genesis/none.txn in this folder: add it",
        ),
        (
            lambda text: text.replace("genesis/production.txn", "/etc/genesis.txn"),
            "ledgers.yml:6: 0.genesis_file: must name a file in this folder",
        ),
        (
            lambda text: text.replace("  endorser_alias: operator\n", ""),
            "ledgers.yml:3: 0: endorser_did and endorser_alias go together: say both, or neither",
        ),
        (
            lambda text: text.replace("keepalive: 60", "keepalive: 1"),
            "ledgers.yml:7: 0.keepalive: Input should be greater than or equal to 5",
        ),
        (
            lambda text: text.replace("keepalive: 60", "keep_alive: 60"),
            "ledgers.yml:7: 0.keep_alive is nothing that is known here: take it out, or mend its name",
        ),
        (
            lambda text: text.replace("is_write: false", "is_write: true"),
            "ledgers.yml:11: 1: it cannot be written to and be read_only: say one of them",
        ),
        (
            lambda text: text.replace("is_write: true\n", "is_write: false\n  read_only: true\n"),
            "ledgers.yml:3: 0: an endorser is for a ledger that is written to: is_write is not true",
        ),
        (lambda _: "[]\n", "ledgers.yml:1: List should have at least 1 item after validation, not 0"),
    ],
)
def test_what_is_wrong_with_the_ledgers(production: Path, change: Change, said: str) -> None:
    spoil(production / "ledgers.yml", change)

    assert said in found_in(production)


def in_line(number: int, change: Callable[[dict[str, Any]], object]) -> Change:
    """Change one node's transaction."""

    def changed(text: str) -> str:
        lines = text.splitlines()
        transaction = json.loads(lines[number - 1])
        change(transaction)
        lines[number - 1] = json.dumps(transaction)
        return "\n".join(lines)

    return changed


def data_of(transaction: dict[str, Any]) -> dict[str, Any]:
    data: dict[str, Any] = transaction["txn"]["data"]["data"]
    return data


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda text: text.replace("{", "", 1),
            "production.txn:1: this line is not JSON: each line is one transaction",
        ),
        (
            lambda text: "\n".join(text.splitlines()[:3]),
            "production.txn:1: a pool has at least 4 nodes, and here are 3",
        ),
        (
            in_line(2, lambda one: one["txn"].update(type="1")),
            "production.txn:2: this is not a node transaction: txn.type: Input should be '0'",
        ),
        (
            in_line(3, lambda one: data_of(one).pop("client_ip")),
            "production.txn:3: this is not a node transaction: txn.data.data.client_ip: Field required",
        ),
        (
            in_line(3, lambda one: data_of(one).update(client_port=70_000)),
            (
                "production.txn:3: this is not a node transaction: txn.data.data.client_port: "
                "Input should be less than or equal to 65535"
            ),
        ),
        (
            in_line(3, lambda one: one["txn"]["data"].update(dest="0OIl")),
            (
                "production.txn:3: this is not a node transaction: txn.data.dest: "
                "String should have at least 43 characters"
            ),
        ),
        (
            in_line(4, lambda one: one["txnMetadata"].update(seqNo=9)),
            "production.txn:4: the sequence is broken: this is number 9, and should be 4",
        ),
        (
            in_line(2, lambda one: data_of(one).update(alias="Elder")),
            "production.txn:2: two nodes have one alias: Elder",
        ),
        (
            in_line(2, lambda one: data_of(one).update(client_ip="192.0.2.11", client_port=9702)),
            "production.txn:2: two nodes have one address for clients: 192.0.2.11:9702",
        ),
        (
            in_line(2, lambda one: data_of(one).update(services=[])),
            "production.txn:2: Fir is no validator: its services do not say so",
        ),
        (
            in_line(1, lambda one: data_of(one).update(client_ip="127.0.0.1")),
            "production.txn:1: Elder of a production ledger is on this machine",
        ),
    ],
)
def test_what_is_wrong_with_a_genesis_file(production: Path, change: Change, said: str) -> None:
    spoil(production / "genesis" / "production.txn", change)

    assert [each.removeprefix("genesis/") for each in found_in(production)] == [said]


def test_genesis_transactions_may_stand_in_the_ledgers_file(production: Path) -> None:
    genesis = (production / "genesis" / "production.txn").read_text().splitlines()

    def inline(text: str) -> str:
        lines = "\n".join(f"    {line}" for line in genesis[:3])
        return text.replace("genesis_file: genesis/production.txn", f"genesis_transactions: |\n{lines}")

    spoil(production / "ledgers.yml", inline)

    assert found_in(production) == ["ledgers.yml:6: a pool has at least 4 nodes, and here are 3"]


def a_root(*, threshold: int = 2, signed_by: int = 2, lasting: timedelta = timedelta(days=30)) -> bytes:
    keys = [Ed25519PrivateKey.generate() for _ in range(6)]
    online = OnlineKeys(*(key.public_key().public_bytes_raw() for key in keys[3:]))
    now = datetime.now(UTC)
    root = TrustRoot.prepared([key.public_key().public_bytes_raw() for key in keys[:3]], online, now=now)
    root.metadata.signed.expires = (now + lasting).replace(microsecond=0)
    root.metadata.signed.roles["root"].threshold = threshold
    for key in keys[:signed_by]:
        root.sign(key)
    return root.text


@pytest.mark.parametrize(
    ("root", "said"),
    [
        (b"{}", "this is no root of a trust list"),
        (b"\xff", "this is no root of a trust list"),
        (a_root(threshold=1), "one root key is enough to change it: 2 at least have to be needed"),
        (a_root(signed_by=1), "too few of its own root keys have signed it"),
        (a_root(lasting=timedelta(days=-1)), "it expired on"),
    ],
)
def test_what_is_wrong_with_the_trust_lists_root(production: Path, root: bytes, said: str) -> None:
    (production / "root.json").write_bytes(root)

    (found,) = found_in(production)
    assert found.startswith("root.json:1: ")
    assert said in found


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("key.pem", "\n-----BEGIN PRIVATE KEY-----\n", "key.pem:2: this looks like a private key"),
        ("jwk.json", '{"kty": "OKP", "d": "x"}', "jwk.json:1: this looks like a private key as JWK"),
        ("notes.yml", "a: 1\nwallet_seed: abc\n", "notes.yml:2: this looks like a secret"),
        ("deep/notes.yml", "write_token: abc\n", "deep/notes.yml:1: this looks like a secret"),
        (
            "notes.txt",
            "postgresql://agent:hunter2@db.example/agent\n",
            "notes.txt:1: this looks like a password in an address",
        ),
    ],
)
def test_a_secret_in_the_folder_is_found(production: Path, name: str, text: str, said: str) -> None:
    (production / name).parent.mkdir(exist_ok=True)
    (production / name).write_text(text)

    assert found_in(production) == [f"{said}: take it out, and change it"]


def test_a_registry_that_others_run_needs_no_ledger(production: Path) -> None:
    (production / "environment.yml").write_text(EXTERNAL)

    assert found_in(production) == []


def test_what_is_no_environment_is_told(tmp_path: Path) -> None:
    assert [str(each) for each in findings_in(tmp_path / "none")] == [
        f"{tmp_path}/none:1: there is no such folder: name one of ledger-config/"
    ]
    assert [str(each) for each in findings_in(tmp_path)] == [
        f"{tmp_path}/environment.yml:1: there is no such file: every environment has one"
    ]

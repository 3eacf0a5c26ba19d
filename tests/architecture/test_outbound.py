"""Every place from which something is sent: behind the guard, or to where settings alone say."""

import ast
from collections.abc import Iterator
from pathlib import Path

import acapy_agent
import pytest

PROJECT = Path(__file__).parents[2]
ACAPY = Path(acapy_agent.__file__).parent
CALLS = {
    "ClientSession",
    "TCPConnector",
    "ThreadedResolver",
    "create_connection",
    "open_connection",
    "urlopen",
}
LIBRARIES = {"aiosmtplib", "httpx", "requests", "smtplib", "ftplib", "urllib3", "websockets", "websocket"}
MODULES = {"did_webvh.resolver", "http.client", "urllib.request", "utils.http"}
"""The last is ACA-Py's, as it says itself."""

GUARDED = {
    "signed_documents/fetching.py": "reads documents; a mapped origin is the settings' own",
    "signed_documents/outbound_guard.py": "is the guard",
    "signed_documents/sending.py": "sends DIDComm messages",
}
ASKS_NOBODY = {"registry/twins.py": "rewrites a document with a function of the library's resolver"}
TOLD_BY_SETTINGS = {
    "agent/esr_plugin/connection.py": "ESR",
    "agent/webvh/publisher.py": "this organisation's registry",
    "portal/process.py": "the agents' admin ports, and the providers that people sign in at",
    "worker/post.py": "the mail server",
    "worker/process.py": "the agents' admin ports",
}
OF_ACAPY = {
    "admin/oauth_validator.py": "settings name the key set; we use no OAuth",
    "anoncreds/default/legacy_indy/recover.py": "asks the ledger's registry, by routes that are closed",
    "anoncreds/revocation/revocation.py": "an agent's own tails; a wallet has them before it is asked",
    "config/argparse.py": "reads arguments from a URL that is an argument itself",
    "config/ledger.py": "the genesis that settings name",
    "resolver/default/universal.py": "taken out by agent.webvh and wallet.holder",
    "resolver/default/web.py": "taken out by agent.webvh and wallet.holder",
    "resolver/default/webvh.py": "taken out by agent.webvh and wallet.holder",
    "revocation/models/revocation_registry.py": "Indy's tails; an AnonCreds wallet does not come here",
    "revocation/recover.py": "asks the ledger's registry, by routes that are closed",
    "tails/anoncreds_tails_server.py": "uploads to the registry that settings name",
    "tails/indy_tails_server.py": "uploads to the registry that settings name",
    "transport/outbound/http.py": "our own transport stands in its place",
    "transport/outbound/ws.py": "not registered: ws and wss are not spoken",
    "utils/http.py": "what those above call",
    "utils/tracing.py": "the target is an argument (the log), whatever a message's ~trace says",
    "vc/ld_proofs/document_downloader.py": "our loader, which fetches nothing, stands before it",
}
"""Every file of ACA-Py's that connects by HTTP, and why no stranger can name where to."""


def connecting(root: Path, *folders: str) -> set[str]:
    """The files, by their path below `root`, that call or import what opens connections."""
    files = (file for folder in folders for file in (root / folder).rglob("*.py"))
    return {
        str(file.relative_to(root)) for file in files if "tests" not in file.parts and any(found_in(file))
    }


def found_in(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        match node:
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) if name in CALLS:
                yield name
            case ast.Import(names=names):
                yield from (each.name for each in names if opens(each.name))
            case ast.ImportFrom(module=str(module)) if opens(module):
                yield module


def opens(module: str) -> bool:
    return module in MODULES or module.partition(".")[0] in LIBRARIES


def test_whatever_connects_is_behind_the_guard_or_goes_where_settings_say() -> None:
    ours = connecting(
        PROJECT, "agent", "portal", "registry", "schemas", "signed_documents", "wallet", "worker"
    )

    assert ours == GUARDED.keys() | TOLD_BY_SETTINGS.keys() | ASKS_NOBODY.keys(), (
        "use GuardedFetcher or GuardedSender, or say here why no stranger can name where it connects to"
    )


def test_acapy_connects_from_nowhere_else_than_we_know() -> None:
    assert connecting(ACAPY, ".") == OF_ACAPY.keys(), (
        "find out whether a stranger can name where it connects to, and shut it"
    )


@pytest.mark.parametrize("process", ["agent", "wallet"])
def test_messages_go_out_by_our_transport(process: str) -> None:
    assert f'"--outbound-transport", "{process}.outbound"' in (PROJECT / process / "process.py").read_text()

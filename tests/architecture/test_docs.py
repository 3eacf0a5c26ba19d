"""What the documents say must be there."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel

import schemas
from agent.esr_plugin.settings import EsrSettings
from agent.issuer.settings import IssuerSettings
from agent.operator.settings import OperatorSettings
from agent.organisation.settings import OrganisationSettings
from agent.settings import Settings as AgentSettings
from agent.trust.requests import RegisterOrganisation
from agent.trust.settings import TrustSettings
from agent.verifier.settings import VerifierSettings
from agent.webvh.settings import WebvhSettings
from esr_sandbox.settings import Settings as EsrSandboxSettings
from portal.settings import Settings as PortalSettings
from registry.settings import Settings as RegistrySettings
from signed_documents.contexts import context_digest
from staff_passport.demo.environment import Environment
from wallet.settings import Settings as WalletSettings
from worker.settings import Settings as WorkerSettings

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *ROOT.glob("ledger-config/*.md")])
KINDS: dict[str, type[BaseModel]] = {
    "agent.yml": AgentSettings,
    "portal.yml": PortalSettings,
    "registry.yml": RegistrySettings,
    "wallet.yml": WalletSettings,
    "esr-sandbox.yml": EsrSandboxSettings,
    "worker.yml": WorkerSettings,
    "shared-agent.yml": AgentSettings,
    "operator.yml": AgentSettings,
}
PLUGINS: dict[str, type[BaseModel]] = {
    "agent.organisation": OrganisationSettings,
    "agent.webvh": WebvhSettings,
    "agent.trust": TrustSettings,
    "agent.operator": OperatorSettings,
    "agent.esr_plugin": EsrSettings,
    "agent.issuer": IssuerSettings,
    "agent.verifier": VerifierSettings,
}


def examples() -> dict[str, Any]:
    """The files that the guides show, by the name in their first line."""
    guides = ("docs/how-to/deploy.md", "docs/how-to/run-the-portal.md")
    guide = "\n".join((ROOT / name).read_text(encoding="utf-8") for name in guides)
    shown = re.findall(r"```yaml\n# (\S+)\n(.*?)```", guide, re.DOTALL)
    return {name: yaml.safe_load(text) for name, text in shown}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(document: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", document.read_text(encoding="utf-8"))

    broken = [link for link in links if "://" not in link and not (document.parent / link).exists()]

    assert not broken, f"mend or remove the links of {document.name}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_that_is_named_exists(document: Path) -> None:
    """A name in backquotes that begins with one of our folders, or a test by its name."""
    text = document.read_text(encoding="utf-8")
    folders = "|".join(sorted(path.name for path in ROOT.iterdir() if path.is_dir() and path.name[0] != "."))
    named = re.findall(rf"`((?:{folders})/[\w./-]+)`", text)
    tests = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    files = {path.name for path in (ROOT / "tests").rglob("test_*.py")}

    lost = [name for name in named if not (ROOT / name).exists()]
    lost += [name for name in re.findall(r"`(test_\w+)`", text) if f"def {name}(" not in tests]
    lost += [name for name in re.findall(r"`(test_\w+\.py)`", text) if name not in files]

    assert not lost, f"{document.name} names what is not there"


def test_every_decision_is_in_the_index() -> None:
    folder = ROOT / "docs/adr"
    index = (folder / "README.md").read_text(encoding="utf-8")

    assert [page.name for page in sorted(folder.glob("0*.md")) if f"({page.name})" not in index] == []


@pytest.mark.parametrize("name", KINDS)
def test_the_settings_in_the_deployment_guide_are_valid(name: str) -> None:
    KINDS[name].model_validate(examples()[name])


def test_the_contexts_that_the_guide_has_a_wallet_pin_are_the_national_ones() -> None:
    told = examples()["wallet.yml"]["registry"]
    (origin,) = told["origins"]

    national = schemas.national_contexts(origin, schemas.all_definitions())

    assert told["contexts"] == {url: context_digest(context) for url, context in national.items()}


def test_every_plugin_takes_what_the_deployment_guide_tells_it() -> None:
    shown = examples()
    taken = set()
    for file in ("agent.yml", "operator.yml", "shared-agent.yml"):
        for plugin, told in AgentSettings.model_validate(shown[file]).plugin_configuration.items():
            taken.add(plugin)
            for values in told["organisations"].values():
                PLUGINS[plugin].model_validate(values)
    assert taken == PLUGINS.keys()


def test_the_organisations_of_the_embedded_environment_are_as_the_api_takes_them() -> None:
    for said in Environment.read().organisations:
        RegisterOrganisation.model_validate_json(json.dumps(said))

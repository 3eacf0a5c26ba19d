"""What the documents say must be there."""

import re
from pathlib import Path

import pytest
import yaml

from agent.settings import Settings

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(document: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", document.read_text(encoding="utf-8"))

    broken = [link for link in links if "://" not in link and not (document.parent / link).exists()]

    assert not broken, f"mend or remove the links of {document.name}"


def test_the_settings_in_the_deployment_guide_are_valid() -> None:
    guide = (ROOT / "docs/how-to/deploy.md").read_text(encoding="utf-8")
    example = re.search(r"```yaml\n(.*?)```", guide, re.DOTALL)
    assert example is not None

    settings = Settings.model_validate(yaml.safe_load(example[1]))

    assert list(settings.plugin_configuration)[-2:] == ["agent.issuer", "agent.verifier"]

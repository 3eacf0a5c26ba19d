import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
SKIPPED_TEST = "import pytest\n\ndef test_skipped():\n    pytest.skip('no Node here')\n"
SKIPPED_MODULE = "import pytest\n\npytest.importorskip('a_tool_that_is_not_here')\n"


@pytest.mark.parametrize(
    ("text", "why"), [(SKIPPED_TEST, "no Node here"), (SKIPPED_MODULE, "a_tool_that_is_not_here")]
)
def test_a_test_that_does_not_run_is_a_failure(text: str, why: str, tmp_path: Path) -> None:
    file = tmp_path / "tests" / "unit" / "test_skipped.py"
    file.parent.mkdir(parents=True)
    file.write_text(text)
    session = (sys.executable, "-m", "pytest", "-p", "tests.conftest", f"--rootdir={tmp_path}", str(file))

    ended = subprocess.run(session, cwd=PROJECT, capture_output=True, text=True, check=False)

    assert ended.returncode != 0
    assert "a test that does not run proves nothing" in ended.stdout
    assert why in ended.stdout

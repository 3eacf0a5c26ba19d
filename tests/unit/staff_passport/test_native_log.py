import os
from pathlib import Path

import pytest

from staff_passport.launch import Launch, launch


def test_the_native_library_is_told_to_write_nothing_before_a_process_imports_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("RUST_LOG", "debug")
    file = tmp_path / "any.yml"
    file.write_text("{}", encoding="utf-8")

    launch(Launch("any", "tests.support.any_process:Settings", "tests.support.any_process:run"), file)

    assert os.environ["RUST_LOG"] == "off"

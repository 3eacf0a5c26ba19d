"""Documents are written whole or not at all."""

import fcntl
from pathlib import Path
from typing import IO

import pytest

from registry.kinds import CONTEXT, RESOURCE
from registry.store import Store
from signed_documents.files import remove_abandoned, whole_file


def test_a_write_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    file = tmp_path / "folder" / "document"
    with whole_file(file) as partial:
        partial.write(b"first")

    def interrupted() -> None:
        with whole_file(file) as partial:
            partial.write(b"second, but")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        interrupted()

    assert file.read_bytes() == b"first"
    assert list(file.parent.iterdir()) == [file]


def test_everything_that_anyone_may_read_is_listed_with_its_address(tmp_path: Path) -> None:
    store = Store(tmp_path)
    digest = "zQm" + "a" * 40
    store.put(RESOURCE, b"schema", namespace="organisations/northmoor", digest=digest)
    store.put(CONTEXT, b"context", context="staff", version="v1")
    with store.writing("organisations/northmoor"):
        (tmp_path / "contexts" / "staff" / ".half-written").write_bytes(b"con")

        listed = {document.url: (document.kind, document.file.read_bytes()) for document in store.published()}

    assert listed == {
        f"/organisations/northmoor/resources/{digest}": (RESOURCE, b"schema"),
        "/contexts/staff/v1": (CONTEXT, b"context"),
    }


def test_what_a_dead_process_was_writing_is_removed_and_what_a_living_one_writes_is_not(
    tmp_path: Path,
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / ".partial-abandoned").write_bytes(b"hal")
    (tmp_path / "folder" / "document").write_bytes(b"whole")

    with whole_file(tmp_path / "folder" / "other") as partial:
        partial.write(b"being written")
        removed = Store(tmp_path).remove_abandoned()

    assert removed == 1
    assert {file.name: file.read_bytes() for file in (tmp_path / "folder").iterdir()} == {
        "document": b"whole",
        "other": b"being written",
    }


def test_a_writer_whose_file_was_taken_for_abandoned_before_it_could_lock_it_takes_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = fcntl.flock

    def removed_first(opened: IO[bytes], how: int) -> None:
        monkeypatch.setattr(fcntl, "flock", lock)
        assert remove_abandoned(tmp_path) == 1
        lock(opened.fileno(), how)

    monkeypatch.setattr(fcntl, "flock", removed_first)

    with whole_file(tmp_path / "document") as partial:
        partial.write(b"whole")

    assert (tmp_path / "document").read_bytes() == b"whole"

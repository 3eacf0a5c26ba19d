"""What was read is remembered while its file is the same, whichever process writes it."""

import os
from pathlib import Path

import pytest

from registry.kinds import LOG
from registry.memory import Memory, Version, read, version_of
from registry.store import Store, StoredDocument

NAMESPACE = "organisations/northmoor"
LONG_AGO = 1_700_000_000


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


def put(store: Store, body: bytes, *, namespace: str = NAMESPACE, at: float | None = LONG_AGO) -> str:
    store.put(LOG, body, namespace=namespace)
    file = store.name(LOG, {"namespace": namespace})
    if at is not None:
        os.utime(file, (at, at))
    return file


def remembered(memory: Memory, file: str) -> StoredDocument | None:
    version = version_of(file)
    assert version is not None
    return memory.recall(file, version)


def remember(memory: Memory, file: str) -> Version:
    found = read(LOG, file)
    assert found is not None
    memory.remember(file, *found)
    return found[0]


def test_a_document_is_remembered_until_its_file_is_another(store: Store) -> None:
    memory = Memory()
    file = put(store, b"first")
    remember(memory, file)

    known = remembered(memory, file)
    assert known is not None
    assert known.body == b"first"

    put(store, b"other")  # of the same length, and the same time
    assert remembered(memory, file) is None


def test_a_file_that_was_written_just_now_is_read_again(store: Store) -> None:
    memory = Memory()
    file = put(store, b"first", at=None)
    remember(memory, file)

    assert remembered(memory, file) is None


def test_what_was_asked_for_longest_ago_is_forgotten_first(store: Store) -> None:
    files = [put(store, b"x" * 10_000, namespace=name) for name in ("a", "b", "c")]
    memory = Memory(most_bytes=25_000)
    remember(memory, files[0])
    remember(memory, files[1])
    remembered(memory, files[0])

    remember(memory, files[2])

    assert [remembered(memory, file) is not None for file in files] == [True, False, True]


def test_a_document_larger_than_all_of_it_is_not_remembered(store: Store) -> None:
    memory = Memory(most_bytes=5_000)
    file = put(store, b"x" * 10_000)
    remember(memory, file)

    assert remembered(memory, file) is None


def test_what_is_not_there_has_no_version(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    assert version_of(f"{tmp_path}/nothing") is None
    assert version_of(f"{tmp_path}/file/below a file") is None
    assert read(LOG, f"{tmp_path}/nothing") is None

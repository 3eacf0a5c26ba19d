"""Documents are written whole or not at all."""

from pathlib import Path

import pytest

from registry.store import Store
from signed_documents.files import whole_file


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


def test_a_resource_is_found_whatever_its_kind(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.put_resource("organisations/northmoor", "zQmSchema", b"schema")
    store.put_registry("organisations/northmoor", "zQmRegistry", b"registry")

    schema = store.resource("organisations/northmoor", "zQmSchema")
    registry = store.resource("organisations/northmoor", "zQmRegistry")

    assert schema is not None
    assert registry is not None
    assert (schema.immutable, registry.immutable) == (True, False)
    assert store.resource("organisations/northmoor", "zQmOther") is None

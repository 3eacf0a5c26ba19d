"""Documents are written whole or not at all."""

from pathlib import Path

import pytest

from registry.kinds import CONTEXT, RESOURCE
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

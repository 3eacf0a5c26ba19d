"""Trees and proofs of RFC 6962, against the definition in its section 2.1, written down as it stands."""

import hashlib
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signed_documents.merkle import (
    EMPTY_ROOT,
    Frontier,
    consistency_ranges,
    extends,
    folded,
    includes,
    inclusion_ranges,
    leaf_hash,
    node_hash,
    nodes_of,
)

LEAVES = [leaf_hash(f"entry {number}".encode()) for number in range(70)]


def tree_hash(leaves: Sequence[bytes]) -> bytes:
    """MTH(D[n]), leaves hashed already."""
    if len(leaves) <= 1:
        return leaves[0] if leaves else hashlib.sha256().digest()
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return node_hash(tree_hash(leaves[:half]), tree_hash(leaves[half:]))


def proof(ranges: Sequence[tuple[int, int]]) -> list[bytes]:
    return [tree_hash(LEAVES[start:end]) for start, end in ranges]


sizes = st.integers(min_value=1, max_value=len(LEAVES))


def test_an_empty_log_has_the_root_that_the_rfc_gives_it() -> None:
    assert Frontier().root() == EMPTY_ROOT == hashlib.sha256(b"").digest()


def test_a_leaf_and_a_node_are_never_the_same() -> None:
    """Else an entry could be made up that reads as two."""
    assert leaf_hash(LEAVES[0] + LEAVES[1]) != node_hash(LEAVES[0], LEAVES[1])


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 9, 64, 70])
def test_a_frontier_has_the_root_of_all_that_was_appended(size: int) -> None:
    frontier = Frontier()
    for leaf in LEAVES[:size]:
        frontier.append(leaf)

    assert (frontier.size, frontier.root()) == (size, tree_hash(LEAVES[:size]))


@given(sizes)
@settings(deadline=None)
def test_the_nodes_of_a_log_make_up_its_root(size: int) -> None:
    nodes = nodes_of(0, size)

    assert folded([tree_hash(LEAVES[i << level : (i + 1) << level]) for level, i in nodes]) == tree_hash(
        LEAVES[:size]
    )


@given(sizes, st.data())
@settings(deadline=None)
def test_what_is_in_the_log_can_be_shown_and_nothing_else(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(min_value=0, max_value=size - 1))
    root, shown = tree_hash(LEAVES[:size]), proof(inclusion_ranges(index, size))

    def shows(leaf: bytes, at: int, with_proof: list[bytes]) -> bool:
        return includes(root, size=size, index=at, leaf=leaf, proof=with_proof)

    assert shows(LEAVES[index], index, shown)
    assert not shows(leaf_hash(b"another"), index, shown)
    assert not shows(LEAVES[index], index, [*shown, root])
    assert not any(shows(LEAVES[index], other, shown) for other in range(-1, size + 1) if other != index)


@given(sizes, sizes, st.integers(min_value=0, max_value=6))
@settings(deadline=None)
def test_a_log_that_grew_can_be_shown_to_have_and_one_that_forked_cannot(
    one: int, other: int, changed: int
) -> None:
    earlier, later = sorted((one, other))
    old, new = (earlier, tree_hash(LEAVES[:earlier])), (later, tree_hash(LEAVES[:later]))
    shown = proof(consistency_ranges(earlier, later))

    assert extends(old, new, shown)
    assert not extends(old, new, [*shown, EMPTY_ROOT])
    assert not extends((earlier, leaf_hash(b"forked")), new, shown)
    assert not extends(old, (later, leaf_hash(b"forked")), shown)
    if shown:
        wrong = [*shown]
        wrong[changed % len(shown)] = leaf_hash(b"made up")
        assert not extends(old, new, wrong)


def test_everything_extends_nothing_and_nothing_extends_more() -> None:
    root = tree_hash(LEAVES[:5])

    assert extends((0, EMPTY_ROOT), (5, root), [])
    assert not extends((6, tree_hash(LEAVES[:6])), (5, root), [])

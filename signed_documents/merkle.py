"""Merkle trees over a log that only grows (RFC 6962, section 2.1), and the proofs that two people can check.

A node is a complete subtree: `(level, index)` covers the leaves from `index * 2**level` on, `2**level` many.
"""

import hashlib
from collections.abc import Sequence

type Hash = bytes
type Node = tuple[int, int]
"""Level and index: a complete subtree."""

EMPTY_ROOT = hashlib.sha256().digest()


def leaf_hash(data: bytes) -> Hash:
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: Hash, right: Hash) -> Hash:
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier:
    """The root of everything appended so far, in memory for some twenty hashes, however long the log is."""

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[tuple[int, Hash]] = []  # complete subtrees, by level, the largest first

    def append(self, leaf: Hash) -> None:
        level, top = 0, leaf
        while self._peaks and self._peaks[-1][0] == level:
            top, level = node_hash(self._peaks.pop()[1], top), level + 1
        self._peaks.append((level, top))
        self.size += 1

    def root(self) -> Hash:
        return folded([peak for _, peak in self._peaks])


def nodes_of(start: int, end: int) -> list[Node]:
    """The complete subtrees, the leftmost first, that together are the leaves from `start` to before `end`.

    `start` must be where such a subtree can begin, as it is for every range that a proof speaks of.
    """
    found: list[Node] = []
    while start < end:
        level = (end - start).bit_length() - 1
        found.append((level, start >> level))
        start += 1 << level
    return found


def folded(hashes: Sequence[Hash]) -> Hash:
    """The hash of the range that these complete subtrees make up."""
    if not hashes:
        return EMPTY_ROOT
    *rest, top = hashes
    for left in reversed(rest):
        top = node_hash(left, top)
    return top


def inclusion_ranges(index: int, size: int) -> list[tuple[int, int]]:
    """The ranges of leaves whose hashes prove leaf `index` to be in a tree of `size`, the lowest first."""
    start, end, ranges = 0, size, list[tuple[int, int]]()
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    return ranges[::-1]


def consistency_ranges(earlier: int, later: int) -> list[tuple[int, int]]:
    """The ranges whose hashes prove that the tree of `later` leaves begins with that of `earlier`."""
    if earlier in (0, later):
        return []
    start, end, ranges = 0, later, list[tuple[int, int]]()
    while end != earlier:
        middle = start + _split(end - start)
        if earlier <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    return ([(start, end)] if start else []) + ranges[::-1]


def includes(root: Hash, *, size: int, index: int, leaf: Hash, proof: Sequence[Hash]) -> bool:
    """Whether `proof` shows that `leaf` stands at `index` (from 0) under `root`."""
    if not 0 <= index < size:
        return False
    ranges = inclusion_ranges(index, size)
    if len(ranges) != len(proof):
        return False
    top = leaf
    for (start, _), beside in zip(ranges, proof, strict=True):
        top = node_hash(top, beside) if start > index else node_hash(beside, top)
    return top == root


def extends(earlier: tuple[int, Hash], later: tuple[int, Hash], proof: Sequence[Hash]) -> bool:
    """Whether `proof` shows that the tree `later` (size, root) is `earlier` and what was appended to it."""
    (size, root), (new_size, new_root) = earlier, later
    if size > new_size:
        return False
    if size in (0, new_size):
        return not proof and (size == 0 or root == new_root)
    ranges = consistency_ranges(size, new_size)
    if len(ranges) != len(proof):
        return False
    begins_within = ranges[0][1] == size  # unless the earlier tree is itself one complete subtree
    old = new = proof[0] if begins_within else root
    for (start, _), beside in zip(ranges[begins_within:], proof[begins_within:], strict=True):
        if start < size:
            old, new = node_hash(beside, old), node_hash(beside, new)
        else:
            new = node_hash(new, beside)
    return old == root and new == new_root


def _split(size: int) -> int:
    """The largest power of two that is less than `size`."""
    return 1 << ((size - 1).bit_length() - 1)

"""Merkle trees over entries, as RFC 6962 section 2.1 defines them, with SHA-256.

A signed root commits to every entry and to their order. It does not prove that an entry is true.
"""

from collections.abc import Sequence
from hashlib import sha256


def root_of(entries: Sequence[bytes]) -> bytes:
    """Compute the tree hash of `entries`; of none, it is the hash of the empty string."""
    if not entries:
        return sha256(b"").digest()
    level = [leaf_hash(entry) for entry in entries]
    # Pairing neighbours and carrying an odd one up gives RFC 6962's tree (split at a power of two).
    while len(level) > 1:
        paired = [node_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        if len(level) % 2:
            paired.append(level[-1])
        level = paired
    return level[0]


def proof_of(entries: Sequence[bytes], index: int) -> list[bytes]:
    """Give the audit path of entry `index` (RFC 6962 section 2.1.1), nearest sibling first."""
    if not 0 <= index < len(entries):
        raise IndexError("no such entry")
    path: list[bytes] = []
    level = [leaf_hash(entry) for entry in entries]
    while len(level) > 1:
        sibling = index ^ 1
        if sibling < len(level):
            path.append(level[sibling])
        paired = [node_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        if len(level) % 2:
            paired.append(level[-1])
        level = paired
        index //= 2
    return path


def is_included(entry: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Say whether `entry` is number `index` of `size` under `root` (RFC 9162 section 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    node, last, computed = index, size - 1, leaf_hash(entry)
    for sibling in path:
        if last == 0:
            return False
        if node & 1 or node == last:
            computed = node_hash(sibling, computed)
            while not node & 1 and node:
                node >>= 1
                last >>= 1
        else:
            computed = node_hash(computed, sibling)
        node >>= 1
        last >>= 1
    return last == 0 and computed == root


def leaf_hash(entry: bytes) -> bytes:
    """Hash an entry; the prefix 0x00 keeps a leaf from ever being taken for a node."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two children."""
    return sha256(b"\x01" + left + right).digest()

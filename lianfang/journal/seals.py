"""The arithmetic of seals: a leaf for each entry, a Merkle root for each range, a chain over the ranges.

Leaves and nodes are hashed with different first bytes (RFC 6962, section 2.1), so that no node passes for a leaf.
"""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

from lianfang.journal.drafts import encode, microseconds

BEGINNING = bytes(32)


class Carried(NamedTuple):
    """What a seal covers besides an entry's digest: when it was recorded, its number, and who handed it in."""

    recorded_at: datetime
    seq: int
    by: int | None
    unit: str
    device: str


def leaf(digest: bytes, carried: Carried) -> bytes:
    """Return the leaf of one entry."""
    return sha256(b"\0" + digest + encode([microseconds(carried.recorded_at), *carried[1:]])).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """Return the Merkle root of leaves in their order; of none, the hash of nothing. An odd one moves up as it is."""
    if not leaves:
        return sha256(b"").digest()
    row = list(leaves)
    while len(row) > 1:
        pairs = [sha256(b"\1" + row[place] + row[place + 1]).digest() for place in range(0, len(row) - 1, 2)]
        row = pairs + row[len(pairs) * 2 :]
    return row[0]


def chained(before: bytes, top: bytes, first: int, last: int, count: int) -> bytes:
    """Return the chain's next value.

    Args:
        before: the value of the seal before, :data:`BEGINNING` for the first.
        top: the Merkle root of the range.
        first: the lowest number of the range.
        last: the highest.
        count: how many entries it holds.
    """
    return sha256(before + top + encode([first, last, count])).digest()

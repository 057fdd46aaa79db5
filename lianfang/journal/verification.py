"""Reckoning the whole chain again and naming the first thing that does not agree."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from lianfang.journal import drafts, ids, seals
from lianfang.journal.drafts import Draft
from lianfang.journal.models import DayDigest, Entry, Seal
from lianfang.journal.sealing import CARRIED
from lianfang.journal.seals import Carried


class Disagreement(NamedTuple):
    """Something that is not as it was sealed.

    Attributes:
        what: entry (its content is not what its digest says), range (entries of a sealed range were added, taken
            away or changed), chain (a seal is not the one that was made) or day (its digest is not its seal's).
        seal: the range, as first–last; empty for what is not under a seal yet.
        entry: the id, where one entry can be named.
        seq: its number.
    """

    what: str
    message: str
    seal: str = ""
    entry: UUID | None = None
    seq: int | None = None


class Report(NamedTuple):
    """What was reckoned again, and what did not agree, in the order of the chain."""

    seals: int
    sealed: int
    unsealed: int
    chained: str
    disagreements: list[Disagreement]


def verify() -> Report:
    """Reckon every digest, leaf, root and chain value again from the entries themselves."""
    found: list[Disagreement] = []
    before, last, sealed, number = seals.BEGINNING, 0, 0, 0
    for seal in Seal.objects.order_by("last").iterator():
        number += 1
        leaves, wrong = _range(seal.first, seal.last, str(seal))
        found += wrong
        found += _compare(seal, leaves, before, last)
        before, last, sealed = bytes(seal.chained), seal.last, sealed + len(leaves)
    after, wrong = _range(last + 1, None, "")
    found += wrong + list(_days())
    return Report(number, sealed, len(after), before.hex(), found)


def content(entry: Entry) -> bytes:
    """Return the digest an entry should have by its stored columns."""
    columns = {name: getattr(entry, name) for name in CONTENT}
    personal = bytes(entry.personal) if entry.personal is not None else None
    return drafts.digest(Draft(**columns), drafts.encode(entry.answers), personal)


CONTENT = ("id", "kind", "at", "area", "place", "subject", "quantity", "corrects", "exercise")


def _range(first: int, last: int | None, seal: str) -> tuple[list[bytes], list[Disagreement]]:
    """Return the leaves of a range, reckoned from the content, and the entries that do not agree with their digest."""
    leaves: list[bytes] = []
    wrong: list[Disagreement] = []
    for entry in _entries(first, last):
        digest = content(entry)
        if digest != bytes(entry.digest):
            when = _local(entry.recorded_at)
            message = f"entry {entry.id} (number {entry.seq}, recorded {when}) is not as it was written"
            wrong.append(Disagreement("entry", message, seal, entry.id, entry.seq))
        leaves.append(seals.leaf(digest, Carried(*(getattr(entry, name) for name in CARRIED))))
    return leaves, wrong


def _entries(first: int, last: int | None) -> Iterator[Entry]:
    """Read a range in the order of the numbers, a window at a time: the whole journal is never sorted."""
    window = 4096
    end = last if last is not None else Entry.objects.order_by("-seq").values_list("seq", flat=True).first() or 0
    while first <= end:
        yield from Entry.objects.filter(seq__gte=first, seq__lt=min(first + window, end + 1)).order_by("seq")
        first += window


def _compare(seal: Seal, leaves: list[bytes], before: bytes, last: int) -> Iterator[Disagreement]:
    if seal.first != last + 1:
        yield Disagreement(
            "chain", f"the range before seal {seal} is missing: it should begin at {last + 1}", str(seal)
        )
    if len(leaves) != seal.count:
        message = f"seal {seal} was put on {seal.count} entries; {len(leaves)} are there"
        yield Disagreement("range", message, str(seal))
    elif seals.root(leaves) != bytes(seal.root):
        yield Disagreement("range", f"the entries under seal {seal} are not those that were sealed", str(seal))
    if seals.chained(before, bytes(seal.root), seal.first, seal.last, seal.count) != bytes(seal.chained):
        yield Disagreement("chain", f"seal {seal} does not follow from the one before it", str(seal))


def _days() -> Iterator[Disagreement]:
    for day in DayDigest.objects.select_related("seal").order_by("day"):
        if bytes(day.chained) != bytes(day.seal.chained):
            yield Disagreement("day", f"the digest of {day.day} is not that of seal {day.seal}", str(day.seal))


def _local(at: datetime) -> str:
    return f"{at.astimezone(ids.SHANGHAI):%F %T}"

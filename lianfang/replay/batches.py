"""Records gathered into the batches their devices send."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import msgspec

from lianfang.replay.draws import told
from lianfang.replay.records import Record

MOST = 150
_encoder = msgspec.json.Encoder()


@dataclass(slots=True)
class Batch:
    """What one device sends at once; `sent` is in milliseconds since 1970 and becomes the time of recording."""

    device: str
    sent: int
    records: list[Record] = field(default_factory=list)

    @property
    def prompt(self) -> bool:
        """Say whether it was sent at once for its last row."""
        return self.records[-1].prompt

    def body(self) -> bytes:
        """Return it as `POST /api/entries` takes it."""
        return _encoder.encode({"sent_at": told(self.sent), "entries": [each.wire() for each in self.records]})


def gather(records: Iterable[Record], *, every: int, cuts: Iterable[int]) -> list[Batch]:
    """Return the batches in the order of sending.

    Args:
        records: in the order in which the server gets them.
        every: milliseconds for which a device keeps rows back at most.
        cuts: instants that no batch may straddle: what was recorded before one counts as of it.
    """
    return sorted(_gathered(records, every, sorted(cuts)), key=lambda each: (each.sent, each.device))


def _gathered(records: Iterable[Record], every: int, cuts: list[int]) -> Iterator[Batch]:
    waiting: dict[str, Batch] = {}
    since: dict[str, int] = {}
    for record in records:
        while cuts and record.recorded > cuts[0]:
            cuts.pop(0)
            yield from waiting.values()
            waiting.clear()
        held = waiting.get(record.device)
        if held and (len(held.records) >= MOST or record.recorded - since[record.device] > every):
            yield waiting.pop(record.device)
            held = None
        if held is None:
            held = waiting[record.device] = Batch(record.device, record.recorded)
            since[record.device] = record.recorded
        held.records.append(record)
        held.sent = record.recorded
        if record.prompt:
            yield waiting.pop(record.device)
    yield from waiting.values()

"""Batches laid by on disk, a line each, so that a feed of weeks holds one at a time."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from lianfang.replay.batches import Batch

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Batch)


def write(file: Path, batches: Iterable[Batch]) -> None:
    """Lay batches by in the order given."""
    spare = file.with_suffix(".new")
    with spare.open("wb") as out:
        for batch in batches:
            out.write(_encoder.encode(batch) + b"\n")
    spare.replace(file)


def read(file: Path) -> Iterator[Batch]:
    """Go through what was laid by, one batch at a time."""
    with file.open("rb") as lines:
        for line in lines:
            yield _decoder.decode(line)

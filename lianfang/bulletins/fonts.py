"""The faces a bulletin is set in: where they are and which characters they hold.

The official faces are not free. Fandol stands in for 仿宋, 楷体, 黑体 and 宋体, Noto Serif CJK Bold for 小标宋, and
Noto Serif CJK lends the rare characters Fandol lacks. `lianfang fonts install` puts the files into one folder; nothing
else on the machine is used, so that a bulletin looks the same everywhere.
"""

import struct
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

FANDOL = (
    "FandolFang-Regular.otf",
    "FandolKai-Regular.otf",
    "FandolHei-Regular.otf",
    "FandolSong-Regular.otf",
)
NOTO = ("NotoSerifCJK-Bold.ttc", "NotoSerifCJK-Regular.ttc")
FILES = FANDOL + NOTO
FALLBACK = "NotoSerifCJK-Regular.ttc"
FACES = {
    "body": "FandolFang-Regular.otf",
    "byline": "FandolKai-Regular.otf",
    "heading": "FandolHei-Regular.otf",
    "folio": "FandolSong-Regular.otf",
    "title": "NotoSerifCJK-Bold.ttc",
}


class FontsMissing(Exception):
    """Files of the faces are not in the fonts' folder; `files` names them."""

    def __init__(self, folder: Path, files: Iterable[str]):
        self.files = tuple(files)
        super().__init__(f"Fonts are missing in {folder}: {', '.join(self.files)}. Run `lianfang fonts install`.")


class NoGlyph(Exception):
    """Characters that no face can show; `characters` holds them."""

    def __init__(self, characters: Iterable[str]):
        self.characters = tuple(characters)
        named = ", ".join(f"{each} (U+{ord(each):04X})" for each in self.characters)
        super().__init__(f"No font has a glyph for: {named}")


@dataclass(frozen=True, slots=True)
class Coverage:
    """The characters of one font, as sorted ranges of code points."""

    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def __contains__(self, character: str) -> bool:
        at = bisect_right(self.starts, ord(character)) - 1
        return at >= 0 and ord(character) <= self.ends[at]


def missing(folder: Path) -> list[str]:
    """Return the names of the files that `folder` lacks."""
    return [each for each in FILES if not (folder / each).exists()]


def require(folder: Path) -> Path:
    """Return `folder` if it holds every face.

    Raises:
        FontsMissing: it does not.
    """
    lacking = missing(folder)
    if lacking:
        raise FontsMissing(folder, lacking)
    return folder


def check(texts: Iterable[tuple[str, str]], folder: Path) -> None:
    """Check that every character of `texts`, pairs of face and text, can be shown.

    Raises:
        NoGlyph: some can be shown neither by their face nor by the one that fills in.
    """
    spare = coverage(folder / FALLBACK)
    lacking: dict[str, None] = {}
    for face, text in texts:
        own = coverage(folder / FACES[face])
        lacking.update({each: None for each in text if not each.isspace() and each not in own and each not in spare})
    if lacking:
        raise NoGlyph(lacking)


@lru_cache(maxsize=16)
def coverage(file: Path) -> Coverage:
    """Return the characters of a font file (of the first font of a collection; its fonts share their characters)."""
    data = file.read_bytes()
    ranges = sorted(_ranges(data, _table(data, b"cmap")))
    return Coverage(tuple(start for start, _ in ranges), tuple(end for _, end in ranges))


def _table(data: bytes, tag: bytes) -> int:
    """Return where a table of the font begins."""
    start = struct.unpack_from(">I", data, 12)[0] if data[:4] == b"ttcf" else 0
    (count,) = struct.unpack_from(">H", data, start + 4)
    for index in range(count):
        name, _sum, offset, _length = struct.unpack_from(">4sIII", data, start + 12 + 16 * index)
        if name == tag:
            return int(offset)
    raise ValueError(f"The font has no table {tag!r}")


def _ranges(data: bytes, cmap: int) -> list[tuple[int, int]]:
    """Return the ranges of the widest Unicode subtable: format 12, else format 4."""
    (count,) = struct.unpack_from(">H", data, cmap + 2)
    subtables = [struct.unpack_from(">HHI", data, cmap + 4 + 8 * index) for index in range(count)]
    offsets = [cmap + offset for platform, _encoding, offset in subtables if platform in (0, 3)]
    formats = {struct.unpack_from(">H", data, offset)[0]: offset for offset in offsets}
    if 12 in formats:
        (groups,) = struct.unpack_from(">I", data, formats[12] + 12)
        found = (struct.unpack_from(">III", data, formats[12] + 16 + 12 * index) for index in range(groups))
        return [(start, end) for start, end, _glyph in found]
    return _segments(data, formats[4])


def _segments(data: bytes, at: int) -> list[tuple[int, int]]:
    (doubled,) = struct.unpack_from(">H", data, at + 6)
    size = doubled // 2
    ends = struct.unpack_from(f">{size}H", data, at + 14)
    starts = struct.unpack_from(f">{size}H", data, at + 16 + doubled)
    return [(start, end) for start, end in zip(starts, ends, strict=True) if start != 0xFFFF]

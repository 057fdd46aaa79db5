"""The text of an item: words with live references to figures, and numbers marked as mere words.

`{{vehicles_checked}}` stands for a figure as of the issue's instant; `as_of=2020-02-05T18:00` and `area=110101001`,
separated by spaces, give it an instant or an area of its own. `{{@as_of}}` stands for the issue's instant in words, and
`[[24]]` says that a number (or a Latin word) is meant as it stands.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

MARK = re.compile(r"\{\{(?P<reference>.*?)\}\}|\[\[(?P<plain>.*?)\]\]", re.DOTALL)
NAME = re.compile(r"[a-z][a-z0-9_]*")
KEYS = ("as_of", "area")
INSTANT = "@as_of"


@dataclass(frozen=True, slots=True)
class Words:
    """Text as it stands; `marked` when its writer said that a number in it is meant."""

    text: str
    start: int
    marked: bool = False


@dataclass(frozen=True, slots=True)
class Reference:
    """A figure in the text.

    Args:
        name: the figure's name.
        written: the whole mark as written.
        start: where it begins in the source.
        as_of: an instant of its own; None for the issue's.
        area: a code; empty for everywhere.
    """

    name: str
    written: str
    start: int
    as_of: datetime | None = None
    area: str = ""

    @property
    def key(self) -> "Key":
        """What it asks for, apart from where it stands."""
        return Key(self.name, self.as_of, self.area)


@dataclass(frozen=True, slots=True)
class Key:
    """A figure asked for: name, own instant and area."""

    name: str
    as_of: datetime | None = None
    area: str = ""


@dataclass(frozen=True, slots=True)
class Instant:
    """The issue's instant, to be put in words."""

    written: str
    start: int


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A mark that is no reference: what is wrong with it."""

    written: str
    start: int
    reason: str


Segment = Words | Reference | Instant | Unreadable


def parse(source: str, *, zone: ZoneInfo) -> list[Segment]:
    """Return the segments of a text in order.

    Args:
        source: the text as its writer typed it.
        zone: where an `as_of` without offset is meant.
    """
    segments: list[Segment] = []
    at = 0
    for found in MARK.finditer(source):
        if found.start() > at:
            segments.append(Words(source[at : found.start()], at))
        plain = found.group("plain")
        if plain is not None:
            segments.append(Words(plain, found.start(), marked=True))
        else:
            segments.append(_mark(found.group("reference"), found.group(0), found.start(), zone))
        at = found.end()
    if at < len(source):
        segments.append(Words(source[at:], at))
    return segments


def paragraphs(source: str) -> list[str]:
    """Return the paragraphs of a text: its lines that are not empty."""
    return [line.strip() for line in source.splitlines() if line.strip()]


def references(source: str, *, zone: ZoneInfo) -> Iterator[Reference]:
    """Yield the references of a text in order."""
    yield from (each for each in parse(source, zone=zone) if isinstance(each, Reference))


def rendered(source: str, shown: Callable[[Reference], str], instant: str, *, zone: ZoneInfo) -> str:
    """Return the text as it is printed; what is unreadable stays as written.

    Args:
        source: the text as its writer typed it.
        shown: what a figure prints.
        instant: the issue's instant in words.
        zone: where an `as_of` without offset is meant.
    """

    def printed(segment: Segment) -> str:
        match segment:
            case Words():
                return segment.text
            case Reference():
                return shown(segment)
            case Instant():
                return instant
            case Unreadable():
                return segment.written

    return "".join(printed(each) for each in parse(source, zone=zone))


def _mark(inside: str, written: str, start: int, zone: ZoneInfo) -> Segment:
    if inside.strip() == INSTANT:
        return Instant(written, start)
    return _reference(inside, written, start, zone)


def _reference(inside: str, written: str, start: int, zone: ZoneInfo) -> Reference | Unreadable:
    name, *settings = inside.split() or [""]
    if not NAME.fullmatch(name):
        return Unreadable(written, start, "name")
    told: dict[str, str] = {}
    for each in settings:
        key, equals, value = each.partition("=")
        if key not in KEYS or not equals or not value or key in told:
            return Unreadable(written, start, "setting")
        told[key] = value
    instant = None
    if "as_of" in told:
        try:
            instant = datetime.fromisoformat(told["as_of"])
        except ValueError:
            return Unreadable(written, start, "as_of")
        instant = instant if instant.tzinfo else instant.replace(tzinfo=zone)
    return Reference(name, written, start, instant, told.get("area", ""))

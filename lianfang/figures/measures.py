"""What a declared figure is made of: tallies, each one count, sum or distinct count over entries.

Two figures that count the same thing share one tally, because a tally is known by the hash of what it counts.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo
from hashlib import sha256
from typing import Any

from lianfang.pack.figures import Count, Distinct, Figure, Sum

MICROSECOND = timedelta(microseconds=1)


class Unreckonable(Exception):
    """A declaration cannot be reckoned; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Window:
    """When it must have happened: `start` ≤ at < `end`, None where open; `moving` if it goes with the as-of instant."""

    start: datetime | None = None
    end: datetime | None = None
    moving: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """One count, sum or distinct count over the entries of some kinds.

    Args:
        part: the declaration.
        window: when it must have happened.

    `key` is the hash of both.
    """

    part: Count | Sum | Distinct
    window: Window = Window()
    key: str = field(init=False)

    def __post_init__(self) -> None:
        told = [type(self.part).__name__, _plain(self.part), str(self.window.start), str(self.window.end)]
        object.__setattr__(self, "key", _hash(told))

    @property
    def additive(self) -> bool:
        """Say whether the tally of two sets of entries is the sum of their tallies."""
        return not isinstance(self.part, Distinct)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Tally) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)


@dataclass(frozen=True, slots=True)
class Sides:
    """A figure that is no rate: the tallies that add to it and those that are taken off."""

    plus: Tally
    minus: Tally | None = None

    @property
    def tallies(self) -> tuple[Tally, ...]:
        """Both sides, where there are two."""
        return (self.plus, self.minus) if self.minus else (self.plus,)


def sides(figure: Figure, as_of: datetime, zone: tzinfo) -> Sides:
    """Return the tallies of a figure that is no rate.

    Args:
        figure: the declaration.
        as_of: the instant; a figure since the day or hour moves with it.
        zone: where a day begins.

    Raises:
        Unreckonable: the figure is a rate.
    """
    window = window_of(figure, as_of, zone)
    tallies = [Tally(part, window) for part in figure.measure.parts]
    if not tallies:
        raise Unreckonable(f"{figure.name}: a rate has no tallies of its own")
    return Sides(*tallies)


def window_of(figure: Figure, as_of: datetime, zone: tzinfo) -> Window:
    """Return when it must have happened for a figure to count it."""
    match figure.since:
        case "day":
            day = as_of.astimezone(zone).date()
            return Window(midnight(day, zone), midnight(day + timedelta(days=1), zone), moving=True)
        case "hour":
            # What happened on the hour before belongs to that hour, what happens at the instant belongs to this one.
            return Window(as_of - timedelta(hours=1) + MICROSECOND, as_of + MICROSECOND, moving=True)
    starts = [midnight(figure.since, zone)] if isinstance(figure.since, date) else []
    starts += [midnight(figure.period.from_, zone)] if figure.period else []
    end = midnight(figure.period.to + timedelta(days=1), zone) if figure.period else None
    return Window(max(starts, default=None), end)


def narrowed(tally: Tally, window: Window | None) -> Tally:
    """Return a tally that counts only what also happened in another window; a moving one gives way to it."""
    if window is None:
        return tally
    if tally.window.moving:
        return Tally(tally.part, window)
    starts = [each for each in (tally.window.start, window.start) if each]
    ends = [each for each in (tally.window.end, window.end) if each]
    return Tally(tally.part, Window(max(starts, default=None), min(ends, default=None), moving=True))


def seen(kind: str) -> Tally:
    """Return the tally that tells "nothing was ever recorded" from zero: all entries of a kind."""
    return Tally(Count(kinds=(kind,)))


def bases(names: Iterable[str], figures: Mapping[str, Figure]) -> dict[str, Figure]:
    """Return the figures that must be reckoned for `names`: a rate stands for its numerator and denominator.

    Raises:
        Unreckonable: a name is not declared, or rates are made of each other in a circle.
    """
    found: dict[str, Figure] = {}

    def walk(name: str, above: tuple[str, ...]) -> None:
        if name in above:
            raise Unreckonable(f"{' of '.join((name, *reversed(above)))}: a rate is made of itself")
        figure = declared(name, figures)
        rate = figure.measure.rate
        if rate is None:
            found[name] = figure
            return
        walk(rate.numerator, (*above, name))
        walk(rate.denominator, (*above, name))

    for name in names:
        walk(name, ())
    return found


def declared(name: str, figures: Mapping[str, Figure]) -> Figure:
    """Return the declaration of a figure.

    Raises:
        Unreckonable: the pack does not declare it.
    """
    try:
        return figures[name]
    except KeyError:
        raise Unreckonable(f"{name}: no such figure in the pack") from None


def definition(name: str, figures: Mapping[str, Figure]) -> str:
    """Return the hash of all that decides a figure's number: its measure and window, and those of a rate's sides."""
    figure = declared(name, figures)
    rate = figure.measure.rate
    told: list[Any] = [_plain(figure.measure), str(figure.period), str(figure.since)]
    if rate:
        told += [definition(rate.numerator, figures), definition(rate.denominator, figures)]
    return _hash(told)


def midnight(day: date, zone: tzinfo) -> datetime:
    """Return the instant at which a day begins."""
    return datetime.combine(day, time(), zone)


def _plain(part: Any) -> Any:
    return part.model_dump(mode="json", by_alias=True, warnings=False)


def _hash(told: Any) -> str:
    return sha256(json.dumps(told, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:32]

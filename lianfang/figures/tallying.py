"""Tallies reckoned: the newest sound snapshot before the instant, and what was recorded since.

A snapshot only saves work. Without one, or with `from_entries`, everything is reckoned from the entries.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from django.db import connection

from lianfang.figures import queries
from lianfang.figures.measures import Tally
from lianfang.figures.models import Snapshot, Total
from lianfang.figures.predicates import Sql, Thresholds
from lianfang.figures.queries import Asked, Covered, Span

Key: TypeAlias = tuple[str, ...]
Numbers: TypeAlias = dict[Key, dict[Tally, int]]


@dataclass(frozen=True, slots=True)
class Cut:
    """How rows are grouped: in SQL, and for the cells of a snapshot (None where cells cannot tell)."""

    sql: tuple[Sql, ...] = ()
    of_cell: Callable[[str, str, str], Key] | None = lambda area, unit, place: ()


WHOLE = Cut()
BY_PLACE = Cut(queries.BY_PLACE, lambda area, unit, place: (place,))
BY_UNIT = Cut(queries.BY_UNIT, lambda area, unit, place: (unit,))
BY_CELL = Cut(queries.BY_CELL, lambda area, unit, place: (area, unit, place))


def by_area(length: int) -> Cut:
    """Return the grouping by the areas whose codes have `length` digits."""
    return Cut(queries.by_area(length), lambda area, unit, place: (area[:length],))


def reckon(
    tallies: Iterable[Tally],
    as_of: datetime,
    *,
    asked: Asked = queries.EVERYWHERE,
    cut: Cut = WHOLE,
    thresholds: Sequence[Thresholds] = (),
    from_entries: bool = False,
) -> Numbers:
    """Return each tally's number as of an instant, by the keys of the cut; sums come as millionths.

    Distinct tallies are always counted from the entries: how many different people two days saw together cannot be
    told from how many each saw.

    Args:
        tallies: what to reckon.
        as_of: counted is what was recorded by then.
        asked: the rows that may count.
        cut: the grouping.
        thresholds: the protocol's editions.
        from_entries: build on no snapshot.
    """
    wanted = list(dict.fromkeys(tallies))
    found = nothing()
    standing = [each for each in wanted if each.additive and not each.window.moving]
    moving = [each for each in wanted if each.additive and each.window.moving]
    kept: Mapping[Tally, Sequence[int]] = {}
    if standing and not from_entries and cut.of_cell is not None:
        snapshot, later = around(as_of)
        if snapshot is not None:
            kept = _kept(snapshot, standing)
            _from_cells(found, snapshot, kept, asked, cut.of_cell)
            if snapshot.until < as_of or later is None:
                span = Span(as_of, last=later, base=covered(snapshot))
                count(found, list(kept), span, asked, cut, thresholds)
    count(found, [each for each in standing if each not in kept], Span(as_of), asked, cut, thresholds)
    for group in _by_window(moving):
        count(found, group, Span(as_of), asked, cut, thresholds)
    for each in wanted:
        if not each.additive:
            _distinct(found, each, as_of, asked, cut, thresholds)
    return found


def around(as_of: datetime) -> tuple[Snapshot | None, int | None]:
    """Return the newest sound snapshot by an instant, and the number up to which a later one has seen all by then."""
    sound = Snapshot.objects.sound()
    later = sound.filter(until__gte=as_of).order_by("until").values_list("last", flat=True).first()
    return sound.by(as_of).first(), later


def covered(snapshot: Snapshot) -> Covered:
    """Return what a snapshot counted."""
    return Covered(snapshot.first, snapshot.last, snapshot.until)


def nothing() -> Numbers:
    """Return numbers to add to."""
    return defaultdict(dict)


def count(
    found: Numbers,
    tallies: Sequence[Tally],
    span: Span,
    asked: Asked = queries.EVERYWHERE,
    cut: Cut = WHOLE,
    thresholds: Sequence[Thresholds] = (),
) -> None:
    """Add to `found` what additive tallies come to in a span."""
    if not tallies:
        return
    statement, contents = queries.counting(tallies, span, asked, cut.sql, thresholds)
    for position, *key, numbers in _rows(statement):
        held = found[tuple(key)]
        for tally, number in zip(contents[position], numbers, strict=True):
            held[tally] = held.get(tally, 0) + number


def _distinct(
    found: Numbers, tally: Tally, as_of: datetime, asked: Asked, cut: Cut, thresholds: Sequence[Thresholds]
) -> None:
    for *key, number in _rows(queries.telling_apart(tally, Span(as_of), asked, cut.sql, thresholds)):
        found[tuple(key)][tally] = number


def _kept(snapshot: Snapshot, tallies: Sequence[Tally]) -> dict[Tally, Sequence[int]]:
    by_key = {each.key: each for each in tallies}
    rows = Total.objects.filter(snapshot=snapshot, tally__in=by_key).values_list("tally", "numbers")
    return {by_key[key]: numbers for key, numbers in rows}


def _from_cells(
    found: Numbers,
    snapshot: Snapshot,
    kept: Mapping[Tally, Sequence[int]],
    asked: Asked,
    of_cell: Callable[[str, str, str], Key],
) -> None:
    """Add to `found` what the snapshot holds of the cells asked for."""
    groups: dict[Key, list[int]] = defaultdict(list)
    for position, (area, unit, place) in enumerate(snapshot.cells):
        if asked.covers(area, unit):
            groups[of_cell(area, unit, place)].append(position)
    for key, positions in groups.items():
        held = found[key]
        for tally, numbers in kept.items():
            held[tally] = sum([numbers[position] for position in positions])


def _by_window(tallies: Sequence[Tally]) -> Iterable[list[Tally]]:
    groups: dict[Any, list[Tally]] = defaultdict(list)
    for each in tallies:
        groups[each.window].append(each)
    return groups.values()


def _rows(statement: Sql) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement.text, statement.params)
        return list(cursor.fetchall())

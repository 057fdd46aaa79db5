"""Tallies reckoned: the newest sound snapshot before the instant, and what was recorded since.

A snapshot only saves work. Without one, or with `from_entries`, everything is reckoned from the entries. Numbers are
kept in lists in the order of the tallies asked for; sums come as whole millionths.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from django.db import connection

from lianfang.figures import queries
from lianfang.figures.measures import Tally, Window
from lianfang.figures.models import Snapshot, Total, unpacked
from lianfang.figures.predicates import Sql, Thresholds
from lianfang.figures.queries import Asked, Covered, Span

Key: TypeAlias = tuple[Any, ...]
Numbers: TypeAlias = dict[Key, list[int]]
Order: TypeAlias = dict[Tally, int]


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


def ordered(tallies: Iterable[Tally]) -> Order:
    """Return the tallies once each, with their positions."""
    return {tally: position for position, tally in enumerate(dict.fromkeys(tallies))}


def reckon(
    order: Order,
    as_of: datetime,
    *,
    asked: Asked = queries.EVERYWHERE,
    cut: Cut = WHOLE,
    thresholds: Sequence[Thresholds] = (),
    from_entries: bool = False,
) -> Numbers:
    """Return each tally's number as of an instant, by the keys of the cut.

    Distinct tallies are always counted from the entries: how many different people two days saw together cannot be
    told from how many each saw.

    Args:
        order: what to reckon, with its positions.
        as_of: counted is what was recorded by then.
        asked: the rows that may count.
        cut: the grouping.
        thresholds: the protocol's editions.
        from_entries: build on no snapshot.
    """
    found = Counting(order, asked, cut, thresholds)
    adding = [each for each in order if each.additive]
    if not from_entries and cut.of_cell is not None and adding:
        adding = found.build_on(as_of, adding)
    found.count_all(adding, Span(as_of))
    for each in order:
        if not each.additive:
            found.tell_apart(each, Span(as_of))
    return found.numbers


def around(as_of: datetime) -> tuple[Snapshot | None, int | None]:
    """Return the newest sound snapshot by an instant, and the number up to which a later one has seen all by then."""
    sound = Snapshot.objects.sound()
    later = sound.filter(until__gte=as_of).order_by("until").values_list("last", flat=True).first()
    return sound.by(as_of).first(), later


def covered(snapshot: Snapshot) -> Covered:
    """Return what a snapshot counted."""
    return Covered(snapshot.first, snapshot.last, snapshot.until)


class Counting:
    """Numbers on their way: key → one number for each tally."""

    def __init__(
        self,
        order: Order,
        asked: Asked = queries.EVERYWHERE,
        cut: Cut = WHOLE,
        thresholds: Sequence[Thresholds] = (),
    ) -> None:
        self.order, self.asked, self.cut, self.thresholds = order, asked, cut, thresholds
        self.numbers: Numbers = {}

    def at(self, key: Key) -> list[int]:
        """Return the numbers of a key, zeros at first."""
        if key not in self.numbers:
            self.numbers[key] = [0] * len(self.order)
        return self.numbers[key]

    def count_all(self, tallies: Iterable[Tally], span: Span) -> None:
        """Add additive tallies, those of one moving window at a time: each then reads its own days only."""
        groups: dict[Window | None, list[Tally]] = defaultdict(list)
        for each in tallies:
            groups[each.window if each.window.moving else None].append(each)
        for group in groups.values():
            self.count(group, span)

    def count(self, tallies: Sequence[Tally], span: Span) -> None:
        """Add what additive tallies come to in a span."""
        if not tallies:
            return
        statement, contents = queries.counting(tallies, span, self.asked, self.cut.sql, self.thresholds)
        positions = [[self.order[tally] for tally in held] for held in contents]
        for kind, *key, numbers in _rows(statement):
            held = self.at(tuple(key))
            for position, number in zip(positions[kind], numbers, strict=True):
                held[position] += number

    def tell_apart(self, tally: Tally, span: Span) -> None:
        """Set what a distinct tally comes to in a span."""
        statement = queries.telling_apart(tally, span, self.asked, self.cut.sql, self.thresholds)
        for *key, number in _rows(statement):
            self.at(tuple(key))[self.order[tally]] = number

    def build_on(self, as_of: datetime, tallies: Sequence[Tally]) -> list[Tally]:
        """Add what the newest snapshot knows and what came since; return the tallies it does not know."""
        snapshot, later = around(as_of)
        if snapshot is None:
            return list(tallies)
        kept = self.take(snapshot, tallies)
        if snapshot.until < as_of:
            self.count(list(kept), Span(as_of, last=later, base=covered(snapshot)))
        return [each for each in tallies if each not in kept]

    def take(self, snapshot: Snapshot, tallies: Sequence[Tally]) -> Mapping[Tally, Sequence[int]]:
        """Add what a snapshot holds of the cells asked for; return the numbers of the tallies it knows."""
        by_key = {each.key: each for each in tallies}
        rows = Total.objects.filter(snapshot=snapshot, tally__in=by_key).values_list("tally", "numbers")
        kept: dict[Tally, Sequence[int]] = {by_key[key]: unpacked(numbers) for key, numbers in rows}
        groups: dict[Key, list[int]] = defaultdict(list)
        assert self.cut.of_cell is not None
        for position, (area, unit, place) in enumerate(snapshot.cells):
            if self.asked.covers(area, unit):
                groups[self.cut.of_cell(area, unit, place)].append(position)
        without = (0,) * len(snapshot.cells)
        cells = list(zip(*(kept.get(tally, without) for tally in self.order), strict=True))
        for key, positions in groups.items():
            there = [cells[position] for position in positions]
            if key in self.numbers:
                there.append(tuple(self.numbers[key]))
            # Column by column in C: there are hundreds of tallies and thousands of cells.
            self.numbers[key] = list(there[0]) if len(there) == 1 else list(map(sum, zip(*there, strict=True)))
        return kept


def _rows(statement: Sql) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement.text, statement.params)
        return list(cursor.fetchall())

"""Tallies as SQL: one statement reckons all tallies of all kinds, grouped as a screen needs them.

What is asked of the journal is a span: the entries recorded by an instant, less those that a snapshot already
covers. An entry that is replaced within the span is left out; one that the snapshot counted and that was replaced
since is taken off again (its sign is -1).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from lianfang.figures.measures import Tally, Window
from lianfang.figures.predicates import Sql, Thresholds, join, number, predicates, thing, within
from lianfang.journal import ids
from lianfang.pack.figures import Distinct, Sum

# Sums travel as whole millionths, so that adding snapshots up is exact.
MILLIONTHS = 1_000_000
AFTER = "~"
COLUMNS = ("id", "at", "kind", "area", "place", "unit", "device", "subject", "by", "quantity", "answers")


@dataclass(frozen=True, slots=True)
class Covered:
    """What a snapshot counted: the entries up to number `last` recorded by `until`; all up to `first` are of them."""

    first: int
    last: int
    until: datetime


@dataclass(frozen=True, slots=True)
class Span:
    """Which entries are asked for.

    Args:
        until: recorded by this instant.
        last: numbered up to this (None: any number).
        base: what is already counted.
        closed: corrections numbered after `last` are not looked at either: what a snapshot needs.
    """

    until: datetime
    last: int | None = None
    base: Covered | None = None
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Reach:
    """One stretch of rows: inside any of `areas`, of any of `units`; None where that does not matter."""

    areas: tuple[str, ...] | None = None
    units: tuple[str, ...] | None = None

    def covers(self, area: str, unit: str) -> bool:
        """Say whether a row of that area and unit lies in it."""
        return (self.areas is None or area.startswith(self.areas)) and (self.units is None or unit in self.units)


@dataclass(frozen=True, slots=True)
class Asked:
    """The rows that may count: those in every one of `all_of`, each a choice of stretches."""

    all_of: tuple[tuple[Reach, ...], ...] = ()

    def covers(self, area: str, unit: str) -> bool:
        """Say whether a row of that area and unit may count."""
        return all(any(reach.covers(area, unit) for reach in choice) for choice in self.all_of)


EVERYWHERE = Asked()
NOTHING: tuple[Sql, ...] = ()
BY_CELL = (Sql("e.area"), Sql("e.unit"), Sql("e.place"))
BY_PLACE = (Sql("e.place"),)
BY_UNIT = (Sql("e.unit"),)


def by_area(length: int) -> tuple[Sql, ...]:
    """Return the grouping by the areas whose codes have `length` digits (or fewer, where the entry says no more)."""
    return (Sql("left(e.area, %s)", (length,)),)


def by_step(steps: Sequence[datetime]) -> tuple[Sql, ...]:
    """Return the grouping by the step in which it happened, counted from 1; `steps` are their beginnings in order."""
    return (Sql("width_bucket(e.at, %s::timestamptz[])", (list(steps),)),)


def counting(
    tallies: Sequence[Tally],
    span: Span,
    asked: Asked = EVERYWHERE,
    cut: tuple[Sql, ...] = NOTHING,
    thresholds: Sequence[Thresholds] = (),
) -> tuple[Sql, list[tuple[Tally, ...]]]:
    """Return the statement that reckons additive tallies, and which tallies its rows hold.

    A row is (position, key …, numbers): `position` says which tuple of tallies the array `numbers` is in the order
    of. A tally of several kinds is in several rows; its number is their sum. Sums come as millionths.
    """
    kinds = sorted({kind for tally in tallies for kind in tally.part.kinds})
    contents = [tuple(tally for tally in dict.fromkeys(tallies) if kind in tally.part.kinds) for kind in kinds]
    lead = Sql("")
    if span.base is not None:
        lead = "WITH live AS MATERIALIZED (" + _live(kinds, span, asked) + ") "
    selects = []
    for position, (kind, held) in enumerate(zip(kinds, contents, strict=True)):
        rows = _rows(kind, held, span, asked)
        selects.append(_select(position, held, rows, cut, thresholds))
    return lead + join(selects, " UNION ALL "), contents


def telling_apart(
    tally: Tally,
    span: Span,
    asked: Asked = EVERYWHERE,
    cut: tuple[Sql, ...] = NOTHING,
    thresholds: Sequence[Thresholds] = (),
) -> Sql:
    """Return the statement of a distinct tally: rows of (key …, number). It is always reckoned from the entries."""
    part = tally.part
    assert isinstance(part, Distinct)
    conditions = [
        Sql("e.kind = ANY(%s::text[])", (list(part.kinds),)),
        *_counting(span, asked),
        *_happened(tally.window),
        *predicates(part.where, thresholds),
    ]
    head = "SELECT " + join([*cut, "count(DISTINCT " + thing(part.by) + ")"], ", ")
    grouped = f" GROUP BY {', '.join(str(each + 1) for each in range(len(cut)))}" if cut else ""
    return head + " FROM journal_entry e WHERE " + join(conditions, " AND ") + grouped


def holding(tally: Tally, thresholds: Sequence[Thresholds] = ()) -> Sql:
    """Return the condition that an entry of the right kind is counted by a tally."""
    conditions = [
        Sql("e.kind = ANY(%s::text[])", (list(tally.part.kinds),)),
        *_happened(tally.window),
        *predicates(tally.part.where, thresholds),
    ]
    return "(" + join(conditions, " AND ") + ")"


def counted(span: Span) -> Sql:
    """Return the statement for how many entries a span holds and their checksum, drills and all kinds included."""
    checksum = "coalesce(sum(('x' || encode(substr(e.digest, 1, 4), 'hex'))::bit(32)::bigint), 0)"
    return f"SELECT count(*), {checksum} FROM journal_entry e WHERE " + join(_recorded(span), " AND ")  # noqa: S608


def _live(kinds: Sequence[str], span: Span, asked: Asked) -> Sql:
    """Return the entries since the snapshot: those that now count, and with -1 those that no longer do."""
    assert span.base is not None
    mine = ", ".join(f'e."{name}"' for name in COLUMNS)
    added = [Sql("e.kind = ANY(%s::text[])", (list(kinds),)), *_counting(span, asked)]
    replaced = [*_recorded(span), Sql("NOT n.exercise"), Sql("n.corrects IS NOT NULL")]
    removed = [
        join(replaced, " AND ").named("n"),
        Sql("e.kind = ANY(%s::text[])", (list(kinds),)),
        Sql("e.seq <= %s AND e.recorded_at <= %s", (span.base.last, span.base.until)),
        *reaching(asked),
    ]
    plus = f"SELECT {mine}, 1 AS sign FROM journal_entry e WHERE " + join(added, " AND ")  # noqa: S608
    minus = f"SELECT {mine}, -1 FROM journal_entry n JOIN journal_entry e ON e.id = n.corrects WHERE "  # noqa: S608
    return plus + " UNION ALL " + minus + join(removed, " AND ")


def _rows(kind: str, held: Sequence[Tally], span: Span, asked: Asked) -> Sql:
    if span.base is not None:
        return Sql("live e WHERE e.kind = %s", (kind,))
    conditions = [Sql("e.kind = %s", (kind,)), *_counting(span, asked)]
    windows = [tally.window for tally in held]
    if all(window.moving for window in windows):
        # All of them look at one stretch of time: the other days need not be read.
        starts = [window.start for window in windows if window.start]
        ends = [window.end for window in windows if window.end]
        conditions += _happened(Window(min(starts), max(ends)))
    return "journal_entry e WHERE " + join(conditions, " AND ")


def _select(
    position: int, held: Sequence[Tally], rows: Sql, cut: tuple[Sql, ...], thresholds: Sequence[Thresholds]
) -> Sql:
    """Return one kind's part of the statement; each condition is worked out once a row, however many tallies use it."""
    flags: dict[Sql, str] = {}
    amounts: dict[Sql, str] = {}
    numbers = []
    for tally in held:
        conditions = [*predicates(tally.part.where, thresholds), *within(tally.window)]
        names = [f"s.{flags.setdefault(each, f'f{len(flags)}')}" for each in conditions]
        chosen = f" FILTER (WHERE {' AND '.join(names)})" if names else ""
        if isinstance(tally.part, Sum):
            amount = amounts.setdefault(number(tally.part.field), f"a{len(amounts)}")
            numbers.append(f"coalesce((sum(s.sign * s.{amount}){chosen} * {MILLIONTHS})::bigint, 0)")
        else:
            numbers.append(f"coalesce(sum(s.sign){chosen}, 0)")
    keys = [each + f" AS k{place}" for place, each in enumerate(cut)]
    sign = Sql("e.sign" if rows.text.startswith("live") else "1 AS sign")
    given = [each + f" AS {name}" for each, name in (*flags.items(), *amounts.items())]
    # OFFSET 0 keeps the planner from working a condition out again in every aggregate that uses it.
    columns = "SELECT " + join([sign, *keys, *given], ", ")
    inner = columns + " FROM " + rows + " OFFSET 0"
    named = [f"s.k{place}" for place in range(len(cut))]
    shown = ", ".join([str(position), *named, f"ARRAY[{', '.join(numbers)}]::bigint[]"])
    grouped = f" GROUP BY {', '.join(named)}" if named else ""
    return f"(SELECT {shown} FROM (" + inner + f") s{grouped})"  # noqa: S608


def _counting(span: Span, asked: Asked) -> list[Sql]:
    """Return the conditions for an entry of the span to count: no drill, not replaced, where it is asked for."""
    if span.closed:
        replaced = Sql(
            "SELECT 1 FROM journal_correction c JOIN journal_entry n ON n.id = c.correction"
            " WHERE c.original = e.id AND c.recorded_at <= %s AND n.seq <= %s",
            (span.until, span.last),
        )
    else:
        replaced = Sql(
            "SELECT 1 FROM journal_correction c WHERE c.original = e.id AND c.recorded_at <= %s", (span.until,)
        )
    return [*_recorded(span), Sql("NOT e.exercise"), "NOT EXISTS (" + replaced + ")", *reaching(asked)]


def _recorded(span: Span) -> list[Sql]:
    conditions = [Sql("e.recorded_at <= %s", (span.until,))]
    if span.last is not None:
        conditions.append(Sql("e.seq <= %s", (span.last,)))
    if span.base is not None:
        base = span.base
        conditions.append(Sql("e.seq > %s", (base.first,)))
        conditions.append(Sql("NOT (e.seq <= %s AND e.recorded_at <= %s)", (base.last, base.until)))
    return conditions


def reaching(asked: Asked) -> list[Sql]:
    """Return the conditions on where and whose an entry must be."""
    return ["(" + (join(map(_stretch, choice), " OR ") if choice else Sql("false")) + ")" for choice in asked.all_of]


def _stretch(reach: Reach) -> Sql:
    conditions = []
    if reach.areas is not None:
        inside = [Sql("(e.area >= %s AND e.area < %s)", (code, code + AFTER)) for code in reach.areas]
        conditions.append("(" + (join(inside, " OR ") if inside else Sql("false")) + ")")
    if reach.units is not None:
        conditions.append(Sql("e.unit = ANY(%s::text[])", (list(reach.units),)))
    return "(" + join(conditions, " AND ") + ")" if conditions else Sql("true")


def _happened(window: Window) -> Iterable[Sql]:
    """Return the conditions on when it happened, with those on the id that spare the other days' partitions."""
    yield from within(window)
    if window.start is not None:
        yield Sql("e.id >= %s", (ids.floor(window.start - ids.SLACK),))
    if window.end is not None:
        yield Sql("e.id < %s", (ids.floor(window.end + ids.SLACK + ids.MILLISECOND),))

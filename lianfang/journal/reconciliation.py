"""Nobody passed unregistered: what counters saw against what the register holds, by post and hour (measure B7)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection

from lianfang.journal import ids

HOUR = timedelta(hours=1)


class Hour(NamedTuple):
    """One hour at one post."""

    place: str
    begins: datetime


@dataclass(frozen=True, slots=True)
class Gap:
    """What one counter saw in one hour at one post, and what was registered there then.

    Args:
        place: the post.
        begins: when the hour begins.
        counter: the kind of counter: camera, loop, turnstile …
        counted: what it saw; None where it said nothing of this hour.
        registered: what the register holds.
        alert: the gap is above the protocol's bound.
    """

    place: str
    begins: datetime
    counter: str
    counted: int | None
    registered: int
    alert: bool

    @property
    def missing(self) -> int | None:
        """How many passed without being registered (below zero: registered and not counted)."""
        return None if self.counted is None else self.counted - self.registered

    @property
    def share(self) -> float | None:
        """The gap as a share of what was counted; None where nothing was."""
        return None if not self.counted else (self.counted - self.registered) / self.counted


def reconcile(
    counted: Mapping[tuple[Hour, str], int], registered: Mapping[Hour, int], *, bound: float, least: int = 1
) -> list[Gap]:
    """Set counters and register side by side, hour by hour.

    Args:
        counted: for each hour and kind of counter what it saw.
        registered: for each hour what the register holds.
        bound: the share of what was counted above which a gap alerts (a protocol's `reconcile_bound`).
        least: a gap of fewer than this never alerts, whatever its share.

    Returns:
        One line for each hour and counter, and one for each registered hour that no counter spoke of.
    """
    seen = {hour for hour, _counter in counted}
    lines = [
        _gap(hour, counter, number, registered.get(hour, 0), bound, least)
        for (hour, counter), number in counted.items()
    ]
    lines += [Gap(*hour, "", None, number, False) for hour, number in registered.items() if hour not in seen]
    return sorted(lines, key=lambda each: (each.begins, each.place, each.counter))


def _gap(hour: Hour, counter: str, counted: int, registered: int, bound: float, least: int) -> Gap:
    missing = counted - registered
    return Gap(*hour, counter, counted, registered, missing >= least and missing > bound * counted)


def counts(
    *, kinds: Sequence[str], counted: str, start: datetime, end: datetime, at: datetime, areas: Sequence[str]
) -> dict[tuple[Hour, str], int]:
    """Return what counters saw, by the hour in which their span begins.

    Args:
        kinds: the kinds of entries that carry counts (answers `counter`, `counted`, `from`, `count`).
        counted: what was counted: vehicles or persons.
        start: the first instant.
        end: the instant after the last.
        at: only what was recorded by then.
        areas: only in these areas and below them.
    """
    words = [list(kinds), *_near(start, end), at, counted, start, end, *_ranges(areas)]
    return {(Hour(place, begins), counter): int(number) for place, begins, counter, number in _rows(_COUNTS, words)}


def registered(
    *, kinds: Sequence[str], heads: bool, start: datetime, end: datetime, at: datetime, areas: Sequence[str]
) -> dict[Hour, int]:
    """Return what the register holds, by hour.

    Args:
        kinds: the kinds of entries that register somebody passing.
        heads: sum the quantities (people) instead of counting entries (vehicles).
        start: the first instant.
        end: the instant after the last.
        at: only what was recorded by then.
        areas: only in these areas and below them.
    """
    words = [heads, list(kinds), *_near(start, end), at, start, end, *_ranges(areas)]
    return {Hour(place, begins): int(number) for place, begins, number in _rows(_REGISTERED, words)}


def _near(start: datetime, end: datetime) -> tuple[object, object]:
    return ids.floor(start - ids.SLACK), ids.floor(end + ids.SLACK)


def _ranges(areas: Iterable[str]) -> list[object]:
    codes = sorted(areas)
    return [codes, [f"{code}~" for code in codes]]


def _rows(query: str, words: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, words)
        return list(cursor.fetchall())


# Every figure counts what was recorded by an instant and not replaced by then, drills never; so do these.
_EFFECTIVE = """
  and recorded_at <= %s and not exercise
  and not exists (select from journal_correction as made where made.original = entry.id)
"""
_INSIDE = (
    "and exists (select from unnest(%s::text[], %s::text[]) as held (low, high) where area >= low and area < high)"
)
_COUNTS = f"""
select place, date_trunc('hour', (answers ->> 'from')::timestamptz, 'Asia/Shanghai') as hour, answers ->> 'counter',
       sum(quantity)
from journal_entry as entry
where kind = any(%s) and id >= %s and id < %s {_EFFECTIVE} and answers ->> 'counted' = %s
  and (answers ->> 'from')::timestamptz >= %s and (answers ->> 'from')::timestamptz < %s {_INSIDE}
group by 1, 2, 3
"""  # noqa: S608 - our own pieces
_REGISTERED = f"""
select place, date_trunc('hour', at, 'Asia/Shanghai') as hour,
       case when %s then coalesce(sum(quantity), 0) else count(*) end
from journal_entry as entry
where kind = any(%s) and id >= %s and id < %s {_EFFECTIVE} and at >= %s and at < %s {_INSIDE}
group by 1, 2
"""  # noqa: S608 - our own pieces

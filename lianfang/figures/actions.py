"""Snapshots are made, compared and thrown away; figures are frozen on publication."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from lianfang.figures import freezing, reckoning, snapshots
from lianfang.figures.book import Book, of_the_house
from lianfang.figures.models import Frozen, Snapshot
from lianfang.figures.snapshots import Mismatch, NotSettled

__all__ = ["DayNotOver", "Mismatch", "NotSettled", "freeze", "inspect", "keep_up", "snapshot"]

LATE = "entries were recorded in it after it was made"


class DayNotOver(Exception):
    """A day is closed only when it is over."""


@transaction.atomic
def snapshot(*, day: date, at: datetime, book: Book | None = None) -> Snapshot:
    """Close a day: keep what had been counted by its end. A day already closed, and still right, is returned.

    Args:
        day: the day.
        at: the instant of doing so.
        book: the declarations; None for those of the house.

    Raises:
        DayNotOver: the day lasts longer than until `at`.
        NotSettled: something that belongs into the day is still being written.
    """
    book = book or of_the_house()
    until = snapshots.day_after(day, book)
    if at < until:
        raise DayNotOver(f"{day} is not over at {at:%F %R}")
    mark = snapshots.numbered()
    _set_aside_late(mark)
    made = _make(until, at, book)
    _set_aside_late(mark)
    return made


@transaction.atomic
def keep_up(*, at: datetime, book: Book | None = None) -> list[Snapshot]:
    """Make the snapshots that are missing: every day that is over, and the last hour; the worker calls it often.

    Snapshots found wrong, or into whose time an entry was recorded since, are made anew; those of hours long past
    are thrown away, and where nothing was recorded none is needed. While another worker does this nothing is done.

    Args:
        at: the instant.
        book: the declarations; None for those of the house.

    Raises:
        NotSettled: something is still being written; the next call makes up for it.
    """
    book = book or of_the_house()
    if not snapshots.alone():
        return []
    mark = snapshots.numbered()
    _set_aside_late(mark)
    Snapshot.objects.filter(pk__in=snapshots.superfluous(at, book)).delete()
    made = [snapshots.build(until, at, book, idle=False) for until in snapshots.missing(at, book)]
    # Once more, for what was committed while these were made.
    _set_aside_late(mark)
    return [each for each in made if each is not None]


@transaction.atomic
def inspect(*, at: datetime) -> list[Mismatch]:
    """Compare the snapshots with the journal and mark those that saw other entries; they are no longer built upon.

    The next `keep_up` makes them anew. While another worker is at the snapshots nothing is done.

    Args:
        at: the instant of looking, written on what is found.
    """
    if not snapshots.alone():
        return []
    found = snapshots.mismatches()
    for each in found:
        Snapshot.objects.filter(until=each.until).update(fault=f"{each} ({at:%F %R})"[:200])
    return found


@transaction.atomic
def freeze(
    *, names: Sequence[str], as_of: datetime, by: int | None, at: datetime, area: str = "", book: Book | None = None
) -> list[Frozen]:
    """Keep figures as they are published, with what makes them reproducible: definition, entries and their digest.

    Args:
        names: the figures.
        as_of: counted is what was recorded by then.
        by: who publishes them.
        at: when; not before `as_of`.
        area: only inside this area; empty for everywhere.
        book: the declarations; None for those of the house.

    Raises:
        Unreckonable: a name is not declared.
        NotYet: `as_of` lies ahead of `at`, so entries may still come that would count.
    """
    book = book or of_the_house()
    if as_of > at:
        raise freezing.NotYet(f"a figure as of {as_of:%F %R} cannot be frozen at {at:%F %R}")
    found = reckoning.values(names, as_of=as_of, areas=[area] if area else None, book=book, from_entries=True)
    made = [freezing.frozen(found[name], area, by, at, book) for name in names]
    return Frozen.objects.bulk_create(made)


def _make(until: datetime, at: datetime, book: Book) -> Snapshot:
    there = Snapshot.objects.filter(until=until).first()
    if there is not None and not there.fault:
        return there
    if there is not None:
        there.delete()
    made = snapshots.build(until, at, book)
    assert made is not None
    return made


def _set_aside_late(mark: int) -> None:
    """Mark the snapshots into whose time something was recorded after they were made (a replay does that)."""
    Snapshot.objects.filter(pk__in=snapshots.overtaken(mark)).update(fault=LATE)

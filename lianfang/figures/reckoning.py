"""Figures as of an instant: the face that screens, bulletins and commands read.

Counted is what was recorded by the instant, each entry as it had been corrected by then, drills never. Wherever
`scope` is an argument, only rows over which its holder has `figures.view` count; None counts all. `book` holds the
declarations and is that of the house where it is None.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal

from django.db.models import BooleanField
from django.db.models.expressions import RawSQL

from lianfang.figures import queries, tallying
from lianfang.figures.book import Book, of_the_house
from lianfang.figures.measures import Window, bases, midnight, sides
from lianfang.figures.predicates import Sql, join
from lianfang.figures.queries import Asked, Reach
from lianfang.figures.showing import Value
from lianfang.figures.tallying import Cut, Key
from lianfang.figures.valuing import Plan, empty, grouped
from lianfang.journal.models import Entry, EntryQuerySet
from lianfang.pack.areas import LENGTHS
from lianfang.registry.models import Area
from lianfang.registry.visibility import Scope

POWER = "figures.view"
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
# How many days a series shows where nothing is said.
DAYS = 14
Step = Literal["hour", "day"]


def values(
    names: Iterable[str],
    *,
    as_of: datetime,
    areas: Sequence[str] | None = None,
    units: Sequence[str] | None = None,
    scope: Scope | None = None,
    book: Book | None = None,
    from_entries: bool = False,
) -> dict[str, Value]:
    """Return figures by name, each over all the areas and units asked for together.

    Args:
        names: the figures, in any order.
        as_of: counted is what was recorded by then.
        areas: codes of areas, with all below them; None for everywhere.
        units: codes of units; None for all.
        scope: what the reader may see.
        book: the declarations.
        from_entries: build on no snapshot.

    Raises:
        Unreckonable: a name is not declared.
    """
    asked = within(areas, units, scope)
    plan = Plan(names, as_of, book)
    found = grouped(plan, asked, from_entries=from_entries)
    return found[()] if found else plan.values(None)


def differences(
    names: Iterable[str],
    *,
    as_of: datetime,
    areas: Sequence[str] | None = None,
    scope: Scope | None = None,
    book: Book | None = None,
) -> dict[str, int | Decimal | None]:
    """Return what each figure has changed by since yesterday at the same hour; None where either has no number."""
    names = list(names)
    now = values(names, as_of=as_of, areas=areas, scope=scope, book=book)
    then = values(names, as_of=as_of - DAY, areas=areas, scope=scope, book=book)
    pairs = {name: (now[name].number, then[name].number) for name in names}
    return {
        name: None if after is None or before is None else after - before for name, (after, before) in pairs.items()
    }


def by_area(
    name: str,
    *,
    as_of: datetime,
    level: str,
    area: str = "",
    scope: Scope | None = None,
    book: Book | None = None,
) -> dict[str, Value]:
    """Return one figure for every area of a level, by code; an area without entries has no data."""
    table = by_areas([name], as_of=as_of, level=level, area=area, scope=scope, book=book)
    return {code: held[name] for code, held in table.items()}


def by_areas(
    names: Sequence[str],
    *,
    as_of: datetime,
    level: str,
    area: str = "",
    scope: Scope | None = None,
    book: Book | None = None,
) -> dict[str, dict[str, Value]]:
    """Return several figures for every area of a level in one pass: code → name → value.

    Args:
        names: the figures.
        as_of: counted is what was recorded by then.
        level: `district`, `subdistrict`, `community`, `grid` or `courtyard`; a town stands with the subdistricts and a
            village with the communities.
        area: only areas in this one.
        scope: what the reader may see.
        book: the declarations.
    """
    plan = Plan(names, as_of, book)
    length = LENGTHS[level]
    found = grouped(plan, within([area] if area else None, None, scope), tallying.by_area(length))
    without = plan.values(None)
    codes = _areas(length, area, as_of.astimezone(plan.book.zone).date(), scope)
    codes |= {code for (code,) in found if len(code) == length}
    return {code: _placed(found.get((code,), without), code) for code in sorted(codes)}


def by_place(
    name: str, *, as_of: datetime, area: str = "", scope: Scope | None = None, book: Book | None = None
) -> dict[str, Value]:
    """Return one figure for every place that has entries of its kinds, by the place's code."""
    table = by_places([name], as_of=as_of, area=area, scope=scope, book=book)
    return {place: held[name] for place, held in table.items()}


def by_places(
    names: Sequence[str], *, as_of: datetime, area: str = "", scope: Scope | None = None, book: Book | None = None
) -> dict[str, dict[str, Value]]:
    """Return several figures for every place that has entries of their kinds in one pass: code → name → value."""
    found = grouped(Plan(names, as_of, book), within([area] if area else None, None, scope), tallying.BY_PLACE)
    return {place: held for (place,), held in sorted(found.items()) if place}


def by_units(
    names: Sequence[str], *, as_of: datetime, area: str = "", scope: Scope | None = None, book: Book | None = None
) -> dict[str, dict[str, Value]]:
    """Return several figures for every unit that has entries of their kinds in one pass: code → name → value."""
    found = grouped(Plan(names, as_of, book), within([area] if area else None, None, scope), tallying.BY_UNIT)
    return {unit: held for (unit,), held in sorted(found.items()) if unit}


def series(
    name: str,
    *,
    by: Step,
    as_of: datetime,
    area: str = "",
    start: datetime | None = None,
    scope: Scope | None = None,
    book: Book | None = None,
) -> list[tuple[datetime, Value]]:
    """Return a figure hour by hour or day by day, by when it happened, up to the instant; every step is there.

    A figure of the day or of the hour before is taken without that bound: the steps take its place.

    Args:
        name: the figure.
        by: the step.
        as_of: counted is what was recorded by then.
        area: only inside this area.
        start: where the series begins; by default midnight for hours, a fortnight back for days.
        scope: what the reader may see.
        book: the declarations.
    """
    book = book or of_the_house()
    whole = values([name], as_of=as_of, areas=[area] if area else None, scope=scope, book=book)[name]
    steps, found = _stepped([name], by, as_of, area, start, scope, book, ())
    still = empty(whole, book)
    return [(step, found[(nth,)][name] if (nth,) in found else still) for nth, step in enumerate(steps, 1)]


def series_by_place(
    name: str,
    *,
    by: Step,
    as_of: datetime,
    area: str = "",
    start: datetime | None = None,
    scope: Scope | None = None,
    book: Book | None = None,
) -> dict[str, list[tuple[datetime, Value]]]:
    """Return the series of a figure for every place that has entries of its kinds then; arguments as in `series`."""
    book = book or of_the_house()
    steps, found = _stepped([name], by, as_of, area, start, scope, book, queries.BY_PLACE)
    places = sorted({place for place, _ in found if place})
    some = next((held[name] for held in found.values()), None)
    if some is None:
        return {}
    still = empty(some, book)
    return {
        place: [
            (step, found[(place, nth)][name] if (place, nth) in found else still) for nth, step in enumerate(steps, 1)
        ]
        for place in places
    }


def entries(
    name: str,
    *,
    as_of: datetime,
    area: str = "",
    units: Sequence[str] | None = None,
    scope: Scope | None = None,
    book: Book | None = None,
) -> EntryQuerySet:
    """Return exactly the entries behind a figure; those of a rate are the entries of both its sides.

    Args:
        name: the figure.
        as_of: the instant of the figure.
        area: only inside this area.
        units: codes of units; None for all.
        scope: what the reader may see.
        book: the declarations.

    Raises:
        Unreckonable: the name is not declared.
    """
    book = book or of_the_house()
    made = [sides(figure, as_of, book.zone) for figure in bases([name], book.figures).values()]
    tallies = [tally for each in made for tally in each.tallies]
    kinds = {kind for tally in tallies for kind in tally.part.kinds}
    any_of = join([queries.holding(tally, book.thresholds) for tally in tallies], " OR ")
    asked = queries.reaching(within([area] if area else None, units, scope))
    # A sum or a distinct count is not made of what it finds nothing to add or tell apart in; it still lists it.
    condition = join(["(" + any_of + ")", *asked], " AND ").named("journal_entry")
    held = RawSQL(f"({condition.text})", condition.params, output_field=BooleanField())  # noqa: S611 - our own pieces
    return Entry.objects.of(*kinds).recorded_by(as_of).effective(as_of).filter(held)


def within(areas: Sequence[str] | None, units: Sequence[str] | None, scope: Scope | None) -> Asked:
    """Return which rows may count: those of the areas and the units that the reader may see."""
    wanted: list[tuple[Reach, ...]] = []
    if areas is not None:
        wanted.append((Reach(areas=tuple(areas)),))
    if units is not None:
        wanted.append((Reach(units=tuple(units)),))
    if scope is not None:
        held = scope.reaches.get(POWER, ())
        wanted.append(
            tuple(Reach((each.area,), None if each.units is None else tuple(sorted(each.units))) for each in held)
        )
    return Asked(tuple(wanted))


def _stepped(
    names: Sequence[str],
    by: Step,
    as_of: datetime,
    area: str,
    start: datetime | None,
    scope: Scope | None,
    book: Book,
    lead: tuple[Sql, ...],
) -> tuple[list[datetime], dict[Key, dict[str, Value]]]:
    steps = _steps(as_of, by, start, book)
    window = Window(steps[0], steps[-1] + (HOUR if by == "hour" else DAY), moving=True)
    asked = within([area] if area else None, None, scope)
    cut = Cut(lead + queries.by_step(steps), None)
    return steps, grouped(Plan(names, as_of, book, window), asked, cut)


def _steps(as_of: datetime, by: Step, start: datetime | None, book: Book) -> list[datetime]:
    local = as_of.astimezone(book.zone)
    if by == "day":
        last = local.date()
        first = start.astimezone(book.zone).date() if start else last - timedelta(days=DAYS - 1)
        return [midnight(first + timedelta(days=each), book.zone) for each in range((last - first).days + 1)]
    begin = (start.astimezone(book.zone) if start else local).replace(minute=0, second=0, microsecond=0)
    begin = begin if start else begin.replace(hour=0)
    return [begin + each * HOUR for each in range(int((local - begin) / HOUR) + 1)]


def _areas(length: int, area: str, day: date, scope: Scope | None) -> set[str]:
    kinds = [kind for kind, digits in LENGTHS.items() if digits == length]
    there = Area.objects.under(area).on(day).filter(kind__in=kinds).values_list("code", flat=True)
    return {code for code in there if scope is None or scope.may(POWER, area=code)}


def _placed(held: Mapping[str, Value], area: str) -> dict[str, Value]:
    return {name: replace(value, area=area) for name, value in held.items()}

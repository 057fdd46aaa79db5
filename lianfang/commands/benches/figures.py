"""`lianfang bench figures`: two hundred figures on five levels as of an instant, a day added, a screen.

The entries are made inside an embedded database of its own, in real day partitions with corrections, drills and late
arrivals; snapshots are made hour by hour as the worker makes them. Everything is thrown away at the end. Beside the
seconds by the clock stand those of the processor, which other work on the machine does not change much.
"""

import json
import os
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from lianfang.commands.benches import part_figures as given
from lianfang.commands.benches import part_house as houses

if TYPE_CHECKING:
    from lianfang.figures.book import Book

ZONE = ZoneInfo("Asia/Shanghai")
START = datetime(2020, 2, 1, tzinfo=ZONE)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
SCREEN, ROUNDS = 30, 60
# Behind an hour, when the worker looks again.
MINUTES = timedelta(minutes=3)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
@click.option("--entries", default=1_000_000, show_default=True, help="How many entries there are.")
@click.option("--days", default=30, show_default=True, help="Over how many days they are spread.")
def command(as_json: bool, entries: int, days: int) -> None:
    """Measure figures as of an instant; the claim is made for --entries 10000000."""
    with houses.house():
        told = _measured(entries, days)
    click.echo(json.dumps(told, indent=2) if as_json else _text(told))


def _measured(entries: int, days: int) -> dict[str, Any]:
    from lianfang.figures import actions, reckoning
    from lianfang.figures.book import Book
    from lianfang.figures.tree import tree

    book = Book(given.figures())
    names = list(book.figures)
    filling = given.Filling(START, days, entries, _leaves())
    filled = took(lambda: _fill(filling, days - 1))
    closing, hourly = _last_day(filling, days, book)
    now = START + (days - 1) * DAY + timedelta(hours=14, minutes=32)
    past = START + (days // 2) * DAY + timedelta(hours=10, minutes=20)
    told: dict[str, Any] = {
        "entries": filling.made,
        "days": days,
        "figures": len(names),
        "areas": _areas(),
        "filling_seconds": round(filled.wall, 1),
    }
    told |= _named("five_levels", _best(lambda: tree(names, as_of=now, book=book)))
    told |= _named("five_levels_weeks_ago", _best(lambda: tree(names, as_of=past, book=book)))
    told |= _named("day_added", closing)
    told |= _named("hour_added", sorted(hourly)[len(hourly) // 2])
    told |= _named("day_added_at_once", _at_once(days, book))
    actions.keep_up(at=now.replace(minute=0) + MINUTES, book=book)
    told |= _screen(names, now, book)
    alone = took(lambda: reckoning.values(names[:1], as_of=now, book=book, from_entries=True))
    return told | _named("one_figure_from_entries_only", alone)


def _leaves() -> list[str]:
    from lianfang.registry.models import Area

    return list(Area.objects.filter(kind="courtyard").values_list("code", flat=True))


def _areas() -> int:
    from lianfang.registry.models import Area

    return Area.objects.exclude(kind="stairwell").count()


def _fill(filling: given.Filling, days: int) -> None:
    from django.db import connection

    back = filling.prepare()
    for day in range(1, days + 1):
        filling.until(day)
    with connection.cursor() as cursor:
        for statement in back:
            cursor.execute(statement)
        cursor.execute("vacuum analyze journal_entry")
        cursor.execute("analyze journal_correction")


def _last_day(filling: given.Filling, days: int, book: "Book") -> tuple["Taken", list["Taken"]]:
    """Let the last day come in hour by hour; return what closing it took, and each hour before."""
    from lianfang.figures import actions

    begin = START + (days - 1) * DAY
    actions.keep_up(at=begin + MINUTES, book=book)
    hours = []
    for hour in range(1, 25):
        filling.until(days - 1 + hour / 24)
        hours.append(took(partial(actions.keep_up, at=begin + hour * HOUR + MINUTES, book=book)))
    return hours[-1], hours[:-1]


def _at_once(days: int, book: "Book") -> "Taken":
    """Return what the last day takes when no hour of it was kept: the worker had stood still."""
    from lianfang.figures import actions
    from lianfang.figures.models import Snapshot

    begin = START + (days - 1) * DAY
    Snapshot.objects.filter(until__gt=begin).delete()
    return took(lambda: actions.snapshot(day=begin.date(), at=begin + DAY + MINUTES, book=book))


def _screen(names: Sequence[str], now: datetime, book: "Book") -> dict[str, Any]:
    from lianfang.figures import reckoning

    dice = random.Random(20200205)  # noqa: S311 - nothing secret
    found = []
    for _ in range(ROUNDS):
        shown = dice.sample(list(names), SCREEN)
        at = now - timedelta(minutes=dice.randrange(30))
        found.append(took(partial(reckoning.values, shown, as_of=at, book=book)))
    wall = [each.wall * 1000 for each in found]
    return {
        "screen_figures": SCREEN,
        "screen_median_milliseconds": round(median(wall), 1),
        "screen_p95_milliseconds": round(quantiles(wall, n=20)[-1], 1),
        "screen_processor_p95_milliseconds": round(quantiles([each.processor * 1000 for each in found], n=20)[-1], 1),
    }


@dataclass(frozen=True, slots=True, order=True)
class Taken:
    """How long something took by the clock, and how much processor it used here and in the database."""

    wall: float
    processor: float


def took(work: Callable[[], Any]) -> Taken:
    """Do something and return what it took, in seconds."""
    used, begun = _processor(), time.perf_counter()
    work()
    return Taken(time.perf_counter() - begun, _processor() - used)


def _processor() -> float:
    """Return the processor seconds of this process and of the database process that serves it."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        (served_by,) = cursor.fetchone() or (0,)
    user, system = Path(f"/proc/{served_by}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[11:13]
    return time.process_time() + (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def _best(work: Callable[[], Any]) -> Taken:
    return min(took(work) for _ in range(4))


def _named(name: str, taken: Taken) -> dict[str, float]:
    return {f"{name}_seconds": round(taken.wall, 3), f"{name}_processor_seconds": round(taken.processor, 3)}


def _text(told: dict[str, Any]) -> str:
    return "\n".join(f"{name.replace('_', ' '):44} {number:>12,}" for name, number in told.items())

"""`lianfang bench figures`: two hundred figures on five levels as of an instant, a day added, a screen.

The entries are made inside an embedded database of its own, in real day partitions with corrections, drills and late
arrivals; snapshots are made hour by hour as the worker makes them. Everything is thrown away at the end.
"""

import json
import random
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
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
    from lianfang.figures.book import Book

    book = Book(given.figures())
    filling = given.Filling(START, days, entries, _leaves())
    filled = _took(lambda: _fill(filling, days - 1))
    closing, hourly = _last_day(filling, days, book)
    now = START + (days - 1) * DAY + timedelta(hours=14, minutes=32)
    past = START + (days // 2) * DAY + timedelta(hours=10, minutes=20)
    names = list(book.figures)
    told = {
        "entries": filling.made,
        "days": days,
        "figures": len(names),
        "areas": _areas(),
        "filling_seconds": round(filled, 1),
        "five_levels_seconds": _levels(names, now, book),
        "five_levels_weeks_ago_seconds": _levels(names, past, book),
        "day_added_seconds": round(closing, 3),
        "hour_added_median_seconds": round(median(hourly), 3),
        "day_added_at_once_seconds": _at_once(days, book),
        "screen_figures": SCREEN,
    }
    told |= _screen(names, now, book)
    told["district_from_entries_only_seconds"] = _from_entries(names[:1], now, book)
    return told


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


def _last_day(filling: given.Filling, days: int, book: "Book") -> tuple[float, list[float]]:
    """Let the last day come in hour by hour; return how long closing it took, and each hour before."""
    from lianfang.figures import actions

    begin = START + (days - 1) * DAY
    actions.keep_up(at=begin + MINUTES, book=book)
    took = []
    for hour in range(1, 25):
        filling.until(days - 1 + hour / 24)
        at = begin + hour * HOUR + MINUTES
        took.append(_took(lambda at=at: actions.keep_up(at=at, book=book)))  # type: ignore[misc]
    return took[-1], took[:-1]


def _at_once(days: int, book: "Book") -> float:
    """Return how long the last day takes when no hour of it was kept: the worker had stood still."""
    from lianfang.figures import actions
    from lianfang.figures.models import Snapshot

    begin = START + (days - 1) * DAY
    Snapshot.objects.filter(until__gt=begin).delete()
    took = _took(lambda: actions.snapshot(day=begin.date(), at=begin + DAY + MINUTES, book=book))
    return round(took, 3)


def _levels(names: Sequence[str], as_of: datetime, book: "Book") -> float:
    from lianfang.figures.tree import tree

    tree(names, as_of=as_of, book=book)
    return round(min(_took(lambda: tree(names, as_of=as_of, book=book)) for _ in range(3)), 3)


def _screen(names: Sequence[str], now: datetime, book: "Book") -> dict[str, Any]:
    from lianfang.figures import actions, reckoning

    actions.keep_up(at=now.replace(minute=0) + MINUTES, book=book)
    dice = random.Random(20200205)  # noqa: S311 - nothing secret
    took = []
    for _ in range(ROUNDS):
        shown = dice.sample(list(names), SCREEN)
        at = now - timedelta(minutes=dice.randrange(30))
        took.append(_took(lambda shown=shown, at=at: reckoning.values(shown, as_of=at, book=book)))  # type: ignore[misc]
    return {
        "screen_median_milliseconds": round(median(took) * 1000, 1),
        "screen_p95_milliseconds": round(quantiles(took, n=20)[-1] * 1000, 1),
    }


def _from_entries(names: Sequence[str], now: datetime, book: "Book") -> float:
    from lianfang.figures import reckoning

    return round(_took(lambda: reckoning.values(names, as_of=now, book=book, from_entries=True)), 3)


def _took(work: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _text(told: dict[str, Any]) -> str:
    return "\n".join(f"{name.replace('_', ' '):36} {number:>12,}" for name, number in told.items())

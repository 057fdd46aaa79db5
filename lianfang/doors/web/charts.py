"""Series of figures as charts: what the drawing script needs, and the same numbers as a table."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from django.utils.translation import gettext as _

from lianfang.clock import SHANGHAI
from lianfang.doors.web import house
from lianfang.figures import reckoning
from lianfang.figures.showing import Value
from lianfang.pack import Figure
from lianfang.registry.models import Place
from lianfang.registry.visibility import Scope

DAY = timedelta(days=1)
FORTNIGHT = 14


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart: its name on the page, its title, and what the script draws."""

    name: str
    title: str
    unit: str
    rows: list[tuple[str, str]]
    drawn: dict[str, Any]


def by_day(figure: Figure, scope: Scope, at: datetime, area: str, days: int = FORTNIGHT) -> Chart:
    """Return a figure day by day up to the instant, weekends marked."""
    found = reckoning.series(figure.name, by="day", as_of=at, area=area, scope=scope, start=at - (days - 1) * DAY)
    title = _("%(figure)s by day") % {"figure": house.say(figure.title)}
    return _bars(figure, title, "day", found)


def by_hour(figure: Figure, scope: Scope, at: datetime, area: str) -> Chart:
    """Return a figure hour by hour since midnight."""
    found = reckoning.series(figure.name, by="hour", as_of=at, area=area, scope=scope)
    title = _("%(figure)s by hour, %(day)s") % {
        "figure": house.say(figure.title),
        "day": at.astimezone(SHANGHAI).strftime("%Y-%m-%d"),
    }
    return _bars(figure, title, "hour", found)


def by_hour_at(figure: Figure, scope: Scope, at: datetime, place: Place) -> Chart:
    """Return a figure of one place hour by hour since midnight."""
    found = reckoning.series_by_place(figure.name, by="hour", as_of=at, area=place.area, scope=scope)
    title = _("%(figure)s by hour") % {"figure": house.say(figure.title)}
    return _bars(figure, title, "hour", found.get(place.code, []))


def _bars(figure: Figure, title: str, step: Literal["day", "hour"], found: Iterable[tuple[datetime, Value]]) -> Chart:
    points = [(moment.astimezone(SHANGHAI), value) for moment, value in found]
    labels = [f"{moment.month}-{moment.day}" if step == "day" else f"{moment:%H}" for moment, _value in points]
    drawn = {
        "kind": "bars",
        "step": step,
        "unit": house.say(figure.unit),
        "labels": labels,
        "weekend": [step == "day" and moment.weekday() >= 5 for moment, _value in points],
        # The step under way is not over: it is drawn lighter.
        "partial": len(points) - 1,
        "shown": [value.shown for _moment, value in points],
        "whole": figure.measure.rate is None,
        "numbers": [None if value.number is None else float(value.number) for _moment, value in points],
    }
    rows = [(f"{moment:%Y-%m-%d}" if step == "day" else f"{moment:%H:00}", value.shown) for moment, value in points]
    return Chart(f"{figure.name}-{step}", title, house.say(figure.unit), rows, drawn)

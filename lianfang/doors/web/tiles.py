"""Figures as tiles: number, unit, as-of, the difference to yesterday at the same hour, the last fortnight as a line."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from urllib.parse import urlencode

from django.core.cache import cache
from django.urls import reverse

from lianfang.doors.web import drawing, house
from lianfang.figures import reckoning
from lianfang.figures.showing import Value, plain
from lianfang.pack import Figure
from lianfang.registry.visibility import Scope

DAY = timedelta(days=1)
FORTNIGHT = 14
FRESH = 10  # minutes


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure ready to be drawn."""

    figure: Figure
    value: Value
    title: str
    href: str
    difference: str = ""
    trend: str = ""
    tone: str = ""
    spark: str = ""

    @property
    def unit(self) -> str:
        """The unit, unless the number already ends in it as a per cent sign."""
        return "" if self.value.shown.endswith(self.value.unit) else self.value.unit

    @property
    def parts(self) -> str:
        """Numerator and denominator of a rate, as they are always printed beside it."""
        if self.figure.measure.rate is None or self.value.numerator is None or self.value.denominator is None:
            return ""
        return f"{plain(self.value.numerator)} / {plain(self.value.denominator)}"


def known(names: Sequence[str]) -> list[str]:
    """Return the names that the pack declares, in order."""
    return [name for name in names if name in house.pack().figures]


def of(
    names: Sequence[str], *, scope: Scope, at: datetime, area: str, lines: bool = True, yesterday: bool = True
) -> list[Tile]:
    """Return the tiles of some figures within an area.

    Args:
        names: the figures.
        scope: what the reader may see.
        at: the instant they are as of.
        area: the area they are for.
        lines: whether to draw the last fortnight, day by day.
        yesterday: whether to compare with the same hour of the day before.
    """
    names = known(names)
    if not names or not scope.may(reckoning.POWER):
        return []
    areas = [area] if area else None
    now = reckoning.values(names, as_of=at, areas=areas, scope=scope)
    before = reckoning.values(names, as_of=at - DAY, areas=areas, scope=scope) if yesterday else {}
    drawn = _sparks(names, scope, at, area) if lines else {}
    return [_tile(name, now[name], before.get(name), area, drawn.get(name, "")) for name in names]


def _tile(name: str, value: Value, before: Value | None, area: str, spark: str) -> Tile:
    figure = house.pack().figures[name]
    difference, trend, tone = compare(figure, value, before)
    query = f"?{urlencode({'area': area})}" if area else ""
    href = reverse("figure", args=[name]) + query
    return Tile(figure, value, house.say(figure.title), href, difference, trend, tone, spark)


def compare(figure: Figure, value: Value, before: Value | None) -> tuple[str, str, str]:
    """Return the difference in words, its direction (up, down, same) and its tone (good, bad or none)."""
    if before is None or value.number is None or before.number is None:
        return "", "", ""
    change = Decimal(value.number) - Decimal(before.number)
    if change == 0:
        return "0", "same", ""
    trend = "up" if change > 0 else "down"
    tone = "" if figure.good == "none" else ("good" if figure.good == trend else "bad")
    decimals = figure.measure.rate.decimals if figure.measure.rate else 3
    return plain(abs(round(change, decimals))), trend, tone


def _sparks(names: Sequence[str], scope: Scope, at: datetime, area: str) -> dict[str, str]:
    """Return the lines of a fortnight; they are as of the last ten minutes, so that a busy page draws them once."""
    instant = at.replace(minute=at.minute // FRESH * FRESH, second=0, microsecond=0)
    seen = hash((reckoning.POWER, scope.reaches.get(reckoning.POWER, ())))
    keys = {name: f"spark:{name}:{area}:{seen}:{instant.timestamp():.0f}" for name in names}
    kept = cache.get_many(keys.values())
    for name, key in keys.items():
        if key not in kept:
            kept[key] = _spark(name, scope, instant, area)
            cache.set(key, kept[key], timeout=FRESH * 60)
    return {name: kept[key] for name, key in keys.items()}


def _spark(name: str, scope: Scope, at: datetime, area: str) -> str:
    found = reckoning.series(name, by="day", as_of=at, area=area, scope=scope, start=at - (FORTNIGHT - 1) * DAY)
    return drawing.spark([None if value.number is None else float(value.number) for _step, value in found])

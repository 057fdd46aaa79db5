"""The figures explorer: every figure with its definition, as of any instant, by area, place, unit, day and hour."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from lianfang.clock import SHANGHAI
from lianfang.doors.web import charts, entries, house, keyset, shell, tables, tiles
from lianfang.doors.web.access import Guarded, needs, refused
from lianfang.figures import reckoning
from lianfang.figures.models import Frozen
from lianfang.figures.showing import Value
from lianfang.pack import Figure
from lianfang.pack.areas import LENGTHS

POWER = reckoning.POWER
BELOW = {6: "subdistrict", 9: "community", 12: "grid", 15: "courtyard"}


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a breakdown: a name, its value, how long its bar is in per cent, where it leads."""

    name: str
    value: Value
    share: float
    href: str = ""


@needs(POWER)
def index(request: Guarded) -> HttpResponse:
    """List every figure of the pack with its value now."""
    area = shell.chosen_area(request, request.scope, POWER)
    as_of = instant(request)
    names = list(house.pack().figures)
    shown = tiles.of(names, scope=request.scope, at=as_of, area=area, lines=False)
    groups: dict[str, list[tiles.Tile]] = {}
    for tile in shown:
        groups.setdefault(_group(tile.figure), []).append(tile)
    context = {"groups": groups, "as_of": as_of, "count": len(shown), "asked": request.GET.get("as_of", "")}
    return render(request, "web/figures.html", context)


@needs(POWER)
def page(request: Guarded, name: str) -> HttpResponse:
    """Show one figure: its definition, value, breakdowns, course and what was frozen of it."""
    figure = _declared(name)
    area = shell.chosen_area(request, request.scope, POWER)
    as_of = instant(request)
    (tile,) = tiles.of([name], scope=request.scope, at=as_of, area=area, lines=False)
    drawn = [charts.by_day(figure, request.scope, as_of, area)]
    if "hour" in figure.levels:
        drawn.append(charts.by_hour(figure, request.scope, as_of, area))
    broken = breakdowns(figure, request, as_of, area)
    context = {
        "figure": figure,
        "tile": tile,
        "as_of": as_of,
        "asked": request.GET.get("as_of", ""),
        "charts": [each for each in drawn if any(number is not None for number in each.drawn["numbers"])],
        "breakdowns": broken,
        "breakdown_rows": sum(len(each.lines) for each in broken),
        "parts": _sides(figure),
        "kinds": [house.kind_title(kind) for kind in figure.kinds],
        "frozen": _frozen(name, area, as_of),
        "may_open": request.scope.may(entries.POWER),
        "ledger": house.pack().ledger.get(figure.ledger or ""),
    }
    return render(request, "web/figure.html", context)


@needs(POWER)
def behind(request: Guarded, name: str) -> HttpResponseBase:
    """List exactly the entries a figure is made of, the newest first."""
    if not request.scope.may(entries.POWER):
        return refused(request, entries.POWER)
    figure = _declared(name)
    area = shell.chosen_area(request, request.scope, POWER)
    as_of = instant(request)
    held = reckoning.entries(name, as_of=as_of, area=area, scope=request.scope).visible_to(request.scope, entries.POWER)
    if request.GET.get("export") == "csv":
        return tables.entries_csv(name, held.order_by("-id"), request.at)
    (tile,) = tiles.of([name], scope=request.scope, at=as_of, area=area, lines=False, yesterday=False)
    # Where nothing was counted there is nothing to look for, and looking would read everything.
    nothing = tile.value.no_data or (figure.measure.count is not None and tile.value.number == 0)
    found = keyset.page(held.none() if nothing else held, ("id",), request.GET.get("after", ""), backwards=True)
    context = {
        "figure": figure,
        "tile": tile,
        "as_of": as_of,
        "asked": request.GET.get("as_of", ""),
        "rows": entries.rows(found.rows, request.at),
        "next": found.next,
        "after": request.GET.get("after", ""),
        "counted": held.count() if "export" in request.GET else None,
    }
    return render(request, "web/figure_entries.html", context)


@needs(POWER)
def export(request: Guarded, name: str) -> HttpResponse:
    """Hand out the breakdowns of a figure as one table for a spreadsheet."""
    figure = _declared(name)
    area = shell.chosen_area(request, request.scope, POWER)
    as_of = instant(request)
    return tables.breakdowns_csv(figure, breakdowns(figure, request, as_of, area), as_of)


def instant(request: Guarded) -> datetime:
    """Return the instant the address asks for, never later than now; now where it asks for none."""
    try:
        asked = datetime.fromisoformat(request.GET.get("as_of", ""))
    except ValueError:
        return request.at
    asked = asked if asked.tzinfo else asked.replace(tzinfo=SHANGHAI)
    return min(asked, request.at)


@dataclass(frozen=True, slots=True)
class Breakdown:
    """One figure by something: what by, and its lines."""

    by: str
    lines: list[Line]


def breakdowns(figure: Figure, request: Guarded, as_of: datetime, area: str) -> list[Breakdown]:
    """Return a figure by the areas below, by place and by unit, as far as it declares them."""
    found = []
    below = BELOW.get(len(area), "subdistrict")
    name, scope = figure.name, request.scope
    if "area" in figure.levels and len(area) < LENGTHS["courtyard"]:
        values = reckoning.by_area(name, as_of=as_of, level=below, area=area, scope=scope)
        found.append(Breakdown("area", _lines(values, house.area_names(values), f"?area={{}}{_kept(request)}")))
    if "place" in figure.levels:
        values = _told(reckoning.by_place(name, as_of=as_of, area=area, scope=scope))
        found.append(Breakdown("place", _lines(values, house.place_names(values))))
    if "unit" in figure.levels:
        held = reckoning.by_units([name], as_of=as_of, area=area, scope=scope)
        values = _told({unit: each[name] for unit, each in held.items()})
        found.append(Breakdown("unit", _lines(values, house.unit_names(values))))
    return [each for each in found if each.lines]


def _told(values: dict[str, Value]) -> dict[str, Value]:
    """Keep the places and units the figure says anything about."""
    return {code: value for code, value in values.items() if not value.no_data}


def _lines(values: dict[str, Value], names: dict[str, str], href: str = "") -> list[Line]:
    top = max((abs(float(each.number)) for each in values.values() if each.number is not None), default=0) or 1
    made = [
        Line(names.get(code, code), value, abs(float(value.number or 0)) / top * 100, href.format(code))
        for code, value in values.items()
    ]
    return sorted(made, key=lambda line: (line.value.number is None, -(line.value.number or 0), line.name))


def _kept(request: Guarded) -> str:
    asked = request.GET.get("as_of", "")
    return f"&as_of={asked}" if asked else ""


def _frozen(name: str, area: str, as_of: datetime) -> Iterable[Frozen]:
    root = area if len(area) > LENGTHS["district"] else ""
    return Frozen.objects.filter(name=name, area__in={root, area} if not root else {area}).order_by("-as_of", "-at")[
        :12
    ]


def _sides(figure: Figure) -> list[Figure]:
    rate = figure.measure.rate
    known = house.pack().figures
    return [known[rate.numerator], known[rate.denominator]] if rate else []


def _group(figure: Figure) -> str:
    whole = house.pack().figures
    rate = figure.measure.rate
    kinds = figure.kinds or (whole[rate.numerator].kinds if rate and rate.numerator in whole else ())
    return house.kind_title(kinds[0]) if kinds else house.say(figure.title)


def _declared(name: str) -> Figure:
    found = house.pack().figures.get(name)
    if found is None:
        raise Http404
    return found

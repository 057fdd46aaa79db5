"""The checkpoints: all of them side by side, and one of them hour by hour."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render

from lianfang.clock import SHANGHAI
from lianfang.doors.web import charts, drawing, dues, entries, house, maps, posts, shell, tiles
from lianfang.doors.web.access import Guarded, needs, refused
from lianfang.figures import reckoning
from lianfang.figures.showing import Value
from lianfang.pack import Figure
from lianfang.registry.models import Place

POWER = posts.POWER
LATEST = 12


@needs(POWER)
def page(request: Guarded) -> HttpResponse:
    """Show every checkpoint of the area as it is now."""
    area = shell.chosen_area(request, request.scope, POWER)
    names = figures_shown()
    placed = by_place(names)
    found = posts.now(placed, scope=request.scope, at=request.at, area=area)
    codes = [post.place.code for post in found]
    context: dict[str, Any] = {
        "posts": found,
        "figures": [house.pack().figures[name] for name in placed],
        "tiles": tiles.of(names, scope=request.scope, at=request.at, area=area, lines=False),
        "heat": heat(request, area, codes),
        "open": dues.rows(posts.open_items(codes, request.scope, request.at), request.at),
        "gaps": [gap for gap in posts.gaps(request.scope, request.at, area) if gap.alert],
        "names": {post.place.code: post.name for post in found},
        "map": maps.drawn(
            area=area,
            figure=None,
            scope=request.scope,
            at=request.at,
            posts=[(post.place, post.tone, post.values[0].shown if post.values else "") for post in found],
            width=880,
            height=640,
            callouts=True,
        ),
        "wrong": sum(post.tone in ("bad", "silent") for post in found),
    }
    part = bool(request.headers.get("HX-Request"))
    return render(request, "web/parts/checkpoints.html" if part else "web/checkpoints.html", context)


@needs(POWER)
def one(request: Guarded, place: str) -> HttpResponse:
    """Show one checkpoint: its figures, hours, open items, counters and the staff it should have."""
    found = Place.objects.on(request.at.astimezone(SHANGHAI).date()).filter(code=place, kind=posts.KIND).first()
    if found is None:
        raise Http404
    if not request.scope.may(POWER, area=found.area, unit=found.unit or None):
        return refused(request, POWER)
    names = by_place(figures_shown())
    (post,) = [
        each
        for each in posts.now(names, scope=request.scope, at=request.at, area=found.area)
        if each.place.code == place
    ]
    values = dict(zip(names, post.values, strict=True))
    hourly = first_hourly(names)
    queue = posts.queue(place, request.at)
    context: dict[str, Any] = {
        "post": post,
        "tiles": [_tile(house.pack().figures[name], value) for name, value in values.items()],
        "chart": charts.by_hour_at(hourly, request.scope, request.at, found) if hourly else None,
        "queue": queue,
        "staffing": posts.staff(found, at=request.at, waiting=queue.vehicles if queue else 0),
        "open": dues.rows(posts.open_items([place], request.scope, request.at), request.at),
        "gaps": [gap for gap in posts.gaps(request.scope, request.at, found.area) if gap.place == place],
        "protocol": house.protocol(request.at),
        "latest": _latest(request, found),
    }
    part = bool(request.headers.get("HX-Request"))
    return render(request, "web/parts/checkpoint.html" if part else "web/checkpoint.html", context)


def figures_shown() -> list[str]:
    """Return the figures the pack puts on the checkpoints' pages."""
    return tiles.known(house.pack().head.screens.get("checkpoints", ()))


def by_place(names: list[str]) -> list[str]:
    """Return those figures that mean something at a single post: the pack says which."""
    return [name for name in names if "place" in house.pack().figures[name].levels]


def first_hourly(names: list[str]) -> Figure | None:
    """Return the first of some figures that is told hour by hour."""
    known = house.pack().figures
    return next((known[name] for name in names if "hour" in known[name].levels), None)


def heat(request: Guarded, area: str, codes: list[str]) -> dict[str, Any] | None:
    """Return the first hourly figure by post and hour of the day, each cell with its shade."""
    figure = first_hourly(figures_shown())
    if figure is None:
        return None
    found = reckoning.series_by_place(figure.name, by="hour", as_of=request.at, area=area, scope=request.scope)
    numbers = [float(value.number) for row in found.values() for _, value in row if value.number is not None]
    rows = [
        (code, [(value, drawing.steps(_float(value), numbers)) for _, value in found[code]])
        for code in codes
        if code in found
    ]
    hours = [moment.astimezone(SHANGHAI).hour for moment, _ in next(iter(found.values()), [])]
    return {"figure": figure, "title": house.say(figure.title), "rows": rows, "hours": hours} if rows else None


def _tile(figure: Figure, value: Value) -> tiles.Tile:
    return tiles.Tile(figure, value, house.say(figure.title), f"/figures/{figure.name}/")


def _float(value: Value) -> float | None:
    return None if value.number is None else float(value.number)


def _latest(request: Guarded, place: Place) -> list[entries.Row]:
    if not request.scope.may(entries.POWER, area=place.area):
        return []
    today = request.at.astimezone(SHANGHAI).date()
    held = entries.of_day(entries.visible(request, place.area), today).recorded_by(request.at).filter(place=place.code)
    return entries.rows(held.order_by("-id")[:LATEST], request.at)

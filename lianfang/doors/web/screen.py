"""The command screen: one canvas for the wall, every number with its time, every mark a way to its list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import render

from lianfang.clock import SHANGHAI
from lianfang.doors.web import drawing, dues, house, maps, posts, shell, tiles
from lianfang.doors.web.access import Guarded, needs
from lianfang.doors.web.posts import Post
from lianfang.dues.models import Due
from lianfang.figures import reckoning
from lianfang.figures.showing import Value
from lianfang.journal.ids import midnight
from lianfang.journal.models import Entry
from lianfang.pack import Figure

POWER = "command.view"
DAY = timedelta(days=1)
BIG = 6
EVENTS = 6
UNITS = 7
ITEMS = 5
DAYS = 14
COURSES = 4


@dataclass(frozen=True, slots=True)
class Wall:
    """One figure of the wall: its value, what 24 hours have added to it, how it differs from a day ago."""

    figure: Figure
    title: str
    value: Value
    added: str
    change: str
    trend: str
    tone: str
    href: str

    @property
    def unit(self) -> str:
        """The unit, unless the number already ends in it as a per cent sign."""
        return "" if self.value.shown.endswith(self.value.unit) else self.value.unit


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened and is worth a line on the wall; nothing in it is about a person."""

    at: datetime
    title: str
    place: str
    decision: house.Told | None
    href: str


@needs(POWER)
def page(request: Guarded) -> HttpResponse:
    """Show the wall, or only what changes on it."""
    area = shell.chosen_area(request, request.scope, POWER)
    part = bool(request.headers.get("HX-Request"))
    context = {"head": house.pack().head, "headquarters": house.say(house.pack().head.headquarters)}
    context |= contents(request, area)
    return render(request, "web/parts/screen.html" if part else "web/screen.html", context)


def contents(request: Guarded, area: str) -> dict[str, Any]:
    """Return everything on the wall for an area, as of now."""
    names = tiles.known(house.pack().head.screens.get("command", ()))
    shown = walls(names, request, area)
    coloured = chosen(names, request.GET.get("figure", ""))
    found = posts.now(by_post(), scope=request.scope, at=request.at, area=area, power=POWER)
    items = posts.open_items([post.place.code for post in found], request.scope, request.at)
    hourly = next((each for each in map(house.pack().figures.get, by_post()) if each and "hour" in each.levels), None)
    return {
        "big": shown[:BIG],
        "more": shown[BIG:],
        "posts": _barred(found),
        "columns": [house.pack().figures[name] for name in by_post()],
        "chips": [(house.pack().figures[name], name == (coloured and coloured.name)) for name in colourable(names)],
        "coloured": coloured,
        "map": maps.drawn(
            area=area,
            figure=coloured,
            scope=request.scope,
            at=request.at,
            posts=[(post.place, post.tone, post.values[-1].shown if post.values else "") for post in found],
            width=1240 if request.GET.get("wide") else 914,
            height=560,
            callouts=True,
        ),
        "units": by_unit(request, area),
        "items": dues.rows(items[:ITEMS], request.at),
        "items_open": len(items),
        "alarms": sum(due.by < request.at for due in items),
        "silent": [post for post in found if post.tone == "silent"],
        "events": events(request, area),
        "hours": _hours(hourly, request, area) if hourly else None,
        "days": [_days(each, request, area) for each in _courses(shown)] if request.GET.get("wide") else [],
        "wide": bool(request.GET.get("wide")),
        "area": area,
    }


def by_post() -> list[str]:
    """Return the figures of the wall's table of posts: the pack's first two for checkpoints that a post can have."""
    found = tiles.known(house.pack().head.screens.get("checkpoints", ()))
    kept = [name for name in found if "place" in house.pack().figures[name].levels]
    hourly = [name for name in kept if house.pack().figures[name].since == "hour"]
    return list(dict.fromkeys([*kept[:1], *hourly[:1]]))


def colourable(names: Sequence[str]) -> list[str]:
    """Return the figures that may colour the map."""
    return [name for name in names if "area" in house.pack().figures[name].levels][:6]


def chosen(names: Sequence[str], asked: str) -> Figure | None:
    """Return the figure that colours the map: the one asked for if it may, else the first that may."""
    may = colourable(names)
    name = asked if asked in may else (may[0] if may else "")
    return house.pack().figures.get(name)


def walls(names: Sequence[str], request: Guarded, area: str) -> list[Wall]:
    """Return the wall's figures with what the last 24 hours have added, or how they differ from a day ago."""
    if not names:
        return []
    areas = [area] if area else None
    now, before = (
        reckoning.values(names, as_of=at, areas=areas, scope=request.scope) for at in (request.at, request.at - DAY)
    )
    made = []
    for name in names:
        figure = house.pack().figures[name]
        change, trend, tone = tiles.compare(figure, now[name], before[name])
        added = change if _grows(figure) and trend != "down" else ""
        made.append(Wall(figure, house.say(figure.title), now[name], added, change, trend, tone, f"/figures/{name}/"))
    return made


def _grows(figure: Figure) -> bool:
    """Say whether a figure adds up for ever, so that it makes sense to tell what a day has added."""
    return figure.since is None and (figure.measure.count is not None or figure.measure.sum is not None)


def by_unit(request: Guarded, area: str) -> list[dict[str, Any]]:
    """Return how much is open and overdue by who must act, the most overdue first."""
    held = Due.objects.visible_to(request.scope, dues.POWER).inside(area).open(request.at).order_by()
    late = Count("id", filter=Q(by__lt=request.at))
    found = list(held.values("unit").annotate(open=Count("id"), late=late).order_by("-late", "-open", "unit")[:UNITS])
    names = house.unit_names(each["unit"] for each in found)
    top = max((each["open"] for each in found), default=1)
    return [each | {"name": names.get(each["unit"], each["unit"]), "share": each["open"] / top * 100} for each in found]


def events(request: Guarded, area: str) -> list[Event]:
    """Return the last things worth a line: not every vehicle let through, nor every reading, but what was decided."""
    pack = house.pack()
    flows = {kind for kind, form in pack.forms.items() if form.choices(house.DECISION)}
    # What only matters under a condition (a gate's reading) has opened a due when it did.
    usual = flows.union(posts.counting(), posts.queueing(), (each.on for each in pack.reactions if each.where))
    telling = {name for form in pack.forms.values() for name in form.choices(house.DECISION)[1:]}
    day = request.at.astimezone(SHANGHAI).date()
    held = Entry.objects.happened(midnight(day), request.at + timedelta(seconds=1)).recorded_by(request.at)
    held = held.visible_to(request.scope, POWER).inside(area).filter(exercise=False)
    found = list(held.filter(~Q(kind__in=usual) | Q(answers__decision__in=telling)).order_by("-id")[:EVENTS])
    names = house.names(found)
    may_open = request.scope.may("entries.view")
    return [
        Event(
            at=entry.at,
            title=house.kind_title(entry.kind),
            place=names.places.get(entry.place) or names.units.get(entry.unit) or names.areas.get(entry.area, ""),
            decision=house.decision(pack.forms.get(entry.kind), entry.answers),
            href=f"/entries/{entry.id}/"
            if may_open
            else (f"/checkpoints/{entry.place}/" if entry.place else "/checkpoints/"),
        )
        for entry in found
    ]


def _barred(found: Sequence[Post]) -> list[dict[str, Any]]:
    """Return the posts with the length of their bar beside the busiest."""
    first = [float(post.values[0].number or 0) if post.values else 0.0 for post in found]
    top = max(first, default=0) or 1
    return [{"post": post, "share": number / top * 100} for post, number in zip(found, first, strict=True)]


def _courses(shown: Sequence[Wall]) -> list[Figure]:
    """Return the first figures that have a course over days."""
    kept = [each.figure for each in shown if each.figure.since is None and "day" in each.figure.levels]
    return kept[:COURSES]


def _hours(figure: Figure, request: Guarded, area: str) -> dict[str, Any]:
    found = reckoning.series(figure.name, by="hour", as_of=request.at, area=area, scope=request.scope)
    points = [(str(moment.astimezone(SHANGHAI).hour), value.shown, _float(value)) for moment, value in found]
    points += [(str(hour), "", None) for hour in range(len(points), 24)]
    return {"figure": figure, "bars": drawing.bars(points, 1240, 110)}


def _days(figure: Figure, request: Guarded, area: str) -> dict[str, Any]:
    start = request.at - (DAYS - 1) * DAY
    found = reckoning.series(figure.name, by="day", as_of=request.at, area=area, scope=request.scope, start=start)
    local = [(moment.astimezone(SHANGHAI), value) for moment, value in found]
    points = [(f"{moment.month}-{moment.day}", value.shown, _float(value)) for moment, value in local]
    return {"figure": figure, "bars": drawing.bars(points, 640, 190)}


def _float(value: Value) -> float | None:
    return None if value.number is None else float(value.number)

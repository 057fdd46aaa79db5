"""The first page: what is wrong now, what waits for me, the numbers, where they come from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Min
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from lianfang.doors.web import charts, dues, entries, house, shell, tiles
from lianfang.doors.web.access import Guarded, signed_in
from lianfang.dues.models import Due
from lianfang.journal.models import Pending

POWER = "overview.view"
SOON = 5
LATEST = 10


@dataclass(frozen=True, slots=True)
class Wrong:
    """Something that is late or failed: what, how many, for how many minutes, where to look."""

    title: str
    count: int
    minutes: float | None
    href: str


@signed_in
def page(request: Guarded) -> HttpResponse:
    """Show the overview; whoever has none is led to the first page that is theirs."""
    if not request.scope.may(POWER):
        rail = shell.Shell(request).rail
        return HttpResponseRedirect(rail[0]["path"]) if rail else render(request, "web/nothing.html")
    area = shell.chosen_area(request, request.scope, POWER)
    shown = house_figures(request, area)
    context: dict[str, Any] = {
        "area": area,
        "wrong": wrong(request, area),
        "soon": soon(request, area),
        "tiles": shown,
        "chart": course(shown, request, area),
        "latest": entries.latest(request, area, LATEST),
        "may_see_dues": request.scope.may(dues.POWER),
    }
    return render(
        request, "web/parts/overview.html" if request.headers.get("HX-Request") else "web/overview.html", context
    )


def house_figures(request: Guarded, area: str) -> Sequence[tiles.Tile]:
    """Return the figures the pack puts on the overview."""
    names = house.pack().head.screens.get("overview", ())
    return tiles.of(names, scope=request.scope, at=request.at, area=area)


def course(shown: Sequence[tiles.Tile], request: Guarded, area: str) -> charts.Chart | None:
    """Return the course over days of the first figure that has one and has anything to tell here."""
    for tile in shown:
        if not tile.value.no_data and "day" in tile.figure.levels:
            return charts.by_day(tile.figure, request.scope, request.at, area)
    return None


def wrong(request: Guarded, area: str) -> list[Wrong]:
    """Return what is overdue, by what is expected, and what the house itself failed at."""
    found = []
    if request.scope.may(dues.POWER):
        late = Due.objects.visible_to(request.scope, dues.POWER).inside(area).overdue(request.at)
        grouped = late.order_by().values("name").annotate(count=Count("id"), first=Min("by"))
        for name, count, first in grouped.order_by("first").values_list("name", "count", "first"):
            minutes = (request.at - first).total_seconds() / 60
            found.append(Wrong(dues.title(name), count, minutes, f"/dues/?state=overdue&name={name}&area={area}"))
    if request.scope.may("running.view"):
        failed = Pending.objects.failed().count()
        if failed:
            found.append(Wrong("", failed, None, "/reactions/"))
    return found


def soon(request: Guarded, area: str) -> list[dues.Row]:
    """Return what must be done next."""
    held = Due.objects.visible_to(request.scope, dues.POWER).inside(area).open(request.at)
    return dues.rows(held.order_by("by", "id")[:SOON], request.at)

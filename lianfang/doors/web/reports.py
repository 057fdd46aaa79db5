"""The units' daily reports: who has reported, who was late, who is missing."""

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from lianfang.clock import SHANGHAI
from lianfang.doors.web import dues, house, shell
from lianfang.doors.web.access import Guarded, needs
from lianfang.dues.models import Due

POWER = "reports.view"
DAY = timedelta(days=1)


@needs(POWER)
def page(request: Guarded) -> HttpResponse:
    """Show one day's reports, the missing ones first."""
    area = shell.chosen_area(request, request.scope, POWER)
    today = request.at.astimezone(SHANGHAI).date()
    day = _day(request.GET.get("day", "")) or today
    start = datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)
    daily = {each.name: each for each in house.pack().dues}
    held = Due.objects.visible_to(request.scope, POWER).inside(area).named(*daily)
    found = held.filter(by__gte=start, by__lt=start + DAY, opened_at__lte=request.at).order_by("unit", "place")
    rows = sorted(((state(row), row) for row in dues.rows(found, request.at)), key=lambda each: ORDER[each[0]])
    counts = Counter(name for name, _row in rows)
    context: dict[str, Any] = {
        "rows": rows,
        "day": day,
        "before": (day - DAY).isoformat(),
        "beyond": (day + DAY).isoformat() if day < today else "",
        "counts": counts,
        "expected": len(rows),
        "reported": counts["met"] + counts["late"],
        "titles": [house.say(each.title) for each in daily.values()],
        "may_open": request.scope.may("entries.view"),
    }
    return render(request, "web/reports.html", context)


ORDER = {"missing": 0, "open": 1, "late": 2, "met": 3, "ended": 4}


def state(row: dues.Row) -> str:
    """Return what became of one report: missing, open (there is still time), late, met, or ended otherwise."""
    if not row.closed:
        return "missing" if row.left < 0 else "open"
    if row.due.outcome == "met":
        return "late" if row.late else "met"
    return "ended"


def _day(word: str) -> date | None:
    try:
        return date.fromisoformat(word)
    except ValueError:
        return None

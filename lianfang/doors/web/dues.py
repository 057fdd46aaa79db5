"""What is expected by a time: the list, and letting one go with a reason."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from lianfang.doors.web import house, keyset, shell
from lianfang.doors.web.access import Guarded, needs, refused
from lianfang.dues import actions
from lianfang.dues.models import Due, DueQuerySet
from lianfang.pack import Text

POWER = "dues.view"
WAIVE = "dues.waive"
STATES = ("open", "overdue", "late", "met", "waived")


@dataclass(frozen=True, slots=True)
class Row:
    """One due in words: what, where, who, and how long it has or is late by, in minutes."""

    due: Due
    title: str
    place: str
    unit: str
    origin: str
    area: str
    left: float
    closed: bool
    late: bool


def rows(dues: Iterable[Due], at: datetime) -> list[Row]:
    """Return dues in words as of an instant."""
    held = list(dues)
    names = house.names(held)
    origins = house.place_names({due.origin for due in held})
    return [
        Row(
            due=due,
            title=title(due.name),
            place=names.places.get(due.place, ""),
            unit=names.units.get(due.unit, ""),
            origin=origins.get(due.origin, ""),
            area=names.areas.get(due.area, ""),
            left=(due.by - at).total_seconds() / 60,
            closed=due.closed_at is not None and due.closed_at <= at,
            late=(due.met_at or at) > due.by,
        )
        for due in held
    ]


def title(name: str) -> str:
    """Return what the pack calls a reaction or a daily due."""
    found = titles().get(name)
    return house.say(found) if found else name


def titles() -> dict[str, Text]:
    """Return the titles of everything in the pack that opens a due, by its name."""
    pack = house.pack()
    opening = {each.name: each.title for each in pack.reactions if each.do == "open_due"}
    return opening | {each.name: each.title for each in pack.dues}


def in_state(state: str, held: DueQuerySet, at: datetime) -> DueQuerySet:
    """Return the dues in one of the states the page offers."""
    narrowed = {"open": held.open, "overdue": held.overdue, "met": held.met, "late": held.late}
    if state in narrowed:
        return narrowed[state](at)
    return held.filter(outcome="waived", closed_at__lte=at)


@needs(POWER)
def page(request: Guarded) -> HttpResponse:
    """List what is due within the area, the most urgent first."""
    area = shell.chosen_area(request, request.scope, POWER)
    state = request.GET.get("state", "open")
    state = state if state in STATES else "open"
    name = request.GET.get("name", "")
    held = Due.objects.visible_to(request.scope, POWER).inside(area)
    if name:
        held = held.named(name)
    ended = state in ("met", "late", "waived")
    found = keyset.page(in_state(state, held, request.at), ("by", "id"), request.GET.get("after", ""), backwards=ended)
    context = {
        "rows": rows(found.rows, request.at),
        "next": found.next,
        "after": request.GET.get("after", ""),
        "state": state,
        "states": [(each, _words(each)) for each in STATES],
        "names": [(each, house.say(text)) for each, text in titles().items()],
        "name": name,
        "may_waive": request.scope.may(WAIVE),
        "overdue": shell.waiting.of(request.scope, request.at).overdue,
    }
    return render(request, "web/dues.html", context)


@needs(WAIVE)
@require_POST
def waive(request: Guarded, due: UUID) -> HttpResponse:
    """Let a due go, with the reason that stays with it."""
    found = Due.objects.visible_to(request.scope, WAIVE).filter(pk=due).first()
    if found is None:
        if Due.objects.visible_to(request.scope, POWER).filter(pk=due).exists():
            return refused(request, WAIVE)
        raise Http404
    reason = request.POST.get("reason", "").strip()
    if not reason:
        messages.error(request, _("Say why it is let go; the reason stays with it."), extra_tags="bad")
        return HttpResponseRedirect("/dues/")
    try:
        actions.waive(due=due, reason=reason[:500], by=request.user.pk, at=request.at)
    except actions.DueClosed:
        messages.warning(request, _("It had already come to its end; nothing was changed."), extra_tags="attention")
    except actions.NotWritten as fault:
        messages.error(request, _("It was not let go: %(fault)s") % {"fault": fault}, extra_tags="bad")
    else:
        messages.success(request, _("Let go, with your reason."), extra_tags="good")
    return HttpResponseRedirect("/dues/")


def _words(state: str) -> str:
    return {
        "open": _("Open"),
        "overdue": _("Overdue"),
        "late": _("Met late"),
        "met": _("Met"),
        "waived": _("Let go"),
    }[state]

"""The entries themselves: a list by day with filters in the address, one entry in a sheet with its own address."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST

from lianfang.clock import SHANGHAI
from lianfang.doors.web import house, keyset, shell
from lianfang.doors.web.access import Guarded, needs, refused
from lianfang.journal import ids
from lianfang.journal.models import Correction, Entry, EntryQuerySet
from lianfang.registry import actions as registry
from lianfang.registry import vault
from lianfang.registry.models import Place, User

POWER = "entries.view"
NAMES = "names.view"
DAY = timedelta(days=1)
# An entry recorded longer than this after it happened is marked: a queue without network, or a hand entry.
LATE = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Row:
    """One entry in words, without a name."""

    entry: Entry
    title: str
    place: str
    area: str
    unit: str
    decision: house.Told | None
    summary: str
    masked: str
    late: bool
    replaced: bool


def rows(found: Iterable[Entry], at: datetime) -> list[Row]:
    """Return entries in words; of persons and vehicles only what is left after masking."""
    held = list(found)
    names = house.names(held)
    forms = house.pack().forms
    masked = vault.masked_many({entry.subject for entry in held if entry.subject})
    replaced = set(
        Correction.objects.filter(original__in=[entry.id for entry in held], recorded_at__lte=at).values_list(
            "original", flat=True
        )
    )
    return [
        Row(
            entry=entry,
            title=house.kind_title(entry.kind),
            place=names.places.get(entry.place, ""),
            area=names.areas.get(entry.area, ""),
            unit=names.units.get(entry.unit, ""),
            decision=house.decision(forms.get(entry.kind), entry.answers),
            summary=house.summary(forms.get(entry.kind), entry.answers),
            masked=_shown(masked.get(entry.subject, {}) if entry.subject else {}),
            late=entry.recorded_at - entry.at > LATE,
            replaced=entry.id in replaced,
        )
        for entry in held
    ]


def latest(request: Guarded, area: str, most: int) -> list[Row]:
    """Return the newest entries the user may see; none without the power for it."""
    if not request.scope.may(POWER):
        return []
    held = of_day(visible(request, area), request.at.astimezone(SHANGHAI).date()).recorded_by(request.at)
    return rows(held.order_by("-id")[:most], request.at)


def visible(request: Guarded, area: str) -> EntryQuerySet:
    """Return the entries of an area that the user may see."""
    return Entry.objects.visible_to(request.scope, POWER).inside(area)


@needs(POWER)
def page(request: Guarded) -> HttpResponse:
    """List the entries of one day, the newest first."""
    area = shell.chosen_area(request, request.scope, POWER)
    held = visible(request, area).recorded_by(request.at)
    chosen = _day(request.GET.get("day", "")) or last_day(held, request.at)
    kind, place, decided = (request.GET.get(name, "") for name in ("kind", "place", "decision"))
    held = of_day(held, chosen)
    if kind:
        held = held.of(kind)
    if place:
        held = held.filter(place=place)
    if decided:
        held = held.filter(answers__decision=decided)
    found = keyset.page(held, ("at", "id"), request.GET.get("after", ""), backwards=True)
    form = house.pack().forms.get(kind)
    today = request.at.astimezone(SHANGHAI).date()
    context: dict[str, Any] = {
        "rows": rows(found.rows, request.at),
        "next": found.next,
        "after": request.GET.get("after", ""),
        "day": chosen,
        "before": (chosen - DAY).isoformat(),
        "beyond": (chosen + DAY).isoformat() if chosen < today else "",
        "today": today,
        "kind": kind,
        "kinds": sorted(
            ((name, house.say(each.title)) for name, each in house.pack().forms.items()), key=lambda each: each[1]
        ),
        "place": place,
        "places": _places(request, area),
        "decision": decided,
        "decisions": _decisions(form),
    }
    return render(request, "web/entries.html", context)


@needs(POWER)
def sheet(request: Guarded, entry: UUID) -> HttpResponse:
    """Show one entry: every answer, where it came from, what replaced it, what is known of its subject, masked."""
    found = _one(request, entry)
    return _sheet(request, found, {})


@needs(NAMES)
@require_POST
def names(request: Guarded, entry: UUID) -> HttpResponse:
    """Open the subject's personal data for a purpose; the look is written into the access log."""
    if not request.scope.may(POWER):
        return refused(request, POWER)
    found = _one(request, entry)
    if found.subject is None:
        raise Http404
    purpose = request.POST.get("purpose", "").strip()
    try:
        opened = registry.view_names(
            by=request.user,
            at=request.at,
            subjects=[found.subject],
            purpose=purpose,
            address=request.META.get("REMOTE_ADDR") or None,
        )
    except registry.PurposeMissing:
        return _sheet(request, found, {"fault": _("Choose the purpose you need it for.")})
    shown = opened.get(found.subject)
    if shown is None:
        return _sheet(request, found, {"fault": _("It was recorded outside the area for which you may see names.")})
    return _sheet(request, found, {"opened": field_words(shown.fields), "purpose": purpose, "closed": shown.closed})


def field_words(fields: dict[str, str]) -> list[tuple[str, str]]:
    """Return the vault's fields with their names in the reader's language, the coded ones left out."""
    words = {
        "name": pgettext("person", "Name"),
        "document": _("Document"),
        "plate": _("Plate"),
        "phone": _("Phone"),
        "address": _("Address"),
    }
    return [(words[name], fields[name]) for name in words if name in fields]


def purposes(request: Guarded) -> list[tuple[str, str]]:
    """Return the purposes for which this user may see names, in words; any of the pack's where none was fixed."""
    pack = house.pack()
    told = {name: house.say(text) for name, text in (pack.demonstration.purposes if pack.demonstration else {}).items()}
    held = request.scope.purposes(NAMES)
    if "" in held:
        return sorted(told.items())
    return [(each, told.get(each, each)) for each in sorted(held)]


def _sheet(request: Guarded, entry: Entry, more: dict[str, Any]) -> HttpResponse:
    form = house.pack().forms.get(entry.kind)
    (row,) = rows([entry], request.at)
    by = User.objects.filter(pk=entry.by).first() if entry.by else None
    context = {
        "row": row,
        "entry": entry,
        "answers": house.told(form, entry.answers),
        "by": by.name if by else "",
        "correction": Correction.objects.filter(original=entry.id, recorded_at__lte=request.at).first(),
        "masked": field_words(vault.masked_many([entry.subject]).get(entry.subject, {})) if entry.subject else [],
        "history": entry.subject
        and rows(
            visible(request, "")
            .recorded_by(request.at)
            .about([entry.subject])
            .exclude(id=entry.id)
            .order_by("-at")[:10],
            request.at,
        ),
        "purposes": purposes(request) if entry.subject and request.scope.may(NAMES) else [],
        "back": _back(request),
    } | more
    part = bool(request.headers.get("HX-Request"))
    return render(request, "web/parts/entry_sheet.html" if part else "web/entry.html", context)


def _back(request: Guarded) -> str:
    """Return the list the sheet was opened from; never a place outside this house."""
    asked = request.POST.get("back") or request.GET.get("back", "")
    return asked if asked and url_has_allowed_host_and_scheme(asked, allowed_hosts=None) else "/entries/"


def _one(request: Guarded, entry: UUID) -> Entry:
    found = visible(request, "").recorded_by(request.at).filter(pk=entry).first()
    if found is None:
        raise Http404
    return found


def of_day(held: EntryQuerySet, day: date) -> EntryQuerySet:
    """Keep what happened on a Shanghai day."""
    return held.happened(ids.midnight(day), ids.midnight(day) + DAY)


def last_day(held: EntryQuerySet, at: datetime) -> date:
    """Return the day of the newest entry, or today where there is none."""
    newest = held.filter(id__lt=ids.floor(at + ids.SLACK)).order_by("-id").values_list("id", flat=True).first()
    return min(ids.day(newest), at.astimezone(SHANGHAI).date()) if newest else at.astimezone(SHANGHAI).date()


def _day(word: str) -> date | None:
    try:
        return date.fromisoformat(word)
    except ValueError:
        return None


def _places(request: Guarded, area: str) -> list[tuple[str, str]]:
    held = Place.objects.on(request.at.astimezone(SHANGHAI).date()).visible_to(request.scope, POWER).inside(area)
    return [(each.code, each.name_en if house.english() and each.name_en else each.name) for each in held[:300]]


def _decisions(form: Any) -> list[tuple[str, str]]:
    field = form.field(house.DECISION) if form else None
    return [(each.name, house.say(each.label)) for each in field.choices] if field else []


def _shown(fields: dict[str, str]) -> str:
    return fields.get("plate") or fields.get("name") or fields.get("document") or fields.get("phone") or ""

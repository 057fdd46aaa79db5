"""The register against the counters, and the hand-overs a place waits for."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any, Literal

from lianfang.clock import SHANGHAI
from lianfang.doors.api import entries, notices, rows
from lianfang.doors.api.access import Caller
from lianfang.dues.models import Due
from lianfang.journal import ids, reconciliation
from lianfang.journal.models import Entry
from lianfang.pack import Form, Pack
from lianfang.registry.models import Subject

Counted = Literal["vehicles", "persons"]
# The questions that make a form a count.
COUNT = ("counter", "counted", "from", "count")
MOST = 500


def reconciled(caller: Caller, day: date, counted: Counted, area: str) -> dict[str, Any]:
    """Return what counters saw against what was registered, by post and hour of a day.

    Args:
        caller: who asks; only what lies in their areas is told.
        day: the Shanghai day.
        counted: vehicles, or persons in vehicles and on foot.
        area: only in this area.
    """
    pack = entries.district()
    start = ids.midnight(day)
    span: dict[str, Any] = {
        "start": start,
        "end": start + timedelta(days=1),
        "at": caller.at,
        "areas": _areas(caller, area),
    }
    gaps = reconciliation.reconcile(
        reconciliation.counts(kinds=_counting(pack), counted=counted, **span),
        reconciliation.registered(kinds=registering(pack, counted), heads=counted == "persons", **span),
        bound=rows.protocol(pack, start).reconcile_bound,
    )
    return {
        "as_of": caller.at,
        "day": day.isoformat(),
        "counted": counted,
        "bound": rows.protocol(pack, start).reconcile_bound,
        "hours": [_told(each, pack) for each in gaps],
    }


def _areas(caller: Caller, area: str) -> list[str]:
    assert caller.scope is not None
    held = caller.scope.areas("checkpoints.view")
    # Inside one another, one way or the other: the smaller of the two is what may be told.
    return [max(area, code, key=len) for code in held if area.startswith(code) or code.startswith(area)]


def _counting(pack: Pack) -> list[str]:
    return [kind for kind, form in pack.forms.items() if all(form.field(name) for name in COUNT)]


def registering(pack: Pack, counted: Counted) -> list[str]:
    """Return the forms that register what passes a gate: those that end in a decision about it."""
    deciding = {kind: form for kind, form in pack.forms.items() if notices.decides(form)}
    return [kind for kind, form in deciding.items() if counted == "persons" or _of_vehicle(form)]


def _of_vehicle(form: Form) -> bool:
    return form.subject_kind == Subject.VEHICLE


def _told(gap: reconciliation.Gap, pack: Pack) -> dict[str, Any]:
    return {
        "place": gap.place,
        "place_name": notices.place_name(pack, gap.place),
        "hour": gap.begins.astimezone(SHANGHAI).isoformat(),
        "counter": gap.counter,
        "counted": gap.counted,
        "registered": gap.registered,
        "gap": gap.missing,
        "share": None if gap.share is None else round(gap.share, 4),
        "alert": gap.alert,
    }


def handed_over(caller: Caller, language: str) -> dict[str, Any]:
    """Return what this place has to confirm: each hand-over still open, the soonest due first.

    A device sees its own place's; a person what their power to receive reaches over. To confirm one, hand in an entry
    of the form named in `confirm` with the hand-over's id.

    Args:
        caller: who asks.
        language: of the titles.
    """
    pack = entries.district()
    names = {each.name: each for each in pack.reactions if each.do == "open_due" and each.place}
    dues = Due.objects.open(caller.at).named(*names).exclude(opened_by=None)
    if caller.device is not None and caller.device.place:
        dues = dues.filter(place=caller.device.place)
    elif caller.scope is not None:
        dues = dues.visible_to(caller.scope, "fevers.receive")
    else:
        assert caller.device is not None
        dues = dues.inside(caller.device.area)
    found = list(dues[:MOST])
    opened = _opened(found)
    return {
        "server_time": caller.at,
        "handovers": [
            _handover(each, opened.get(each.opened_by), names[each.name].title.in_(language), pack, caller.at)
            for each in found
        ],
    }


def _opened(dues: Iterable[Due]) -> dict[Any, Entry]:
    return Entry.objects.in_bulk([each.opened_by for each in dues if each.opened_by is not None])


def _handover(due: Due, entry: Entry | None, title: str, pack: Pack, at: datetime) -> dict[str, Any]:
    return {
        "id": due.opened_by,
        "title": title,
        "confirm": due.kind,
        "about": due.about,
        "from": due.origin,
        "from_name": notices.place_name(pack, due.origin),
        "place": due.place,
        "opened_at": due.opened_at.astimezone(SHANGHAI),
        "due_at": due.by.astimezone(SHANGHAI),
        "overdue": due.by < at,
        "subject": entry.subject if entry is not None else None,
        # What was answered without naming anybody: the personal answers lie in the vault.
        "answers": entry.answers if entry is not None else {},
    }

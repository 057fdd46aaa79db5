"""What units and places owe every day, as the pack declares it."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from lianfang.dues import actions
from lianfang.dues.actions import Expected
from lianfang.dues.models import Due
from lianfang.journal import ids
from lianfang.journal.models import Entry
from lianfang.pack import DailyDue, Pack
from lianfang.registry.models import Place, Unit

# A worker that stood still catches up on as many days.
CATCH_UP = timedelta(days=31)
# A report may be written after its day; further on it no longer counts for it.
LATE = timedelta(days=3)


def open_days(*, pack: Pack, at: datetime) -> int:
    """Open the daily dues of today and of the days the worker missed; returns how many days were opened.

    Nothing is owed for days before the journal's first entry.

    Args:
        pack: whose daily dues.
        at: the instant; its Shanghai day is the last one opened.
    """
    today = at.astimezone(ids.SHANGHAI).date()
    eldest = Entry.objects.order_by("id").values_list("id", flat=True).first()
    first = max(today - CATCH_UP, min(today, ids.day(eldest))) if eldest else today
    opened = 0
    for owed in pack.dues:
        for day in sorted(_missing(owed, first, today)):
            _open(owed, day, pack)
            opened += 1
    return opened


def day_of(entry: Entry) -> date:
    """Return the Shanghai day an entry is for: the day it names, else the day it happened."""
    named = entry.answers.get("day")
    try:
        return date.fromisoformat(named)
    except (TypeError, ValueError):
        return entry.at.astimezone(ids.SHANGHAI).date()


def _missing(owed: DailyDue, first: date, today: date) -> set[date]:
    first = max(first, owed.valid_from)
    last = min(today, owed.valid_to or today)
    wanted = {first + timedelta(days=number) for number in range((last - first).days + 1)}
    there = Due.objects.named(owed.name).filter(by__gte=ids.midnight(first)).values_list("by", flat=True)
    return wanted - {each.astimezone(ids.SHANGHAI).date() for each in there}


def _open(owed: DailyDue, day: date, pack: Pack) -> None:
    clock = pack.protocols.on(day).report_time if owed.by == "report_time" else None
    if clock is None:
        raise LookupError(
            f"The protocol of {day} has no time of day {owed.by!r}, which the daily due {owed.name} names."
        )
    begins = ids.midnight(day)
    due_by = datetime.combine(day, clock, tzinfo=ids.SHANGHAI)
    debtors = list(_debtors(owed, day, pack))
    if not debtors:
        return
    actions.expect(
        expected=[
            Expected(owed.name, owed.kind, code, due_by, begins, place=place, area=area, unit=unit)
            for code, place, area, unit in debtors
        ]
    )
    # Reports that came before anybody waited for them.
    column = "unit" if owed.about == "unit" else "place"
    early = Entry.objects.of(owed.kind).happened(begins, begins + LATE).effective(ids.midnight(day) + LATE)
    for entry in early.order_by("seq"):
        about = getattr(entry, column)
        actions.meet(
            kind=owed.kind, about=about, entry=entry.id, met_at=entry.at, at=entry.recorded_at, day=day_of(entry)
        )


def _debtors(owed: DailyDue, day: date, pack: Pack) -> Iterable[tuple[str, str, str, str]]:
    if owed.about == "unit":
        for unit in Unit.objects.on(day).filter(kind__in=owed.of_kinds):
            yield unit.code, "", unit.area or pack.district, unit.code
    else:
        for place in Place.objects.on(day).filter(kind__in=owed.of_kinds):
            yield place.code, place.code, place.area, place.unit

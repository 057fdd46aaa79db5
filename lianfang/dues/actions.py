"""Opening, meeting, waiving and revoking dues; every one names the entry that opened it and the one that ended it."""

import logging
from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import NAMESPACE_OID, UUID, uuid5

from django.db import transaction
from django.db.models import DateTimeField, Value
from django.db.models.functions import Greatest, Now

from lianfang.dues.models import Due, DueQuerySet, Outcome
from lianfang.journal import actions as journal
from lianfang.journal import ids
from lianfang.journal.drafts import Draft

log = logging.getLogger(__name__)
# The kinds the house itself writes about dues.
WAIVED, OVERDUE = "due_waived", "due_overdue"
# An old due that comes to light is on the overdue list; only a fresh one is called out.
FRESH = timedelta(days=1)
# What would meet a due may be on its way in the same breath (a queue sent after a day without network).
BREATH = timedelta(seconds=30)


_OPEN = {"outcome": "", "closed_by": None, "closed_at": None, "met_at": None}


class DueClosed(Exception):
    """The due has already been met, waived or revoked."""


class NotWritten(Exception):
    """The journal refused the entry that goes with an act; its faults are in the message."""


class Expected(NamedTuple):
    """What is expected, before it is a due.

    Args:
        name: the reaction or daily due of the pack.
        kind: the kind of entry that will meet it.
        about: what ties it to that entry.
        due_by: by when.
        opened_at: since when the house knows.
        opened_by: the entry it follows from, if any.
        place: where somebody must act.
        area: that place's area.
        unit: who must act.
        origin: the place of the entry it follows from.
    """

    name: str
    kind: str
    about: str
    due_by: datetime
    opened_at: datetime
    opened_by: UUID | None = None
    place: str = ""
    area: str = ""
    unit: str = ""
    origin: str = ""

    @property
    def id(self) -> UUID:
        """The due's id: the same for the same opening entry, or the same day of a daily due."""
        source = self.opened_by or ids.midnight(self.due_by.astimezone(ids.SHANGHAI).date())
        return uuid5(NAMESPACE_OID, f"due {self.name} {self.kind} {self.about} {source}")


def expect(*, expected: Sequence[Expected]) -> int:
    """Open dues; one that is there keeps its state and takes the time and place given now. Returns how many."""
    rows = [
        Due(
            id=each.id,
            name=each.name,
            kind=each.kind,
            about=each.about,
            by=each.due_by,
            opened_at=each.opened_at,
            opened_by=each.opened_by,
            place=each.place,
            area=each.area,
            unit=each.unit,
            origin=each.origin,
        )
        for each in expected
    ]
    changed = ["by", "place", "area", "unit", "origin"]
    Due.objects.bulk_create(rows, update_conflicts=True, unique_fields=["id"], update_fields=changed)
    # A correction may have taken one back that a later correction calls for again.
    Due.objects.filter(id__in=[each.id for each in rows], outcome=Outcome.REVOKED).update(**_OPEN)
    return len(rows)


def meet(*, kind: str, about: str, entry: UUID, met_at: datetime, at: datetime, day: date | None = None) -> int:
    """Close the open dues that an entry of `kind` about `about` meets; returns how many.

    Args:
        kind: the kind of due.
        about: what ties the entry to them.
        entry: the entry that meets them.
        met_at: when that happened.
        at: when it was recorded.
        day: the Shanghai day the entry is for, where one is owed every day.
    """
    open_ones = _on(day, Due.objects.about(kind, about).filter(closed_at=None))
    # A due may come to light after what meets it: it is then met as soon as it is known.
    known = Greatest("opened_at", Value(at, DateTimeField()))
    return open_ones.update(outcome=Outcome.MET, closed_by=entry, closed_at=known, met_at=met_at)


def replace(*, kind: str, about: str, former: UUID, entry: UUID, met_at: datetime, day: date | None = None) -> int:
    """Put a correction in the place of the entry that had met a due; returns how many dues.

    Args:
        kind: the kind of due.
        about: what ties the correction to it.
        former: the entry that was corrected.
        entry: the correction.
        met_at: when, by the correction, it happened.
        day: the Shanghai day the correction is for, where one is owed every day.
    """
    ended = _on(day, Due.objects.about(kind, about).filter(closed_by=former, outcome=Outcome.MET))
    return ended.update(closed_by=entry, met_at=met_at)


def revoke(*, opened_by: UUID, entry: UUID, at: datetime, names: Collection[str] = ()) -> int:
    """Take back the open dues of an entry that a correction changed or withdrew; returns how many.

    Args:
        opened_by: the entry, as it was first written.
        entry: the correction.
        at: when that was recorded.
        names: the reactions that follow from the correction too; their dues stay.
    """
    left = Due.objects.filter(opened_by=opened_by, closed_at=None).exclude(name__in=names)
    return left.update(outcome=Outcome.REVOKED, closed_by=entry, closed_at=at)


def reopen(*, closed_by: UUID) -> int:
    """Expect again what an entry had met that was itself corrected or withdrawn; returns how many."""
    return Due.objects.filter(closed_by=closed_by, outcome=Outcome.MET).update(**_OPEN)


@transaction.atomic
def waive(*, due: UUID, reason: str, by: int, at: datetime) -> UUID:
    """Let a due go without what was expected, and write that into the journal.

    Args:
        due: the due's id.
        reason: why; shown with the due from then on.
        by: the user who decides.
        at: the instant.

    Returns:
        The id of the entry.

    Raises:
        DueClosed: it has already come to an end.
        NotWritten: the journal refused the entry.
    """
    row = Due.objects.select_for_update().get(pk=due)
    if row.closed_at is not None:
        raise DueClosed(f"The due {due} came to its end at {row.closed_at:%F %R} ({row.outcome}).")
    answers = {"due": str(due), "name": row.name, "about": row.about, "reason": reason}
    draft = Draft(id=ids.make(at), kind=WAIVED, at=at, area=row.area, place=row.place, by=by, answers=answers)
    _written(draft, at)
    Due.objects.filter(pk=due).update(outcome=Outcome.WAIVED, closed_by=draft.id, closed_at=at)
    return draft.id


@transaction.atomic
def call_out(*, at: datetime) -> int:
    """Write an entry for each due that has become overdue, once; returns how many were written now.

    Args:
        at: the instant; a due that fell due more than a day before is left to the list.
    """
    fresh = Due.objects.overdue(at).filter(by__gt=at - FRESH, made_at__lt=Now() - BREATH, called_at=None)
    drafts = {each.id: _call(each) for each in fresh}
    verdicts = journal.write(drafts=list(drafts.values()), at=at)
    Due.objects.filter(id__in=drafts).update(called_at=at)
    for refused in (each for each in verdicts if each.status == "refused"):
        log.error("An overdue due could not be called out: %s", "; ".join(each.message for each in refused.faults))
    return sum(each.status == "stored" for each in verdicts)


def _call(due: Due) -> Draft:
    answers = {"due": str(due.id), "name": due.name, "about": due.about, "kind": due.kind, "origin": due.origin}
    id = ids.derived(due.by, f"overdue {due.id}")
    return Draft(id=id, kind=OVERDUE, at=due.by, area=due.area, place=due.place, unit=due.unit, answers=answers)


def _on(day: date | None, dues: DueQuerySet) -> DueQuerySet:
    if day is None:
        return dues
    return dues.filter(by__gte=ids.midnight(day), by__lt=ids.midnight(day + timedelta(days=1)))


def _written(draft: Draft, at: datetime) -> None:
    (verdict,) = journal.write(drafts=[draft], at=at)
    if verdict.status != "stored":
        raise NotWritten("; ".join(f"{each.field}: {each.message}" for each in verdict.faults))

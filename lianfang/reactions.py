"""What follows from an entry: the one file that joins the journal to the rooms above it.

The pack says what follows (`reactions.yaml`, a closed vocabulary: `open_due`, `meet_due`); here it is carried out by
the worker, after the entry is committed. Each entry's reactions are one transaction. What fails is tried again, later
and later, and after the last attempt stays where a screen shows it; the entry itself is never lost by it.
"""

import logging
from collections.abc import Callable
from datetime import date, timedelta
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Q
from django.db.models.functions import Now

from lianfang.dues import actions as dues
from lianfang.dues import daily
from lianfang.journal import ids
from lianfang.journal.models import Correction, Entry, Pending
from lianfang.pack import Pack, Reaction
from lianfang.registry.models import Place

log = logging.getLogger(__name__)

ATTEMPTS = 8
# One, two, four … minutes at most an hour apart: a fault that mends itself is tried about three hours long.
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)
# How long a phone may have been without a network, and a day more.
LONGEST_QUEUE = timedelta(days=4)
COLUMNS = ("id", "subject", "place", "unit", "area")


def run(*, pack: Pack, going: Callable[[], bool] = lambda: True) -> tuple[int, int]:
    """Carry out every reaction that is ready; returns how many entries were done and how many failed this time.

    Args:
        pack: whose reactions.
        going: asked before each entry; the worker stops with it.

    Raises:
        OperationalError, InterfaceError: the database went away; nothing is lost, and nothing counted as an attempt.
    """
    done = failed = 0
    while going() and (outcome := _next(pack)) is not None:
        done, failed = done + outcome, failed + (not outcome)
    return done, failed


def again(*, entry: UUID) -> None:
    """Give a failed reaction its attempts back, after its cause was mended."""
    Pending.objects.filter(pk=entry).update(failed=False, attempts=0, next_at=Now())


def carry_out(*, entry: Entry, pack: Pack) -> None:
    """Carry out all that follows from an entry; done twice, it changes nothing more.

    Args:
        entry: a stored entry; its own times are used, so that it does not matter when the worker comes to it.
        pack: whose reactions.
    """
    replaced = Correction.objects.filter(original=entry.id).exists()
    seen = _seen(entry)
    thresholds = pack.protocols.on(_day(entry)).fever_c
    following = [] if replaced else [each for each in pack.reactions_on(entry.kind) if each.applies(seen, thresholds)]
    if entry.corrects is not None:
        opening = [each.name for each in following if each.do == "open_due"]
        dues.revoke(opened_by=_root(entry.id), entry=entry.id, at=entry.recorded_at, names=opening)
    for reaction in following:
        ACTS[reaction.do](reaction, entry, pack)
    if entry.corrects is not None:
        dues.reopen(closed_by=entry.corrects)


def _next(pack: Pack) -> bool | None:
    """Carry out the reactions of one entry: True done, False failed, None nothing ready."""
    claimed: UUID | None = None
    try:
        with transaction.atomic():
            pending = Pending.objects.ready().order_by("seq").select_for_update(skip_locked=True).first()
            if pending is None:
                return None
            claimed = pending.entry
            carry_out(entry=Entry.objects.get(pk=claimed), pack=pack)
            pending.delete()
    except Exception as fault:
        gone = isinstance(fault, OperationalError | InterfaceError) and not connection.is_usable()
        if claimed is None or gone:
            raise
        _postpone(claimed, fault)
        return False
    return True


def _postpone(entry: UUID, fault: Exception) -> None:
    with transaction.atomic():
        pending = Pending.objects.select_for_update().get(pk=entry)
        pending.attempts += 1
        pending.fault = f"{type(fault).__name__}: {fault}"[:2000]
        pending.failed = pending.attempts >= ATTEMPTS
        pause = min(FIRST_PAUSE * 2 ** (pending.attempts - 1), LONGEST_PAUSE)
        Pending.objects.filter(pk=entry).update(
            attempts=pending.attempts, fault=pending.fault, failed=pending.failed, next_at=Now() + pause
        )
    log.warning("The reaction to %s %s failed (attempt %d): %s", pending.kind, entry, pending.attempts, pending.fault)


def _open_due(reaction: Reaction, entry: Entry, pack: Pack) -> None:
    limit = reaction.within
    minutes = pack.protocols.on(_day(entry)).minutes(limit) if isinstance(limit, str) else limit or 0
    seen = _seen(entry)
    about = _tie(reaction, entry)
    if about is None:
        return
    place = (reaction.told(reaction.place, seen) if reaction.place else entry.place) or ""
    expected = dues.Expected(
        reaction.name,
        reaction.kind,
        about,
        due_by=entry.at + timedelta(minutes=minutes),
        opened_at=entry.recorded_at,
        opened_by=_root(entry.id),
        place=place,
        area=_area(place, entry),
        unit=(reaction.told(reaction.unit, seen) if reaction.unit else entry.unit) or "",
        origin=entry.place,
    )
    dues.expect(expected=[expected])
    _meet_at_once(reaction, about, entry, pack)


def _meet_due(reaction: Reaction, entry: Entry, pack: Pack) -> None:
    about = _tie(reaction, entry)
    if about is None:
        return
    owed_daily = any(each.kind == reaction.kind for each in pack.dues)
    day = daily.day_of(entry) if owed_daily else None
    if entry.corrects is not None:
        dues.replace(kind=reaction.kind, about=about, former=entry.corrects, entry=entry.id, met_at=entry.at, day=day)
    dues.meet(kind=reaction.kind, about=about, entry=entry.id, met_at=entry.at, at=entry.recorded_at, day=day)


ACTS: dict[str, Callable[[Reaction, Entry, Pack], None]] = {"open_due": _open_due, "meet_due": _meet_due}


def _meet_at_once(opened: Reaction, about: str, entry: Entry, pack: Pack) -> None:
    """Meet a due that came to light after what meets it: the clinic's receipt may arrive before the post's queue."""
    for meeting in pack.reactions:
        if meeting.do != "meet_due" or meeting.kind != opened.kind:
            continue
        near = Entry.objects.of(meeting.on).happened(entry.at - ids.SLACK, entry.at + LONGEST_QUEUE)
        for found in near.filter(_tied(meeting.about, {about, str(entry.id)})).order_by("seq"):
            if not Correction.objects.filter(original=found.id).exists() and not found.exercise:
                carry_out(entry=found, pack=pack)


def _tied(word: str, values: set[str]) -> Q:
    answer = word.removeprefix("answers.")
    if answer == word:
        return Q(**{f"{word}__in": values})
    return reduce(or_, (Q(answers__contains={answer: value}) for value in sorted(values)))


def _tie(reaction: Reaction, entry: Entry) -> str | None:
    """Return what ties an entry to a due; an entry named by its id is named by its first writing."""
    told = reaction.told(reaction.about, _seen(entry))
    if told is None or not (reaction.about == "id" or reaction.about.startswith("answers.")):
        return told
    try:
        return str(_root(UUID(told)))
    except ValueError:
        return told


def _root(id: UUID) -> UUID:
    """Return the first writing of an entry, of which it may be the last correction."""
    found = Correction.objects.filter(correction=id).values_list("original", flat=True).first()
    return id if found is None else _root(found)


def _seen(entry: Entry) -> dict[str, Any]:
    columns = {name: getattr(entry, name) for name in COLUMNS}
    return {"kind": entry.kind, "answers": entry.answers, "quantity": entry.quantity} | columns


def _area(place: str, entry: Entry) -> str:
    if place in ("", entry.place):
        return entry.area
    found = Place.objects.on(_day(entry)).filter(code=place).values_list("area", flat=True).first()
    return found or entry.area


def _day(entry: Entry) -> date:
    return entry.at.astimezone(ids.SHANGHAI).date()

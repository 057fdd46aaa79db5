"""Handing in entries: the one way into the journal, shared by phones over HTTP and devices over HTTP or MQTT."""

import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lianfang import pack
from lianfang.clock import SHANGHAI
from lianfang.doors.api import access, batches, notices, rows, wire
from lianfang.doors.api.access import Caller
from lianfang.doors.api.together import Together
from lianfang.journal import actions, standing
from lianfang.journal.drafts import Draft, Verdict
from lianfang.journal.models import Entry
from lianfang.registry import keys

# Seconds for which the registry's word on a place is believed here, as for a device's row.
REMEMBERED = 3.0
# How far a sender's clock may run behind: requests wait in queues and on slow networks too.
BEHIND = timedelta(minutes=10)
_places: dict[str, tuple[float, list[standing.Edition]]] = {}


def district() -> pack.Pack:
    """Return the pack of this house."""
    return pack.read(settings.PACK)


def receive(body: bytes, caller: Caller, language: str) -> wire.Answer:
    """Store a batch as it came and return a verdict for each row.

    Raises:
        Refusal: it is no batch at all.
    """
    return hand_in(batches.read(body), caller, language)


def hand_in(batch: batches.Batch, caller: Caller, language: str) -> wire.Answer:
    """Store the rows of a batch that may be stored and return a verdict for each.

    Args:
        batch: as read.
        caller: the device.
        language: of the messages.
    """
    assert caller.device is not None
    replaying = access.replaying(caller.device)
    at = batch.sent_at if replaying else caller.at
    results: list[wire.Result | None] = [each if isinstance(each, wire.Result) else None for each in batch.rows]
    given = [(number, each) for number, each in enumerate(batch.rows, 1) if isinstance(each, wire.Row)]
    wrong = None if replaying else skew(batch.sent_at, caller.at)
    if wrong is not None:
        for number, row in given:
            results[number - 1] = wire.Result(str(row.id), "refused", [_clock_fault(number, caller.at, wrong)])
    elif given:
        _store(given, results, caller, at, language, replaying=replaying)
    return wire.Answer(caller.at, [each for each in results if each is not None])


def skew(sent_at: datetime, at: datetime) -> timedelta | None:
    """Return by how much a sender's clock is ahead, or None when it is right enough.

    A clock that runs ahead would have its entries refused as future ones, so it is told as soon as it does; one that
    runs behind only has them dated wrongly.
    """
    ahead = sent_at - at
    limit = timedelta(minutes=rows.protocol(district(), at).future_minutes)
    return ahead if ahead > limit or ahead < -BEHIND else None


def _clock_fault(number: int, at: datetime, ahead: timedelta) -> wire.Fault:
    minutes = round(abs(ahead) / timedelta(minutes=1))
    words = {"minutes": minutes, "now": f"{at.astimezone(SHANGHAI):%F %T}"}
    if ahead > timedelta():
        told = ngettext(
            "This device's clock is %(minutes)d minute ahead; the server's says %(now)s.",
            "This device's clock is %(minutes)d minutes ahead; the server's says %(now)s.",
            minutes,
        )
    else:
        told = ngettext(
            "This device's clock is %(minutes)d minute behind; the server's says %(now)s.",
            "This device's clock is %(minutes)d minutes behind; the server's says %(now)s.",
            minutes,
        )
    advice = _("Set the clock right, or shift the entries' times by that much, and send them again.")
    expected = {"server_time": at, "ahead_seconds": round(ahead.total_seconds())}
    return wire.Fault(number, "sent_at", "clock", f"{told % words} {advice}", expected)


def _store(
    given: Sequence[tuple[int, wire.Row]],
    results: list[wire.Result | None],
    caller: Caller,
    at: datetime,
    language: str,
    *,
    replaying: bool,
) -> None:
    desk = rows.Desk(district(), caller, at, language, _known_places(given, caller), keys.named("index"))
    own = _correctable(given, caller)
    drafts: list[tuple[int, Draft]] = []
    for number, row in given:
        judged = rows.draft(row, number, desk)
        if row.corrects is not None and row.corrects not in own:
            judged = [*(judged if isinstance(judged, list) else []), _not_own(number)]
        if isinstance(judged, list):
            results[number - 1] = wire.Result(str(row.id), "refused", judged)
        else:
            drafts.append((number, judged))
    made = [each for _number, each in drafts]
    # The replay's own instants stand apart: what goes together is recorded at one instant.
    outcomes = _write(made, at) if replaying else _queue(language).do(made, at)
    told = notices.of(made, [each.verdict for each in outcomes], outcomes[0].seen if outcomes else {}, desk)
    for (number, _draft), outcome in zip(drafts, outcomes, strict=True):
        results[number - 1] = _result(number, outcome.verdict, told.get(outcome.verdict.id, []))


class Outcome(NamedTuple):
    """What became of one draft, and what is known of all subjects that were stored with it."""

    verdict: Verdict
    seen: Mapping[UUID, Sequence[notices.Seen]]


def _write(drafts: Sequence[Draft], at: datetime) -> list[Outcome]:
    if not drafts:
        return []
    verdicts = actions.write(drafts=drafts, at=at, pack=district())
    seen = notices.before(drafts, district())
    return [Outcome(each, seen) for each in verdicts]


@cache
def _queue(language: str) -> Together[Draft, Outcome]:
    """Return the queue of one language: the journal's words for a fault are in the language of who stores."""
    return Together(_write)


def _result(number: int, verdict: Verdict, told: list[wire.Notice]) -> wire.Result:
    faults = [wire.Fault(number, each.field, each.code, each.message, each.expected or None) for each in verdict.faults]
    return wire.Result(str(verdict.id), verdict.status, faults, told if verdict.status != "refused" else [])


def _known_places(given: Sequence[tuple[int, wire.Row]], caller: Caller) -> dict[str, list[standing.Edition]]:
    assert caller.device is not None
    # Not the clock of what happened: only how long a look-up may be believed.
    now = time.monotonic()
    codes = {row.place for _number, row in given if row.place} | ({caller.device.place} - {""})
    stale = [code for code in codes if (known := _places.get(code)) is None or known[0] < now]
    if stale:
        if len(_places) > 4096:
            _places.clear()
        fresh = standing.of((), stale, ()).places
        _places.update({code: (now + REMEMBERED, fresh.get(code, [])) for code in stale})
    return {code: _places[code][1] for code in codes}


def _correctable(given: Sequence[tuple[int, wire.Row]], caller: Caller) -> set[UUID]:
    """Return which of the entries to be corrected this caller may correct; unknown ones are the journal's to refuse."""
    assert caller.device is not None
    named = {row.corrects for _number, row in given if row.corrects is not None}
    if not named:
        return set()
    inside = {row.id for _number, row in given}
    code = caller.device.device.code
    known = {each.id: each for each in Entry.objects.filter(id__in=named).only("id", "device", "area", "unit")}
    may = {
        id
        for id, each in known.items()
        if each.device == code or (caller.user is not None and caller.may("entries.correct", each.area, each.unit))
    }
    return may | (named - set(known)) | (named & inside - set(known))


def _not_own(number: int) -> wire.Fault:
    message = _("Only the device that handed an entry in may correct it, or a person with the power to correct here.")
    return wire.Fault(number, "corrects", "not_own", message, _("an entry of this device"))

"""Readings of thermal gates and counters: each becomes an entry whose id follows from the device and its own number.

So a reading that is sent again, over HTTP or MQTT, is the same entry and is stored once.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from django.utils.translation import gettext as _

from lianfang.doors.api import batches, entries, refusals, wire
from lianfang.doors.api.access import Caller
from lianfang.journal import ids
from lianfang.journal.models import Entry
from lianfang.pack import Field

OWN = ("seq", "at", "form", "place", "answers", "exercise")
LARGEST = 2**63 - 1
DAY_MS = 86_400_000


def receive(told: Any, caller: Caller, language: str) -> wire.Answer:
    """Store one reading or many and return a verdict for each.

    Args:
        told: a reading, a list of them, or `{"sent_at", "readings": [...]}`.
        caller: the device.
        language: of the messages.

    Raises:
        Refusal: it is none of these.
    """
    sent_at, readings = _opened(told, caller)
    if len(readings) > wire.ROWS:
        raise refusals.too_many(len(readings))
    known = _clockless(readings, caller)
    rows = [_row(each, number, caller, known) for number, each in enumerate(readings, 1)]
    batch = batches.Batch(sent_at, [each for each in rows if each is not None])
    answered = iter(entries.hand_in(batch, caller, language).results)
    results = [
        next(answered) if row is not None else wire.Result(str(known[_seq(each)]), "already")
        for each, row in zip(readings, rows, strict=True)
    ]
    return wire.Answer(caller.at, results)


def typed(told: Mapping[str, str], caller: Caller) -> dict[str, Any]:
    """Return a reading sent as a simple form, its texts turned into what the form's questions ask for.

    A text that does not fit is left as it is, for the form to refuse with its own words.
    """
    form = entries.district().forms.get(told.get("form") or _only_form(caller))
    reading: dict[str, Any] = dict(told)
    if told.get("seq", "").isdecimal():
        reading["seq"] = int(told["seq"])
    for field in form.fields if form is not None else ():
        if field.name in told:
            reading[field.name] = _typed(field, told[field.name])
    return reading


def _typed(field: Field, text: str) -> Any:
    kinds: dict[str, Any] = {"integer": int, "decimal": float}
    try:
        return kinds[field.type](text) if field.type in kinds else text
    except ValueError:
        return text


def identifier(device: str, seq: int, at: datetime) -> UUID:
    """Return the id of a device's reading: the milliseconds of `at`, then a digest of device and number."""
    return ids.derived(at, f"reading {device} {seq}")


def _opened(told: Any, caller: Caller) -> tuple[datetime, list[Any]]:
    if isinstance(told, dict) and "readings" in told:
        sent_at = told.get("sent_at")
        readings = told["readings"]
        unknown = set(told) - {"sent_at", "readings", "key"}
        if not isinstance(readings, list) or unknown:
            message = _("“readings” must be a list of readings.")
            raise refusals.misshapen("readings", message, '{"sent_at": …, "readings": […]}')
        return (_instant(sent_at, "sent_at") if sent_at is not None else caller.at), readings
    if isinstance(told, list):
        return caller.at, told
    if isinstance(told, dict):
        return caller.at, [{name: value for name, value in told.items() if name != "key"}]
    message = _("A reading is a JSON object, several are a list of them.")
    raise refusals.misshapen("", message, '{"seq": 1, "at": …, …}')


def _instant(told: Any, name: str) -> datetime:
    try:
        read: datetime = msgspec.convert(told, wire.Instant)
        if not batches.possible(read):
            raise msgspec.ValidationError("no possible time")
    except msgspec.ValidationError:
        message = _("“%(name)s” must be a date and time with its zone.") % {"name": name}
        raise refusals.misshapen(name, message, batches.ZONED) from None
    return read


def _seq(told: Any) -> int | None:
    seq = told.get("seq") if isinstance(told, dict) else None
    return seq if isinstance(seq, int) and not isinstance(seq, bool) and 0 <= seq <= LARGEST else None


def _day_id(device: str, seq: int, at: datetime) -> UUID:
    """Return the id of a reading without a time: the same all day, near the instant, different for each number."""
    midnight = ids.midnight(ids.day(ids.floor(at)))
    return identifier(device, seq, midnight + timedelta(milliseconds=seq % DAY_MS))


def _clockless(readings: list[Any], caller: Caller) -> dict[int | None, UUID]:
    """Return the readings without a time that are stored already, today or yesterday, by their number."""
    assert caller.device is not None
    code = caller.device.device.code
    days = (caller.at, caller.at - timedelta(days=1))
    numbers = [
        seq for each in readings if (seq := _seq(each)) is not None and isinstance(each, dict) and "at" not in each
    ]
    wanted = {_day_id(code, seq, day): seq for seq in numbers for day in days}
    there = Entry.objects.filter(id__in=wanted).values_list("id", flat=True) if wanted else ()
    return {wanted[id]: id for id in there}


def _row(told: Any, number: int, caller: Caller, known: dict[int | None, UUID]) -> wire.Row | wire.Result | None:
    """Return the row of a reading, the verdict on its shape, or None where it is stored already."""
    assert caller.device is not None
    seq = _seq(told)
    if seq is None:
        message = _("“seq” is missing: the device's own number of this reading, a whole number from 0.")
        expected = _("a number that grows by one with each reading")
        return wire.Result("", "refused", [wire.Fault(number, "seq", "required", message, expected)])
    if "at" not in told and seq in known:
        return None
    code = caller.device.device.code
    try:
        at = msgspec.convert(told["at"], wire.Instant) if "at" in told else caller.at
        if not batches.possible(at):
            raise msgspec.ValidationError("no possible time")
    except msgspec.ValidationError:
        message = _("“%(name)s” must be a date and time with its zone.") % {"name": "at"}
        return wire.Result("", "refused", [wire.Fault(number, "at", "shape", message, batches.ZONED)])
    id = identifier(code, seq, at) if "at" in told else _day_id(code, seq, at)
    answers = told["answers"] if "answers" in told else {name: told[name] for name in told if name not in OWN}
    form = told.get("form") or _only_form(caller)
    row = {"id": str(id), "form": form, "at": at, "answers": answers}
    row |= {name: told[name] for name in ("place", "exercise") if name in told}
    return batches.row(row, number)


def _only_form(caller: Caller) -> str:
    """Return the one form a device of one purpose may hand in; the empty word where there is a choice."""
    assert caller.device is not None
    return next(iter(caller.device.forms)) if len(caller.device.forms) == 1 else ""

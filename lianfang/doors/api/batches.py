"""Reads a batch: straight to Structs where all is well, row by row where a row is not.

One misshapen row never costs the others: it becomes a verdict of its own, with every field at fault named.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from lianfang.doors.api import refusals, wire

ZONED = "2020-02-05T09:30:00+08:00"
YEARS = (2000, 2200)
# Field, type, needed, and what would be right.
FIELDS: tuple[tuple[str, Any, bool, str], ...] = (
    ("id", UUID, True, gettext_noop("a uuid of version 7, such as 01701234-5678-7abc-8def-0123456789ab")),
    ("form", wire.Code, True, gettext_noop("the name of a form, as GET /api/post lists them")),
    ("at", wire.Instant, True, gettext_noop("a date and time with its zone, such as 2020-02-05T09:30:00+08:00")),
    ("answers", dict[str, Any], True, gettext_noop("an object: the name of each question and its answer")),
    ("place", wire.Code | None, False, gettext_noop("the code of a place")),
    ("area", wire.Code | None, False, gettext_noop("the code of an area")),
    ("subject", UUID | None, False, gettext_noop("a pseudonym: a uuid")),
    ("corrects", UUID | None, False, gettext_noop("the id of the entry that is corrected: a uuid")),
    ("exercise", bool, False, gettext_noop("true or false")),
)
NAMES = frozenset(name for name, *_rest in FIELDS)


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch as far as it could be read.

    Args:
        sent_at: when the sender says it sent it.
        rows: in order: the row, or the verdict on one that could not be read.
    """

    sent_at: datetime
    rows: list[wire.Row | wire.Result]


def read(body: bytes) -> Batch:
    """Return the batch in a request's body.

    Raises:
        Refusal: no JSON, no batch, or too many rows.
    """
    try:
        read = wire.batches.decode(body)
        batch = Batch(read.sent_at, list(read.entries))
    except msgspec.ValidationError:
        batch = _loose(value(body))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        raise refusals.malformed(body, str(fault)) from None
    if len(batch.rows) > wire.ROWS:
        raise refusals.too_many(len(batch.rows))
    if not possible(batch.sent_at):
        raise refusals.misshapen("sent_at", _("“sent_at” is no possible time."), ZONED)
    return batch


def possible(at: datetime) -> bool:
    """Say whether a time can be meant at all; beyond these years even reckoning with it fails."""
    return YEARS[0] <= at.year < YEARS[1]


def value(body: bytes) -> Any:
    """Return any JSON value.

    Raises:
        Refusal: no JSON.
    """
    try:
        return msgspec.json.decode(body)
    except msgspec.ValidationError:
        # A number beyond every float: the standard allows it, we read it as infinity and refuse it in its row.
        return json.loads(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        raise refusals.malformed(body, str(fault)) from None


def _loose(told: Any) -> Batch:
    if not isinstance(told, dict):
        raise refusals.misshapen("", _("The body must be a JSON object."), '{"sent_at": …, "entries": […]}')
    for name in told:
        if name not in ("sent_at", "entries"):
            message = _("“%(name)s” is not known here.") % {"name": name[:80]}
            raise refusals.misshapen(name[:80], message, "sent_at, entries")
    sent_at = _converted(told.get("sent_at"), wire.Instant)
    if not isinstance(sent_at, datetime):
        message = _("“sent_at” must say when the batch was sent, with the zone.")
        raise refusals.misshapen("sent_at", message, ZONED)
    entries = told.get("entries")
    if not isinstance(entries, list):
        raise refusals.misshapen("entries", _("“entries” must be a list of entries."), "[…]")
    if len(entries) > wire.ROWS:
        raise refusals.too_many(len(entries))
    return Batch(sent_at, [row(each, number) for number, each in enumerate(entries, 1)])


def row(told: Any, number: int) -> wire.Row | wire.Result:
    """Return one row, or the verdict that names everything wrong with its shape.

    Args:
        told: any JSON value.
        number: its place in the batch, from 1.
    """
    if not isinstance(told, dict):
        fault = wire.Fault(number, "", "shape", _("An entry must be a JSON object."), sorted(NAMES))
        return wire.Result("", "refused", [fault])
    faults: list[wire.Fault] = []
    clean: dict[str, Any] = {}
    for name, kind, needed, expected in FIELDS:
        if name not in told:
            if needed:
                faults.append(_fault(number, name, "required", _("“%(name)s” is missing."), _(expected)))
            continue
        clean[name] = _converted(told[name], kind)
        if isinstance(clean[name], msgspec.ValidationError):
            faults.append(_fault(number, name, "shape", _("“%(name)s” cannot be read."), _(expected)))
    for name in told:
        if name not in NAMES:
            message = _("“%(name)s” is not known here.")
            faults.append(_fault(number, name[:80], "unknown", message, ", ".join(sorted(NAMES))))
    if faults:
        return wire.Result(str(told.get("id", ""))[:64], "refused", faults)
    return wire.Row(**clean)


def _converted(told: Any, kind: Any) -> Any:
    try:
        return msgspec.convert(told, kind)
    except msgspec.ValidationError as fault:
        return fault


def _fault(number: int, name: str, code: str, message: str, expected: str) -> wire.Fault:
    return wire.Fault(number, name, code, message % {"name": name}, expected)

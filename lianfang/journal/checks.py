"""What the journal itself demands of a draft, whatever its form: its id, its time, where it stands, its size."""

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

from lianfang.journal import ids
from lianfang.journal.drafts import Draft, Fault, plain
from lianfang.journal.standing import Standing, valid
from lianfang.pack import Pack

# A phone's clock may run ahead a little; how far, the protocol says, or this where no protocol is in force.
AHEAD = timedelta(minutes=2)
# A month's paper lists may be entered late; a date further back is a slip of the pen.
BACK = timedelta(days=400)
LARGEST = 10**9
CODE = re.compile(r"[0-9A-Za-z_][0-9A-Za-z_.:/-]{0,63}").fullmatch
# A first, quick look for numbers that might not come back from the database as they went in (long ones, and those
# with an exponent, zero below zero) and for the character it cannot hold.
ODD = re.compile(rb"[:,\[]-?[0-9](?:[0-9]{15}|[0-9.]*e)|[:,\[]-0\.0[,}\]]|\\u0000").search


def faults(draft: Draft, day: date, at: datetime, standing: Standing, pack: Pack) -> list[Fault]:
    """Return what is wrong with a draft, field by field; an empty list when it may be stored.

    Args:
        draft: the entry; its `area` is already filled from its place where it was left empty.
        day: the Shanghai day of the draft's own `at`.
        at: the instant of recording.
        standing: the registry's rows for the codes it names.
        pack: whose protocol says how far a clock may run ahead.
    """
    found: list[Fault] = []
    if not ids.near(draft.id, draft.at):
        found += _id(draft)
    if not at - BACK <= draft.at <= at:
        found += _time(draft, day, at, pack)
    found += _where(draft, day, standing)
    if draft.quantity is not None and not (type(draft.quantity) is int and 0 <= draft.quantity < LARGEST):
        found += _quantity(draft)
    if not (CODE(draft.kind) and (not draft.device or CODE(draft.device))):
        found.append(
            Fault("kind", "malformed", _("The kind or the device is not a code."), _("letters, digits, - and _"))
        )
    return found


def answers(encoded: bytes) -> list[Fault]:
    """Return what in the encoded answers could not be stored and read back as it is."""
    hit = ODD(encoded)
    if not hit or not any(_odd(each) for each in _scalars(encoded)):
        return []
    expected = _("numbers of at most fifteen digits, text without the character NUL")
    return [
        Fault("answers", "unstorable", _("An answer holds a number or a character that cannot be stored."), expected)
    ]


def _scalars(encoded: bytes) -> Iterable[object]:
    import msgspec

    waiting = [msgspec.json.decode(encoded)]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            waiting.extend(each)
            waiting.extend(each.values())
        elif isinstance(each, list):
            waiting.extend(each)
        else:
            yield each


def _odd(value: object) -> bool:
    if isinstance(value, str):
        return "\x00" in value
    return isinstance(value, int | float) and (abs(value) >= 10**15 or str(value) == "-0.0")


def _id(draft: Draft) -> list[Fault]:
    if not ids.well_formed(draft.id):
        return [
            Fault(
                "id",
                "not_uuid7",
                _("The id is not a uuid of version 7."),
                _("an id made by the app when the entry was made"),
            )
        ]
    message = _("The id was made more than a day away from the time of the entry.")
    return [Fault("id", "id_time", message, _("an id made for {at}").format(at=f"{draft.at:%F %R}"))]


def _time(draft: Draft, day: date, at: datetime, pack: Pack) -> list[Fault]:
    local = at.astimezone(ids.SHANGHAI)
    if draft.at <= at:
        message = _("The time of the entry lies too far back.")
        return [Fault("at", "too_old", message, _("no earlier than {at}").format(at=f"{local - BACK:%F}"))]
    if draft.at <= at + _ahead(day, pack):
        return []
    ahead = int((draft.at - at).total_seconds() // 60)
    message = _("The time of the entry lies {minutes} minutes in the future. Is the device's clock right?")
    return [Fault("at", "future", message.format(minutes=ahead), _("no later than {at}").format(at=f"{local:%F %R}"))]


def _ahead(day: date, pack: Pack) -> timedelta:
    try:
        return timedelta(minutes=pack.protocols.on(day).future_minutes)
    except LookupError:
        return AHEAD


def _where(draft: Draft, day: date, standing: Standing) -> Iterable[Fault]:
    if draft.place:
        place = valid(standing.places.get(draft.place), day)
        if place is None:
            message = _("There is no place {place} on {day}.").format(place=draft.place, day=day)
            yield Fault("place", "unknown_place", message, _("a place that is in use on that day"))
        elif not draft.area.startswith(place.area):
            message = _("The place {place} does not lie in the area {area}.").format(place=draft.place, area=draft.area)
            yield Fault("area", "wrong_area", message, place.area)
    if valid(standing.areas.get(draft.area), day) is None:
        message = _("There is no area {area} on {day}.") if draft.area else _("The entry says neither place nor area.")
        expected = _("the code of an area that is in use on that day")
        yield Fault(
            "area", "unknown_area" if draft.area else "required", message.format(area=draft.area, day=day), expected
        )
    if draft.unit and valid(standing.units.get(draft.unit), day) is None:
        message = _("There is no unit {unit} on {day}.").format(unit=draft.unit, day=day)
        yield Fault("unit", "unknown_unit", message, _("a unit of the command structure of that day"))


def _quantity(draft: Draft) -> Iterable[Fault]:
    try:
        exact = Decimal(str(plain(draft.quantity)))
        sound = 0 <= exact < LARGEST and exact == round(exact, 3)
    except (InvalidOperation, ValueError, OverflowError):
        sound = False
    if not sound:
        message = _("The quantity is not a possible number.")
        yield Fault(
            "quantity",
            "out_of_range",
            message,
            _("from 0 to {largest}, at most three decimals").format(largest=LARGEST - 1),
        )

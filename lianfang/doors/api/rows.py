"""From a row on the wire to a draft for the journal: is the form known, may this device, are the answers possible?"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from lianfang.clock import SHANGHAI
from lianfang.doors.api import batches, wire
from lianfang.doors.api.access import Caller
from lianfang.journal import standing
from lianfang.journal.drafts import WITHDRAWAL, Draft
from lianfang.pack import Form, Pack, Protocol
from lianfang.registry import identity, index
from lianfang.registry.vault import Personal


@dataclass(slots=True)
class Desk:
    """What one batch is judged by.

    Args:
        pack: the district's forms and protocols.
        caller: the device.
        at: the instant of recording.
        language: of the messages.
        places: what the registry knows of the places named.
        key: the index key, read once for the batch.
    """

    pack: Pack
    caller: Caller
    at: datetime
    language: str
    places: Mapping[str, list[standing.Edition]]
    key: bytes
    notices: dict[UUID, list[wire.Notice]] = field(default_factory=dict)


def protocol(pack: Pack, at: datetime) -> Protocol:
    """Return the edition in force at an instant; outside all editions the nearest."""
    editions = pack.protocols.editions
    try:
        return pack.protocols.on(at.astimezone(SHANGHAI).date())
    except LookupError:
        return editions[0] if at.astimezone(SHANGHAI).date() < editions[0].valid_from else editions[-1]


def draft(row: wire.Row, number: int, desk: Desk) -> Draft | list[wire.Fault]:
    """Return the draft of a row, or everything that is wrong with it.

    Args:
        row: as sent.
        number: its place in the batch, from 1.
        desk: what it is judged by.
    """
    device = desk.caller.device
    assert device is not None
    if not batches.possible(row.at):
        message = _("“at” is no possible time.")
        return [wire.Fault(number, "at", "impossible", message, batches.ZONED)]
    place = row.place or ("" if row.area else device.place)
    area = row.area or _area_of(place, row, desk) or ("" if place else device.area)
    faults = _reach(row, number, place, area, desk)
    made = Draft(
        id=row.id,
        kind=row.form,
        at=row.at,
        area=area,
        place=place,
        subject=row.subject,
        by=desk.caller.user.pk if desk.caller.user is not None else None,
        unit=device.unit,
        device=device.device.code,
        corrects=row.corrects,
        exercise=row.exercise,
    )
    if row.form == WITHDRAWAL and row.corrects is None:
        message = _("A withdrawal must name the entry that it withdraws.")
        faults.append(wire.Fault(number, "corrects", "required", message, _("the id of a stored entry")))
    faults += _answers(row, number, made, desk)
    return faults or made


def _area_of(place: str, row: wire.Row, desk: Desk) -> str:
    found = standing.valid(desk.places.get(place), row.at.astimezone(SHANGHAI).date()) if place else None
    return found.area if found is not None else ""


def _reach(row: wire.Row, number: int, place: str, area: str, desk: Desk) -> list[wire.Fault]:
    device = desk.caller.device
    assert device is not None
    faults: list[wire.Fault] = []
    if device.place and row.place and row.place != device.place:
        message = _("This device stands at %(own)s and cannot hand in entries of %(other)s.")
        faults.append(
            wire.Fault(
                number, "place", "wrong_place", message % {"own": device.place, "other": row.place}, device.place
            )
        )
    # An area that is not known is the journal's to refuse; one outside the device's is ours.
    outside = area and not area.startswith(device.area)
    if outside or (area and not desk.caller.may("entries.write", area, device.unit or None)):
        message = _("Area %(area)s lies outside the area of this device.") % {"area": area}
        faults.append(wire.Fault(number, "area", "wrong_area", message, device.area))
    return faults


def _answers(row: wire.Row, number: int, made: Draft, desk: Desk) -> list[wire.Fault]:
    device = desk.caller.device
    assert device is not None
    form = desk.pack.forms.get(row.form)
    if form is None or not device.may_hand_in(row.form):
        return [_form_fault(row, number, form, desk)]
    checked = form.check(row.answers, desk.language)
    if checked.faults:
        return [
            wire.Fault(number, f"answers.{each.field}", each.code, each.message, each.expected)
            for each in checked.faults
        ]
    made.answers = checked.clean
    made.quantity = _quantity(checked.quantity)
    if checked.personal:
        _take_out(row, made, form, checked.personal, desk)
    return []


def _quantity(told: float | int | None) -> Any:
    return Decimal(str(told)) if isinstance(told, float) else told


def _take_out(row: wire.Row, made: Draft, form: Form, personal: Mapping[str, Any], desk: Desk) -> None:
    """Part the personal answers from the rest; the number among them names the subject."""
    vault = form.personal.get(form.subject, "")
    fields = {name: str(value) for name, value in personal.items()}
    try:
        subject = index.pseudonym(vault, fields.get(vault, ""), desk.key) if vault else row.subject or row.id
    except index.NothingToIndex:
        # Nobody is turned away for want of a number: what is known is kept under the entry's own id.
        subject = row.id
    made.subject = subject
    made.personal = (Personal(subject, fields),)
    _unverified(row, fields, desk)


def _unverified(row: wire.Row, fields: Mapping[str, str], desk: Desk) -> None:
    number = fields.get("document")
    if not number:
        return
    verdict = identity.document(number, row.at.astimezone(SHANGHAI).date(), fields.get("document_kind", ""))
    if not verdict.verified:
        message = _("The document's number does not hold together; it was recorded as unverified.")
        desk.notices.setdefault(row.id, []).append(wire.Notice("unverified", message))


def _form_fault(row: wire.Row, number: int, form: Form | None, desk: Desk) -> wire.Fault:
    device = desk.caller.device
    assert device is not None
    open_to_it = sorted(name for name in desk.pack.forms if device.may_hand_in(name))
    if form is None:
        message = _("There is no form “%(form)s”.") % {"form": row.form}
        return wire.Fault(number, "form", "unknown_form", message, open_to_it)
    message = _("This device may not hand in the form “%(form)s”.") % {"form": form.title.in_(desk.language)}
    return wire.Fault(number, "form", "form_not_allowed", message, open_to_it)

"""What a post needs to work by itself: who it is, its forms, and the rules in force."""

from datetime import datetime
from hashlib import sha256
from typing import Any

from lianfang.clock import SHANGHAI
from lianfang.doors.api import entries, rows, wire
from lianfang.doors.api.access import Caller
from lianfang.pack import Pack, Place


def told(caller: Caller, language: str) -> dict[str, Any]:
    """Return all a post needs, in one language.

    Args:
        caller: the device.
        language: of the labels.
    """
    assert caller.device is not None
    device = caller.device
    district = entries.district()
    day = caller.at.astimezone(SHANGHAI).date()
    return {
        "device": {
            "code": device.device.code,
            "name": device.device.name,
            "kind": device.device.kind,
            "unit": device.unit,
            "area": device.area,
            "place": device.place,
            "person": caller.user.name if caller.user is not None else None,
        },
        "district": {"code": district.district, "name": district.head.name.in_(language)},
        "place": _place(district.place.get(device.place)),
        "places": [_place(each) for each in district.places_on(day) if each.area.startswith(device.area)],
        "forms": [form.as_json(language) for name, form in district.forms.items() if device.may_hand_in(name)],
        "protocol": rules(district, caller.at),
        "next_protocol": _next(district, caller.at),
    }


def rules(district: Pack, at: datetime) -> dict[str, Any]:
    """Return the edition in force at an instant as plain JSON: thresholds, minutes, the rules in order."""
    return rows.protocol(district, at).as_json()


def _next(district: Pack, at: datetime) -> dict[str, Any] | None:
    """Return the edition that follows, so that a phone without a network changes over on the day."""
    day = at.astimezone(SHANGHAI).date()
    coming = [each for each in district.protocols.editions if each.valid_from > day]
    return coming[0].as_json() if coming else None


def _place(place: Place | None) -> dict[str, Any] | None:
    if place is None:
        return None
    return place.model_dump(mode="json", include={"code", "kind", "name", "area", "unit", "lon", "lat", "lanes"})


def tag(body: bytes) -> str:
    """Return the entity tag of an answer."""
    return f'"{sha256(body).hexdigest()[:32]}"'


def encoded(caller: Caller, language: str) -> bytes:
    """Return the answer as bytes; equal as long as nothing in it changed."""
    return wire.encode(told(caller, language))

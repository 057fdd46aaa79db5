"""Making this phone a device of a post: which posts a person may stand at, and the key."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from lianfang import pack
from lianfang.clock import SHANGHAI
from lianfang.registry import actions
from lianfang.registry.models import Device, Place, User
from lianfang.registry.scope import Scope

WRITE = "entries.write"


class NotHere(Exception):
    """The person may not record at this place, or there is no such place today."""


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A phone that has become a device.

    Args:
        device: the device.
        secret: its key's secret half, shown once.
    """

    device: Device
    secret: str


def places(user: User, held: Scope, at: datetime) -> list[Place]:
    """Return the places where a person may record and where there is a form to record on, the own unit's first.

    Args:
        user: the person.
        held: what the person may do.
        at: the instant.
    """
    wanted = [kind for form in _pack().forms.values() for kind in form.places]
    found = Place.objects.on(at.astimezone(SHANGHAI).date()).visible_to(held, WRITE).filter(kind__in=set(wanted))
    # Among them the kind with most forms of its own is where phones stand.
    return sorted(found, key=lambda each: (each.unit != user.unit, -wanted.count(each.kind), each.kind, each.code))


def enrol(*, by: User, held: Scope, at: datetime, place: str, phone: str = "") -> Enrolled:
    """Make a person's phone a device of a place and return its key.

    Args:
        by: the person whose phone it is.
        held: what the person may do.
        at: the instant.
        place: the place's code.
        phone: the code the phone had before with this person, to have it again.

    Raises:
        NotHere: not a place where the person may record.
    """
    post = next((each for each in places(by, held, at) if each.code == place), None)
    if post is None:
        raise NotHere(place)
    known = Device.objects.active().filter(code=phone, kind=Device.PHONE, user=by).exists()
    code = phone if known else f"{Device.PHONE}-{secrets.token_hex(6)}"
    device, secret = actions.enrol_device(
        by=by,
        at=at,
        code=code,
        kind=Device.PHONE,
        name=f"{post.name} · {by.name}",
        area=post.area,
        unit=post.unit,
        place=post.code,
        forms=[kind for kind, form in _pack().forms.items() if not form.places or post.kind in form.places],
        user=by,
    )
    return Enrolled(device, secret)


def names(at: datetime) -> dict[str, str]:
    """Return the names of every place in use of a kind that has forms, so that a phone can name another post."""
    kinds = {kind for form in _pack().forms.values() for kind in form.places}
    found = Place.objects.on(at.astimezone(SHANGHAI).date()).filter(kind__in=kinds)
    return dict(found.values_list("code", "name"))


def _pack() -> pack.Pack:
    return pack.read(settings.PACK)

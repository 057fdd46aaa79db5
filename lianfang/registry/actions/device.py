"""Letting devices in and shutting them out."""

import re
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from lianfang.registry import devices
from lianfang.registry.actions.faults import Unusable
from lianfang.registry.actions.notes import note, require
from lianfang.registry.models import Device, User

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{1,39}")


@transaction.atomic
def enrol_device(
    *,
    by: User | None,
    at: datetime,
    code: str,
    kind: str,
    name: str,
    area: str,
    unit: str = "",
    place: str = "",
    forms: Iterable[str] = (),
    user: User | None = None,
) -> tuple[Device, str]:
    """Let a device hand in entries; a known code gets a new secret, and the old one ends.

    People may enrol a phone of their own wherever they may record: it then does nothing they could not do themselves.

    Args:
        by: who enrols.
        at: the instant.
        code: letters, digits, `-` and `_`, 2 to 40 of them.
        kind: phone, gate, counter, replay …
        name: what people call it.
        area: the area its entries must lie in.
        unit: the unit its entries belong to.
        place: the place it stands at.
        forms: the forms it may hand in; none for all.
        user: the person whose phone it is.

    Returns:
        The device, and its secret, which is shown once and kept nowhere.

    Raises:
        NotAllowed: `by` may not manage devices there, and it is no phone of their own.
        Unusable: the code cannot be used.
    """
    if not CODE.fullmatch(code):
        raise Unusable("A device's code is 2 to 40 letters, digits, - and _.")
    _may_enrol(by, at, code, area, unit, own=by is not None and by == user and kind == Device.PHONE)
    secret = devices.fresh_secret()
    where = {"kind": kind, "area": area, "unit": unit, "place": place}
    held = where | {"name": name, "forms": sorted(forms), "user": user, "digest": devices.digest(secret)}
    dates = {"enrolled_at": at, "enrolled_by": by, "revoked_at": None, "revoked_by": None}
    device, _ = Device.objects.update_or_create(code=code, defaults=held | dates)
    devices.forget(code)
    note(by=by, at=at, verb="device.enrol", about=code, detail=dict(where))
    return device, secret


@transaction.atomic
def revoke_device(*, by: User | None, at: datetime, device: Device, reason: str = "") -> None:
    """Shut a device out; every process follows within seconds.

    Raises:
        NotAllowed: `by` may not manage devices there.
    """
    require(by, at, "devices.manage", area=device.area, unit=device.unit or None)
    device.revoked_at, device.revoked_by = at, by
    device.save(update_fields=["revoked_at", "revoked_by"])
    devices.forget(device.code)
    note(by=by, at=at, verb="device.revoke", about=device.code, detail={"reason": reason})


def _may_enrol(by: User | None, at: datetime, code: str, area: str, unit: str, *, own: bool) -> None:
    """Raise NotAllowed unless `by` may enrol there, and may take over the code where it is in use."""
    require(by, at, "entries.write" if own else "devices.manage", area=area, unit=unit or None)
    before = Device.objects.select_for_update().filter(code=code).first()
    if before is not None and not (own and before.user == by and before.revoked_at is None):
        require(by, at, "devices.manage", area=before.area, unit=before.unit or None)

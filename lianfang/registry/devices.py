"""Devices prove who they are with a random 256-bit secret of their own.

A secret that nobody chose needs no slow hash: a keyed digest is enough, and stands on the path of every request. What
the table says is remembered for seconds only, so a device that is revoked is out within them.
"""

import hmac
import json
import secrets
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

from lianfang.registry import keys, scope
from lianfang.registry.models import Device, User

# Seconds that a row is remembered: the longest a revoked device can still hand in.
REMEMBERED = 3.0
# How often a device's last sign of life is written down.
SEEN_EVERY = timedelta(minutes=1)
ROOM = 4096


class DeviceRefused(Exception):
    """The device may not come in."""

    code = "device_refused"


class DeviceUnknown(DeviceRefused):
    """No such device, a wrong secret, or no credentials at all: which of them is not said."""

    code = "device_unknown"


class DeviceRevoked(DeviceRefused):
    """The device was right once and has been revoked."""

    code = "device_revoked"


@dataclass(frozen=True, slots=True)
class Principal:
    """Who hands in entries: a device, perhaps bound to a person, with what it may hand in from where.

    Args:
        device: the device.
        user: the person it is bound to.
        unit: the unit its entries belong to.
        area: the area it is limited to.
        place: the place it stands at, or the empty word.
        forms: the forms it may hand in; empty for all.
    """

    device: Device
    user: User | None
    unit: str
    area: str
    place: str
    forms: frozenset[str]

    def may_hand_in(self, form: str) -> bool:
        """Say whether the form is one of the device's."""
        return not self.forms or form in self.forms


@dataclass(frozen=True, slots=True)
class _Known:
    until: float
    principal: Principal
    digest: bytes
    revoked: bool


_remembered: dict[str, _Known] = {}


def authenticate(header: str | None, at: datetime) -> Principal:
    """Return who hands in, from an `Authorization` header `Device CODE.SECRET`.

    Args:
        header: the header's value.
        at: the instant, for the last sign of life.

    Raises:
        DeviceUnknown: the header is missing or malformed, the device unknown or the secret wrong.
        DeviceRevoked: the secret is right, the device has been revoked.
    """
    code, secret = _credentials(header)
    known = _remembered.get(code)
    # Not the clock of what happened: only how long a row may be believed.
    if known is None or known.until < time.monotonic():
        known = _look(code, at)
    if known is None or not hmac.compare_digest(known.digest, digest(secret)):
        raise DeviceUnknown("The device is not known, or its secret is wrong.")
    if known.revoked:
        raise DeviceRevoked(f"The device {code} has been revoked.")
    return known.principal


def digest(secret: str) -> bytes:
    """Return what is kept of a secret."""
    return hmac.digest(keys.named("index"), b"device:" + secret.encode(), sha256)


def fresh_secret() -> str:
    """Return a new random secret of 256 bits."""
    return secrets.token_urlsafe(32)


def demonstration_secrets() -> dict[str, str]:
    """Return the secrets of a demonstration's devices by code; an installation has none."""
    try:
        found: dict[str, str] = json.loads(_secrets_file().read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return found


def keep_demonstration_secrets(told: dict[str, str]) -> None:
    """Write the secrets of a demonstration's devices beside the keys."""
    spare = _secrets_file().with_suffix(".new")
    spare.touch(mode=0o600)
    spare.write_text(json.dumps(told, indent=1), encoding="utf-8")
    spare.replace(_secrets_file())


def _secrets_file() -> Path:
    return keys.folder() / "demonstration-devices.json"


def forget(code: str) -> None:
    """Let this process look at the device's row again at once."""
    _remembered.pop(code, None)


def _credentials(header: str | None) -> tuple[str, str]:
    kind, _, rest = (header or "").partition(" ")
    code, _, secret = rest.strip().partition(".")
    if kind.lower() != "device" or not code or not secret:
        raise DeviceUnknown("Expected: Authorization: Device CODE.SECRET")
    return code, secret


def _carried(row: Device, at: datetime) -> bool:
    """Say whether the person still stands behind a phone: with an open account, and, for a phone they enrolled
    themself, with the power they enrolled it by."""
    if row.user is None:
        return True
    if row.enrolled_by_id != row.user_id:
        return row.user.is_active
    return scope.of(row.user, at).may("entries.write", area=row.area, unit=row.unit or None)


def _look(code: str, at: datetime) -> _Known | None:
    row = Device.objects.select_related("user").filter(code=code).first()
    if row is None:
        _remembered.pop(code, None)
        return None
    revoked = row.revoked_at is not None or not _carried(row, at)
    principal = Principal(row, row.user, row.unit, row.area, row.place, frozenset(row.forms))
    known = _Known(time.monotonic() + REMEMBERED, principal, bytes(row.digest), revoked)
    if len(_remembered) >= ROOM:
        _remembered.clear()
    _remembered[code] = known
    if not revoked and (row.seen_at is None or abs(at - row.seen_at) > SEEN_EVERY):
        Device.objects.filter(pk=row.pk).update(seen_at=at)
    return known

"""Who calls, and what they may do here: every path of this door says what it needs.

A path is open to everybody, to a device with its key, to a person who is signed in, or to both; `table()` lists them
all for the tests and for `docs/api.md`.
"""

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from ninja.security.base import AuthBase

from lianfang import clock
from lianfang.doors.api import refusals
from lianfang.registry import devices, scope
from lianfang.registry.models import Device, User

# Seconds for which a person's grants are believed on the path of every entry; as long as a device's row.
REMEMBERED = 3.0
_scopes: dict[int, tuple[float, scope.Scope]] = {}


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: a device (perhaps bound to a person) or a person who is signed in.

    Args:
        at: the door's clock when the request came.
        device: the device, with what it may hand in from where; None for a person at a screen.
        user: the person; None for a device of its own.
        scope: what the person may do; None for a device of its own.
    """

    at: datetime
    device: devices.Principal | None
    user: User | None
    scope: scope.Scope | None

    def may(self, power: str, area: str | None = None, unit: str | None = None) -> bool:
        """Say whether the caller holds a power, over this area and unit's rows where they are given.

        A device of its own has what its key is for, inside its area; what a person may do, it takes a person to do.
        """
        if self.scope is not None:
            return self.scope.may(power, area, unit)
        assert self.device is not None
        return power in DEVICE_POWERS and (area is None or area.startswith(self.device.area))


# What a device without a person may do, inside its own area.
DEVICE_POWERS = frozenset({"entries.write", "fevers.receive"})


def replaying(principal: devices.Principal) -> bool:
    """Say whether the device may hand in its own time of recording: the replay of a demonstration."""
    return bool(settings.DEMONSTRATION) and principal.device.kind == Device.REPLAY


def of_device(header: str | None, at: datetime) -> Caller:
    """Return the caller behind a device key.

    Raises:
        Refusal: no key, an unknown one (401), or one that was revoked (403).
    """
    if not header:
        raise refusals.no_key()
    try:
        principal = devices.authenticate(header, at)
    except devices.DeviceRevoked:
        raise refusals.revoked(header.partition(" ")[2].partition(".")[0].strip()) from None
    except devices.DeviceUnknown:
        raise refusals.unknown_key() from None
    user = principal.user
    return Caller(at, principal, user, _scope(user, at) if user is not None else None)


def _scope(user: User, at: datetime) -> scope.Scope:
    known = _scopes.get(user.pk)
    # Not the clock of what happened: only how long grants may be believed.
    if known is not None and known[0] > time.monotonic():
        return known[1]
    found = scope.of(user, at)
    if len(_scopes) > 4096:
        _scopes.clear()
    _scopes[user.pk] = (time.monotonic() + REMEMBERED, found)
    return found


class DeviceKey(AuthBase):
    """`Authorization: Device CODE.SECRET`, with a power the device (or the person it is bound to) must hold."""

    openapi_type = "apiKey"
    openapi_in = "header"
    openapi_name = "Authorization"
    who = "device"

    def __init__(self, power: str) -> None:
        self.power = power
        super().__init__()

    def __call__(self, request: HttpRequest) -> Caller:
        """Return the caller.

        Raises:
            Refusal: no valid key, or not the power.
        """
        return _holding(self.power, of_device(request.headers.get("Authorization"), clock.now()))


class SignedIn(AuthBase):
    """A person's session, with a power the person must hold."""

    openapi_type = "apiKey"
    openapi_in = "cookie"
    openapi_name = "sessionid"
    who = "person"

    def __init__(self, power: str) -> None:
        self.power = power
        super().__init__()

    def __call__(self, request: HttpRequest) -> Caller:
        """Return the caller.

        Raises:
            Refusal: nobody is signed in (401), or not the power (403).
        """
        if not isinstance(request.user, User):
            raise refusals.not_signed_in()
        at = clock.now()
        return _holding(self.power, Caller(at, None, request.user, scope.of(request.user, at)))


class DeviceOrPerson(SignedIn):
    """Either of the two: the key is looked at where there is one."""

    who = "device or person"

    def __call__(self, request: HttpRequest) -> Caller:
        """Return the caller.

        Raises:
            Refusal: neither a valid key nor a session, or not the power.
        """
        header = request.headers.get("Authorization")
        if header:
            return _holding(self.power, of_device(header, clock.now()))
        return super().__call__(request)


def _holding(power: str, caller: Caller) -> Caller:
    if not caller.may(power):
        raise refusals.not_allowed(power)
    return caller


@dataclass(frozen=True, slots=True)
class Need:
    """What one path and method needs.

    Args:
        path: below the site's root.
        method: the HTTP method.
        who: open | device | person | device or person.
        power: the power; the empty word where it is open.
    """

    path: str
    method: str
    who: str
    power: str


def table(api: Any, prefix: str) -> list[Need]:
    """Return what every path of an API needs.

    Args:
        api: a Ninja API.
        prefix: where it is mounted.
    """
    found: list[Need] = []
    for _, router in api._routers:
        for path, view in router.path_operations.items():
            for operation in view.operations:
                auth = next((each for each in operation.auth_callbacks if isinstance(each, DeviceKey | SignedIn)), None)
                for method in operation.methods:
                    found.append(Need(prefix + path, method, auth.who if auth else "open", auth.power if auth else ""))
    return sorted(found, key=lambda each: (each.path, each.method))

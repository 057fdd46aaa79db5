"""Who may open which path of this door: every view carries one of these marks, and a test reads them back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, cast

from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from lianfang import clock
from lianfang.registry import devices, scope
from lianfang.registry.models import User

EVERYONE, SIGNED_IN = "", "signed in"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and when.

    Args:
        at: the door's clock when the request came.
        user: the person; None for a device of its own.
        scope: what the person may do.
        device: the device, where one asks.
    """

    at: datetime
    user: User | None
    scope: scope.Scope
    device: devices.Principal | None = None


View = Callable[..., HttpResponse]


def everyone(view: View) -> View:
    """Open a view to whoever comes: it tells nothing of anybody."""
    return _marked(view, EVERYONE, "open")


def signed_in(view: View) -> View:
    """Open a view to those who have signed in in this browser; others are told so in JSON."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not isinstance(request.user, User):
            return refused(401, "not-signed-in", _("Sign in first."))
        at = clock.now()
        return view(request, Caller(at, request.user, scope.of(request.user, at)), *args, **kwargs)

    return _marked(_kept(guarded), SIGNED_IN, "person")


def device(power: str) -> Callable[[View], View]:
    """Open a view to devices with a key, bound to a person who holds `power`.

    Args:
        power: a word of the pack's roles, such as `entries.write`.
    """

    def mark(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            at = clock.now()
            try:
                principal = devices.authenticate(request.headers.get("Authorization"), at)
            except devices.DeviceRevoked:
                return refused(403, "revoked", _("This phone has been shut out. What it keeps is not lost."))
            except devices.DeviceUnknown:
                return refused(401, "unknown-key", _("This phone is not known here. What it keeps is not lost."))
            held = scope.of(principal.user, at)
            if not held.may(power):
                return refused(403, "power", _("Your role does not allow this."))
            return view(request, Caller(at, principal.user, held, principal), *args, **kwargs)

        return _marked(_kept(guarded), power, "device")

    return mark


def refused(status: int, code: str, message: str) -> JsonResponse:
    """Say why a whole request is refused, in the shape of the wire."""
    return JsonResponse({"error": {"code": code, "message": message}}, status=status)


def _kept(view: View) -> View:
    """A database that is away is no reason for a page of HTML: phones read JSON and try again."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except (DatabaseError, InterfaceError):
            response = refused(503, "database-down", _("The database cannot be reached just now. Try again."))
            response["Retry-After"] = "5"
            return response

    return answered


def _marked(view: View, power: str, who: str) -> View:
    marked = cast(Any, view)
    marked.power, marked.who = power, who
    return cast(View, marked)

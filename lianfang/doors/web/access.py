"""Who may open which page: every view carries exactly one of these marks, and a test reads them back."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, Protocol, cast
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from lianfang import clock
from lianfang.registry import scope
from lianfang.registry.models import Role, User

SIGN_IN = "/sign-in/"
EVERYONE = ""
SIGNED_IN = "signed in"


class Guarded(HttpRequest):
    """A request that has passed `needs`: it knows its instant, its user and what that user may do."""

    user: User
    at: datetime
    scope: scope.Scope
    power: str


class View(Protocol):
    """A view that says which power opens it."""

    power: str

    def __call__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer the request."""


def needs(power: str) -> Callable[[Callable[..., HttpResponseBase]], View]:
    """Open a view only to those who hold `power` somewhere; the view narrows it to areas by the scope it is given.

    Args:
        power: a word of the pack's roles, such as `figures.view`.
    """

    def mark(view: Callable[..., HttpResponseBase]) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return to_sign_in(request)
            held = _prepare(request)
            held.power = power
            if not held.scope.may(power):
                return refused(held, power)
            return view(held, *args, **kwargs)

        return _marked(guarded, power)

    return mark


def signed_in(view: Callable[..., HttpResponseBase]) -> View:
    """Open a view to everybody who has signed in, whatever the role."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return to_sign_in(request)
        return view(_prepare(request), *args, **kwargs)

    return _marked(guarded, SIGNED_IN)


def everyone(view: Callable[..., HttpResponseBase]) -> View:
    """Open a view to whoever comes, signed in or not."""

    @wraps(view)
    def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return view(request, *args, **kwargs)

    return _marked(opened, EVERYONE)


def refused(request: HttpRequest, power: str, reason: str = "") -> HttpResponse:
    """Say that this is not open to the user, and whose permission would open it.

    Args:
        request: the request that is refused.
        power: the power that is missing.
        reason: a further sentence, where the power is held but not for this area or unit.
    """
    words = {"power": power, "meaning": POWERS.get(power, power), "reason": reason, "holders": holders(power)}
    return render(request, "web/refused.html", words, status=403)


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """Send a stranger to the sign-in page and back afterwards; a fragment reloads the whole page."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    return HttpResponseRedirect(f"{SIGN_IN}?{urlencode({'next': request.get_full_path()})}")


def holders(power: str) -> list[str]:
    """Return the titles of the roles that hold `power`."""
    english = (get_language() or "").startswith("en")
    held = [role for role in Role.objects.all() if power in role.powers]
    return [role.title_en if english and role.title_en else role.title for role in held]


def _prepare(request: HttpRequest) -> Guarded:
    held = cast(Guarded, request)
    held.at = clock.now()
    held.scope = scope.of(held.user, held.at)
    return held


def _marked(view: Callable[..., HttpResponseBase], power: str) -> View:
    marked = cast(View, view)
    marked.power = power
    return marked


POWERS = {
    "overview.view": _("see the overview"),
    "checkpoints.view": _("see the checkpoints"),
    "entries.view": _("see the entries behind the figures"),
    "entries.write": _("record by hand"),
    "entries.correct": _("correct an entry"),
    "fevers.receive": _("confirm the receipt of a feverish person"),
    "names.view": _("see names and numbers of persons, for a purpose"),
    "figures.view": _("see the figures"),
    "figures.freeze": _("freeze figures"),
    "dues.view": _("see what is due"),
    "dues.waive": _("waive what is due"),
    "reports.submit": _("hand in a unit's daily report"),
    "reports.view": _("see the units' daily reports"),
    "bulletins.submit": _("hand in items for the bulletin"),
    "bulletins.edit": _("edit the bulletin"),
    "bulletins.review": _("review the bulletin"),
    "bulletins.sign": _("sign the bulletin"),
    "bulletins.read": _("read the bulletins"),
    "command.view": _("open the command screen"),
    "users.manage": _("manage users"),
    "devices.manage": _("manage devices"),
    "grants.manage": _("manage grants"),
    "keys.manage": _("manage keys"),
    "running.view": _("see how the house is running"),
    "log.view": _("read the logs"),
    "seals.view": _("see the journal's seals"),
}

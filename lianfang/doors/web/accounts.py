"""Signing in and out, and what everybody may look after by themself: password, second factor, recovery codes."""

import ipaddress
import time
from typing import cast

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate, login, logout, update_session_auth_hash
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from lianfang import clock
from lianfang.doors.web import house, presence, qr
from lianfang.doors.web.access import everyone, signed_in
from lianfang.registry import actions, second_factor
from lianfang.registry.models import Grant, Role, User

PENDING = "signing_in"
SECRET = "second_factor_secret"  # noqa: S105
# How long the second step waits after the first.
PENDING_SECONDS = 5 * 60
BACKEND = "django.contrib.auth.backends.ModelBackend"


class Credentials(forms.Form):
    """The first step."""

    username = forms.CharField(max_length=64)
    password = forms.CharField(max_length=256, strip=False)


class NewPassword(forms.Form):
    """A change of one's own password."""

    old = forms.CharField(max_length=256, strip=False)
    new = forms.CharField(max_length=256, strip=False)
    again = forms.CharField(max_length=256, strip=False)


@everyone
@never_cache
@sensitive_post_parameters("password")
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for username and password, or offer the roles of a demonstration."""
    if request.user.is_authenticated:
        return HttpResponseRedirect(_next(request))
    if request.method != "POST":
        return _sign_in_page(request)
    given = Credentials(request.POST)
    user = authenticate(request, **given.cleaned_data) if given.is_valid() else None
    if user is None:
        _note_failure(request, given.cleaned_data.get("username", ""))
        return _sign_in_page(request, fault=_("Username or password is wrong."), status=403)
    if second_factor.enabled(user):
        request.session[PENDING] = {"user": user.pk, "at": time.time(), "next": _next(request)}
        return HttpResponseRedirect("/sign-in/code/")
    return _enter(request, user, _next(request), strong=False)


@everyone
@never_cache
def code(request: HttpRequest) -> HttpResponse:
    """Ask for the code of the second factor."""
    pending = request.session.get(PENDING)
    if not pending or time.time() - pending["at"] > PENDING_SECONDS:
        request.session.pop(PENDING, None)
        return HttpResponseRedirect("/sign-in/")
    if request.method != "POST":
        return render(request, "account/code.html")
    user = get_object_or_404(User, pk=pending["user"], is_active=True)
    known = authenticate(request, username=user.username, code=request.POST.get("code", "")[:32])
    if known is None:
        _note_failure(request, user.username)
        fault = _("The code is wrong or was used already. Wait for the next one.")
        return render(request, "account/code.html", {"fault": fault}, status=403)
    return _enter(request, user, pending["next"], strong=True)


@everyone
@never_cache
@require_POST
def sign_in_as(request: HttpRequest) -> HttpResponse:
    """Sign in as one of a demonstration's people with one click; there is no such page in an installation."""
    if not _picker(request):
        raise Http404
    user = get_object_or_404(User, username=request.POST.get("username", ""), demonstration=True, is_active=True)
    return _enter(request, user, _next(request), strong=False)


@everyone
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Sign out."""
    if request.user.is_authenticated:
        by = request.user
        actions.note(by=by, at=clock.now(), verb="sign-out", about=by.username, address=_from(request))
    logout(request)
    return HttpResponseRedirect("/sign-in/")


@signed_in
@never_cache
def account(request: HttpRequest) -> HttpResponse:
    """Show who I am here, what I may do until when, and how my account is kept."""
    user, at = cast(User, request.user), clock.now()
    grants = list(Grant.objects.filter(user=user).in_force(at).select_related("role"))
    areas, units = (
        house.area_names({each.area for each in grants}),
        house.unit_names({each.unit for each in grants}),
    )
    words = {
        "grants": [(each, areas.get(each.area, each.area), units.get(each.unit, each.unit)) for each in grants],
        "strong": second_factor.enabled(user),
        "needed": presence.needs_second_factor(user),
        "left": second_factor.recovery_codes_left(user),
        "phones": user.devices.active(),
    }
    return render(request, "account/account.html", words)


@signed_in
@never_cache
@sensitive_post_parameters("old", "new", "again")
def password(request: HttpRequest) -> HttpResponse:
    """Change one's own password."""
    user = cast(User, request.user)
    faults: list[str] = []
    if request.method == "POST":
        given = NewPassword(request.POST)
        faults = _password_faults(request, given, user)
        if not faults:
            # Other sessions of the account end with the old password; this one goes on.
            update_session_auth_hash(request, user)
            messages.success(request, _("The password is changed."))
            return HttpResponseRedirect("/account/")
    return render(request, "account/password.html", {"faults": faults}, status=400 if faults else 200)


@signed_in
@never_cache
def set_up(request: HttpRequest) -> HttpResponse:
    """Set up the second factor: show the QR code, take the app's first code, show the recovery codes once."""
    user = cast(User, request.user)
    if second_factor.enabled(user):
        return HttpResponseRedirect("/account/")
    # Closed also here: a session is a row of the database.
    secret = second_factor.opened(request.session.setdefault(SECRET, second_factor.closed_fresh_secret()))
    words: dict[str, object] = {"needed": presence.needs_second_factor(user)}
    status = 200
    if request.method == "POST":
        try:
            codes = actions.begin_second_factor(
                by=user, at=clock.now(), secret=secret, code=request.POST.get("code", "")[:32]
            )
        except second_factor.WrongCode:
            words["fault"], status = _("The code does not fit. Check the phone's clock and take the next code."), 400
        else:
            del request.session[SECRET]
            request.session[presence.STRONG] = True
            return render(request, "account/recovery_codes.html", {"codes": codes})
    words |= {"qr": qr.svg(second_factor.address(user, secret)), "secret": _grouped(secret)}
    return render(request, "account/second_factor.html", words, status=status)


@signed_in
@never_cache
@require_POST
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """Replace one's own recovery codes, with a code of the app."""
    try:
        codes = actions.renew_recovery_codes(
            by=cast(User, request.user), at=clock.now(), code=request.POST.get("code", "")[:32]
        )
    except second_factor.WrongCode:
        messages.error(request, _("The code is wrong or was used already. Wait for the next one."))
        return HttpResponseRedirect("/account/")
    return render(request, "account/recovery_codes.html", {"codes": codes})


def locked(request: HttpRequest, _response: HttpResponse | None, _credentials: dict[str, str] | None) -> HttpResponse:
    """Answer whoever has failed too often; django-axes calls it."""
    actions.note(
        by=None, at=clock.now(), verb="sign-in.locked", about=_known(request), allowed=False, address=_from(request)
    )
    minutes = round(settings.AXES_COOLOFF_TIME * 60)
    fault = _("Too many failures. Wait %(minutes)d minutes, or ask the system administrator.") % {"minutes": minutes}
    return _sign_in_page(request, fault=fault, status=429)


def _enter(request: HttpRequest, user: User, to: str, *, strong: bool) -> HttpResponse:
    login(request, user, backend=BACKEND)
    request.session.pop(PENDING, None)
    request.session[presence.SEEN] = time.time()
    request.session[presence.STRONG] = strong
    actions.note(
        by=user, at=clock.now(), verb="sign-in", about=user.username, detail={"strong": strong}, address=_from(request)
    )
    return HttpResponseRedirect(to)


def _sign_in_page(request: HttpRequest, *, fault: str = "", status: int = 200) -> HttpResponse:
    words: dict[str, object] = {"fault": fault, "next": _next(request), "idle": "idle" in request.GET}
    if _picker(request):
        words["people"] = _people()
    return render(request, "account/sign_in.html", words, status=status)


def _people() -> list[tuple[User, list[Role]]]:
    """Return the people of a demonstration with their roles, in the order of the roles."""
    users = User.objects.filter(demonstration=True, is_active=True).prefetch_related("grants__role")
    held = [(user, [grant.role for grant in user.grants.all() if grant.valid_to is None]) for user in users]
    return sorted((each for each in held if each[1]), key=lambda each: (each[1][0].order, each[0].username))


def _picker(request: HttpRequest) -> bool:
    """Say whether the roles may be picked: in a demonstration, from this machine, under this machine's name."""
    if not settings.DEMONSTRATION:
        return False
    try:
        here = ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
    return here and request.get_host().rsplit(":", 1)[0] in ("127.0.0.1", "localhost", "testserver")


def _password_faults(request: HttpRequest, given: NewPassword, user: User) -> list[str]:
    if not given.is_valid():
        return [_("Fill in all three fields.")]
    told = given.cleaned_data
    # Through the backends, so that guessing the old password here is counted as well.
    if authenticate(request, username=user.username, password=told["old"]) != user:
        return [_("The old password is wrong.")]
    if told["new"] != told["again"]:
        return [_("The two new passwords differ.")]
    if told["new"] == told["old"]:
        return [_("The new password is the old one.")]
    try:
        actions.set_password(by=user, at=clock.now(), user=user, password=told["new"])
    except ValidationError as fault:
        return list(fault.messages)
    return []


def _next(request: HttpRequest) -> str:
    to = request.POST.get("next") or request.GET.get("next") or settings.LOGIN_REDIRECT_URL
    safe = url_has_allowed_host_and_scheme(to, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return to if safe else settings.LOGIN_REDIRECT_URL


def _note_failure(request: HttpRequest, username: str) -> None:
    about = username if User.objects.filter(username=username).exists() else ""
    actions.note(by=None, at=clock.now(), verb="sign-in", about=about, allowed=False, address=_from(request))


def _known(request: HttpRequest) -> str:
    """Return the username tried, if there is such a user: people type their password there."""
    tried = request.POST.get("username", "")
    return tried if User.objects.filter(username=tried).exists() else ""


def _from(request: HttpRequest) -> str | None:
    try:
        return str(ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")))
    except ValueError:
        return None


def _grouped(secret: str) -> str:
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))

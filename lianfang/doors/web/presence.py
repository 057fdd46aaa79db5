"""What holds for everybody who is signed in, on every page of every door.

Whoever does nothing for half an hour is signed out. A password that somebody else gave is changed first. In an
installation, whoever may see names or administer sets up a second factor before anything else.
"""

import time
from collections.abc import Callable
from typing import cast

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.utils.translation import gettext as _

from lianfang import clock
from lianfang.registry import scope, second_factor
from lianfang.registry.models import User

IDLE_SECONDS = 30 * 60
# The last sign of life is written at most this often.
WRITTEN_EVERY = 60
SEEN = "seen"
STRONG = "second_factor"
# A page asks for this by itself, so it is no sign of life.
NO_SIGN_OF_LIFE = ("/live/",)
# So does a page that fetches a part of itself anew; the wall alone, which shows nobody's name, stays signed in by it.
BY_ITSELF = "X-By-Itself"
OPEN_TO_ALL = ("/account/", "/sign-", "/static/", "/language/", "/theme/")
ANSWERS = {"password": "/account/password/", "second factor": "/account/second-factor/"}


def middleware(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Hold every signed-in request to the rules above."""

    def handle(request: HttpRequest) -> HttpResponse:
        # A device comes without a session: it must not cost a look at one.
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            answer = _idle(request) or _owing(request)
            return answer or _unkept(get_response(request))
        return get_response(request)

    return handle


def needs_second_factor(user: User) -> bool:
    """Say whether the user's powers ask for a second factor; in a demonstration nobody's do."""
    return not settings.DEMONSTRATION and bool(scope.of(user, clock.now()).powers & second_factor.NEEDED_FOR)


def _unkept(response: HttpResponse) -> HttpResponse:
    """Let no browser keep a signed-in page on a machine that others use, unless the page says otherwise."""
    if response.get("Content-Type", "").startswith("text/html") and not response.has_header("Cache-Control"):
        response["Cache-Control"] = "private, no-store"
    return response


def _idle(request: HttpRequest) -> HttpResponse | None:
    # The machine's time, not the shown one: a demonstration's clock may jump.
    now = time.time()
    seen = request.session.get(SEEN)
    if isinstance(seen, int | float) and now - seen > IDLE_SECONDS:
        logout(request)
        return _stop(request, f"/sign-in/?idle=1&next={request.path}", "signed_out", _("You were signed out."))
    by_itself = request.path.startswith(NO_SIGN_OF_LIFE) or BY_ITSELF in request.headers
    if not by_itself and (seen is None or now - seen > WRITTEN_EVERY):
        request.session[SEEN] = now
    return None


def _owing(request: HttpRequest) -> HttpResponse | None:
    if request.path.startswith(OPEN_TO_ALL):
        return None
    user = cast(User, request.user)
    if user.must_change:
        return _stop(request, ANSWERS["password"], "password", _("Change the password you were given first."))
    if not request.session.get(STRONG) and needs_second_factor(user):
        return _stop(request, ANSWERS["second factor"], "second_factor", _("Set up your second factor first."))
    return None


def _stop(request: HttpRequest, to: str, code: str, message: str) -> HttpResponse:
    """Send a page on; tell a program, which cannot follow, what is missing."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": to})
    if request.path.startswith("/api/") or "text/html" not in request.headers.get("Accept", "text/html"):
        return JsonResponse({"error": {"code": code, "message": message}}, status=403)
    return HttpResponseRedirect(to)

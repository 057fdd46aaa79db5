"""The phone app's page and files, the enrolment of a phone, and what a post must be told while it works."""

import json
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from lianfang.doors.field import enrolment, handovers, precache, words
from lianfang.doors.field.access import Caller, device, everyone, refused, signed_in

SHELL, MANIFEST = "/field/", "/field/manifest.webmanifest"
BYTES = 4_000
ICONS = (("icon-192", "192x192", "any"), ("icon-512", "512x512", "any"), ("mask-512", "512x512", "maskable"))


@everyone
@require_GET
def shell(request: HttpRequest) -> HttpResponse:
    """Answer the app's one page; it is the same for everybody."""
    return _file(SHELL, "text/html; charset=utf-8")


@everyone
@require_GET
def manifest(request: HttpRequest) -> HttpResponse:
    """Answer what makes the page installable."""
    return _file(MANIFEST, "application/manifest+json")


@everyone
@require_GET
def said(request: HttpRequest, language: str) -> HttpResponse:
    """Answer the app's words in a language."""
    return _file(f"/field/words/{language}.json", "application/json")


@everyone
@require_GET
def worker(request: HttpRequest) -> HttpResponse:
    """Answer the service worker with the list of this version's files in front."""
    text = (precache.STATIC / "sw.js").read_text(encoding="utf-8")
    response = HttpResponse(_version().script() + text, content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    response["Service-Worker-Allowed"] = SHELL
    return response


@signed_in
@require_GET
def who(request: HttpRequest, caller: Caller) -> HttpResponse:
    """Tell who is signed in and where that person may record."""
    assert caller.user is not None
    return JsonResponse(
        {
            "server_time": caller.at.isoformat(timespec="milliseconds"),
            "person": caller.user.name,
            "csrf": get_token(request),
            "places": [
                {"code": each.code, "kind": each.kind, "name": each.name, "name_en": each.name_en}
                for each in enrolment.places(caller.user, caller.scope, caller.at)
            ],
        }
    )


@signed_in
@require_POST
def enrol(request: HttpRequest, caller: Caller) -> HttpResponse:
    """Give this phone the key of a post."""
    assert caller.user is not None
    asked = _asked(request)
    if asked is None:
        return refused(400, "shape", _("The request cannot be read."))
    try:
        made = enrolment.enrol(
            by=caller.user,
            held=caller.scope,
            at=caller.at,
            place=str(asked.get("place", "")),
            phone=str(asked.get("phone", "")),
        )
    except enrolment.NotHere:
        return refused(403, "place", _("You may not record at this place. Pick another, or ask who is in charge."))
    told = {
        "code": made.device.code,
        "secret": made.secret,
        "person": caller.user.name,
        "powers": sorted(caller.scope.powers),
    }
    return JsonResponse({"server_time": caller.at.isoformat(timespec="milliseconds"), "device": told})


@device(enrolment.WRITE)
@require_GET
def on_the_way(request: HttpRequest, caller: Caller) -> HttpResponse:
    """Tell a post what became of the people it handed over, and a clinic who is coming."""
    assert caller.device is not None
    place = caller.device.place
    coming = caller.scope.may("fevers.receive", caller.device.area)
    return JsonResponse(
        {
            "server_time": caller.at.isoformat(timespec="milliseconds"),
            "sent": [each.told() for each in handovers.sent_from(place, caller.at)],
            "coming": [each.told() for each in handovers.coming_to(place, caller.at)] if coming else [],
            "places": enrolment.names(caller.at),
        }
    )


def _asked(request: HttpRequest) -> dict[str, Any] | None:
    if len(request.body) > BYTES:
        return None
    try:
        asked = json.loads(request.body)
    except ValueError:
        return None
    return asked if isinstance(asked, dict) else None


def _file(path: str, content_type: str) -> HttpResponse:
    response = HttpResponse(_rendered()[path], content_type=content_type)
    response["Cache-Control"] = "no-cache"
    return response


@lru_cache(maxsize=1)
def _rendered() -> dict[str, bytes]:
    """Return what this door makes itself, the same bytes for everybody, so that its digest holds."""
    with translation.override(settings.LANGUAGE_CODE):
        page = render_to_string(
            "field/shell.html",
            {
                "title": _("Lianfang · post"),
                "loading": _("One moment …"),
                "stuck": _("The app did not load. Nothing that was kept is lost; look for a line and try again."),
                "again": _("Try again"),
                "no_script": _("This app needs JavaScript. Open the page in another browser."),
            },
        )
        about = {
            "name": _("Lianfang · post"),
            "short_name": _("Lianfang"),
            "lang": "zh-CN",
            "start_url": SHELL,
            "scope": SHELL,
            "display": "standalone",
            "orientation": "portrait",
            "background_color": "#f5f6f8",
            "theme_color": "#1f5eff",
            "icons": [_icon(*each) for each in ICONS],
        }
    made = {SHELL: page.encode(), MANIFEST: json.dumps(about, ensure_ascii=False).encode()}
    for language in words.LANGUAGES:
        told = json.dumps({"catalog": words.catalogue(language)}, ensure_ascii=False)
        made[f"/field/words/{language}.json"] = told.encode()
    return made


def _icon(name: str, sizes: str, purpose: str) -> dict[str, str]:
    return {"src": static(f"field/icons/{name}.png"), "sizes": sizes, "type": "image/png", "purpose": purpose}


@lru_cache(maxsize=1)
def _version() -> precache.Precache:
    return precache.of(_rendered(), settings.STATIC_URL)

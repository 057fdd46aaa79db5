"""Entries go straight to the door: the path on which the whole district hands in knows no session, cookie or page.

Everything the other middleware would do for a page (session, sign-in, forms, content policy) is nothing to a request
that carries a device key and answers in JSON, and costs more than the entry itself. See docs/adr.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import translation

from lianfang.doors.api import disorder, paths, refusals
from lianfang.doors.api.access import DeviceKey
from lianfang.doors.api.refusals import Refusal

PATH = "/api/entries"
Answer = Callable[[HttpRequest], HttpResponse]


def middleware(get_response: Answer) -> Answer:
    """Answer the one path here, first of all middleware; hand everything else on."""
    key = DeviceKey("entries.write")

    def handle(request: HttpRequest) -> HttpResponse:
        if request.path != PATH or request.method != "POST":
            return get_response(request)
        with translation.override(translation.get_language_from_request(request)):
            response = _answered(request, key)
        response["Content-Length"] = str(len(response.content))
        response["X-Content-Type-Options"] = "nosniff"
        return response

    return handle


def _answered(request: HttpRequest, key: DeviceKey) -> HttpResponse:
    try:
        request.auth = key(request)  # type: ignore[attr-defined]
        return paths.hand_in(request)
    except Refusal as refusal:
        return refusals.response(refusal)
    except disorder.FAULTS as fault:
        return refusals.response(disorder.refusal(fault))

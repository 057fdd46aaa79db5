"""The paths of this door."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, path, re_path
from django.views.decorators.csrf import csrf_exempt

from lianfang.doors.api import access, reference, refusals, schema
from lianfang.doors.api.paths import api

# What every path needs, for the test of the access matrix.
NEEDS = access.table(api, "/api")


def openapi(request: HttpRequest) -> HttpResponse:
    """Answer the OpenAPI document."""
    return schema.openapi(api, request)


def docs(request: HttpRequest) -> HttpResponse:
    """Answer the reference as a page."""
    return reference.page(request, schema.document(api))


@csrf_exempt
def missing(request: HttpRequest) -> HttpResponse:
    """Say that there is no such path, in JSON as everywhere under /api/."""
    return refusals.response(refusals.not_found(request.path))


def _marked(view: Callable[..., HttpResponse], power: str, who: str) -> Callable[..., HttpResponse]:
    view.power, view.who = power, who  # type: ignore[attr-defined]
    return view


def _paths() -> list[URLPattern | URLResolver]:
    """Return Ninja's paths, each view marked with the power it needs, as the pages' are."""
    needs = {each.path: each for each in NEEDS}
    found: list[URLPattern | URLResolver] = []
    for pattern in api.urls[0]:
        need = needs.get(f"/api/{pattern.pattern}")
        if need is not None and pattern.callback is not None:
            _marked(pattern.callback, need.power, need.who)
            found.append(pattern)
    return found


urlpatterns: list[URLPattern | URLResolver] = [
    *_paths(),
    path("openapi.json", _marked(openapi, "", "open"), name="api-openapi"),
    path("docs", _marked(docs, "", "open"), name="api-docs"),
    re_path(r"^", _marked(missing, "", "open")),
]

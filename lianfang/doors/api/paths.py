"""The paths of this door: what each takes, who may call it, and what it answers."""

from datetime import date
from typing import Annotated, Any

from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from ninja import NinjaAPI, Query
from ninja.errors import ValidationError
from pydantic import AwareDatetime, StringConstraints

from lianfang import clock
from lianfang.clock import SHANGHAI
from lianfang.doors.api import (
    batches,
    body,
    disorder,
    entries,
    figures,
    health,
    lookups,
    post,
    posts,
    readings,
    refusals,
    schema,
    wire,
)
from lianfang.doors.api.access import Caller, DeviceKey, DeviceOrPerson, SignedIn
from lianfang.doors.api.refusals import Refusal
from lianfang.registry import actions
from lianfang.registry.keys import KeyFault

Code = Annotated[str, StringConstraints(pattern=r"^[0-9]{0,32}$")]
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
api = NinjaAPI(
    title="Lianfang",
    version="1",
    description=schema.DESCRIPTION,
    docs_url=None,
    openapi_url=None,
    urls_namespace="api",
)


def language() -> str:
    """Return the language of this request's messages."""
    return get_language() or "zh-hans"


def caller(request: HttpRequest) -> Caller:
    """Return who calls, as the path's mark found out."""
    found = request.auth  # type: ignore[attr-defined]
    assert isinstance(found, Caller)
    return found


def _answer(value: Any, status: int = 200) -> HttpResponse:
    response = HttpResponse(wire.encode(value), status=status, content_type=JSON)
    response["Cache-Control"] = "no-store"
    return response


@api.exception_handler(Refusal)
def _refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    return refusals.response(refusal)


@api.exception_handler(ValidationError)
def _unreadable(request: HttpRequest, fault: ValidationError) -> HttpResponse:
    return refusals.response(refusals.bad_query(fault.errors))


def _in_disorder(request: HttpRequest, fault: Exception | type[Exception]) -> HttpResponse:
    assert isinstance(fault, Exception)
    return refusals.response(disorder.refusal(fault))


for _kind in (DatabaseError, InterfaceError, KeyFault, OSError):
    api.add_exception_handler(_kind, _in_disorder)


@api.post("/entries", auth=DeviceKey("entries.write"), openapi_extra=schema.ENTRIES, summary="Hand in entries")
def hand_in(request: HttpRequest) -> HttpResponse:
    """Store up to 200 entries at once; each gets a verdict: stored, already there, or refused and why."""
    return _answer(entries.receive(body.read(request, wire.BYTES), caller(request), language()))


@api.post("/readings", auth=DeviceKey("entries.write"), openapi_extra=schema.READINGS, summary="Hand in readings")
def hand_in_readings(request: HttpRequest) -> HttpResponse:
    """Store readings of a thermal gate or a counter: one, several, or one as a simple form."""
    if request.content_type == FORM:
        told: Any = readings.typed(request.POST.dict(), caller(request))  # type: ignore[arg-type]
    else:
        told = batches.value(body.read(request, wire.BYTES))
    return _answer(readings.receive(told, caller(request), language()))


@api.get("/post", auth=DeviceKey("entries.write"), openapi_extra=schema.POST, summary="Who am I, and by which rules")
def this_post(request: HttpRequest) -> HttpResponse:
    """Tell a device its place, its forms and the protocol in force; unchanged since last time: 304."""
    told = post.encoded(caller(request), language())
    tag = post.tag(told)
    fresh = request.headers.get("If-None-Match") != tag
    response = HttpResponse(told if fresh else b"", status=200 if fresh else 304, content_type=JSON)
    response["ETag"] = tag
    response["Cache-Control"] = "private, no-cache"
    response["Vary"] = "Authorization, Accept-Language"
    return response


@api.post("/lookups", auth=DeviceKey("entries.write"), openapi_extra=schema.LOOKUPS, summary="Decided about before?")
def look_up(request: HttpRequest) -> HttpResponse:
    """Tell what was decided about a plate or document within the protocol's hours; the look is logged."""
    who = caller(request)
    question = lookups.read(body.read(request, wire.BYTES))
    told, subject = lookups.answer(question, who, language())
    assert who.device is not None
    detail: dict[str, object] = {
        "subject": str(subject),
        "purpose": question.purpose,
        "found": len(told["decisions"]),
        "place": who.device.place,
    }
    actions.note(by=who.user, at=who.at, verb="lookup", about=who.device.device.code, detail=detail)
    return _answer(told)


@api.get(
    "/handovers", auth=DeviceOrPerson("fevers.receive"), openapi_extra=schema.HANDOVERS, summary="To be confirmed here"
)
def handovers(request: HttpRequest) -> HttpResponse:
    """List what was handed over to this place and is not yet confirmed."""
    return _answer(posts.handed_over(caller(request), language()))


@api.get(
    "/reconciliation",
    auth=SignedIn("checkpoints.view"),
    openapi_extra=schema.RECONCILIATION,
    summary="Counters against the register",
)
def reconciliation(
    request: HttpRequest, day: date | None = None, counted: posts.Counted = "vehicles", area: Code = ""
) -> HttpResponse:
    """Set what counters saw against what was registered, by post and hour; a gap above the protocol's bound alerts."""
    who = caller(request)
    return _answer(posts.reconciled(who, day or who.at.astimezone(SHANGHAI).date(), counted, area))


@api.get("/figures", auth=SignedIn("figures.view"), openapi_extra=schema.FIGURES, summary="Figures as of an instant")
def reckoned(
    request: HttpRequest,
    name: Annotated[list[str] | None, Query()] = None,
    as_of: AwareDatetime | None = None,
    area: Code = "",
) -> HttpResponse:
    """Tell figures as they stood at an instant: what had been recorded by then, inside an area."""
    return _answer(figures.told(caller(request), name or (), as_of, area, language()))


@api.get("/health", openapi_extra=schema.HEALTH, summary="Can entries be stored just now?")
def state(request: HttpRequest) -> HttpResponse:
    """Say whether the house takes entries: 200, or 503 while it does not."""
    status, told = health.told(clock.now())
    return _answer(told, status)

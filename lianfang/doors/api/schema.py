"""What `/api/openapi.json` says: made from the Structs themselves where there are any."""

from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI

from lianfang.doors.api import lookups, wire

DESCRIPTION = (
    "Phones at a post, gates and counters hand in entries and readings with a device key; each row gets a verdict of "
    "its own, and sending twice stores once. Times carry their zone. Messages follow Accept-Language (zh-hans, en)."
)
_REF = "#/components/schemas/{name}"
_STRUCTS = [wire.Batch, wire.Row, wire.Answer, wire.Result, wire.Fault, wire.Notice, lookups.Question]


class Decision(msgspec.Struct):
    """One decision about a vehicle or person, without its number."""

    at: wire.Instant
    place: str
    place_name: str
    form: str
    decision: str | None
    label: str | None


class Decisions(msgspec.Struct):
    """The decisions within the protocol's hours, newest first."""

    server_time: wire.Instant
    hours: int
    decisions: list[Decision]


class Health(msgspec.Struct):
    """Whether entries can be stored."""

    ready: bool
    database: str
    server_time: wire.Instant


def components() -> dict[str, Any]:
    """Return the JSON schemas of everything that travels."""
    _found, schemas = msgspec.json.schema_components([*_STRUCTS, Decisions, Health], ref_template=_REF)
    return {**schemas, "Reading": _READING, "Refusal": _REFUSAL, "Value": _VALUE}


_REFUSAL = {
    "type": "object",
    "description": "Why the whole request was refused; nothing of it was stored.",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {"code": {"type": "string"}, "message": {"type": "string"}},
        }
    },
}
_READING = {
    "type": "object",
    "description": "One reading; its other members are the answers of the form.",
    "required": ["seq"],
    "properties": {
        "seq": {"type": "integer", "minimum": 0, "description": "The device's own number of the reading."},
        "at": {"type": "string", "format": "date-time", "description": "Left out by a device without a clock."},
        "form": {"type": "string", "description": "May be left out by a device that hands in one form only."},
        "place": {"type": "string"},
        "exercise": {"type": "boolean"},
    },
}
_VALUE = {
    "type": "object",
    "required": ["name", "title", "as_of", "shown", "no_data"],
    "properties": {
        "name": {"type": "string"},
        "title": {"type": "string"},
        "number": {"type": ["number", "null"]},
        "numerator": {"type": ["number", "null"]},
        "denominator": {"type": ["number", "null"]},
        "shown": {"type": "string"},
        "unit": {"type": "string"},
        "as_of": {"type": "string", "format": "date-time"},
        "no_data": {"type": "boolean"},
    },
}


def _json(schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": _REF.format(name=name)}


def refusals(*statuses: int) -> dict[int, Any]:
    """Return the answers by which a request may be refused as a whole."""
    return {status: _json(_ref("Refusal"), WHY[status]) for status in statuses}


WHY = {
    400: "No JSON, not UTF-8, or not of this shape; nothing was stored.",
    401: "No device key or session, or one that is not known.",
    403: "The device was revoked, or the power is not held.",
    404: "There is no such thing.",
    413: "Too many rows or bytes.",
    415: "The body is not JSON.",
    422: "A parameter cannot be read.",
    503: "The database cannot be reached; send again later.",
    507: "The server's disk is full; send again later.",
}
_HANDED_IN = refusals(400, 401, 403, 413, 415, 503, 507)
ENTRIES: dict[str, Any] = {
    "requestBody": {"required": True, "content": {"application/json": {"schema": _ref("Batch")}}},
    "responses": {200: _json(_ref("Answer"), "A verdict for each row, in order."), **_HANDED_IN},
}
_READINGS = {
    "type": "object",
    "required": ["readings"],
    "additionalProperties": False,
    "properties": {
        "sent_at": {"type": "string", "format": "date-time"},
        "readings": {"type": "array", "items": _ref("Reading"), "maxItems": wire.ROWS},
    },
}
_MANY = {"oneOf": [_READINGS, {"type": "array", "items": _ref("Reading"), "maxItems": wire.ROWS}, _ref("Reading")]}
READINGS: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": _MANY},
            "application/x-www-form-urlencoded": {"schema": _ref("Reading")},
        },
    },
    "responses": {200: _json(_ref("Answer"), "A verdict for each reading, in order."), **_HANDED_IN},
}
POST: dict[str, Any] = {
    "responses": {
        200: _json({"type": "object"}, "The device, its place, its forms and the protocol in force."),
        304: {"description": "Unchanged since the ETag sent in If-None-Match."},
        **refusals(401, 403, 503),
    }
}
LOOKUPS: dict[str, Any] = {
    "requestBody": {"required": True, "content": {"application/json": {"schema": _ref("Question")}}},
    "responses": {
        200: _json(_ref("Decisions"), "What was decided; no number and no name."),
        **refusals(400, 401, 403, 413, 415, 503, 507),
    },
}
FIGURES: dict[str, Any] = {
    "responses": {
        200: _json(
            {"type": "object", "properties": {"figures": {"type": "array", "items": _ref("Value")}}}, "The figures."
        ),
        **refusals(401, 403, 404, 422, 503),
    }
}
HANDOVERS: dict[str, Any] = {
    "responses": {
        200: _json({"type": "object"}, "What waits for a confirmation, the soonest due first."),
        **refusals(401, 403, 503),
    }
}
RECONCILIATION: dict[str, Any] = {
    "responses": {
        200: _json({"type": "object"}, "One line for each post, hour and counter."),
        **refusals(401, 403, 422, 503),
    }
}
HEALTH: dict[str, Any] = {
    "responses": {
        200: _json(_ref("Health"), "Entries are taken."),
        503: _json(_ref("Health"), "Entries are not taken just now."),
    }
}


def document(api: NinjaAPI) -> dict[str, Any]:
    """Return the OpenAPI document."""
    told: dict[str, Any] = dict(api.get_openapi_schema(path_prefix="/api/"))
    told["components"] = {**told.get("components", {})}
    told["components"]["schemas"] = {**told["components"].get("schemas", {}), **components()}
    return told


def openapi(api: NinjaAPI, request: HttpRequest) -> HttpResponse:
    """Answer `/api/openapi.json`."""
    return JsonResponse(document(api), json_dumps_params={"ensure_ascii": False})

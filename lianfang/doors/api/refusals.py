"""Why a whole request is refused, and how that is said: `{"error": {"code", "message", …}}`."""

import json
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from lianfang.doors.api import wire


class Refusal(Exception):
    """A request that is refused as a whole; nothing of it was stored.

    Args:
        status: the HTTP status.
        code: a stable word for programs.
        message: for people, in their language.
        more: further facts, such as what was expected.
    """

    def __init__(
        self, status: int, code: str, message: str, headers: dict[str, str] | None = None, **more: Any
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message
        self.headers, self.more = headers or {}, more


def response(refusal: Refusal) -> HttpResponse:
    """Return the HTTP answer that says a refusal."""
    body = wire.encode({"error": {"code": refusal.code, "message": refusal.message, **refusal.more}})
    return HttpResponse(body, status=refusal.status, content_type="application/json", headers=refusal.headers)


def wrong_type(kind: str) -> Refusal:
    """Return the refusal of a body that is not JSON."""
    return Refusal(
        415,
        "content-type",
        _("The body must be JSON: send it with the header Content-Type: application/json."),
        got=kind,
        expected="application/json",
    )


def too_large(limit: int) -> Refusal:
    """Return the refusal of a body over `limit` bytes."""
    return Refusal(
        413,
        "too-large",
        _("The body is larger than %(limit)d bytes. Send fewer entries at a time.") % {"limit": limit},
        expected={"bytes": limit, "rows": wire.ROWS},
    )


def too_many(rows: int) -> Refusal:
    """Return the refusal of a batch of too many rows."""
    return Refusal(
        413,
        "too-many-rows",
        _("%(rows)d entries came in one request; at most %(limit)d are taken. Send the rest in further requests.")
        % {"rows": rows, "limit": wire.ROWS},
        expected={"rows": wire.ROWS},
    )


def not_utf8(byte: int) -> Refusal:
    """Return the refusal of a body that is not UTF-8, with the byte where that shows."""
    return Refusal(
        400,
        "utf-8",
        _("The body is not UTF-8: byte %(byte)d cannot be read. Send the text encoded as UTF-8.") % {"byte": byte},
        byte=byte,
        expected="UTF-8",
    )


def malformed(body: bytes, told: str) -> Refusal:
    """Return the refusal of a body that is no JSON, with the line and column where that shows.

    Args:
        body: what came.
        told: the decoder's own words, for programmers.
    """
    try:
        text = body.decode()
    except UnicodeDecodeError as fault:
        return not_utf8(fault.start)
    line, column, expected = _position(text)
    message = _("The body is not valid JSON: see line %(line)d, column %(column)d.") % {"line": line, "column": column}
    return Refusal(400, "json", message, line=line, column=column, expected=expected, detail=told)


def misshapen(field: str, message: str, expected: str) -> Refusal:
    """Return the refusal of JSON that is no batch."""
    return Refusal(400, "shape", message, field=field, expected=expected)


def no_key() -> Refusal:
    """Return the refusal of a request without a device key."""
    return Refusal(
        401,
        "no-key",
        _("This request carries no device key. Ask the system administrator to enrol this device."),
        {"WWW-Authenticate": 'Device realm="lianfang"'},
        expected="Authorization: Device CODE.SECRET",
    )


def unknown_key() -> Refusal:
    """Return the refusal of a device key that opens nothing."""
    return Refusal(
        401,
        "unknown-key",
        _("This device key is not known. Ask the system administrator to enrol this device again."),
        {"WWW-Authenticate": 'Device realm="lianfang"'},
    )


def revoked(code: str) -> Refusal:
    """Return the refusal of a device whose key was withdrawn."""
    message = _("Device %(code)s has been withdrawn. What it has not sent stays on it; ask the system administrator.")
    return Refusal(403, "revoked", message % {"code": code}, device=code)


def not_signed_in() -> Refusal:
    """Return the refusal of a request that needs a person who is signed in."""
    message = _("Sign in first, or send a device key.")
    return Refusal(401, "not-signed-in", message, {"WWW-Authenticate": 'Device realm="lianfang"'})


def not_allowed(power: str) -> Refusal:
    """Return the refusal of something the caller has no power to do."""
    message = _("This needs the power “%(power)s”, which you do not have here. Ask the system administrator.")
    return Refusal(403, "power", message % {"power": power}, power=power)


def database_down() -> Refusal:
    """Return the refusal while the database cannot be reached."""
    return Refusal(
        503,
        "database-down",
        _("The database cannot be reached just now. Nothing was stored; keep your entries and send them again."),
        {"Retry-After": "5"},
    )


def disk_full() -> Refusal:
    """Return the refusal while the server has no room left."""
    return Refusal(
        507,
        "disk-full",
        _("The server's disk is full. Nothing was stored; keep your entries and tell the system administrator."),
        {"Retry-After": "60"},
    )


def keys_missing() -> Refusal:
    """Return the refusal while personal data cannot be sealed."""
    return Refusal(
        503,
        "keys-missing",
        _("The server's keys are missing. Nothing was stored; keep your entries and tell the system administrator."),
        {"Retry-After": "60"},
    )


def not_found(path: str) -> Refusal:
    """Return the refusal of a path that is not there."""
    return Refusal(404, "not-found", _("There is nothing at this address; see /api/docs."), path=path[:200])


def bad_query(faults: list[dict[str, Any]]) -> Refusal:
    """Return the refusal of query parameters that cannot be read.

    Args:
        faults: as Ninja tells them.
    """
    told = [{"field": ".".join(map(str, each["loc"][1:])), "expected": each["msg"]} for each in faults]
    return Refusal(422, "query", _("A parameter of the address cannot be read."), faults=told)


def _position(text: str) -> tuple[int, int, str]:
    """Find the place of the fault with Python's own reader, which tells it by line and column."""
    try:
        json.loads(text)
    except json.JSONDecodeError as fault:
        return fault.lineno, fault.colno, _(_EXPECTED.get(fault.msg, fault.msg))
    except RecursionError:
        return 1, 1, _("brackets nested less deeply")
    # Python takes what the standard does not: NaN, Infinity, halves of surrogate pairs.
    return 1, 1, _("JSON by RFC 8259: no NaN or Infinity, no half of a surrogate pair")


_EXPECTED = {
    "Expecting value": gettext_noop('a value: "text", a number, true, false, null, [ or {'),
    "Expecting ',' delimiter": gettext_noop("a comma or the closing bracket"),
    "Expecting ':' delimiter": gettext_noop("a colon after the name"),
    "Expecting property name enclosed in double quotes": gettext_noop("a name in double quotes"),
    "Illegal trailing comma before end of object": gettext_noop("no comma before the closing bracket"),
    "Illegal trailing comma before end of array": gettext_noop("no comma before the closing bracket"),
    "Unterminated string starting at": gettext_noop("a closing double quote"),
    "Extra data": gettext_noop("nothing after the closing bracket"),
}

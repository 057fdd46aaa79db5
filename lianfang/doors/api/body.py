"""Reads a request's body, never more of it than the door takes."""

from typing import Protocol

from django.http import HttpRequest

from lianfang.doors.api.refusals import too_large, wrong_type

# Most senders write their whole body before they listen. Up to this many times the limit we let them finish, so that
# they hear the refusal; beyond it the connection is closed on them at once.
PATIENCE = 4
CHUNK = 65536


class Stream(Protocol):
    """What a body is read from."""

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes, none at the end."""


def read(request: HttpRequest, limit: int) -> bytes:
    """Return the body of a JSON request.

    Args:
        request: not yet read.
        limit: the most bytes the door takes.

    Raises:
        Refusal: another content type (415) or a body over the limit (413).
    """
    kind = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise wrong_type(kind)
    told = request.META.get("CONTENT_LENGTH")
    # Django's own reader stops at Content-Length; a chunked body has none, and is read from the server's stream.
    stream: Stream = request if told else request.META["wsgi.input"]
    if told and int(told) > limit:
        if int(told) <= PATIENCE * limit:
            _drain(stream, PATIENCE * limit)
        raise too_large(limit)
    return _bounded(stream, limit)


def _bounded(stream: Stream, limit: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    while part := stream.read(CHUNK):
        parts.append(part)
        size += len(part)
        if size > limit:
            _drain(stream, (PATIENCE - 1) * limit)
            raise too_large(limit)
    return b"".join(parts)


def _drain(stream: Stream, most: int) -> None:
    while most > 0 and (part := stream.read(CHUNK)):
        most -= len(part)

"""The shapes that travel: one Struct for each, decoded straight from the bytes."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec

ROWS = 200
BYTES = 2_000_000

Instant = Annotated[datetime, msgspec.Meta(tz=True)]
Code = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class Row(msgspec.Struct, forbid_unknown_fields=True):
    """One entry as a phone or device sends it; `id` is a uuid of version 7 made by the sender."""

    id: UUID
    form: Code
    at: Instant
    answers: dict[str, Any]
    place: Code | None = None
    area: Code | None = None
    subject: UUID | None = None
    corrects: UUID | None = None
    exercise: bool = False


class Batch(msgspec.Struct, forbid_unknown_fields=True):
    """What `POST /api/entries` takes."""

    sent_at: Instant
    entries: list[Row]


class Fault(msgspec.Struct, omit_defaults=True):
    """What is wrong with one field of one row and what would be right."""

    row: int
    field: str
    code: str
    message: str
    expected: Any = None


class Notice(msgspec.Struct, omit_defaults=True):
    """What the sender should know at once about a row that was stored."""

    code: str
    message: str
    at: datetime | None = None
    place: str | None = None


class Result(msgspec.Struct):
    """The verdict on one row."""

    id: str
    status: str
    faults: list[Fault] = []
    notices: list[Notice] = []


class Answer(msgspec.Struct):
    """What `POST /api/entries` answers: one result a row, in order."""

    server_time: datetime
    results: list[Result]


batches = msgspec.json.Decoder(Batch)
encode = msgspec.json.Encoder().encode

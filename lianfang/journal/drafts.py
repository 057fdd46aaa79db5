"""An entry before it is written, and what became of it."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from hashlib import blake2b, sha256
from typing import Any, Literal
from uuid import UUID

import msgspec

from lianfang.journal.ids import EPOCH
from lianfang.registry.vault import Personal

_encoder = msgspec.json.Encoder(order="deterministic")
_MICROSECOND = 1_000_000
Quantity = int | float | Decimal
# Withdraws the entry it corrects and counts for nothing itself; every other correction is of the original's kind.
WITHDRAWAL = "withdrawal"


class Fault(msgspec.Struct, frozen=True):
    """Why an entry was refused: the field, a code for machines, a message, and what would be right."""

    field: str
    code: str
    message: str
    expected: str = ""


class Verdict(msgspec.Struct):
    """What became of one draft."""

    id: UUID
    status: Literal["stored", "already", "refused"]
    faults: tuple[Fault, ...] = ()
    seq: int | None = None


class Draft(msgspec.Struct, kw_only=True):
    """One entry as a door hands it in.

    Personal answers are already taken out of `answers`: they are in `personal`, by subject, on their way to the
    vault (an area or unit left out there is the entry's own).
    """

    id: UUID
    kind: str
    at: datetime
    area: str
    place: str = ""
    subject: UUID | None = None
    by: int | None = None
    unit: str = ""
    device: str = ""
    quantity: Quantity | None = None
    answers: dict[str, Any] = {}
    personal: tuple[Personal, ...] = ()
    corrects: UUID | None = None
    exercise: bool = False


def encode(answers: Any) -> bytes:
    """Return answers as JSON with sorted keys: the same content gives the same bytes.

    Raises:
        TypeError, ValueError: something in the answers has no place in JSON.
    """
    return _encoder.encode(answers)


def digest(draft: Draft, answers: bytes, personal: bytes | None) -> bytes:
    """Return the SHA-256 of what the sender said.

    Who carried it (`by`, `unit`, `device`) is left out, so that a queue sent again from another sign-in is known
    for the same; the seals cover those too.

    Args:
        draft: the entry.
        answers: its answers by :func:`encode`.
        personal: the keyed hash of its personal answers, or None without any.
    """
    content = (
        draft.id,
        draft.kind,
        microseconds(draft.at),
        draft.area,
        draft.place,
        draft.subject,
        plain(draft.quantity),
        draft.corrects,
        draft.exercise,
        personal,
    )
    return sha256(_encoder.encode(content) + answers).digest()


def veiled(personal: Iterable[Personal], key: bytes) -> bytes:
    """Return the keyed hash by which the same personal answers are known again, without the vault.

    Args:
        personal: what goes to the vault.
        key: the index key; who has only the data cannot try out numbers.
    """
    content = sorted((each.subject.hex, sorted(each.fields.items())) for each in personal)
    return blake2b(_encoder.encode(content), key=key, digest_size=32, person=b"entry").digest()


def microseconds(at: datetime) -> int:
    """Return an aware instant as whole microseconds since 1970."""
    since = at - EPOCH
    return (since.days * 86_400 + since.seconds) * _MICROSECOND + since.microseconds


def plain(quantity: Quantity | None) -> int | str | None:
    """Return a quantity so that 4, 4.0 and 4.00 are one."""
    if quantity is None or isinstance(quantity, int):
        return quantity
    exact = quantity if isinstance(quantity, Decimal) else Decimal(repr(quantity))
    return int(exact) if exact == exact.to_integral_value() else f"{exact.normalize():f}"

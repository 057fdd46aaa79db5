"""Pages of long lists by the key of their last row: no page costs more than the first, and nothing is counted."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet

Row = TypeVar("Row", bound=Model)
SIZE = 50


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows, and the word for what comes after them; empty where nothing does."""

    rows: list[Row]
    next: str


def page(
    rows: QuerySet[Row], keys: tuple[str, ...], after: str, *, backwards: bool = False, size: int = SIZE
) -> Page[Row]:
    """Return one page of rows in the order of some columns.

    Args:
        rows: what is listed.
        keys: the columns, the last one unique.
        after: what an earlier page gave as `next`; anything else begins at the beginning.
        backwards: from the largest key down.
        size: rows a page.
    """
    start = _read(after, len(keys))
    held = rows.filter(_beyond(keys, start, "lt" if backwards else "gt")) if start else rows
    found = list(held.order_by(*(f"-{key}" if backwards else key for key in keys))[: size + 1])
    more = len(found) > size
    found = found[:size]
    return Page(found, _word([getattr(found[-1], key) for key in keys]) if more else "")


def _beyond(keys: tuple[str, ...], start: list[str], sign: str) -> Q:
    # (a, b) > (x, y) as "a >= x and (a > x or b > y)", which an index on a can use.
    first, rest = keys[0], keys[1:]
    if not rest:
        return Q(**{f"{first}__{sign}": start[0]})
    further = Q(**{f"{first}__{sign}": start[0]}) | Q(**{first: start[0]}) & _beyond(rest, start[1:], sign)
    return Q(**{f"{first}__{sign}e": start[0]}) & further


def _word(values: list[object]) -> str:
    told = [value.isoformat() if isinstance(value, datetime) else str(value) for value in values]
    return urlsafe_b64encode(json.dumps(told).encode()).decode().rstrip("=")


def _read(word: str, length: int) -> list[str] | None:
    try:
        told = json.loads(urlsafe_b64decode(word + "=" * (-len(word) % 4)))
    except ValueError:
        return None
    if not isinstance(told, list) or len(told) != length or not all(_usable(each) for each in told):
        return None
    return told


def _usable(value: object) -> bool:
    if not isinstance(value, str):
        return False
    for read in (datetime.fromisoformat, UUID, int):
        try:
            read(value)
        except ValueError:
            continue
        return True
    return False

"""The id of an entry: a uuid of version 7 made where the entry is made, whose first 48 bits are milliseconds.

The journal is partitioned by the Shanghai day inside the id, so that the primary key is the id alone.
"""

import os
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from uuid import UUID
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
# An entry written by hand a day late still gets an id near its own time; ids further off are refused.
SLACK = timedelta(days=1)


def make(at: datetime) -> UUID:
    """Return a new id for something that happened at `at`.

    Args:
        at: aware instant; its milliseconds go into the id (RFC 9562, section 5.7).
    """
    return _built(at, os.urandom(10))


def derived(at: datetime, seed: str) -> UUID:
    """Return the one id that something the house itself writes has: made again, it is the same.

    Args:
        at: when it happened.
        seed: what it is about, in words that nothing else uses.
    """
    return _built(at, sha256(seed.encode()).digest()[:10])


def well_formed(id: UUID) -> bool:
    """Say whether the id is of version 7 and of the usual variant."""
    number = id.int
    return number >> 76 & 0xF == 7 and number >> 62 & 0b11 == 0b10


def moment(id: UUID) -> datetime:
    """Return the instant inside an id, to the millisecond, in UTC."""
    return EPOCH + timedelta(milliseconds=id.int >> 80)


def floor(at: datetime) -> UUID:
    """Return the smallest id of an instant: every id made at or after `at` is no smaller."""
    return UUID(int=_milliseconds(at) << 80)


def day(id: UUID) -> date:
    """Return the Shanghai day inside an id."""
    return moment(id).astimezone(SHANGHAI).date()


def days(many: Iterable[UUID]) -> set[date]:
    """Return the Shanghai days inside ids; the zone is asked once for each hour that occurs, not for each id."""
    hours = {(id.int >> 80) // 3_600_000 for id in many}
    return {(EPOCH + timedelta(hours=each)).astimezone(SHANGHAI).date() for each in hours}


def midnight(day: date) -> datetime:
    """Return the instant at which a Shanghai day begins."""
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)


def near(id: UUID, at: datetime) -> bool:
    """Say whether an id is well formed and was made within a day of `at`."""
    return well_formed(id) and abs((id.int >> 80) - _milliseconds(at)) <= 86_400_000


def _built(at: datetime, octets: bytes) -> UUID:
    random = int.from_bytes(octets, "big")
    high = _milliseconds(at) << 80 | 0x7 << 76 | (random >> 68) << 64
    return UUID(int=high | 0b10 << 62 | random & (1 << 62) - 1)


def _milliseconds(at: datetime) -> int:
    return (at - EPOCH) // MILLISECOND

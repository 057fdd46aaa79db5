"""Putting seals on the journal, and digests on its days."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.db import connection, transaction

from lianfang.journal import ids, seals
from lianfang.journal.models import DayDigest, Entry, Seal
from lianfang.journal.seals import Carried

# The numbers under one seal: enough to be few, little enough to say where something is wrong.
RANGE = 4096
LOCK = 0x4C46_0002
# A house that stood still writes the digests of at most so many days when it comes back.
CATCH_UP = timedelta(days=31)
CARRIED = ("recorded_at", "seq", "by", "unit", "device")


def seal(*, until: int, at: datetime) -> list[Seal]:
    """Seal everything that is not sealed yet, up to and with the number `until`; return the new seals.

    Args:
        until: a horizon: an entry that turned up below it later would not be under a seal.
        at: the instant.
    """
    made: list[Seal] = []
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(%s)", [LOCK])
        last = Seal.objects.order_by("-last").first()
        while (first := last.last + 1 if last else 1) <= until:
            last = _next(first, min(first + RANGE - 1, until), bytes(last.chained) if last else seals.BEGINNING, at)
            made.append(last)
    return made


def digest_days(*, at: datetime) -> list[DayDigest]:
    """Write down the chain's state at the end of each day that has ended since the last digest; return the new ones.

    Args:
        at: the instant; its own Shanghai day has not ended yet.
    """
    yesterday = at.astimezone(ids.SHANGHAI).date() - timedelta(days=1)
    last = DayDigest.objects.filter(day__lte=yesterday).order_by("-day").values_list("day", flat=True).first()
    eldest = Seal.objects.order_by("at").values_list("at", flat=True).first()
    if eldest is None:
        return []
    first = last + timedelta(days=1) if last else eldest.astimezone(ids.SHANGHAI).date()
    days = (max(first, yesterday - CATCH_UP) + timedelta(days=number) for number in range(CATCH_UP.days + 1))
    made = [digest(day=day, at=at) for day in days if day <= yesterday]
    return [each for each in made if each is not None]


def digest(*, day: date, at: datetime) -> DayDigest | None:
    """Write down the chain's state at the end of a Shanghai day; None where nothing was sealed by then.

    Args:
        day: the day.
        at: the instant.
    """
    state = Seal.objects.filter(at__lt=ids.midnight(day + timedelta(days=1))).order_by("-last").first()
    if state is None:
        return None
    values = {"seal": state, "count": _count(state), "chained": state.chained, "at": at}
    return DayDigest.objects.get_or_create(day=day, defaults=values)[0]


def _next(first: int, last: int, before: bytes, at: datetime) -> Seal:
    leaves = [seals.leaf(digest, carried) for digest, carried in _rows(first, last)]
    top = seals.root(leaves)
    chained = seals.chained(before, top, first, last, len(leaves))
    return Seal.objects.create(first=first, last=last, count=len(leaves), root=top, chained=chained, at=at)


def _rows(first: int, last: int) -> Iterator[tuple[bytes, Carried]]:
    entries = Entry.objects.filter(seq__gte=first, seq__lte=last).order_by("seq")
    for digest, *carried in entries.values_list("digest", *CARRIED):
        yield bytes(digest), Carried(*carried)


def _count(state: Seal) -> int:
    return sum(Seal.objects.filter(last__lte=state.last).values_list("count", flat=True))

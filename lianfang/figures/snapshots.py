"""How snapshots are made from one another, kept few, and compared with the entries they saw."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection
from django.db.models import Exists, Max, Min, OuterRef, Q

from lianfang.figures import queries, tallying
from lianfang.figures.book import Book
from lianfang.figures.measures import MICROSECOND, Tally, midnight, seen, sides
from lianfang.figures.models import Snapshot, packed
from lianfang.figures.queries import Span
from lianfang.figures.tallying import BY_CELL, Counting
from lianfang.journal.models import Entry

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
# Snapshots within a day are kept as long as "yesterday at the same hour" may be asked for.
WITHIN_DAYS = 2 * DAY
# What a worker that stood still makes up for.
CATCH_UP = 31 * DAY
# A door reads its clock a moment before its transaction commits.
SETTLING = timedelta(minutes=2)


# Any number, as long as nobody else in the house locks by it.
LOCK = 0x4C46_0003


class NotSettled(Exception):
    """Something is still being written that a snapshot would have to count; try again in a minute."""


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A snapshot that saw other entries than are there now."""

    until: datetime
    entries: int
    found: int

    def __str__(self) -> str:
        if self.entries == self.found:
            return f"{self.until:%F %R}: an entry is not the one that was counted"
        return f"{self.until:%F %R}: {self.entries} entries were counted, {self.found} are there"


def build(until: datetime, at: datetime, book: Book, *, idle: bool = True) -> Snapshot | None:
    """Make and store the snapshot of an instant out of the one before it and what was recorded between.

    Args:
        until: what was recorded by then is counted.
        at: the instant of making, later than `until`.
        book: the declarations.
        idle: also where nothing was recorded since the one before; else there is none, and none is needed.

    Raises:
        NotSettled: a transaction that may yet write into it is under way.
    """
    last = _horizon()
    before = Snapshot.objects.sound().filter(until__lt=until, last__lte=last).order_by("-until").first()
    whole = Span(until, last=last, closed=True)
    since = Span(until, last=last, closed=True, base=tallying.covered(before)) if before else whole
    entries, checksum = _counted(since)
    if before and not entries and not idle:
        return None
    counting = Counting(tallying.ordered(standing(book, until)), cut=BY_CELL, thresholds=book.thresholds)
    kept = counting.take(before, list(counting.order)) if before else {}
    counting.count(list(kept), since)
    counting.count_all([each for each in counting.order if each not in kept], whole)
    made = Snapshot.objects.create(
        until=until,
        first=_first(before.first if before else 0, last, until),
        last=last,
        entries=entries + (before.entries if before else 0),
        checksum=checksum + (before.checksum if before else 0),
        cells=list(counting.numbers),
        made_at=at,
    )
    _store(made, counting)
    return made


def alone() -> bool:
    """Say whether nobody else is at the snapshots; they then keep away until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(%s)", [LOCK])
        row = cursor.fetchone()
    return bool(row and row[0])


def standing(book: Book, until: datetime) -> list[Tally]:
    """Return every tally that a snapshot holds: all but the distinct ones and those of the hour before.

    Those of a day are kept for the day that lasts or ends at `until`; no other day asks for them.
    """
    figures = [each for each in book.figures.values() if each.measure.rate is None and each.since != "hour"]
    tallies = [
        tally for each in figures for tally in sides(each, until - MICROSECOND, book.zone).tallies if tally.additive
    ]
    kinds = sorted({kind for each in book.figures.values() for kind in each.kinds})
    return list(dict.fromkeys([*tallies, *map(seen, kinds)]))


def missing(at: datetime, book: Book) -> list[datetime]:
    """Return the instants whose snapshots are still to be made: the midnights since the newest, and the last hour.

    A house that stood still for longer makes up for its last days only.
    """
    settled = (at - SETTLING).astimezone(book.zone)
    newest = Snapshot.objects.sound().by(settled).aggregate(at=Max("until"))["at"]
    earliest = newest or Entry.objects.aggregate(at=Min("recorded_at"))["at"]
    if earliest is None:
        return []
    day = max(earliest.astimezone(book.zone).date() + DAY, settled.date() - CATCH_UP)
    midnights = [midnight(day + each * DAY, book.zone) for each in range((settled.date() - day).days + 1)]
    hour = settled.replace(minute=0, second=0, microsecond=0)
    return midnights if hour <= earliest or hour in midnights else [*midnights, hour]


def numbered() -> int:
    """Return the highest number that any snapshot has looked at."""
    return Snapshot.objects.aggregate(last=Max("last"))["last"] or 0


def overtaken(mark: int) -> list[int]:
    """Return the sound snapshots into whose time an entry numbered above `mark` was recorded after they were made."""
    after = Entry.objects.filter(seq__gt=mark, recorded_at__lte=OuterRef("until")).filter(seq__gt=OuterRef("last"))
    return list(Snapshot.objects.sound().filter(Exists(after)).values_list("pk", flat=True))


def superfluous(at: datetime, book: Book) -> list[int]:
    """Return the numbers of the snapshots nobody will ask for: wrong ones, hours long past, and instants yet to come.

    A demonstration's clock may be set back.
    """
    old = Snapshot.objects.filter(until__lt=at - WITHIN_DAYS).values_list("pk", "until")
    hours = [pk for pk, until in old if until.astimezone(book.zone).time() != datetime.min.time()]
    return [*hours, *Snapshot.objects.filter(~Q(fault="") | Q(until__gt=at)).values_list("pk", flat=True)]


def mismatches() -> list[Mismatch]:
    """Compare every snapshot with the entries that are there now, each stretch between two of them read once."""
    found = []
    before: Snapshot | None = None
    gap, difference = 0, 0
    for snapshot in Snapshot.objects.order_by("until"):
        base = tallying.covered(before) if before and before.last <= snapshot.last else None
        entries, checksum = _counted(Span(snapshot.until, last=snapshot.last, base=base))
        told = snapshot.entries - (before.entries if before and base else 0)
        summed = snapshot.checksum - (before.checksum if before and base else 0)
        gap, difference = (gap, difference) if base else (0, 0)
        gap, difference = gap + entries - told, difference + checksum - summed
        if gap or difference:
            found.append(Mismatch(snapshot.until, snapshot.entries, snapshot.entries + gap))
        before = snapshot
    return found


def day_after(day: date, book: Book) -> datetime:
    """Return the instant at which a day ends."""
    return midnight(day + DAY, book.zone)


def _store(made: Snapshot, counting: Counting) -> None:
    """Copy the totals in: a model for each would take ten times as long."""
    columns = zip(*counting.numbers.values(), strict=True) if counting.numbers else ([] for _ in counting.order)
    with (
        connection.cursor() as cursor,
        cursor.copy("copy figures_total (snapshot_id, tally, numbers) from stdin") as copy,
    ):
        for tally, numbers in zip(counting.order, columns, strict=True):
            copy.write_row((made.pk, tally.key, packed(list(numbers))))


def _counted(span: Span) -> tuple[int, int]:
    statement = queries.counted(span)
    with connection.cursor() as cursor:
        cursor.execute(statement.text, statement.params)
        row = cursor.fetchone()
    assert row is not None
    return int(row[0]), int(row[1])


def _first(start: int, last: int, until: datetime) -> int:
    """Return the number up to which every entry was recorded by `until`."""
    between = Entry.objects.filter(seq__gt=start, seq__lte=last, recorded_at__gt=until)
    lowest = between.aggregate(seq=Min("seq"))["seq"]
    return last if lowest is None else int(lowest) - 1


def _horizon() -> int:
    """Return the number up to which every entry is there or will never be."""
    with connection.cursor() as cursor:
        cursor.execute("select safe from journal_horizon(null, null)")
        row = cursor.fetchone()
    if row is None or row[0] is None:
        raise NotSettled
    return int(row[0])

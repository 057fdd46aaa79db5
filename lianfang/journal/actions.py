"""Writing entries: a batch at a time, in one transaction, each entry once."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from django.db import connection, transaction
from django.utils.translation import gettext as _

from lianfang.journal import checks, corrections, ids, partitions, standing
from lianfang.journal.drafts import Draft, Fault, Verdict, digest, encode, plain
from lianfang.journal.models import Entry, Pending

CHANNEL = "lianfang"


class Row(msgspec.Struct):
    """A draft that may be stored, with what is stored of it."""

    draft: Draft
    answers: bytes
    personal: bytes | None
    digest: bytes


def write(*, drafts: Sequence[Draft], at: datetime, reactive: Collection[str] = ()) -> list[Verdict]:
    """Store a batch of entries and say of each, in order, what became of it.

    An id that is already there with the same content is `already`, with other content `refused`: nothing stored is
    ever overwritten. One refused entry costs the others nothing.

    Args:
        drafts: the entries; any number, best 100 at a time.
        at: the instant of recording, aware; may lie in the past when a month is replayed.
        reactive: the kinds that wait for a reaction once stored.
    """
    if not drafts:
        return []
    with transaction.atomic():
        rows, verdicts = _sift(drafts, at)
        _store(rows, verdicts, at, reactive)
    return [verdicts[position] for position in range(len(drafts))]


def _sift(drafts: Sequence[Draft], at: datetime) -> tuple[dict[int, Row], dict[int, Verdict]]:
    """Part the drafts that may be stored, by position, from those refused."""
    there = standing.of(
        {each.area for each in drafts if each.area},
        {each.place for each in drafts if each.place},
        {each.unit for each in drafts if each.unit},
    )
    rows: dict[int, Row] = {}
    verdicts: dict[int, Verdict] = {}
    for position, draft in enumerate(drafts):
        try:
            found = _row(draft, at, there)
        except (TypeError, ValueError, OverflowError, RecursionError) as fault:
            found = [Fault("answers", "unreadable", _("The answers cannot be stored."), str(fault))]
        if isinstance(found, Row):
            rows[position] = found
        else:
            verdicts[position] = Verdict(draft.id, "refused", tuple(found))
    return rows, verdicts


def _row(draft: Draft, at: datetime, there: standing.Standing) -> Row | list[Fault]:
    day = draft.at.astimezone(ids.SHANGHAI).date()
    if not draft.area and draft.place:
        place = standing.valid(there.places.get(draft.place), day)
        if place is not None:
            draft.area = place.area
            there.areas.setdefault(place.area, [place])
    answers = encode(draft.answers)
    faults = checks.faults(draft, at, day, there) + checks.answers(answers)
    return faults or Row(draft, answers, None, digest(draft, answers, None))


def _store(rows: dict[int, Row], verdicts: dict[int, Verdict], at: datetime, reactive: Collection[str]) -> None:
    """Store the rows and add a verdict for each."""
    first: dict[UUID, Row] = {}
    for row in rows.values():
        first.setdefault(row.draft.id, row)
    for id, faults in corrections.settle({id: row.draft for id, row in first.items()}).items():
        del first[id]
        verdicts |= {place: Verdict(id, "refused", faults) for place, row in rows.items() if row.draft.id == id}
    stored = _insert(first, at)
    corrections.note([row.draft for id, row in first.items() if id in stored], at)
    _queue([first[id].draft for id in stored if first[id].draft.kind in reactive], at)
    there = _there([id for id in first if id not in stored]) if len(stored) < len(first) else {}
    told: set[UUID] = set()
    for position, row in rows.items():
        id = row.draft.id
        if position in verdicts:
            continue
        if id in stored and id not in told:
            told.add(id)
            verdicts[position] = Verdict(id, "stored", seq=stored[id])
        elif row.digest == (first[id].digest if id in stored else bytes(there[id].digest)):
            verdicts[position] = Verdict(id, "already")
        else:
            verdicts[position] = Verdict(id, "refused", (_other(there.get(id), at),))
    if stored:
        _announce(max(stored.values()))


def _insert(rows: Mapping[UUID, Row], at: datetime) -> dict[UUID, int]:
    """Insert the rows that are not there yet; return their numbers by id."""
    partitions.ensure({ids.day(id) for id in rows})
    # In the order of their ids, so that two batches with the same entries wait for each other and never both ways.
    ordered = [rows[id] for id in sorted(rows)]
    columns = [
        [row.draft.id for row in ordered],
        [row.draft.kind for row in ordered],
        [row.draft.at for row in ordered],
        [row.draft.place for row in ordered],
        [row.draft.area for row in ordered],
        [row.draft.subject for row in ordered],
        [row.draft.by for row in ordered],
        [row.draft.unit for row in ordered],
        [row.draft.device for row in ordered],
        [None if row.draft.quantity is None else str(plain(row.draft.quantity)) for row in ordered],
        [row.answers.decode() for row in ordered],
        [row.draft.corrects for row in ordered],
        [row.draft.exercise for row in ordered],
        [row.personal for row in ordered],
        [row.digest for row in ordered],
    ]
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [at, *columns])
        return dict(cursor.fetchall())


def _queue(drafts: Sequence[Draft], at: datetime) -> None:
    if drafts:
        Pending.objects.bulk_create([Pending(entry=each.id, kind=each.kind, recorded_at=at) for each in drafts])


def _there(missing: Sequence[UUID]) -> dict[UUID, Entry]:
    return Entry.objects.only("id", "digest", "recorded_at", "device", "by").in_bulk(missing)


def _other(entry: Entry | None, at: datetime) -> Fault:
    recorded, device = (entry.recorded_at, entry.device) if entry else (at, "")
    message = _("This id is already stored with other content, recorded {at} from {device}. Nothing was overwritten.")
    when = f"{recorded.astimezone(ids.SHANGHAI):%F %T}"
    expected = _("a correction with an id of its own")
    return Fault("id", "other_content", message.format(at=when, device=device or "–"), expected)


def _announce(seq: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select pg_notify(%s, %s)", [CHANNEL, str(seq)])


INSERT = """
insert into journal_entry (recorded_at, id, kind, at, place, area, subject, by, unit, device, quantity, answers,
                           corrects, exercise, personal, digest)
select %s, * from unnest(%s::uuid[], %s::text[], %s::timestamptz[], %s::text[], %s::text[], %s::uuid[], %s::bigint[],
    %s::text[], %s::text[], %s::numeric[], %s::jsonb[], %s::uuid[], %s::boolean[], %s::bytea[], %s::bytea[])
on conflict (id) do nothing returning id, seq
"""

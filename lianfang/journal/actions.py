"""Writing entries: a batch at a time, in one transaction, each entry once."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

import msgspec
import psycopg
from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _

from lianfang.journal import checks, corrections, ids, partitions, standing
from lianfang.journal.drafts import WITHDRAWAL, Draft, Fault, Verdict, digest, encode, plain, veiled
from lianfang.journal.models import Entry, Pending
from lianfang.pack import Pack, read
from lianfang.registry import keys, vault

CHANNEL = "lianfang"


class Row(msgspec.Struct):
    """A draft that may be stored, with what is stored of it."""

    draft: Draft
    answers: bytes
    personal: bytes | None
    digest: bytes


class Desk(msgspec.Struct):
    """What one batch is judged by."""

    at: datetime
    standing: standing.Standing
    pack: Pack
    key: bytes


def write(*, drafts: Sequence[Draft], at: datetime, pack: Pack | None = None) -> list[Verdict]:
    """Store a batch of entries and say of each, in order, what became of it.

    An id that is already there with the same content is `already`, with other content `refused`: nothing stored is
    ever overwritten. One refused entry costs the others nothing.

    Args:
        drafts: the entries; any number, best 100 at a time.
        at: the instant of recording, aware; may lie in the past when a month is replayed.
        pack: the district's, when it is not the house's own.

    Raises:
        KeyFault: the month's vault key is missing, destroyed or another one; nothing is stored.
    """
    if not drafts:
        return []
    # Some of the statements go past Django; their errors come out as Django's all the same.
    with transaction.atomic(), connection.wrap_database_errors:
        desk = Desk(at, _standing(drafts), pack or read(settings.PACK), keys.named("index"))
        rows, verdicts = _sift(drafts, desk)
        first, faults = _settle(rows)
        verdicts |= {position: Verdict(rows[position].draft.id, "refused", each) for position, each in faults.items()}
        stored = _store(first, desk)
        there = _there([row.draft.id for id, row in first.items() if id not in stored])
        for position, row in rows.items():
            if position not in faults:
                verdicts[position] = _verdict(row, first[row.draft.id.bytes], stored, there)
    return [verdicts[position] for position in range(len(drafts))]


def _standing(drafts: Sequence[Draft]) -> standing.Standing:
    return standing.of(
        {each.area for each in drafts if each.area},
        {each.place for each in drafts if each.place},
        {each.unit for each in drafts if each.unit},
    )


def _sift(drafts: Sequence[Draft], desk: Desk) -> tuple[dict[int, Row], dict[int, Verdict]]:
    """Part the drafts that may be stored, by position, from those refused."""
    rows: dict[int, Row] = {}
    verdicts: dict[int, Verdict] = {}
    for position, draft in enumerate(drafts):
        try:
            found = _row(draft, desk)
        except (TypeError, ValueError, OverflowError, RecursionError) as fault:
            found = [Fault("answers", "unreadable", _("The answers cannot be stored."), str(fault))]
        if isinstance(found, Row):
            rows[position] = found
        else:
            verdicts[position] = Verdict(draft.id, "refused", tuple(found))
    return rows, verdicts


def _row(draft: Draft, desk: Desk) -> Row | list[Fault]:
    day = draft.at.astimezone(ids.SHANGHAI).date()
    if not draft.area and draft.place:
        place = standing.valid(desk.standing.places.get(draft.place), day)
        if place is not None:
            draft = msgspec.structs.replace(draft, area=place.area)
            desk.standing.areas.setdefault(place.area, [place])
    answers = encode(draft.answers)
    faults = checks.faults(draft, day, desk.at, desk.standing, desk.pack) + checks.answers(answers)
    personal = veiled(draft.personal, desk.key) if draft.personal else None
    return faults or Row(draft, answers, personal, digest(draft, answers, personal))


def _settle(rows: Mapping[int, Row]) -> tuple[dict[bytes, Row], dict[int, tuple[Fault, ...]]]:
    """Choose for each id the first row that may be stored, and return the faults of the others by position.

    Ids are compared as bytes here: comparing UUID objects would cost more than everything else in Python.
    """
    waiting: dict[bytes, list[int]] = {}
    for position, row in rows.items():
        waiting.setdefault(row.draft.id.bytes, []).append(position)
    faults: dict[int, tuple[Fault, ...]] = {}
    while found := corrections.settle([rows[positions[0]].draft for positions in waiting.values()]):
        for id, fault in found.items():
            faults[waiting[id].pop(0)] = fault
            if not waiting[id]:
                del waiting[id]
    return {id: rows[positions[0]] for id, positions in waiting.items()}, faults


def _store(rows: Mapping[bytes, Row], desk: Desk) -> dict[bytes, int]:
    """Store the rows that are not there yet with all that goes with them; return their numbers by id."""
    if not rows:
        return {}
    partitions.ensure(ids.days(row.draft.id for row in rows.values()))
    # In the order of their ids, so that two batches with the same entries wait for each other and never both ways.
    stored = _insert([rows[id] for id in sorted(rows)], desk.at)
    drafts = [row.draft for id, row in rows.items() if id in stored]
    # Nothing here is asked for, only told: it is sent in one go, since each answer costs a turn of the processor.
    with connection.connection.pipeline():
        vault.seal_many([_sealing(draft, each) for draft in drafts for each in draft.personal], desk.at)
        if stored:
            _announce(max(stored.values()))
    corrections.note([each for each in drafts if each.corrects], desk.at)
    _queue(drafts, stored, desk)
    return stored


def _queue(drafts: Sequence[Draft], stored: Mapping[bytes, int], desk: Desk) -> None:
    waiting = [
        Pending(entry=each.id, seq=stored[each.id.bytes], kind=each.kind, recorded_at=desk.at)
        for each in drafts
        if _has_reaction(each, desk.pack)
    ]
    if waiting:
        Pending.objects.bulk_create(waiting)


def _has_reaction(draft: Draft, pack: Pack) -> bool:
    """Say whether something follows from an entry; a drill calls nobody, a correction may undo what followed."""
    if draft.exercise:
        return False
    if draft.corrects:
        return draft.kind in pack.reacting or draft.kind == WITHDRAWAL
    if draft.kind not in pack.reacting:
        return False
    seen = {"kind": draft.kind, "place": draft.place, "unit": draft.unit, "answers": draft.answers}
    try:
        thresholds = pack.protocols.on(draft.at.astimezone(ids.SHANGHAI).date()).fever_c
    except LookupError:
        # Nobody can say; the reaction itself fails then, where it is seen.
        return True
    return any(each.applies(seen, thresholds) for each in pack.reactions_on(draft.kind))


def _insert(rows: Sequence[Row], at: datetime) -> dict[bytes, int]:
    drafts = [row.draft for row in rows]
    columns: list[list[object]] = [
        [each.id for each in drafts],
        [each.kind for each in drafts],
        [each.at for each in drafts],
        [each.place for each in drafts],
        [each.area for each in drafts],
        [each.subject for each in drafts],
        [each.by for each in drafts],
        [each.unit for each in drafts],
        [each.device for each in drafts],
        [None if each.quantity is None else str(plain(each.quantity)) for each in drafts],
        [row.answers.decode() for row in rows],
        [each.corrects for each in drafts],
        [each.exercise for each in drafts],
        [row.personal for row in rows],
        [row.digest for row in rows],
    ]
    return dict(_fetched(INSERT, [at, *columns]))


def _fetched(statement: LiteralString, values: Sequence[object]) -> list[tuple[Any, ...]]:
    # Django's cursor writes parameters into the statement; arrays sent apart, in binary, take a tenth of the time.
    cursor = psycopg.Cursor(connection.connection)
    return cursor.execute(statement, values, prepare=True, binary=True).fetchall()


def _there(missing: Sequence[UUID]) -> dict[bytes, Entry]:
    return {id.bytes: entry for id, entry in Entry.objects.in_bulk(missing).items()} if missing else {}


def _sealing(draft: Draft, given: vault.Personal) -> vault.Personal:
    return given._replace(area=given.area or draft.area, unit=given.unit or draft.unit)


def _verdict(row: Row, first: Row, stored: Mapping[bytes, int], there: Mapping[bytes, Entry]) -> Verdict:
    id, key = row.draft.id, row.draft.id.bytes
    if row is first and key in stored:
        return Verdict(id, "stored", seq=stored[key])
    kept = first.digest if key in stored else bytes(there[key].digest)
    if row.digest == kept:
        return Verdict(id, "already")
    return Verdict(id, "refused", (_other(there.get(key)),))


def _other(entry: Entry | None) -> Fault:
    expected = _("a correction with an id of its own")
    if entry is None:
        return Fault("id", "other_content", _("This id stands twice in the batch, with other content."), expected)
    message = _("This id is already stored with other content, recorded {at} from {device}. Nothing was overwritten.")
    when = f"{entry.recorded_at.astimezone(ids.SHANGHAI):%F %T}"
    return Fault("id", "other_content", message.format(at=when, device=entry.device or "–"), expected)


def _announce(seq: int) -> None:
    _fetched("select pg_notify(%s, %s)::text", [CHANNEL, str(seq)])


INSERT: LiteralString = """
insert into journal_entry (recorded_at, id, kind, at, place, area, subject, by, unit, device, quantity, answers,
                           corrects, exercise, personal, digest)
select %b, * from unnest(%b::uuid[], %b::text[], %b::timestamptz[], %b::text[], %b::text[], %b::uuid[], %b::bigint[],
    %b::text[], %b::text[], (%b::text[])::numeric[], (%b::text[])::jsonb[], %b::uuid[], %b::boolean[], %b::bytea[],
    %b::bytea[])
on conflict (id) do nothing returning uuid_send(id), seq
"""

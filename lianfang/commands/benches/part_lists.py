"""What `bench lists` lists: entries of the pack's own kinds over a month, a person behind each, and dues."""

import os
import time
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

DAY = timedelta(days=1)
# Checked at the gates; the rest comes from the communities.
GATES = 0.95
PIECE = 5_000
FILL = """
insert into journal_entry (id, at, recorded_at, exercise, digest, kind, area, place, unit, device, subject, quantity,
                           corrects, answers)
select id, at, at + interval '20 seconds', false, sha256(int8send(i)), kind, area, place, unit, '',
    case when kind <> 'queue_length'
        then overlay(overlay(md5(i::text) placing '8' from 13) placing '8' from 17)::uuid end,
    1 + i %% 3, null,
    case kind when 'queue_length' then '{{"vehicles": 4, "teams": 2}}'::jsonb
    when 'volunteer_shift' then '{{"hours": 4}}'::jsonb
    else jsonb_build_object('direction', 'in', 'device_class', 'forehead', 'origin', 'district', 'resident', 'yes',
        'decision', case when i %% 50 = 0 then 'turn_back' else 'admit' end,
        'occupants', '[{{"temperature": 36.4}}, {{"temperature": 36.6}}]'::jsonb) end
from (
    select i, at, (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7' || substr(md5(i::text), 1, 3)
            || '8' || substr(md5(i::text), 4, 15))::uuid as id,
        case when gate then codes[1 + i %% cardinality(codes)] else '' end as place,
        case when gate then areas[1 + i %% cardinality(areas)] else communities[1 + i %% cardinality(communities)] end
            as area,
        case when gate then units[1 + i %% cardinality(units)] when i %% 7 = 0 then 'com-' || (i %% 9) else '' end
            as unit,
        case when not gate then 'volunteer_shift' when i %% 20 = 3 then 'queue_length'
            when i %% 3 = 0 then 'person_check' else 'vehicle_check' end as kind
    from (
        select i, {start}::timestamptz + make_interval(secs => i * {step}::float8) as at,
            (i * 7919) %% 1000 < {gates}::int as gate
        from generate_series(1::bigint, {entries}::bigint) as i
    ) as numbered, (select {codes}::text[] as codes, {areas}::text[] as areas, {units}::text[] as units,
        {communities}::text[] as communities) as given
) as made
"""
PERSONS = """
insert into registry_subject (id, kind, area, unit, first_at)
select overlay(overlay(md5(i::text) placing '8' from 13) placing '8' from 17)::uuid, 'person', {district}, '', now()
from generate_series(1::bigint, {persons}::bigint) as i on conflict do nothing
"""
DUES = """
insert into dues_due (id, name, kind, about, place, area, unit, origin, opened_at, by, closed_at, closed_by, met_at,
                      outcome, made_at)
select md5('due' || i)::uuid, name, 'fever_receipt', i::text, '', area, '', '', opened, opened + interval '1 hour',
    case when i %% 20 > 0 then opened + interval '40 minutes' end, case when i %% 20 > 0 then md5('x' || i)::uuid end,
    case when i %% 20 > 0 then opened + interval '40 minutes' end, case when i %% 20 > 0 then 'met' else '' end, now()
from (
    select i, {name}::text as name, communities[1 + i %% cardinality(communities)] as area,
        {end}::timestamptz - make_interval(mins => i::int) as opened
    from generate_series(1, {dues}::int) as i, (select {communities}::text[] as communities) as given
) as made
"""


def fill(*, entries: int, persons: int, dues: int, days: int, end: datetime) -> None:
    """Make everything; what the newest pages show of persons is sealed as the house seals it.

    Args:
        entries: how many entries, evenly over the days.
        persons: how many subjects are known.
        dues: how many dues, one in twenty of them open.
        days: before the end.
        end: the newest entry's instant.
    """
    from django.db import connection

    from lianfang.journal import partitions
    from lianfang.registry.models import Area, Place

    start = end - days * DAY
    partitions.ensure(start.date() + each * DAY for each in range(-1, days + 2))
    gates = list(Place.objects.filter(kind="checkpoint", valid_from__lte=date(2020, 1, 26)).order_by("code"))
    communities = list(Area.objects.filter(kind__in=["community", "village"]).values_list("code", flat=True))
    given: dict[str, Any] = {
        "start": start,
        "end": end,
        "step": (end - start).total_seconds() / entries,
        "gates": int(GATES * 1000),
        "entries": entries,
        "persons": persons,
        "dues": dues,
        "name": "fever_expects_receipt",
        "codes": [each.code for each in gates],
        "areas": [each.area for each in gates],
        "units": [each.unit for each in gates],
        "communities": communities,
        "district": communities[0][:6],
    }
    words = {name: f"%({name})s" for name in given}
    with connection.cursor() as cursor:
        for statement in (FILL, PERSONS, DUES):
            cursor.execute(statement.format(**words), given)
        cursor.execute("vacuum analyze journal_entry")
        cursor.execute("vacuum analyze registry_subject")
        cursor.execute("vacuum analyze dues_due")
    _seal(end)


def _seal(end: datetime) -> None:
    """Seal something personal of the subjects of the last two days, which are the ones the pages show."""
    from lianfang.journal.models import Entry
    from lianfang.registry import vault

    held = Entry.objects.happened(end - 2 * DAY, end + DAY).exclude(subject=None)
    found = list(held.values_list("subject", "area", "unit"))
    for first in range(0, len(found), PIECE):
        rows = [
            vault.Personal(subject, {"name": "张三丰", "phone": "13800001234"}, area, unit)
            for subject, area, unit in found[first : first + PIECE]
            if subject
        ]
        vault.seal_many(rows, end)


def processor() -> float:
    """Return the processor time, in seconds, that this process and its database connection have used so far.

    On a busy machine the time a page takes says how busy the machine is; this says what the page costs.
    """
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        (number,) = cursor.fetchone() or (0,)
    # Fields 14 and 15 of /proc/PID/stat, counted after the name, which is in brackets: ticks as user and as system.
    words = Path(f"/proc/{number}/stat").read_text(encoding="ascii").rsplit(") ", 1)[1].split()
    return time.process_time() + (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def quantile(took: Sequence[float], share: float) -> float:
    """Return the value below which a share of the measurements lies, in milliseconds."""
    ordered = sorted(took)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000

"""What `bench figures` counts: two hundred figures over twenty kinds, and entries made inside the database."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from lianfang.pack.figures import Figure

KINDS = 20
# Every two hundredth entry is a drill, another one a correction, another one comes in hours late.
FUNCTIONS = """
create function bench_pick(i bigint, seed int, choices bigint) returns bigint language sql immutable as
    $$ select (hashint8extended(i, seed) & 9223372036854775807) % choices $$;
create function bench_at(i bigint, start timestamptz, step float8) returns timestamptz language sql immutable as
    $$ select start + make_interval(
        secs => i * step - case when i % 200 = 31 then bench_pick(i, 9, 40000) else 0 end) $$;
create function bench_id(i bigint, at timestamptz) returns uuid language sql immutable as
    $$ select (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7' || substr(md5(i::text), 1, 3)
               || '8' || substr(md5(i::text), 4, 15))::uuid $$;
create function bench_kind(i bigint) returns text language sql immutable as
    $$ select 'k' || bench_pick(case when i % 200 = 13 then i - 1001 else i end, 1, 20) $$;
"""
FILL = """
insert into journal_entry (id, at, recorded_at, exercise, digest, kind, area, place, unit, device, subject, quantity,
                           corrects, answers)
select bench_id(i, bench_at(i, {start}, {step})), bench_at(i, {start}, {step}),
    {start} + make_interval(secs => i * {step}), i %% 200 = 7, sha256(int8send(i)), bench_kind(i),
    area, '', case when i %% 20 = 3 then 'office' else left(area, 12) end, '', null,
    1 + bench_pick(i, 4, 4),
    case when i %% 200 = 13 and i > 1001 then bench_id(i - 1001, bench_at(i - 1001, {start}, {step})) end,
    jsonb_build_object(
        'decision', (array['admit', 'admit', 'admit', 'turn_back'])[1 + bench_pick(i, 5, 4)],
        'temperature', 36 + bench_pick(i, 6, 20) / 10.0, 'direction', (array['in', 'out'])[1 + bench_pick(i, 7, 2)],
        'origin', 'o' || bench_pick(i, 8, 30), 'people', 1 + bench_pick(i, 9, 5), 'resident', 'yes',
        'device_class', 'forehead', 'note', 'as usual')
from generate_series({first}::bigint, {last}::bigint) as i, (select {areas}::text[] as areas) as given,
    lateral (select areas[1 + bench_pick(i, 2, cardinality(areas))] as area) as there
"""
CORRECT = """
insert into journal_correction (original, correction, recorded_at)
select bench_id(i - 1001, bench_at(i - 1001, {start}, {step})), bench_id(i, bench_at(i, {start}, {step})),
    {start} + make_interval(secs => i * {step})
from generate_series({first}::bigint, {last}::bigint) as i where i %% 200 = 13 and i > 1001
"""
INDEXES = "select indexname, indexdef from pg_indexes where tablename = 'journal_entry' and indexname not like '%pkey'"


def figures() -> dict[str, Figure]:
    """Return two hundred figures: ten for each kind, one of them of today and one a rate."""
    made = [each for number in range(KINDS) for each in _of_kind(number)]
    return {each.name: each for each in made}


def _of_kind(number: int) -> list[Figure]:
    kind, other = f"k{number}", f"k{(number + 1) % KINDS}"
    back = {"answers.decision": "turn_back"}
    measures: dict[str, dict[str, Any]] = {
        "all": {"count": {"kinds": [kind]}},
        "back": {"count": {"kinds": [kind], "where": back}},
        "back_in": {"count": {"kinds": [kind], "where": back | {"answers.direction": "in"}}},
        "people": {"sum": {"kinds": [kind]}},
        "people_back": {"sum": {"kinds": [kind], "where": back}},
        "warm": {"count": {"kinds": [kind], "where": {"answers.temperature": {"gte": 37.3}}}},
        "heads": {"sum": {"kinds": [kind], "field": "answers.people"}},
        "today": {"count": {"kinds": [kind], "where": {"answers.origin": ["o1", "o2", "o3"]}}},
        "left": {"stock": {"plus": {"sum": {"kinds": [kind]}}, "minus": {"count": {"kinds": [other]}}}},
        "share": {"rate": {"numerator": f"{kind}_back", "denominator": f"{kind}_all", "per": 100, "decimals": 1}},
    }
    plain = {"title": kind, "unit": "x", "definition": kind, "source": "bench"}
    return [
        Figure.model_validate(
            plain | {"name": f"{kind}_{name}", "measure": measure, "since": "day" if name == "today" else None}
        )
        for name, measure in measures.items()
    ]


class Filling:
    """Makes entries, one stretch after the other, as if they had come in over some days."""

    def __init__(self, start: datetime, days: int, entries: int, areas: Sequence[str]) -> None:
        self.start, self.areas = start, list(areas)
        self.a_day = entries // days
        self.step = timedelta(days=1).total_seconds() / self.a_day
        self.made = 0

    def prepare(self) -> list[str]:
        """Make the helpers and put the indexes aside; returns the statements that bring them back."""
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute(FUNCTIONS)
            cursor.execute(INDEXES)
            found = cursor.fetchall()
            for name, _ in found:
                cursor.execute(f'drop index "{name}"')
        # Written out, the index of a partitioned table is said to be on that table only.
        return [definition.replace(" ON ONLY ", " ON ") for _, definition in found]

    def until(self, day: float) -> None:
        """Make the entries up to a moment, counted in days since the start."""
        from django.db import connection

        from lianfang.journal import partitions

        last = round(day * self.a_day)
        first_day = self.start.date() - timedelta(days=1)
        partitions.ensure(first_day + timedelta(days=each) for each in range(int(day) + 3))
        words = {"start": "%(start)s", "step": "%(step)s::float8", "areas": "%(areas)s"}
        words |= {"first": "%(first)s", "last": "%(last)s"}
        told: dict[str, Any] = {"start": self.start, "step": self.step, "first": self.made + 1, "last": last}
        with connection.cursor() as cursor:
            cursor.execute(FILL.format(**words), told | {"areas": self.areas})
            cursor.execute(CORRECT.format(**words), told)
        self.made = last

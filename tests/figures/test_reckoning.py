"""Every figure equals what a plain count over the same entries gives: as of any instant, anywhere, by any path."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from figures_twin import (
    AREAS,
    LEAVES,
    START,
    ZONE,
    World,
    book,
    columns,
    correction,
    figures,
    new,
    settle,
    subject,
    tallied,
    withdrawal,
)
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from lianfang.figures import actions, reckoning
from lianfang.figures.measures import Unreckonable, bases
from lianfang.figures.models import Snapshot
from lianfang.figures.tree import tree
from lianfang.journal.drafts import Draft
from lianfang.journal.models import Entry
from lianfang.pack.areas import LENGTHS
from lianfang.registry.visibility import Reach, Scope

HOUR = timedelta(hours=1)
# Without shrinking: a failing world is small enough as it is, and each costs a second.
RANDOM = settings(
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
    derandomize=True,
)
BOOK = book()
NAMES = list(figures())

answers = st.fixed_dictionaries(
    {},
    optional={
        "decision": st.sampled_from(["back", "on", 1, True, None]),
        "temperature": st.sampled_from([36.5, 37.3, 37.4, 37.5, 38, "37.9"]),
        "device": st.sampled_from(["ear", "forehead", "other"]),
        "letter": st.sampled_from(["a", "k", "m", "Z", "", "防"]),
        "hours": st.sampled_from([1, 0.5, 2.25, "3"]),
        "people": st.lists(
            st.fixed_dictionaries({"sex": st.sampled_from(["f", "m"]), "age": st.integers(10, 70)}), max_size=3
        ),
    },
)
happened = st.integers(0, 100)
delays = st.sampled_from([0, 0, 0, 1, 5, 30, 60])
steps = st.tuples(
    st.sampled_from(["pass", "pass", "pass", "end", "correct", "withdraw"]),
    happened,
    delays,
    st.sampled_from(LEAVES),
    st.sampled_from(["a", "b", "c"]),
    st.sampled_from([None, 0, 1, 4, Decimal("2.5")]),
    answers,
    st.sampled_from([False, False, False, True]),
    st.integers(0, 4),
)


def replayed(told: list[tuple[Any, ...]]) -> tuple[World, list[datetime]]:
    """Write the steps in the order in which they were recorded, as doors would; return also the instants."""
    world = World()
    open_to: list[Draft] = []
    order = sorted(told, key=lambda step: step[1] + step[2])
    for kind, hour, delay, area, unit, quantity, content, exercise, who in order:
        at, recorded = START + hour * HOUR, START + (hour + delay) * HOUR
        more = {"unit": unit, "quantity": quantity, "answers": content, "subject": subject(who) if who else None}
        more["place"] = "gate" if area == LEAVES[0] and who > 2 else ""
        if kind in ("correct", "withdraw"):
            if not open_to:
                continue
            of = open_to.pop(who % len(open_to))
            made = withdrawal(of) if kind == "withdraw" else correction(of, area=area, **more)
            world.write(made, recorded)
            if kind == "correct":
                open_to.append(made)
            continue
        open_to.append(world.write(new(kind, at, area=area, exercise=exercise, **more), recorded))
    return world, sorted({START} | {recorded for _, recorded in world.drafts})


class EveryFigure(TestCase):
    """Random worlds."""

    @classmethod
    def setUpTestData(cls) -> None:
        settle()

    @settings(RANDOM, max_examples=40)
    @given(st.lists(steps, min_size=1, max_size=25), st.data())
    def test_equals_the_plain_count_with_and_without_snapshots(self, told: list[Any], data: Any) -> None:
        world, instants = replayed(told)
        as_of = data.draw(st.sampled_from([*instants, START + 170 * HOUR, START]), "as of")
        area = data.draw(st.sampled_from(["", *AREAS["community"], *AREAS["courtyard"]]), "area")
        here = [area] if area else None
        self.same(world, reckoning.values(NAMES, as_of=as_of, areas=here, book=BOOK), as_of, area)
        kept_up = data.draw(st.lists(st.sampled_from(instants), max_size=3, unique=True), "snapshots")
        for at in sorted(kept_up):
            actions.keep_up(at=at + timedelta(days=1), book=BOOK)
        self.same(world, reckoning.values(NAMES, as_of=as_of, areas=here, book=BOOK), as_of, area)
        self.same_rows(world, as_of, area)

    @settings(RANDOM, max_examples=15)
    @given(st.lists(steps, min_size=5, max_size=25), st.data())
    def test_equals_the_plain_count_when_snapshots_are_made_while_entries_come_in(
        self, told: list[Any], data: Any
    ) -> None:
        half = len(told) // 2
        world, instants = replayed(told[:half])
        until = data.draw(st.sampled_from([*instants, START + 50 * HOUR]), "snapshot")
        actions.keep_up(at=until + timedelta(hours=25), book=BOOK)
        more, later = replayed(told[half:])
        world.drafts += more.drafts
        as_of = data.draw(st.sampled_from([*instants, *later, START + 170 * HOUR]), "as of")
        if as_of < until + timedelta(hours=25):
            # The worker finds what was recorded into a closed time on its next round.
            actions.keep_up(at=until + timedelta(hours=25), book=BOOK)
        self.same(world, reckoning.values(NAMES, as_of=as_of, book=BOOK), as_of, "")

    @settings(RANDOM, max_examples=15)
    @given(st.lists(steps, min_size=1, max_size=20))
    def test_by_area_adds_up_to_the_plain_count_of_each_area(self, told: list[Any]) -> None:
        world, instants = replayed(told)
        actions.keep_up(at=instants[-1], book=BOOK)
        for level, codes in AREAS.items():
            table = reckoning.by_areas(NAMES, as_of=instants[-1], level=level, book=BOOK)
            grown = tree(NAMES, as_of=instants[-1], book=BOOK)
            assert all(grown.values(code) == table[code] for code in codes)
            assert set(grown.codes(level)) == {
                code for code in codes if not all(each.no_data for each in table[code].values())
            }
            assert set(codes) == {code for code in table if len(code) == LENGTHS[level]}
            for code in codes:
                self.same(world, table[code], instants[-1], code)

    def same(self, world: World, found: dict[str, reckoning.Value], as_of: datetime, area: str) -> None:
        wanted = {
            name: world.number(BOOK.figures[name], as_of, lambda row: row.area.startswith(area)) for name in NAMES
        }
        got = {name: found[name].number for name in NAMES}
        assert got == wanted
        assert {name: found[name].no_data for name in NAMES} == {
            name: any(
                world.number(each, as_of, lambda row: row.area.startswith(area)) is None
                for each in bases([name], BOOK.figures).values()
            )
            for name in NAMES
        }

    def same_rows(self, world: World, as_of: datetime, area: str) -> None:
        known = {draft.id: draft for draft, _ in world.drafts}
        for name, each in BOOK.figures.items():
            if each.measure.rate:
                continue
            rows = [known[row.id] for row in reckoning.entries(name, as_of=as_of, area=area, book=BOOK)]
            plus, *minus = each.measure.parts
            number = tallied(each, plus, rows, as_of) - sum(tallied(each, part, rows, as_of) for part in minus)
            assert number == (world.number(each, as_of, lambda row: row.area.startswith(area)) or 0)
            if plus.where and not minus:
                assert all(row in rows for row in rows if columns(row)["kind"] in plus.kinds)


@pytest.fixture
def world(db: None) -> World:
    settle()
    return World()


def test_a_figure_never_recorded_has_no_data_and_a_figure_of_nothing_is_zero(world: World) -> None:
    world.write(new("pass", START, area=LEAVES[0], answers={"decision": "on"}), START)
    found = reckoning.values(["never", "turned", "share", "fevers"], as_of=START, book=BOOK)
    assert (found["never"].no_data, found["never"].number, found["never"].shown) == (True, None, "–")
    assert (found["fevers"].no_data, found["fevers"].number, found["fevers"].shown) == (False, 0, "0")
    assert found["share"].number is None


def test_no_data_is_told_for_each_area(world: World) -> None:
    world.write(new("pass", START, area="990001001002"), START)
    found = reckoning.by_area("passes", as_of=START, level="community", book=BOOK)
    assert {code: value.number for code, value in found.items()} == {
        "990001001001": None,
        "990001001002": 1,
        "990001002001": None,
    }


def test_a_rate_carries_its_numerator_and_denominator(world: World) -> None:
    world.write(new("pass", START, area=LEAVES[0], quantity=3, answers={"decision": "back"}), START)
    world.write(new("pass", START, area=LEAVES[0], quantity=4), START)
    value = reckoning.values(["share"], as_of=START, book=BOOK)["share"]
    assert (value.numerator, value.denominator, value.shown) == (3, 7, "42.9%")


def test_a_name_that_is_not_declared_is_an_error(world: World) -> None:
    with pytest.raises(Unreckonable, match="nonsense"):
        reckoning.values(["nonsense"], as_of=START, book=BOOK)


def test_a_series_has_every_hour_and_sums_up_to_the_day(world: World) -> None:
    for hour in (1, 1, 5):
        world.write(new("pass", START + hour * HOUR, area=LEAVES[0]), START + hour * HOUR)
    found = reckoning.series("passes", by="hour", as_of=START + timedelta(hours=6, minutes=10), book=BOOK)
    assert [(step.hour, value.number) for step, value in found] == [
        (0, 0),
        (1, 2),
        (2, 0),
        (3, 0),
        (4, 0),
        (5, 1),
        (6, 0),
    ]


def test_a_series_by_day_goes_by_when_it_happened(world: World) -> None:
    late = START + timedelta(days=3)
    world.write(new("pass", START + HOUR, area=LEAVES[0]), late)
    found = reckoning.series("passes", by="day", as_of=late, start=START, book=BOOK)
    assert [(step.day, value.number) for step, value in found] == [(1, 1), (2, 0), (3, 0), (4, 0)]
    before = reckoning.series("passes", by="day", as_of=late - HOUR, start=START, book=BOOK)
    assert all(value.no_data for _, value in before)


def test_a_series_of_a_figure_of_the_day_has_its_days(world: World) -> None:
    for hours in (1, 2, 30):
        world.write(new("pass", START + hours * HOUR, area=LEAVES[0]), START + hours * HOUR)
    found = reckoning.series("today", by="day", as_of=START + 31 * HOUR, start=START, book=BOOK)
    assert [value.number for _, value in found] == [2, 1]


def test_places_are_told_apart(world: World) -> None:
    for place, hour in (("gate", 1), ("gate", 2), ("door", 2)):
        world.write(new("pass", START + hour * HOUR, area=LEAVES[0], place=place), START + hour * HOUR)
    as_of = START + 3 * HOUR
    found = reckoning.by_place("passes", as_of=as_of, book=BOOK)
    assert {place: value.number for place, value in found.items()} == {"gate": 2, "door": 1}
    by_hour = reckoning.series_by_place("passes", by="hour", as_of=as_of, book=BOOK)
    assert [value.number for _, value in by_hour["gate"]] == [0, 1, 1, 0]
    assert [value.number for _, value in by_hour["door"]] == [0, 0, 1, 0]


def test_the_difference_is_to_yesterday_at_the_same_hour(world: World) -> None:
    for hours in (0, 20, 25, 30):
        world.write(new("pass", START + hours * HOUR, area=LEAVES[0]), START + hours * HOUR)
    as_of = START + 26 * HOUR
    assert reckoning.differences(["passes", "never"], as_of=as_of, book=BOOK) == {"passes": 2, "never": None}


def test_a_reader_sees_only_the_figures_of_his_area_and_units(world: World) -> None:
    for area, unit in ((LEAVES[0], "a"), (LEAVES[1], "a"), (LEAVES[1], "b")):
        world.write(new("pass", START, area=area, unit=unit), START)

    def seen(*reaches: Reach) -> int | Decimal | None:
        scope = Scope(user=1, at=START, reaches={"figures.view": reaches})
        behind = reckoning.entries("passes", as_of=START, scope=scope, book=BOOK).count()
        number = reckoning.values(["passes"], as_of=START, scope=scope, book=BOOK)["passes"].number
        assert (number or 0) == behind
        return number

    assert seen(Reach("")) == 3
    assert seen(Reach(LEAVES[1])) == 2
    assert seen(Reach("", frozenset({"a"}))) == 2
    assert seen(Reach(LEAVES[1], frozenset({"a"})), Reach(LEAVES[0])) == 2
    assert seen(Reach("", frozenset())) is None
    assert seen() is None
    actions.keep_up(at=START + timedelta(days=2), book=BOOK)
    assert Snapshot.objects.exists()
    assert seen(Reach(LEAVES[1], frozenset({"a"})), Reach(LEAVES[0])) == 2


def test_deleting_one_entry_changes_the_figure(world: World) -> None:
    for hour in range(3):
        world.write(new("pass", START + hour * HOUR, area=LEAVES[0]), START + hour * HOUR)
    as_of = START + timedelta(days=3)
    actions.keep_up(at=as_of, book=BOOK)
    victim = Entry.objects.order_by("seq")[1]
    with connection.cursor() as cursor:
        cursor.execute("set local session_replication_role = replica")
        cursor.execute("delete from journal_entry where id = %s", [victim.id])
    assert reckoning.values(["passes"], as_of=as_of, book=BOOK, from_entries=True)["passes"].number == 2
    found = actions.inspect(at=as_of)
    assert [(each.entries, each.found) for each in found][-1] == (3, 2)
    assert reckoning.values(["passes"], as_of=as_of, book=BOOK)["passes"].number == 2
    actions.keep_up(at=as_of, book=BOOK)
    assert actions.inspect(at=as_of) == []
    assert reckoning.values(["passes"], as_of=as_of, book=BOOK)["passes"].number == 2


def test_days_begin_at_midnight_in_shanghai() -> None:
    assert START.astimezone(ZONE).hour == 0

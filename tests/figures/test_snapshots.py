"""Snapshots save work and are never the truth: they are closed, found out when wrong, and made anew."""

from datetime import timedelta

import psycopg
import pytest
from django.db import connection
from figures_twin import LEAVES, START, World, book, correction, new, settle

from lianfang.figures import actions, reckoning
from lianfang.figures.models import Snapshot, Total, packed
from lianfang.journal.models import Entry

BOOK = book()
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MINUTES = timedelta(minutes=3)


@pytest.fixture
def world(db: None) -> World:
    settle()
    return World()


def passes(world: World, *hours: float) -> None:
    for hour in hours:
        world.write(new("pass", START + hour * HOUR, area=LEAVES[0], quantity=2), START + hour * HOUR)


def number(name: str, hours: float) -> object:
    return reckoning.values([name], as_of=START + hours * HOUR, book=BOOK)[name].number


def kept() -> list[float]:
    return [(each.until - START) / HOUR for each in Snapshot.objects.all()]


def test_a_day_can_be_closed_only_when_it_is_over(world: World) -> None:
    with pytest.raises(actions.DayNotOver, match="2020-02-01"):
        actions.snapshot(day=START.date(), at=START + 23 * HOUR, book=BOOK)


def test_closing_a_day_twice_keeps_the_first(world: World) -> None:
    passes(world, 1)
    first = actions.snapshot(day=START.date(), at=START + 2 * DAY, book=BOOK)
    assert actions.snapshot(day=START.date(), at=START + 3 * DAY, book=BOOK) == first


def test_the_snapshot_is_really_built_upon(world: World) -> None:
    passes(world, 1, 2)
    kept = actions.snapshot(day=START.date(), at=START + 2 * DAY, book=BOOK)
    passes(world, 25)
    # A number that no entry gives can only come from the snapshot.
    Total.objects.filter(snapshot=kept).update(numbers=packed([1000]))
    assert number("passes", 26) == 1001


def test_late_arrivals_land_in_the_day_they_were_recorded_and_closed_days_stay_closed(world: World) -> None:
    passes(world, 1)
    closed = actions.snapshot(day=START.date(), at=START + DAY + HOUR, book=BOOK)
    world.write(new("pass", START + 2 * HOUR, area=LEAVES[0]), START + DAY + 2 * HOUR)
    assert (number("passes", 24), number("passes", 27)) == (1, 2)
    actions.keep_up(at=START + 2 * DAY + HOUR, book=BOOK)
    closed.refresh_from_db()
    assert closed.fault == ""
    assert (number("passes", 24), number("passes", 48)) == (1, 2)


def test_a_correction_of_a_closed_day_counts_from_the_day_it_was_recorded(world: World) -> None:
    original = world.write(new("pass", START + HOUR, area=LEAVES[0], quantity=2), START + HOUR)
    actions.snapshot(day=START.date(), at=START + DAY + HOUR, book=BOOK)
    world.write(correction(original, quantity=5), START + DAY + 2 * HOUR)
    assert [number("people", hours) for hours in (24, 25, 26)] == [2, 2, 5]
    actions.snapshot(day=(START + DAY).date(), at=START + 2 * DAY + HOUR, book=BOOK)
    assert [number("people", hours) for hours in (24, 48)] == [2, 5]


def test_what_is_recorded_into_a_closed_time_sets_the_snapshots_aside(world: World) -> None:
    passes(world, 1)
    actions.keep_up(at=START + 2 * DAY + MINUTES, book=BOOK)
    # A replay hands in its own instants of recording.
    passes(world, 2)
    actions.keep_up(at=START + 2 * DAY + MINUTES, book=BOOK)
    assert [number("passes", hours) for hours in (1.5, 24, 48)] == [1, 2, 2]
    assert not Snapshot.objects.exclude(fault="").exists()


def test_keeping_up_makes_midnights_and_the_last_hour_where_something_came_in_and_throws_old_hours_away(
    world: World,
) -> None:
    passes(world, 1, 25, 30, 55)
    for hour in (2, 3, 26, 56):
        actions.keep_up(at=START + hour * HOUR + MINUTES, book=BOOK)
    assert kept() == [26, 48, 56]
    actions.keep_up(at=START + 6 * DAY + MINUTES, book=BOOK)
    assert kept() == [48, 72]


def test_snapshots_of_instants_yet_to_come_are_thrown_away_when_the_clock_is_set_back(world: World) -> None:
    passes(world, 1, 25)
    actions.keep_up(at=START + 2000 * DAY, book=BOOK)
    assert len(kept()) == 1
    actions.keep_up(at=START + 26 * HOUR + MINUTES, book=BOOK)
    assert kept() == [24, 26]


def test_a_new_figure_is_reckoned_from_the_entries_until_a_snapshot_holds_it(world: World) -> None:
    passes(world, 1)
    fewer = book()
    del fewer.figures["people"]  # type: ignore[attr-defined]
    actions.keep_up(at=START + 2 * DAY + MINUTES, book=fewer)
    passes(world, 49)
    assert number("people", 50) == 4


def test_an_entry_replaced_in_the_database_by_hand_is_found_out(world: World) -> None:
    passes(world, 1, 2)
    actions.keep_up(at=START + DAY + MINUTES, book=BOOK)
    assert actions.inspect(at=START + DAY + HOUR) == []
    victim = Entry.objects.order_by("seq")[0]
    with connection.cursor() as cursor:
        cursor.execute("set local session_replication_role = replica")
        cursor.execute("update journal_entry set digest = sha256('x') where id = %s", [victim.id])
    found = actions.inspect(at=START + DAY + HOUR)
    assert [str(each) for each in found] == ["2020-02-01 16:00: an entry is not the one that was counted"]
    assert not Snapshot.objects.sound().exists()


def test_a_snapshot_waits_for_what_is_still_being_written(db: None) -> None:
    told = connection.get_connection_params()
    with psycopg.connect(
        **{name: told[name] for name in ("dbname", "user", "password", "host") if told.get(name)}
    ) as other:
        # A door that has begun to write and not ended: its entries may have lower numbers than those seen now.
        other.execute("select pg_current_xact_id()")
        settle()
        passes(World(), 1)
        with pytest.raises(actions.NotSettled):
            actions.snapshot(day=START.date(), at=START + DAY + HOUR, book=BOOK)
    assert actions.snapshot(day=START.date(), at=START + DAY + HOUR, book=BOOK).entries == 1

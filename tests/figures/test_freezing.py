"""A frozen figure never changes, and can be had again to the last entry."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from figures_twin import LEAVES, START, World, book, correction, figure, new, settle

from lianfang.figures import actions, freezing, reckoning
from lianfang.figures.models import Frozen
from lianfang.journal.models import Entry

BOOK = book()
HOUR = timedelta(hours=1)
NOON = START + 12 * HOUR


@pytest.fixture
def world(db: None) -> World:
    settle()
    world = World()
    for hour, decision in ((1, "back"), (2, "on"), (3, "on")):
        draft = new("pass", START + hour * HOUR, area=LEAVES[hour - 1], quantity=hour, answers={"decision": decision})
        world.write(draft, START + hour * HOUR)
    return world


def freeze(*names: str, area: str = "") -> list[Frozen]:
    return actions.freeze(names=names, as_of=NOON, by=7, at=NOON + HOUR, area=area, book=BOOK)


def test_a_later_correction_changes_the_live_figure_and_never_the_frozen_one(world: World) -> None:
    (kept,) = freeze("people")
    world.write(correction(world.drafts[0][0], quantity=100), NOON + HOUR)
    live = reckoning.values(["people"], as_of=NOON + 2 * HOUR, book=BOOK)["people"]
    assert (kept.number, live.number) == (6, 105)
    again = freezing.verify(Frozen.objects.get(pk=kept.pk), BOOK)
    assert again.same
    assert again.number == 6


def test_an_entry_recorded_after_the_instant_is_not_behind_the_figure(world: World) -> None:
    (kept,) = freeze("passes")
    world.write(new("pass", START + HOUR, area=LEAVES[0]), NOON + timedelta(seconds=1))
    assert (kept.entries, kept.number, kept.by) == (3, 3, 7)
    assert freezing.verify(kept, BOOK).same


def test_a_rate_keeps_both_sides_and_all_their_entries(world: World) -> None:
    (kept,) = freeze("share")
    assert (kept.numerator, kept.denominator, kept.shown, kept.entries) == (1, 6, "16.7%", 3)
    assert kept.number == Decimal("16.666666666667")
    assert freezing.verify(Frozen.objects.get(pk=kept.pk), BOOK).same


def test_an_area_is_kept_with_the_figure(world: World) -> None:
    (kept,) = freeze("people", area=LEAVES[1])
    assert (kept.area, kept.number, kept.entries) == (LEAVES[1], 2, 1)
    assert freezing.verify(kept, BOOK).same


def test_every_figure_can_be_frozen_and_verified_out_of_the_database(world: World) -> None:
    for kept in freeze(*BOOK.figures):
        found = freezing.verify(Frozen.objects.get(pk=kept.pk), BOOK)
        assert found.same, kept.name


def test_a_figure_defined_otherwise_later_is_verified_as_it_was_defined(world: World) -> None:
    (kept,) = freeze("people")
    BOOK_LATER = book()
    BOOK_LATER.figures["people"] = figure("people", {"count": {"kinds": ["end"]}})  # type: ignore[index]
    assert freezing.verify(kept, BOOK_LATER).same
    (new_one,) = actions.freeze(names=["people"], as_of=NOON, by=7, at=NOON + HOUR, book=BOOK_LATER)
    assert new_one.definition != kept.definition


def test_a_deleted_entry_is_told_by_number_and_digest(world: World) -> None:
    (kept,) = freeze("passes")
    with connection.cursor() as cursor:
        cursor.execute("set local session_replication_role = replica")
        cursor.execute("delete from journal_entry where id = %s", [Entry.objects.order_by("seq")[0].id])
    found = freezing.verify(kept, BOOK)
    assert (found.same, found.number, found.entries) == (False, 2, 2)
    assert found.digest != kept.digest


def test_a_figure_cannot_be_frozen_before_its_instant(world: World) -> None:
    with pytest.raises(freezing.NotYet):
        actions.freeze(names=["passes"], as_of=NOON, by=7, at=NOON - HOUR, book=BOOK)


@pytest.mark.parametrize("change", ["update figures_frozen set number = 7", "delete from figures_frozen"])
def test_a_frozen_figure_can_be_neither_changed_nor_deleted(world: World, change: str) -> None:
    freeze("passes")
    refused = pytest.raises(IntegrityError, match="kept as it was published")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)
    assert Frozen.objects.get().number == 3

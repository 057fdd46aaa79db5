"""The commands print what the reckoning gives, and say by their exit whether the ledger is right."""

import json
from datetime import datetime, timedelta

import pytest
from click.testing import CliRunner, Result
from django.db import connection
from figures_twin import LEAVES, ZONE, World, new, settle

from lianfang.commands import figures, ledger
from lianfang.figures import actions
from lianfang.figures.instants import instant
from lianfang.journal.models import Entry

NOON = datetime(2020, 2, 5, 12, tzinfo=ZONE)


@pytest.fixture
def world(db: None, monkeypatch: pytest.MonkeyPatch) -> World:
    # The tests' database stands already.
    monkeypatch.setattr(figures, "open_house", lambda: None)
    monkeypatch.setattr(ledger, "open_house", lambda: None)
    settle()
    world = World()
    for hour in range(2):
        at = NOON + timedelta(hours=hour)
        world.write(new("vehicle_check", at, area=LEAVES[hour], quantity=3, answers={"decision": "admit"}), at)
    return world


def run(*words: str) -> Result:
    return CliRunner().invoke(figures.command, words)


def test_a_figure_is_printed_as_of_an_instant(world: World) -> None:
    assert "1 " in run("vehicles_checked", "--as-of", "2020-02-05T12:30").output.splitlines()[1]
    assert "2 " in run("vehicles_checked", "--as-of", "2020-02-05").output.splitlines()[1]


def test_json_carries_number_sides_and_instant(world: World) -> None:
    (told,) = json.loads(run("persons_per_vehicle", "--as-of", "2020-02-05T14:00", "--json").output)
    assert (told["number"], told["numerator"], told["denominator"], told["no_data"]) == (3, 6, 2, False)
    assert told["as_of"] == "2020-02-05T14:00:00+08:00"


def test_an_area_narrows_the_figure(world: World) -> None:
    (told,) = json.loads(run("vehicles_checked", "--as-of", "2020-02-06", "--area", LEAVES[0], "--json").output)
    assert told["number"] == 1


def test_a_tree_has_every_area_of_every_level_with_entries(world: World) -> None:
    done = run("vehicles_checked", "--as-of", "2020-02-06", "--tree", "--json")
    told = {code: each[0]["number"] for code, each in json.loads(done.output).items()}
    wanted = {"990001": 2, "990001001": 2, "990001001001": 1, "990001001001001": 1, "990001001002": 1}
    assert told == wanted
    inside = run("vehicles_checked", "--as-of", "2020-02-06", "--tree", "--area", "990001001002")
    assert inside.output.split() == ["990001001002", "vehicles_checked", "1"]


def test_open_prints_the_entries_behind_a_figure(world: World) -> None:
    told = json.loads(run("open", "vehicles_checked", "--as-of", "2020-02-06", "--json").output)
    assert {each["id"] for each in told} == {str(each.id) for each in Entry.objects.all()}
    assert run("open", "vehicles_checked", "--as-of", "2020-02-06").output.splitlines()[-1] == "2 entries"


def test_without_data_no_number_is_printed(world: World) -> None:
    assert "no data" in run("complaints_received", "--as-of", "2020-02-06").output
    (told,) = json.loads(run("complaints_received", "--as-of", "2020-02-06", "--json").output)
    assert (told["number"], told["no_data"]) == (None, True)


def test_a_figure_nobody_declared_and_an_impossible_instant_are_said(world: World) -> None:
    assert "no such figure" in run("nonsense").output
    assert run("vehicles_checked", "--as-of", "yesterday").exit_code == 2


def test_the_ledger_check_prints_every_line_and_fails_while_one_is_wrong(world: World) -> None:
    done = CliRunner().invoke(ledger.command, ["check", "--json"])
    told = {each["id"]: each for each in json.loads(done.output)}
    assert done.exit_code == 1
    assert told["R04"]["expected"] == 1.985
    assert set(told["L008"]) == {"id", "figure", "as_of", "expected", "lower_bound", "computed", "shown", "verdict"}
    assert (told["L008"]["expected"], told["L008"]["computed"], told["L008"]["verdict"]) == (54694, 2, "wrong")
    assert "lines are right" in CliRunner().invoke(ledger.command, ["check"]).output.splitlines()[-1]


def test_published_figures_are_reckoned_again_and_a_missing_entry_is_told(world: World) -> None:
    as_of = NOON + timedelta(hours=2)
    actions.freeze(names=["vehicles_checked", "persons_per_vehicle"], as_of=as_of, by=None, at=as_of)
    done = CliRunner().invoke(ledger.command, ["frozen"])
    assert (done.exit_code, done.output) == (0, "2 of 2 published figures come out the same.\n")
    with connection.cursor() as cursor:
        cursor.execute("set local session_replication_role = replica")
        cursor.execute("delete from journal_entry where id = %s", [Entry.objects.order_by("seq")[0].id])
    done = CliRunner().invoke(ledger.command, ["frozen", "--json"])
    told = json.loads(done.output)
    assert done.exit_code == 1
    assert [(each["published"], each["computed"], each["verdict"]) for each in told] == [
        (2, 1, "wrong"),
        (3, 3, "wrong"),
    ]


def test_a_day_alone_is_its_end_and_local_time_needs_no_offset() -> None:
    assert instant("2020-02-05", ZONE) == datetime(2020, 2, 5, 23, 59, 59, 999999, tzinfo=ZONE)
    assert instant("2020-02-05T17:00", ZONE) == instant("2020-02-05T09:00+00:00", ZONE)

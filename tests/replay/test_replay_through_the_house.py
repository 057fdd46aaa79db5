"""A scenario goes through the public API into the journal, and the figures come out of it."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.db import connections

from lianfang import clock, pack
from lianfang.commands import replay as command
from lianfang.figures import book, reckoning
from lianfang.journal.models import Entry
from lianfang.registry import actions, devices
from lianfang.replay import batches, noise
from lianfang.replay.draws import milliseconds
from lianfang.replay.scenario import Scenario
from lianfang.replay.sending import Fleet

ROOT = Path(__file__).parents[2]
SHANGJIE = pack.read(ROOT / "packs" / "shangjie")
MONTH = ROOT / "packs" / "shangjie" / "scenarios" / "2020-02.yaml"
NOON = datetime(2020, 2, 5, 12, tzinfo=clock.SHANGHAI)


def scenario() -> Scenario:
    """Two posts over a day and a half: three hundred vehicles, with every kind of noise."""
    told: dict[str, Any] = yaml.safe_load(MONTH.read_text(encoding="utf-8").replace('"no"', "'no'"))
    cars = next(each for each in told["streams"] if each["name"] == "vehicles_turned_back")
    fever = next(each for each in told["streams"] if each["name"] == "vehicles_with_fever")
    places = {"cp-east": 2, "cp-310": 1}
    told |= {
        "since": "2020-02-04T06:00:00+08:00",
        "phases": [{"name": "first", "until": "2020-02-05T12:00:00+08:00"}],
        "shown": "2020-02-05T12:00:00+08:00",
        "streams": [
            {**cars, "places": places, "totals": {"first": {"entries": 300, "quantity": 577}}},
            {**fever, "places": places, "totals": {"first": {"entries": 3, "quantity": 5}}},
        ],
        "events": [],
        "daily": [],
        "hourly": [],
    }
    share = {"share": 0.05}
    told["noise"] |= {
        "sent_twice": 0.05,
        "corrections": {"vehicle_check": {**share, "extra_row": "occupants"}},
        "withdrawals": {"vehicle_check": 0.05},
        "refused": {"vehicle_check": {**share, "answers": {"occupants": "none"}}},
        "exercises": {"vehicle_check": 0.05, "fever_handover": 0.5},
        "outages": [],
    }
    return Scenario.model_validate(told)


@pytest.fixture
def house(transactional_db: None, live_server: Any) -> str:
    # Without the simulated doors, which no entry needs.
    official = SHANGJIE.model_copy(update={"areas": tuple(each for each in SHANGJIE.areas if each.official)})
    actions.load(pack=official, by=None, at=NOON)
    actions.load_demonstration(pack=SHANGJIE, at=NOON)
    return str(live_server.url)


def send(url: str, told: Scenario) -> Fleet:
    fleet = Fleet(url, devices.demonstration_secrets(), connections=3)
    made = batches.gather(noise.make(told, SHANGJIE), every=3_600_000, cuts=[milliseconds(NOON)])
    try:
        fleet.send(made)
    finally:
        connections.close_all()
    return fleet


def figures(at: datetime = NOON) -> Mapping[str, Any]:
    names = ["vehicles_checked", "persons_checked", "vehicles_turned_back", "fevers_handed_over", "fevers_received"]
    found = reckoning.values(names, as_of=at, book=book.of(SHANGJIE, clock.SHANGHAI))
    return {name: found[name].number for name in names}


RIGHT = {
    "vehicles_checked": 303,
    "persons_checked": 582,
    "vehicles_turned_back": 300,
    "fevers_handed_over": 3,
    "fevers_received": 3,
}


def test_the_totals_come_out_whatever_goes_wrong_on_the_way(house: str) -> None:
    fleet = send(house, scenario())
    assert fleet.report.told == []
    statuses = fleet.report.statuses
    assert min(statuses["stored"], statuses["already"], statuses["refused"]) > 0
    assert figures() == RIGHT
    before = figures(NOON - timedelta(hours=20))
    assert 0 < before["vehicles_checked"] < RIGHT["vehicles_checked"]


def test_sending_the_scenario_again_changes_nothing_and_leaves_nothing_personal(house: str) -> None:
    send(house, scenario())
    held = Entry.objects.count()
    again = send(house, scenario())
    assert again.report.statuses["stored"] == 0
    assert (Entry.objects.count(), figures()) == (held, RIGHT)
    for answers in Entry.objects.values_list("answers", flat=True):
        assert not {"plate", "document", "name", "phone"} & set(answers), "personal answers belong in the vault"


def test_one_entry_less_is_one_less_in_the_figure(house: str) -> None:
    """No total is kept anywhere: what was never sent is not counted."""
    told = scenario()
    records = noise.make(told, SHANGJIE)
    twice = Counter(each.id for each in records) + Counter(each.corrects for each in records)
    plain = next(
        each for each in records if each.form == "vehicle_check" and twice[each.id] == 1 and not each.corrects
        and each.expect == "stored" and not each.exercise
    )  # fmt: skip
    fleet = Fleet(house, devices.demonstration_secrets(), connections=3)
    fleet.send(batches.gather((e for e in records if e is not plain), every=3_600_000, cuts=[]))
    connections.close_all()
    assert figures()["vehicles_checked"] == RIGHT["vehicles_checked"] - 1


def test_how_far_it_has_come_is_kept_for_the_next_start(tmp_path: Path) -> None:
    state = command.State(tmp_path / "replay.json", "one")
    assert state.read() == 0
    state.write(123)
    assert command.State(tmp_path / "replay.json", "one").read() == 123
    assert command.State(tmp_path / "replay.json", "another").read() == 0


def test_a_month_stops_where_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    told = scenario()
    monkeypatch.setattr(clock, "demonstration", lambda: None)
    assert command._until(None, told, False) == told.shown
    assert command._until("2020-02-04T18:00", told, False).isoformat() == "2020-02-04T18:00:00+08:00"


def test_a_day_is_cut_at_its_midnights() -> None:
    told = [
        datetime.fromtimestamp(each / 1000, clock.SHANGHAI) for each in command._midnights(NOON - timedelta(2), NOON)
    ]
    assert [f"{each:%d %H:%M}" for each in told] == ["03 00:00", "04 00:00", "05 00:00"]


def test_the_feed_waits_for_the_shown_clock_and_keeps_how_far_it_has_come(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is sent before its instant; what is kept lags a minute, for rows still under way."""
    shown = [NOON]
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        shown[0] += timedelta(seconds=seconds)

    monkeypatch.setattr(clock, "now", lambda: shown[0])
    monkeypatch.setattr(command.time, "sleep", sleep)
    state = command.State(tmp_path / "replay.json", "one")
    monkeypatch.setattr(state, "written", -1000.0)
    noon = milliseconds(NOON)
    coming = [batches.Batch("a", noon - 5000), batches.Batch("a", noon + 2500), batches.Batch("a", noon + 9000)]
    at = [(batch.sent - noon, milliseconds(shown[0]) - noon) for batch in command._due(coming, state)]
    assert [sent for sent, _ in at] == [-5000, 2500, 9000]
    assert all(now >= sent for sent, now in at)
    assert sum(slept) == pytest.approx(9.0)
    assert state.read() == noon - 5000 - 60_000

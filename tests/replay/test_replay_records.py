"""A scenario's records: exact where it counts, lifelike around it, and the same every time."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from lianfang import pack
from lianfang.registry import identity
from lianfang.replay import batches, noise, records, scenario
from lianfang.replay.draws import HOUR, milliseconds, told
from lianfang.replay.people import Crowd, Plates
from lianfang.replay.records import Record
from lianfang.replay.scenario import Spread

ROOT = Path(__file__).parents[2]
SHANGJIE = pack.read(ROOT / "packs" / "shangjie")
MONTH = scenario.read(ROOT / "packs" / "shangjie" / "scenarios" / "2020-02.yaml")
LEDGER_DAY = milliseconds(MONTH.phases[0].until)


@pytest.fixture(scope="module")
def facts() -> list[Record]:
    return records.facts(MONTH, SHANGJIE)


@pytest.fixture(scope="module")
def month(facts: list[Record]) -> list[Record]:
    return sorted(noise.around(facts, MONTH), key=lambda each: (each.recorded, each.at, each.id))


def effective(sent: Iterable[Record], at: int) -> list[Record]:
    """What counts as of an instant: stored by then, no drill, and not replaced by then."""
    known = [each for each in sent if each.recorded <= at and each.expect == "stored"]
    replaced = {each.corrects for each in known if each.corrects}
    return [each for each in known if each.id not in replaced and not each.exercise]


def quantity(record: Record) -> float:
    return SHANGJIE.forms[record.form].check(record.answers).quantity or 0


def small(**changed: Any) -> scenario.Scenario:
    """A scenario of a few hundred entries, quick to tell."""
    base = yaml.safe_load((ROOT / "packs" / "shangjie" / "scenarios" / "2020-02.yaml").read_text(encoding="utf-8"))
    keep = {
        "name": "small",
        "since": "2020-02-03T00:00:00+08:00",
        "phases": [{"name": "first", "until": "2020-02-05T17:00:00+08:00"}],
        "profiles": {"day": [0] * 7 + [1] * 12 + [0] * 5},
        "streams": [
            {
                "name": "cars",
                "form": "vehicle_check",
                "device": "replay-{place}",
                "places": {"cp-east": 3, "cp-310": 1},
                "hours": "day",
                "totals": {"first": {"entries": 400, "quantity": 731}},
                "quantity": {"weights": [5, 3, 1]},
                "filled": "occupants",
                "rows": {"temperature": 36.5},
                "answers": {
                    "plate": {"plate": {"prefixes": {"豫A": 1}, "pool": 30, "returning": 0.5}},
                    "direction": "in",
                    "device_class": "forehead",
                    "origin": "district",
                    "resident": "yes",
                    "decision": "admit",
                },
            }
        ],
        "events": [],
        "daily": [],
        "hourly": [],
        "noise": {},
    }
    return scenario.Scenario.model_validate({**base, **keep, **changed})


def test_the_same_scenario_gives_the_same_records() -> None:
    assert noise.make(small(), SHANGJIE) == noise.make(small(), SHANGJIE)
    assert noise.make(small(), SHANGJIE) != noise.make(small(seed=1), SHANGJIE)


def test_every_total_of_every_phase_is_reached_exactly(facts: list[Record]) -> None:
    since = milliseconds(MONTH.since)
    for phase in MONTH.phases:
        until = milliseconds(phase.until)
        inside = [each for each in facts if since <= each.at < until]
        for stream in MONTH.streams:
            total = stream.totals.get(phase.name)
            mine = [each for each in inside if each.stream == stream.name]
            assert len(mine) == (total.entries if total else 0), stream.name
            if total and total.quantity is not None:
                assert sum(map(quantity, mine)) == total.quantity, stream.name
        since = until


def test_what_counts_on_the_ledgers_day_is_what_the_facts_say(facts: list[Record], month: list[Record]) -> None:
    """Late, doubled, corrected, withdrawn, drilled and refused rows leave every count and sum as it was."""
    happened = [each for each in facts if each.deadline and each.deadline <= LEDGER_DAY]
    forms = {each.form for each in happened}
    counted = [each for each in effective(month, LEDGER_DAY) if each.deadline and each.form in forms]
    assert Counter(each.form for each in counted) == Counter(each.form for each in happened)
    for form in ("vehicle_check", "person_check", "notice_given"):
        one = [sum(quantity(each) for each in some if each.form == form) for some in (counted, happened)]
        assert one[0] == one[1], form


def test_the_ledgers_figures_come_out_of_the_records(month: list[Record]) -> None:
    counted = effective(month, LEDGER_DAY)
    for figure in SHANGJIE.figures.values():
        if figure.ledger and not figure.measure.rate:
            line = SHANGJIE.ledger[figure.ledger]
            found = _reckoned(figure, counted)
            assert (found >= line.expected) if line.lower_bound else (found == line.expected), figure.name


def _reckoned(figure: pack.Figure, counted: list[Record]) -> float:
    from lianfang.pack.conditions import holds

    def some(part: Any) -> list[Record]:
        wanted = [each for each in counted if each.form in part.kinds]
        if figure.period:
            wanted = [each for each in wanted if told(each.at)[:10] == figure.period.to.isoformat()]
        return [each for each in wanted if holds(part.where, {"answers": each.answers}, {})]

    measure = figure.measure
    if measure.distinct:
        by = measure.distinct.by
        return len({each.place if by == "place" else each.answers[by[8:]] for each in some(measure.distinct)})
    if measure.sum:
        return sum(map(quantity, some(measure.sum)))
    if measure.stock:
        assert measure.stock.plus.count
        assert measure.stock.minus
        assert measure.stock.minus.count
        return len(some(measure.stock.plus.count)) - len(some(measure.stock.minus.count))
    return len(some(measure.count))


def test_the_forms_take_what_should_be_stored_and_refuse_the_rest(month: list[Record]) -> None:
    for record in month[::7] + [each for each in month if each.expect == "refused"]:
        faults = SHANGJIE.forms[record.form].check(record.answers).faults
        assert bool(faults) == (record.expect == "refused"), (record.form, record.answers, faults)


def test_ids_are_uuids_of_version_7_made_at_the_time_of_the_entry(month: list[Record]) -> None:
    for record in month[::97]:
        id_ = UUID(record.id)
        assert id_.version == 7
        assert id_.int >> 80 == record.at
    stored = [each.id for each in month if each.expect == "stored"]
    assert len(stored) == len(set(stored))


def test_nothing_is_recorded_before_it_happened_nor_beyond_its_phase(month: list[Record]) -> None:
    for record in month:
        assert record.recorded >= record.at
        if record.deadline and record.expect != "already":
            assert record.recorded <= record.deadline or record.at >= LEDGER_DAY or record.exercise


def test_the_decision_recorded_is_the_protocols(month: list[Record]) -> None:
    protocol = SHANGJIE.protocols.on(datetime.fromisoformat(told(LEDGER_DAY)).date())
    for record in effective(month, LEDGER_DAY)[::11]:
        if record.form != "vehicle_check" or record.answers.get("reason") in ("refused_measuring", "no_mask", "other"):
            continue
        proposal = protocol.decide(record.form, record.answers)
        assert proposal is not None
        assert proposal.decision == record.answers["decision"], record.answers


def test_traffic_has_its_nights_and_its_peaks(month: list[Record]) -> None:
    hours = Counter(told(each.at)[11:13] for each in month if each.form == "vehicle_check")
    assert hours["08"] > 8 * hours["02"] > 0
    assert hours["17"] > hours["13"]
    lessons = Counter(told(each.at)[11:13] for each in month if each.form == "lesson")
    assert set(lessons) <= {f"{hour:02d}" for hour in range(7, 21)}


def test_no_checkpoint_works_before_it_opens(month: list[Record]) -> None:
    for record in month:
        if record.place:
            first = SHANGJIE.place[record.place].valid_from.isoformat()
            assert told(record.at)[:10] >= first


def test_every_hand_over_is_received_by_the_clinic_afterwards(month: list[Record]) -> None:
    handovers = {each.id: each for each in month if each.form == "fever_handover" and not each.exercise}
    receipts = [each for each in month if each.form == "fever_receipt"]
    assert len(handovers) == len(receipts)
    assert len([each for each in handovers.values() if each.recorded <= LEDGER_DAY]) == 14
    for receipt in receipts:
        parent = handovers[receipt.answers["handover"]]
        assert parent.recorded < receipt.recorded
        assert receipt.place == "clinic-1"


def test_a_device_without_network_sends_in_one_burst_afterwards(month: list[Record]) -> None:
    outage = MONTH.noise.outages[1]
    since, until = milliseconds(outage.since), milliseconds(outage.until)
    mine = [each for each in month if each.device == outage.device and not each.prompt]
    assert not [each for each in mine if since <= each.recorded < until]
    burst = [each for each in mine if since <= each.at < until]
    assert len(burst) > 20
    assert min(each.recorded - each.at for each in burst) > 0


def test_the_noise_holds_some_of_everything(month: list[Record]) -> None:
    told_ = Counter(each.expect for each in month)
    assert told_["already"] > 100
    assert told_["refused"] > 50
    assert sum(bool(each.corrects) for each in month) > 200
    assert sum(each.form == "withdrawal" for each in month) > 30
    assert sum(each.exercise for each in month) > 10


def test_the_counters_see_what_the_register_holds_and_a_little_more(month: list[Record]) -> None:
    hour = milliseconds(datetime.fromisoformat("2020-02-04T09:00:00+08:00"))
    seen = sum(e.answers["count"] for e in month if e.form == "traffic_count" and e.at // HOUR == hour // HOUR + 1
               and e.answers["counter"] == "camera")  # fmt: skip
    held = sum(e.form == "vehicle_check" and e.at // HOUR == hour // HOUR for e in effective(month, LEDGER_DAY))
    assert held <= seen <= held * 1.08


@settings(deadline=None)
@given(st.integers(1, 60), st.integers(1, 5), st.data())
def test_a_quantity_is_spread_exactly(entries: int, most: int, data: Any) -> None:
    total = data.draw(st.integers(entries, entries * most))
    amounts = records.spread(Random(1), entries, total, Spread(between=(1, most)))
    assert (len(amounts), sum(amounts)) == (entries, total)
    assert all(1 <= each <= most for each in amounts)


def test_what_can_not_be_spread_is_said() -> None:
    with pytest.raises(ValueError, match="cannot be spread"):
        records.spread(Random(1), 3, 10, Spread(between=(1, 3)))


@settings(deadline=None)
@given(st.integers(0, 10_000))
def test_documents_hold_together_and_belong_to_nobody(seed: int) -> None:
    rng = Random(seed)
    crowd = Crowd(MONTH.people)
    verdict = identity.document(crowd.document(rng), datetime.fromisoformat("2020-02-05").date(), "id")
    assert verdict.verified
    assert crowd.phone(rng)[0] == "1"


def test_some_vehicles_come_again_and_the_last_one_at_once() -> None:
    rng = Random(5)
    regular = Plates({"豫A": 1}, pool=20, returning=0.8)
    plates = Counter(regular.draw(rng) for _ in range(500))
    assert plates.most_common(1)[0][1] > 20
    insisting = Plates({"豫A": 1}, pool=2, returning=0.0, again=1.0)
    assert len({insisting.draw(rng) for _ in range(9)}) == 1


@pytest.mark.parametrize(
    ("changed", "told_"),
    [
        ({"streams": [{**small().streams[0].model_dump(), "hours": "never"}]}, "no profile 'never'"),
        ({"profiles": {"day": [1] * 23}}, "24 weights"),
        ({"phases": [{"name": "other", "until": "2020-02-05T17:00:00+08:00"}]}, "no phase"),
    ],
)
def test_a_scenario_that_can_not_be_told_says_why(changed: dict[str, Any], told_: str) -> None:
    with pytest.raises(ValueError, match=told_):
        small(**changed)


def test_a_missing_or_misspelt_scenario_says_why(tmp_path: Path) -> None:
    with pytest.raises(scenario.BrokenScenario, match="no scenario"):
        scenario.read(tmp_path / "none.yaml")
    (tmp_path / "odd.yaml").write_text("name: x\nseeds: 3\n", encoding="utf-8")
    with pytest.raises(scenario.BrokenScenario, match="seeds"):
        scenario.read(tmp_path / "odd.yaml")


def test_batches_keep_each_devices_order_and_straddle_no_cut(month: list[Record]) -> None:
    cut = LEDGER_DAY
    made = batches.gather(month, every=30 * 60_000, cuts=[cut])
    assert sum(len(each.records) for each in made) == len(month)
    assert [each.sent for each in made] == sorted(each.sent for each in made)
    last: dict[str, int] = {}
    for batch in made:
        recorded = [each.recorded for each in batch.records]
        assert recorded == sorted(recorded)
        assert recorded[0] >= last.get(batch.device, 0)
        assert len(recorded) <= batches.MOST
        assert recorded[-1] <= batch.sent
        assert recorded[-1] <= cut or recorded[0] > cut
        last[batch.device] = recorded[-1]


def test_no_row_of_a_batch_lies_in_the_future_of_its_sending(month: list[Record]) -> None:
    for batch in batches.gather(month, every=30 * 60_000, cuts=[LEDGER_DAY]):
        assert max(each.at for each in batch.records) <= batch.sent


def test_batches_laid_by_on_disk_come_back_as_they_were(tmp_path) -> None:
    from lianfang.replay import spooling
    from lianfang.replay.batches import Batch
    from lianfang.replay.records import Record

    record = Record(5, 4, "d", "id", "form", {"plate": "豫A12345", "people": [{"temperature": 36.5}]}, prompt=True)
    laid = [Batch("d", 5, [record]), Batch("e", 6, [record, record])]
    spooling.write(tmp_path / "spool", laid)
    assert list(spooling.read(tmp_path / "spool")) == laid

"""Decisions: the edition in force, its thresholds, and what no answer can do."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lianfang import pack
from lianfang.pack.conditions import Bounds, Threshold, holds

SHANGJIE = pack.read(Path(__file__).parents[2] / "packs" / "shangjie")
FEBRUARY = SHANGJIE.protocols.on(date(2020, 2, 5))
CLASSES = sorted(FEBRUARY.fever_c)


def vehicle(*readings: tuple[float, float | None], device: str = "forehead", **changed: Any) -> dict[str, Any]:
    rows = [{"temperature": one} | ({"second_temperature": two} if two else {}) for one, two in readings]
    base = {"direction": "in", "origin": "district", "resident": "yes", "errand": "home", "device_class": device}
    return {**base, "second_device_class": "axillary", "occupants": rows, **changed}


def decided(answers: dict[str, Any]) -> str:
    proposal = FEBRUARY.decide("vehicle_check", answers)
    assert proposal is not None
    return proposal.decision


def test_a_first_reading_alone_is_never_a_fever() -> None:
    assert decided(vehicle((39.5, None))) == "measure_again"


def test_the_second_reading_decides() -> None:
    assert decided(vehicle((37.6, 37.3))) == "hand_over"
    assert decided(vehicle((37.6, 36.9))) == "admit"


def test_the_second_reading_of_one_is_not_lent_to_another() -> None:
    assert decided(vehicle((36.5, 36.4), (37.8, None))) == "measure_again"


def test_a_fever_goes_before_turning_back() -> None:
    turned = {"origin": "hubei", "resident": "no"}
    assert decided(vehicle((36.5, None), **turned)) == "turn_back"
    assert decided(vehicle((38.0, 38.0), **turned)) == "hand_over"


def test_residents_are_never_turned_back_for_where_they_come_from() -> None:
    assert decided(vehicle((36.5, None), origin="hubei", resident="yes")) == "admit"


def test_leaving_is_never_turned_back() -> None:
    assert decided(vehicle((36.5, None), direction="out", resident="no", errand="none")) == "admit"


def test_a_rule_says_its_reason_and_its_edition() -> None:
    proposal = FEBRUARY.decide("vehicle_check", vehicle((36.5, None), origin="hubei", resident="no"))
    assert proposal is not None
    assert (proposal.rule, proposal.reason_code, proposal.edition) == ("from_risk_area", "risk_area", "2020-01")
    assert proposal.reasons[0].in_("en").startswith("Not a resident")


def test_no_rule_speaks_about_other_kinds() -> None:
    assert FEBRUARY.decide("lesson", {}) is None


@settings(deadline=None)
@given(st.floats(30, 45), st.sampled_from(CLASSES))
def test_each_thermometer_has_its_own_threshold(degrees: float, device: str) -> None:
    high = degrees >= FEBRUARY.fever_c[device]
    assert (decided(vehicle((degrees, None), device=device)) == "measure_again") == high


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(30, 45), st.none() | st.floats(30, 45)), min_size=1, max_size=6))
def test_nobody_with_a_confirmed_fever_passes_and_nobody_without_is_handed_over(
    readings: list[tuple[float, float | None]],
) -> None:
    confirmed = any(two is not None and two >= FEBRUARY.fever_c["axillary"] for _, two in readings)
    assert (decided(vehicle(*readings)) == "hand_over") == confirmed


@settings(deadline=None)
@given(st.lists(st.floats(30, 45), min_size=2, max_size=5), st.randoms())
def test_the_order_of_the_seats_does_not_matter(degrees: list[float], rng: Any) -> None:
    shuffled = list(degrees)
    rng.shuffle(shuffled)
    assert decided(vehicle(*((each, None) for each in degrees))) == decided(
        vehicle(*((each, None) for each in shuffled))
    )


def test_a_thermometer_nobody_named_is_read_by_the_strictest_threshold() -> None:
    strictest = min(FEBRUARY.fever_c.values())
    answers = vehicle((strictest, None))
    del answers["device_class"]
    assert decided(answers) == "measure_again"


def test_the_edition_in_force_is_found_by_its_dates() -> None:
    editions = SHANGJIE.protocols.editions
    for edition in editions:
        assert SHANGJIE.protocols.on(edition.valid_from) is edition
    assert SHANGJIE.protocols.on(editions[1].valid_from - timedelta(days=1)) is editions[0]
    with pytest.raises(LookupError):
        SHANGJIE.protocols.on(editions[0].valid_from - timedelta(days=1))


def test_limits_are_told_in_minutes_whatever_their_unit() -> None:
    assert FEBRUARY.minutes("handover_minutes") == 60
    assert FEBRUARY.minutes("repeat_attempt_hours") == 24 * 60


def test_an_edition_travels_to_a_phone_as_plain_json() -> None:
    told = json.loads(json.dumps(FEBRUARY.as_json()))
    assert told["rules"][0]["when"] == {"occupants.second_temperature": {"gte": {"fever_c": "second_device_class"}}}
    assert told["report_time"] == "17:00:00"


@pytest.mark.parametrize(
    ("condition", "value", "expected"),
    [
        ("yes", "yes", True),
        ("yes", None, False),
        (("a", "b"), "b", True),
        (1, True, False),
        (True, 1, False),
        (1, 1.0, True),
        (Bounds(gte=2), 2, True),
        (Bounds(gt=2), 2, False),
        (Bounds(gte=2, lt=3), 3, False),
        (Bounds(gte=2), "2", False),
        (Bounds(gte="2020-02-01"), "2020-02-05", True),
        (Bounds(missing=True), None, True),
        (Bounds(missing=False), None, False),
        (Bounds(missing=False), 0, True),
        (Bounds(gte=Threshold(fever_c="device")), 37.4, True),
        (Bounds(gte=Threshold(fever_c="device")), 37.2, False),
    ],
)
def test_conditions_mean_what_they_say(condition: Any, value: Any, expected: bool) -> None:
    answers = {"x": value, "device": "axillary"}
    assert holds({"x": condition}, answers, {"axillary": 37.3, "gate": 37.0}) is expected

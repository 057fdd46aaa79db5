"""Answers against a form: what is right passes unharmed, what is wrong is named with what would be right."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lianfang import pack

SHANGJIE = Path(__file__).parents[2] / "packs" / "shangjie"
VEHICLE = pack.read(SHANGJIE).forms["vehicle_check"]
HANDOVER = pack.read(SHANGJIE).forms["fever_handover"]
COUNT = pack.read(SHANGJIE).forms["traffic_count"]
ROUND = pack.read(Path(__file__).parent / "tiny").forms["dyke_round"]


def right(**changed: Any) -> dict[str, Any]:
    answers = {
        "plate": "豫A12345",
        "direction": "in",
        "device_class": "forehead",
        "occupants": [{"temperature": 36.5}, {"temperature": 36.8}],
        "origin": "district",
        "resident": "yes",
        "decision": "admit",
    }
    return {name: value for name, value in (answers | changed).items() if value is not None}


def codes(answers: Any) -> dict[str, str]:
    return {each.field: each.code for each in VEHICLE.check(answers).faults}


def test_personal_answers_are_parted_from_the_rest() -> None:
    clean, personal, quantity, faults = VEHICLE.check(right(driver_phone="13800000000"))
    assert faults == []
    assert personal == {"plate": "豫A12345", "phone": "13800000000"}
    assert "plate" not in clean
    assert "driver_phone" not in clean
    assert quantity == 2


def test_no_answer_and_an_empty_answer_are_the_same() -> None:
    assert VEHICLE.check(right(driver_phone="")).clean == VEHICLE.check(right(driver_phone=None)).clean


@pytest.mark.parametrize(
    ("changed", "field", "code"),
    [
        ({"wheels": 4}, "wheels", "unknown_field"),
        ({"direction": None}, "direction", "required"),
        ({"occupants": []}, "occupants", "required"),
        ({"occupants": None}, "occupants", "required"),
        ({"occupants": "two"}, "occupants", "wrong_type"),
        ({"occupants": [{"temperature": 36.5}, 7]}, "occupants[2]", "wrong_type"),
        ({"occupants": [{"temperature": 98}]}, "occupants[1].temperature", "out_of_range"),
        ({"occupants": [{"temperature": "36.5"}]}, "occupants[1].temperature", "wrong_type"),
        ({"occupants": [{"temperature": True}]}, "occupants[1].temperature", "wrong_type"),
        ({"occupants": [{"temperature": float("nan")}]}, "occupants[1].temperature", "wrong_type"),
        ({"occupants": [{}]}, "occupants[1].temperature", "required"),
        ({"occupants": [{"temperature": 36.5}] * 101}, "occupants", "too_many"),
        ({"origin": "moon"}, "origin", "not_a_choice"),
        ({"origin": ["district"]}, "origin", "not_a_choice"),
        ({"reason": "other"}, "reason", "not_relevant"),
        ({"decision": "turn_back"}, "reason", "required"),
        ({"plate": "豫" * 21}, "plate", "too_long"),
        ({"plate": "豫A\x00"}, "plate", "forbidden_character"),
        ({"plate": "豫A\ud800"}, "plate", "forbidden_character"),
        ({"plate": 12345}, "plate", "wrong_type"),
    ],
)
def test_a_wrong_answer_is_named(changed: dict[str, Any], field: str, code: str) -> None:
    assert codes(right(**changed)) == {field: code}


@pytest.mark.parametrize("answers", [None, [], "plate", 7])
def test_what_are_no_answers_at_all_is_a_fault_and_no_exception(answers: Any) -> None:
    assert codes(answers) == {"answers": "wrong_type"}


def test_a_fault_says_what_would_be_right_in_the_users_language() -> None:
    (chinese,) = VEHICLE.check(right(occupants=[{"temperature": 98}]), "zh-hans").faults
    (english,) = VEHICLE.check(right(occupants=[{"temperature": 98}]), "en").faults
    assert chinese.message == "“体温”超出可能的范围。"
    assert "≥ 30, ≤ 45" in chinese.expected
    assert english.message == "“Temperature” is outside what is possible."
    assert english.expected == "A number ≥ 30, ≤ 45."


def test_every_sentence_to_the_user_has_its_chinese() -> None:
    from lianfang.pack.answers import MESSAGES
    from lianfang.pack.wording import catalogue

    assert set(MESSAGES.values()) <= set(catalogue("zh-hans"))


def test_rare_characters_pass_unharmed() -> None:
    answers = {"name": "𬱖𫖯", "temperature": 38.2, "device_class": "axillary", "clinic": "c-1", "transport": "police"}
    assert HANDOVER.check(answers).personal["name"] == "𬱖𫖯"


@pytest.mark.parametrize("given_", ["2020-02-05T17:00:00", "20200205", "yesterday", 5, "2020-02-30T00:00:00+08:00"])
def test_an_instant_needs_a_date_that_exists_and_its_zone(given_: Any) -> None:
    answers = {"counter": "loop", "counted": "vehicles", "from": given_, "to": "2020-02-05T18:00:00+08:00", "count": 3}
    assert [each.field for each in COUNT.check(answers).faults] == ["from"]


def test_a_whole_number_is_no_fraction_and_no_monster() -> None:
    base = {"counter": "loop", "counted": "vehicles"}
    base |= {"from": "2020-02-05T17:00:00+08:00", "to": "2020-02-05T18:00:00+08:00"}
    for count in (3.5, 10**400, -1, "3"):
        assert [each.field for each in COUNT.check({**base, "count": count}).faults] == ["count"], count
    assert COUNT.check({**base, "count": 3}).quantity == 3


def test_relevance_of_a_number_required_only_then() -> None:
    assert ROUND.check({"seepage": "no", "decision": "walk_on"}).faults == []
    assert [each.code for each in ROUND.check({"seepage": "yes", "decision": "walk_on"}).faults] == ["required"]
    checked = ROUND.check({"seepage": "yes", "bags": 12, "decision": "reinforce", "cracks": [{"length": 0.5}]})
    assert (checked.faults, checked.quantity) == ([], 12)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
names = st.sampled_from([*(path for path, _ in VEHICLE.walk() if "." not in path), "x", ""])


@settings(deadline=None)
@given(st.dictionaries(names, json_values, max_size=8))
def test_whatever_is_sent_gets_a_verdict_and_never_an_exception(answers: dict[str, Any]) -> None:
    checked = VEHICLE.check(answers)
    assert checked.faults or checked.quantity
    for fault in checked.faults:
        assert fault.message
        assert fault.expected


@settings(deadline=None)
@given(
    st.lists(st.floats(30, 45), min_size=1, max_size=6),
    st.sampled_from(VEHICLE.choices("origin")),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=20),
)
def test_right_answers_come_back_as_they_were_sent(degrees: list[float], origin: str, plate: str) -> None:
    rows = [{"temperature": each} for each in degrees]
    clean, personal, quantity, faults = VEHICLE.check(right(occupants=rows, origin=origin, plate=plate))
    assert faults == []
    assert personal == {"plate": plate}
    assert (clean["occupants"], clean["origin"], quantity) == (rows, origin, len(rows))
    assert VEHICLE.check({**clean, **personal}).clean == clean


def test_checking_is_fast_enough_for_the_ingest_path() -> None:
    """Ten thousand rows a second leave 100 µs a row for everything; checking may take a small part of it."""
    answers = right()
    VEHICLE.check(answers)
    best = min(_seconds(answers) for _ in range(5))
    assert best / 1000 < 60e-6


def _seconds(answers: dict[str, Any]) -> float:
    began = time.process_time()
    for _ in range(1000):
        VEHICLE.check(answers)
    return time.process_time() - began


def test_a_form_travels_to_a_phone_as_plain_json() -> None:
    for form in pack.read(SHANGJIE).forms.values():
        told = json.loads(json.dumps(form.as_json("en")))
        assert told["kind"] == form.kind
        assert all(isinstance(field["label"], str) for field in told["fields"])

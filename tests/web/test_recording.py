"""Recording by hand: the pack's form on a page, written once, refused at the field."""

from datetime import timedelta

import pytest
from web_house import AT, EAST, browser

from lianfang.clock import SHANGHAI
from lianfang.journal.models import Entry
from lianfang.registry import index

pytestmark = pytest.mark.usefixtures("house")
GIVEN = {
    "ticket": "a" * 32,
    "at": "2020-02-05T09:10",
    "place": EAST,
    "plate": "豫A12345",
    "direction": "in",
    "device_class": "forehead",
    "occupants.0.temperature": "36.5",
    "occupants.2.temperature": "36.9",
    "origin": "district",
    "resident": "yes",
    "decision": "admit",
}


def test_what_is_typed_becomes_an_entry_like_any_other():
    answer = browser("shift-leader").post("/record/vehicle_check/", GIVEN)
    assert answer.status_code == 302
    entry = Entry.objects.get()
    assert (entry.kind, entry.place, entry.area, entry.unit) == ("vehicle_check", EAST, "410106004003", "traffic-group")
    assert entry.at.astimezone(SHANGHAI).strftime("%H:%M") == "09:10"
    assert entry.recorded_at == AT
    assert entry.quantity == 2
    assert entry.answers["occupants"] == [{"temperature": 36.5}, {"temperature": 36.9}]
    assert entry.subject == index.pseudonym("plate", "豫A12345")
    assert "豫A12345" not in str(entry.answers)


def test_pressing_twice_records_once():
    client = browser("shift-leader")
    client.post("/record/vehicle_check/", GIVEN)
    again = client.post("/record/vehicle_check/", GIVEN, follow=True)
    assert "already recorded" in again.content.decode()
    assert Entry.objects.count() == 1


def test_a_fault_is_shown_at_its_field_and_nothing_typed_is_lost():
    wrong = GIVEN | {"occupants.2.temperature": "63.9", "origin": "moon", "at": "2020-02-05T11:00"}
    answer = browser("shift-leader").post("/record/vehicle_check/", wrong)
    assert answer.status_code == 422
    faulty = {question.name: question for question in answer.context["questions"] if question.faults or question.rows}
    assert faulty["origin"].faults
    temperatures = [row[0] for row in faulty["occupants"].rows]
    assert [bool(each.faults) for each in temperatures] == [False, True]
    assert [each.value for each in temperatures] == ["36.5", "63.9"]
    assert "up to now" in answer.context["wrong"]["at"]
    assert 'value="豫A12345"' in answer.content.decode()
    assert not Entry.objects.exists()


def test_a_place_that_is_not_ones_own_is_not_offered_and_not_taken():
    client = browser("shift-leader")
    assert "cp-highway" not in client.get("/record/vehicle_check/").content.decode()
    answer = client.post("/record/vehicle_check/", GIVEN | {"place": "cp-highway"})
    assert answer.status_code == 422
    assert not Entry.objects.exists()


def test_a_drill_is_kept_as_one():
    browser("shift-leader").post("/record/vehicle_check/", GIVEN | {"exercise": "on"})
    assert Entry.objects.get().exercise


def test_a_form_the_pack_does_not_have_is_not_there():
    assert browser("shift-leader").get("/record/withdrawal/").status_code == 404
    assert browser("shift-leader").get("/record/nothing/").status_code == 404


def test_every_form_of_the_pack_can_be_shown():
    from lianfang.doors.web import house

    client = browser("shift-leader")
    for kind in set(house.pack().forms) - {"withdrawal"}:
        assert client.get(f"/record/{kind}/").status_code == 200, kind


def test_a_unit_s_report_written_by_hand_belongs_to_the_unit():
    given = {"ticket": "b" * 32, "at": "2020-02-05T09:00", "day": "2020-02-05", "nothing": "yes"}
    assert browser("education").post("/record/unit_report/", given).status_code == 302
    entry = Entry.objects.get()
    assert entry.unit == "education"
    assert AT - entry.at == timedelta(minutes=30)

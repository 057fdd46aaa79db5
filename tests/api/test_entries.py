"""Handing in entries: a verdict for each row, nothing lost, nothing twice."""

from datetime import timedelta
from uuid import uuid4

import pytest
from api_rows import GATE, NOW, OTHER_GATE, fault_codes, person, row, vehicle
from django.db import connection

from lianfang import clock
from lianfang.journal import ids
from lianfang.journal.models import Entry
from lianfang.registry import actions, index, vault
from lianfang.registry.models import Device


def test_a_vehicle_is_stored_with_its_subject_and_without_its_plate(phone):
    sent = vehicle(driver_phone="13812345678")
    (result,) = phone.results(sent)
    assert result == {"id": sent["id"], "status": "stored", "faults": [], "notices": []}
    entry = Entry.objects.get(id=sent["id"])
    assert (entry.kind, entry.place, entry.device, entry.quantity) == ("vehicle_check", GATE, phone.code, 2)
    assert entry.recorded_at == NOW
    assert entry.subject == index.pseudonym("plate", "京A12345")
    assert "plate" not in entry.answers
    assert "driver_phone" not in entry.answers
    opened = vault.open_many([entry.subject])[entry.subject]
    assert opened.fields == {"plate": "京A12345", "phone": "13812345678"}


def test_no_personal_answer_lies_readable_in_any_table(phone):
    phone.results(person(name="欧阳𠮷", phone="13987654321"), vehicle(plate="沪B98765"))
    with connection.cursor() as cursor:
        cursor.execute("select table_name from information_schema.tables where table_schema = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f"select coalesce(string_agg(t::text, chr(10)), '') from \"{table}\" t")
            text = cursor.fetchone()[0]
            for secret in ("11010519491231002X", "欧阳𠮷", "13987654321", "沪B98765"):
                assert secret not in text, f"{secret} in {table}"


def test_sending_twice_stores_once(phone):
    sent = vehicle()
    assert [each["status"] for each in phone.results(sent, sent)] == ["stored", "already"]
    assert [each["status"] for each in phone.results(sent)] == ["already"]
    assert Entry.objects.filter(id=sent["id"]).count() == 1


def test_the_same_id_with_other_content_is_refused_and_shown_and_overwrites_nothing(phone):
    sent = vehicle()
    phone.results(sent)
    (result,) = phone.results(sent | {"answers": sent["answers"] | {"plate": "京B00000"}})
    assert fault_codes(result) == {("id", "other_content")}
    assert phone.code in result["faults"][0]["message"]
    assert Entry.objects.get(id=sent["id"]).subject == index.pseudonym("plate", "京A12345")


def test_a_bad_row_costs_the_others_nothing(phone):
    good, bad, other = vehicle(), vehicle(decision="maybe"), vehicle()
    results = phone.results(good, bad, {"id": 5}, "text", other)
    assert [each["status"] for each in results] == ["stored", "refused", "refused", "refused", "stored"]
    assert [each["row"] for each in results[1]["faults"]] == [2]
    assert {each["row"] for each in results[2]["faults"]} == {3}


def test_every_field_at_fault_is_named_with_what_would_be_right(phone):
    sent = {"id": "not-a-uuid", "form": "vehicle_check", "at": "yesterday", "answers": [], "colour": "red"}
    (result,) = phone.results(sent)
    assert fault_codes(result) == {("id", "shape"), ("at", "shape"), ("answers", "shape"), ("colour", "unknown")}
    assert all(each["message"] and each["expected"] for each in result["faults"])


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"occupants": [{"temperature": 365}]}, "answers.occupants[1].temperature", "out_of_range"),
        (
            {"occupants": [{"temperature": 36.5}, {"temperature": "hot"}]},
            "answers.occupants[2].temperature",
            "wrong_type",
        ),
        ({"occupants": []}, "answers.occupants", "required"),
        ({"colour": "red"}, "answers.colour", "unknown_field"),
        ({"decision": "turn_back"}, "answers.reason", "required"),
        ({"origin": "moon"}, "answers.origin", "not_a_choice"),
        ({"plate": "A" * 21}, "answers.plate", "too_long"),
        ({"plate": "A\0B"}, "answers.plate", "forbidden_character"),
    ],
)
def test_impossible_answers_are_refused_field_by_field(phone, change, field, code):
    (result,) = phone.results(vehicle(**change))
    assert (field, code) in fault_codes(result)
    assert result["faults"][0]["row"] == 1


def test_messages_are_in_the_language_of_the_sender(phone):
    sent = {**vehicle(), "form": "no_such_form"}
    phone.language = "en"
    (english,) = phone.results(sent)
    phone.language = "zh-CN"
    (chinese,) = phone.results(sent)
    assert english["faults"][0]["message"] == "There is no form “no_such_form”."
    assert chinese["faults"][0]["message"] == "没有名为“no_such_form”的表单。"
    assert "vehicle_check" in english["faults"][0]["expected"]


def test_a_future_time_is_refused(phone):
    (result,) = phone.results(vehicle(at=NOW + timedelta(minutes=8)))
    assert ("at", "future") in fault_codes(result)


def test_an_impossible_date_is_refused(phone):
    (result,) = phone.results(vehicle() | {"at": "2020-02-30T09:00:00+08:00"})
    assert fault_codes(result) == {("at", "shape")}


@pytest.mark.parametrize("told", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "1905-02-05T09:00:00Z"])
def test_a_time_nobody_can_mean_is_refused(phone, told):
    assert fault_codes(phone.results(vehicle() | {"at": told})[0]) == {("at", "impossible")}
    assert phone.send(vehicle(), sent_at=told).status_code == 400


def test_a_time_without_a_zone_is_refused(phone):
    (result,) = phone.results(vehicle() | {"at": "2020-02-05T09:00:00"})
    assert fault_codes(result) == {("at", "shape")}


@pytest.mark.parametrize("hours", [2, -2])
def test_a_clock_two_hours_wrong_refuses_each_row_and_says_the_right_time(phone, hours):
    wrong = NOW + timedelta(hours=hours)
    results = phone.results(vehicle(at=wrong), vehicle(at=wrong), sent_at=wrong)
    for result in results:
        assert fault_codes(result) == {("sent_at", "clock")}
        assert result["faults"][0]["expected"]["ahead_seconds"] == hours * 3600
        assert "09:30:00" in result["faults"][0]["message"]
    assert not Entry.objects.exists()


def test_after_shifting_by_the_told_offset_the_rows_are_stored(phone):
    wrong = NOW + timedelta(hours=2)
    sent = vehicle(at=wrong)
    (result,) = phone.results(sent, sent_at=wrong)
    offset = timedelta(seconds=result["faults"][0]["expected"]["ahead_seconds"])
    (again,) = phone.results(sent | {"at": (wrong - offset).isoformat()}, sent_at=wrong - offset)
    assert again["status"] == "stored"


def test_a_clock_a_few_minutes_slow_is_let_be(phone):
    (result,) = phone.results(vehicle(), sent_at=NOW - timedelta(minutes=9))
    assert result["status"] == "stored"


def test_a_device_at_one_gate_cannot_speak_for_another(phone):
    (result,) = phone.results(vehicle() | {"place": OTHER_GATE})
    assert ("place", "wrong_place") in fault_codes(result)


def test_a_device_cannot_write_outside_its_area(enrol, district):
    roaming = enrol("roaming", place="", area="410106004")
    (inside, outside) = roaming.results(vehicle() | {"place": GATE}, vehicle() | {"place": OTHER_GATE})
    assert inside["status"] == "stored"
    assert ("area", "wrong_area") in fault_codes(outside)


@pytest.mark.parametrize("area", ["110101001", "41010600400399", "x", "410106004003~"])
def test_a_wrong_area_is_refused(enrol, area):
    district_wide = enrol("wide", place="")
    (result,) = district_wide.results(vehicle() | {"area": area})
    assert {field for field, _code in fault_codes(result)} == {"area"}


def test_a_device_hands_in_only_its_own_forms(enrol):
    gate = enrol("gate-1", kind="gate", forms=["gate_reading"])
    (result,) = gate.results(vehicle())
    assert fault_codes(result) == {("form", "form_not_allowed")}
    assert result["faults"][0]["expected"] == ["gate_reading"]


def test_a_phone_whose_person_lost_the_power_may_not_hand_in(enrol, district):
    user = actions.make_user(by=None, at=NOW, username="nobody", name="Nobody")
    bound = enrol("bound", user=user)
    assert bound.send(vehicle()).status_code == 403


@pytest.mark.parametrize("text", ["𠮷田", "㐂", "👍🏽", "ᠮᠣᠩᠭᠣᠯ", "a\u202eb", "\U0010fffd"])
def test_rare_characters_come_back_as_they_went(phone, text):
    sent = person(name=text)
    assert phone.results(sent)[0]["status"] == "stored"
    subject = Entry.objects.get(id=sent["id"]).subject
    assert vault.open_many([subject])[subject].fields["name"] == text


def test_an_id_that_is_no_uuid7_or_of_another_day_is_refused(phone):
    old = vehicle() | {"id": str(ids.make(NOW - timedelta(days=5)))}
    results = phone.results(vehicle() | {"id": str(uuid4())}, old)
    assert {code for result in results for _field, code in fault_codes(result)} == {"not_uuid7", "id_time"}


def test_a_person_with_a_bad_document_is_recorded_as_unverified_never_refused(phone):
    (result,) = phone.results(person(document="110105194912310021"))
    assert result["status"] == "stored"
    assert [each["code"] for each in result["notices"]] == ["unverified"]


def test_people_without_a_number_are_told_apart(phone):
    first, second = person(document="", name="甲"), person(document="", name="乙")
    assert [each["status"] for each in phone.results(first, second)] == ["stored", "stored"]
    subjects = set(Entry.objects.filter(id__in=[first["id"], second["id"]]).values_list("subject", flat=True))
    assert len(subjects) == 2


def test_a_device_corrects_its_own_entry_and_nobody_elses(phone, enrol):
    sent = vehicle()
    phone.results(sent)
    correction = vehicle(decision="turn_back", reason="other") | {"corrects": sent["id"]}
    other = enrol("phone-2")
    assert fault_codes(other.results(correction)[0]) == {("corrects", "not_own")}
    assert phone.results(correction)[0]["status"] == "stored"


def test_a_withdrawal_names_what_it_withdraws(phone):
    sent = vehicle()
    phone.results(sent)
    at = NOW - timedelta(seconds=10)
    missing, right = (
        row("withdrawal", at, {"why": "typed twice"}),
        row("withdrawal", at, {"why": "typed twice"}, corrects=sent["id"]),
    )
    results = phone.results(missing, right)
    assert fault_codes(results[0]) == {("corrects", "required")}
    assert results[1]["status"] == "stored"


def test_a_vehicle_turned_back_at_another_gate_is_recognised(phone, enrol):
    other = enrol("phone-2", place=OTHER_GATE)
    other.results(vehicle(at=NOW - timedelta(hours=3), decision="turn_back", reason="not_necessary"))
    (seen,) = phone.results(vehicle())
    assert [(each["code"], each["place"]) for each in seen["notices"]] == [("repeated", OTHER_GATE)]
    (elsewhere,) = phone.results(vehicle(plate="京A54321"))
    assert elsewhere["notices"] == []
    (same_gate,) = other.results(vehicle(at=NOW - timedelta(minutes=2)))
    assert same_gate["notices"] == []


def test_a_turning_back_longer_ago_than_the_protocol_says_is_forgotten(phone, enrol):
    other = enrol("phone-2", kind="replay", place=OTHER_GATE)
    long_ago = NOW - timedelta(hours=25)
    other.results(vehicle(at=long_ago, decision="turn_back", reason="other"), sent_at=long_ago)
    assert phone.results(vehicle())[0]["notices"] == []


def test_a_hand_over_says_by_when_the_clinic_must_confirm(phone):
    at = NOW - timedelta(minutes=1)
    answers = {"temperature": 38.2, "device_class": "axillary", "clinic": "clinic-1", "transport": "ambulance"}
    (result,) = phone.results(row("fever_handover", at, answers))
    (notice,) = result["notices"]
    assert (notice["code"], notice["place"]) == ("due", "clinic-1")
    assert notice["at"] == (at + timedelta(minutes=60)).isoformat()


def test_only_a_replaying_device_of_a_demonstration_hands_in_its_own_time(enrol, phone, settings):
    past = NOW - timedelta(days=3)
    replay = enrol("replay-1", kind=Device.REPLAY)
    sent = vehicle(at=past)
    assert replay.results(sent, sent_at=past)[0]["status"] == "stored"
    assert Entry.objects.get(id=sent["id"]).recorded_at == past
    assert fault_codes(phone.results(vehicle(at=past), sent_at=past)[0]) == {("sent_at", "clock")}
    settings.DEMONSTRATION = False
    assert fault_codes(replay.results(vehicle(at=past), sent_at=past)[0]) == {("sent_at", "clock")}


def test_a_drill_is_marked_and_brings_no_notice(phone, enrol):
    other = enrol("phone-2", place=OTHER_GATE)
    other.results(vehicle(at=NOW - timedelta(hours=1), decision="turn_back", reason="other"))
    sent = vehicle() | {"exercise": True}
    assert phone.results(sent)[0]["notices"] == []
    assert Entry.objects.get(id=sent["id"]).exercise


def test_the_answer_says_the_time(phone):
    assert phone.send(vehicle()).json()["server_time"] == NOW.isoformat()
    assert clock.now() == NOW

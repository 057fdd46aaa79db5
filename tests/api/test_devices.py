"""What posts, gates, counters and clinics need besides handing in entries."""

import json
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from api_rows import CLINIC, GATE, NOW, OTHER_GATE, fault_codes, row, vehicle
from django.test import Client
from django.utils import timezone

from lianfang.doors.api import readings
from lianfang.dues import actions as dues
from lianfang.dues.actions import Expected
from lianfang.journal import ids, reconciliation
from lianfang.journal.models import Entry
from lianfang.registry import actions
from lianfang.registry.models import Act, Role


@pytest.fixture
def gate(enrol):
    return enrol("gate-1", kind="gate", forms=["gate_reading"])


def reading(seq, temperature=36.5, **more):
    return {
        "seq": seq,
        "at": (NOW - timedelta(seconds=seq)).isoformat(),
        "temperature": temperature,
        "device_class": "gate",
    } | more


def statuses(answer):
    assert answer.status_code == 200, answer.content
    return [each["status"] for each in answer.json()["results"]]


def test_one_reading_several_and_a_dated_list_are_all_taken(gate):
    assert statuses(gate.post("/api/readings", reading(1))) == ["stored"]
    assert statuses(gate.post("/api/readings", [reading(2), reading(3)])) == ["stored", "stored"]
    assert statuses(gate.post("/api/readings", {"sent_at": NOW.isoformat(), "readings": [reading(4)]})) == ["stored"]
    assert set(Entry.objects.values_list("kind", "device", "place")) == {("gate_reading", "gate-1", GATE)}


def test_a_reading_sent_again_is_stored_once(gate):
    gate.post("/api/readings", [reading(1), reading(2)])
    assert statuses(gate.post("/api/readings", [reading(2), reading(3)])) == ["already", "stored"]
    assert Entry.objects.count() == 3


def test_a_device_without_a_clock_counts_once_too_even_over_midnight(gate, monkeypatch):
    clockless = {"seq": 7, "temperature": 36.4, "device_class": "gate"}
    assert statuses(gate.post("/api/readings", clockless)) == ["stored"]
    assert statuses(gate.post("/api/readings", [clockless, {**clockless, "seq": 8}])) == ["already", "stored"]
    monkeypatch.setattr("lianfang.clock.now", lambda: NOW + timedelta(hours=20))
    assert statuses(gate.post("/api/readings", clockless)) == ["already"]


def test_two_devices_with_the_same_number_are_two_readings(gate, enrol):
    other = enrol("gate-2", kind="gate", forms=["gate_reading"])
    assert statuses(gate.post("/api/readings", reading(1))) == ["stored"]
    assert statuses(other.post("/api/readings", reading(1))) == ["stored"]


def test_a_simple_form_is_enough(gate):
    told = {"seq": "1", "temperature": "36.6", "device_class": "gate", "at": NOW.isoformat()}
    answer = gate.post("/api/readings", urlencode(told).encode(), content_type="application/x-www-form-urlencoded")
    assert statuses(answer) == ["stored"]
    assert Entry.objects.get().answers["temperature"] == 36.6


def test_a_reading_with_a_fault_costs_the_others_nothing(gate):
    sent = [reading(1), reading(2, temperature=99), {"temperature": 36.5}, 5, reading(3, at="noon"), reading(4)]
    answer = gate.post("/api/readings", sent)
    assert statuses(answer) == ["stored", "refused", "refused", "refused", "refused", "stored"]
    results = answer.json()["results"]
    assert [each["faults"][0]["row"] for each in results if each["faults"]] == [2, 3, 4, 5]
    assert fault_codes(results[2]) == {("seq", "required")}


@pytest.mark.parametrize("told", [5, "x", None, {"readings": {}}, {"readings": [], "colour": 1}])
def test_what_is_no_reading_is_refused(gate, told):
    assert gate.post("/api/readings", told).status_code in (200, 400)
    assert not Entry.objects.exists()


def test_an_id_made_from_device_and_number_is_a_uuid7_of_its_time():
    made = readings.identifier("gate-1", 5, NOW)
    assert ids.well_formed(made)
    assert ids.moment(made) == NOW
    assert made == readings.identifier("gate-1", 5, NOW) != readings.identifier("gate-1", 6, NOW)


def test_a_post_learns_who_it_is_and_by_which_rules(phone):
    answer = phone.get("/api/post")
    told = answer.json()
    assert told["device"]["code"] == phone.code
    assert told["place"]["code"] == GATE
    assert {each["kind"] for each in told["forms"]} >= {"vehicle_check", "person_check"}
    assert told["protocol"]["edition"] == "2020-01"
    assert told["protocol"]["rules"][0]["when"]
    assert told["next_protocol"]["edition"] == "2021-01"
    assert phone.get("/api/post", **{"If-None-Match": answer["ETag"]}).status_code == 304


def test_a_post_reads_its_labels_in_its_language(phone):
    english = phone.get("/api/post").json()["forms"]
    phone.language = "zh-CN"
    chinese = phone.get("/api/post").json()["forms"]
    assert english != chinese


def test_a_look_up_tells_the_last_decisions_without_a_number_and_is_logged(phone, enrol):
    other = enrol("phone-2", place=OTHER_GATE)
    other.results(vehicle(at=NOW - timedelta(hours=2), decision="turn_back", reason="no_mask"))
    answer = phone.post("/api/lookups", {"plate": "京A·12345", "purpose": "duty"})
    (decision,) = answer.json()["decisions"]
    assert (decision["place"], decision["decision"], decision["label"]) == (OTHER_GATE, "turn_back", "Turned back")
    assert "京A12345" not in answer.content.decode()
    act = Act.objects.get(verb="lookup")
    assert (act.about, act.detail["purpose"], act.detail["found"]) == (phone.code, "duty", 1)


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"plate": "京A1"},
        {"purpose": "duty"},
        {"plate": "京A1", "document": "1", "purpose": "duty"},
        {"plate": "···", "purpose": "duty"},
    ],
)
def test_a_look_up_needs_one_number_and_a_purpose(phone, asked):
    assert phone.post("/api/lookups", asked).status_code == 400
    assert not Act.objects.filter(verb="lookup").exists()


def test_a_clinic_sees_what_was_handed_over_to_it_until_it_confirms(phone, enrol, district):
    at = NOW - timedelta(minutes=70)
    answers = {
        "temperature": 38.2,
        "device_class": "axillary",
        "clinic": CLINIC,
        "transport": "ambulance",
        "name": "某某",
    }
    sent = row("fever_handover", at, answers)
    phone.results(sent)
    expected = Expected(
        "fever_expects_receipt",
        "fever_receipt",
        sent["id"],
        at + timedelta(minutes=60),
        at,
        sent["id"],
        place=CLINIC,
        area=district.place[CLINIC].area,
        unit="fever-clinic",
        origin=GATE,
    )
    dues.expect(expected=[expected])
    clinic = enrol("clinic-phone", place=CLINIC)
    (waiting,) = clinic.get("/api/handovers").json()["handovers"]
    assert (waiting["id"], waiting["from"], waiting["confirm"], waiting["overdue"]) == (
        sent["id"],
        GATE,
        "fever_receipt",
        True,
    )
    assert "name" not in waiting["answers"]
    assert phone.get("/api/handovers").json()["handovers"] == []
    receipt = row("fever_receipt", NOW - timedelta(minutes=1), {"handover": sent["id"], "outcome": "observed"})
    assert clinic.results(receipt)[0]["status"] == "stored"
    dues.meet(kind="fever_receipt", about=sent["id"], entry=receipt["id"], met_at=NOW, at=NOW)
    assert clinic.get("/api/handovers").json()["handovers"] == []


@pytest.fixture
def officer(district):
    """Somebody who may see figures and checkpoints of one subdistrict only."""
    role = Role.objects.create(
        code="officer", title="officer", powers=["figures.view", "checkpoints.view", "fevers.receive"]
    )
    user = actions.make_user(
        by=None, at=NOW, username="officer", name="Officer", unit="traffic-group", must_change=False
    )
    actions.grant(by=None, at=NOW - timedelta(days=1), user=user, role=role, area="410106004")
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_figures_count_what_the_reader_may_see_as_of_the_instant(phone, enrol, officer):
    phone.results(vehicle(), vehicle())
    enrol("phone-2", place=OTHER_GATE).results(vehicle())
    (figure,) = officer.get("/api/figures?name=vehicles_checked").json()["figures"]
    assert (figure["number"], figure["as_of"]) == (2, NOW.isoformat())
    before = (NOW - timedelta(minutes=5)).isoformat()
    (figure,) = officer.get("/api/figures", {"name": "vehicles_checked", "as_of": before}).json()["figures"]
    assert figure["number"] in (0, None)


@pytest.mark.parametrize(
    ("query", "status"),
    [("name=nonsense", 404), ("as_of=noon", 422), ("as_of=2020-02-05T09:00:00", 422), ("area=x", 422)],
)
def test_a_question_for_figures_that_cannot_be_answered_says_why(officer, query, status):
    answer = officer.get(f"/api/figures?{query}")
    assert answer.status_code == status
    assert answer.json()["error"]["message"]


def test_figures_need_somebody_signed_in(phone):
    assert phone.get("/api/figures").status_code == 401


def test_counters_are_set_against_the_register_by_post_and_hour(phone, enrol, officer):
    at = NOW - timedelta(hours=1)
    hour = at.replace(minute=0)
    replay = enrol("replay-1", kind="replay")
    replay.results(*[vehicle(at=hour + timedelta(minutes=each)) for each in range(9)], sent_at=NOW)
    camera = enrol("camera-1", kind="counter", forms=["traffic_count"])
    count = {
        "seq": 1,
        "at": (hour + timedelta(hours=1)).isoformat(),
        "counter": "camera",
        "counted": "vehicles",
        "from": hour.isoformat(),
        "to": (hour + timedelta(hours=1)).isoformat(),
        "count": 10,
    }
    assert statuses(camera.post("/api/readings", count)) == ["stored"]
    (line,) = officer.get("/api/reconciliation").json()["hours"]
    assert (line["place"], line["hour"], line["counted"], line["registered"], line["gap"], line["alert"]) == (
        GATE,
        hour.isoformat(),
        10,
        9,
        1,
        True,
    )
    assert officer.get("/api/reconciliation?area=410106005").json()["hours"] == []


def test_a_gap_alerts_only_above_the_bound():
    hour = reconciliation.Hour("gate", timezone.now())

    def alert(counted, registered, bound):
        (gap,) = reconciliation.reconcile({(hour, "camera"): counted}, {hour: registered}, bound=bound)
        return gap.alert

    assert not alert(100, 97, 0.03)
    assert alert(100, 96, 0.03)
    assert not alert(90, 100, 0.03)
    assert alert(5, 0, 0.03)


def test_an_hour_no_counter_spoke_of_is_no_data_and_not_zero():
    hour = reconciliation.Hour("gate", timezone.now())
    (gap,) = reconciliation.reconcile({}, {hour: 5}, bound=0.03)
    assert (gap.counted, gap.missing, gap.share, gap.alert) == (None, None, None, False)


def test_every_path_says_what_it_needs():
    from lianfang.doors.api import urls
    from lianfang.pack import POWERS

    assert {each.who for each in urls.NEEDS} <= {"open", "device", "person", "device or person"}
    assert all(each.power in POWERS for each in urls.NEEDS if each.who != "open")
    assert {each.path for each in urls.NEEDS if each.who == "open"} == {"/api/health"}
    assert all(hasattr(pattern.callback, "power") for pattern in urls.urlpatterns)
    assert json.loads(json.dumps([each.path for each in urls.NEEDS]))

"""Whatever is sent, the door answers with a verdict or a refusal, never with a fault of its own."""

import json
from datetime import timedelta
from typing import Any

import pytest
import schemathesis
from api_rows import NOW, vehicle
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance

from lianfang.doors.api import schema
from lianfang.doors.api.paths import api
from lianfang.journal import ids
from lianfang.server.wsgi import application

quick = settings(
    max_examples=60,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much],
)

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=30)
    | st.sampled_from(
        ["2020-02-05T09:29:00+08:00", "vehicle_check", "withdrawal", "cp-east", "410106004003", "\0", "\U0002a6d6"]
    )
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
names = st.sampled_from(["id", "form", "at", "place", "area", "subject", "answers", "corrects", "exercise"])
times = st.datetimes().map(lambda each: each.isoformat() + "+08:00")


def answered(answer: Any, rows: int) -> None:
    assert answer.status_code in (200, 400, 413), answer.content
    if answer.status_code == 200:
        results = answer.json()["results"]
        assert len(results) == rows
        assert all(each["status"] in ("stored", "already", "refused") for each in results)
        assert all(bool(each["faults"]) == (each["status"] == "refused") for each in results)


@quick
@given(raw=st.binary(max_size=300) | values.map(lambda each: json.dumps(each).encode()))
def test_any_bytes_get_an_answer(phone, raw):
    assert phone.post("/api/entries", raw or b" ").status_code in (200, 400, 413)


@quick
@given(
    rows=st.lists(st.dictionaries(names, values | times, max_size=9) | values, max_size=5),
    sent_at=times | st.just(NOW.isoformat()),
)
def test_any_rows_get_a_verdict_each(phone, rows, sent_at):
    answered(phone.send(*rows, sent_at=sent_at), len(rows))


@quick
@given(
    changes=st.dictionaries(names, values | times, max_size=3),
    answers=st.dictionaries(
        st.sampled_from([*vehicle()["answers"], "driver_phone", "reason", "x"]), values, max_size=4
    ),
)
def test_a_good_row_with_anything_wrong_in_it_never_costs_the_other(phone, changes, answers):
    sent = vehicle()
    answer = phone.send(sent | {"answers": sent["answers"] | answers} | changes, vehicle())
    answered(answer, 2)
    assert answer.json()["results"][1]["status"] == "stored"


@quick
@given(
    told=values
    | st.fixed_dictionaries(
        {
            "readings": st.lists(
                values | st.fixed_dictionaries({"seq": values, "at": times, "temperature": values}), max_size=4
            )
        }
    )
)
def test_any_readings_get_an_answer(enrol_gate, told):
    assert enrol_gate.post("/api/readings", told).status_code in (200, 400, 413)


@quick
@given(told=values | st.dictionaries(st.sampled_from(["plate", "document", "purpose"]), values, max_size=3))
def test_any_look_up_gets_an_answer(phone, told):
    assert phone.post("/api/lookups", told).status_code in (200, 400)


@quick
@given(at=st.datetimes().map(lambda each: each.replace(tzinfo=NOW.tzinfo)))
def test_any_time_is_stored_or_refused(phone, at):
    try:
        id = ids.make(at)
    except (ValueError, OverflowError):
        id = ids.make(NOW)
    row = vehicle() | {"at": at.isoformat(), "id": str(id)}
    answered(phone.send(row), 1)
    answered(phone.send(row, sent_at=at + timedelta(0)), 1)


@pytest.fixture
def enrol_gate(enrol):
    return enrol("gate-1", kind="gate", forms=["gate_reading"])


@pytest.fixture
def kept_connection():
    """The test's own connection and transaction, left alone by the application's requests."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


document = schemathesis.openapi.from_dict(schema.document(api))


@document.parametrize()
@settings(
    max_examples=12, deadline=None, phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck)
)
def test_every_path_answers_as_its_schema_says(phone, kept_connection, case):
    case.headers = {**(case.headers or {}), "Authorization": phone.headers["Authorization"], "Host": "localhost"}
    response = case.call(app=application)
    case.validate_response(response, checks=[not_a_server_error, status_code_conformance, response_schema_conformance])

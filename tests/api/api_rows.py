"""What the tests of the API hand in."""

from datetime import datetime, timedelta
from typing import Any

from lianfang import clock
from lianfang.journal import ids

NOW = datetime(2020, 2, 5, 9, 30, tzinfo=clock.SHANGHAI)
GATE, OTHER_GATE, CLINIC = "cp-east", "cp-jinhua", "clinic-1"


def vehicle(at: datetime = NOW - timedelta(minutes=1), **answers: Any) -> dict[str, Any]:
    """A vehicle check as a phone sends it."""
    told = {
        "plate": "京A12345",
        "direction": "in",
        "device_class": "forehead",
        "occupants": [{"temperature": 36.5}, {"temperature": 36.7}],
        "origin": "city",
        "resident": "yes",
        "decision": "admit",
    } | answers
    return row("vehicle_check", at, told)


def person(at: datetime = NOW - timedelta(minutes=1), **answers: Any) -> dict[str, Any]:
    """A check of somebody on foot."""
    told = {
        "document_kind": "id",
        "document": "11010519491231002X",
        "name": "王小明",
        "direction": "in",
        "device_class": "forehead",
        "temperature": 36.4,
        "origin": "city",
        "resident": "yes",
        "decision": "admit",
    } | answers
    return row("person_check", at, told)


def row(form: str, at: datetime, answers: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Any entry."""
    return {"id": str(ids.make(at)), "form": form, "at": at.isoformat(), "answers": answers, **more}


def fault_codes(result: dict[str, Any]) -> set[tuple[str, str]]:
    """The fields and codes for which a row was refused."""
    assert result["status"] == "refused", result
    return {(each["field"], each["code"]) for each in result["faults"]}

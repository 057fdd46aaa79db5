"""The benchmarks are found by their files and reckon their figures rightly."""

import json
import random
from datetime import timedelta
from uuid import UUID

import pytest
from api_rows import NOW
from click import ClickException
from click.testing import CliRunner

from lianfang.commands.bench import command
from lianfang.commands.benches import ingest, part_sender
from lianfang.journal import ids


def test_every_benchmark_is_a_command_and_its_parts_are_not():
    told = CliRunner().invoke(command, ["--help"]).output
    assert "ingest" in told
    assert "part" not in told.split("Commands:")[1]


def test_what_the_senders_saw_is_put_together():
    seen = {"stored": 100, "elapsed": 2.0, "seconds": [0.010] * 99 + [0.5], "faults": [], "used_up": False}
    told = ingest._together([seen, seen])
    assert (told["rate"], told["p50"], told["p99"], told["longest"]) == (100.0, 10.0, 500.0, 500.0)


@pytest.mark.parametrize("wrong", [{"faults": ["503"]}, {"used_up": True}, {"seconds": []}])
def test_a_measurement_that_went_wrong_is_none(wrong):
    seen = {"stored": 1, "elapsed": 1.0, "seconds": [0.01], "faults": [], "used_up": False} | wrong
    with pytest.raises(ClickException):
        ingest._together([seen])


def test_what_a_sender_sends_is_stored(phone):
    sent = json.loads(part_sender.body(NOW, 5, random.Random(1)))
    results = phone.results(*sent["entries"])
    assert [each["status"] for each in results] == ["stored"] * 5
    assert all(NOW - ids.moment(UUID(each["id"])) <= timedelta(minutes=1) for each in results)

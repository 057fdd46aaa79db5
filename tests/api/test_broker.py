"""Readings over MQTT, with the real broker."""

import asyncio
import json
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import aiomqtt
import pytest
from api_rows import NOW
from django.db import OperationalError

from lianfang.doors.api import broker, refusals
from lianfang.journal import actions as journal
from lianfang.journal.models import Entry

MOSQUITTO = shutil.which("mosquitto") or "/usr/sbin/mosquitto"


@pytest.fixture
def gate(enrol):
    return enrol("gate-1", kind="gate", forms=["gate_reading"])


def payload(gate, *seqs, **more):
    readings = [
        {"seq": seq, "at": (NOW - timedelta(seconds=seq)).isoformat(), "temperature": 36.5, "device_class": "gate"}
        for seq in seqs
    ]
    return json.dumps({"key": f"{gate.code}.{gate.secret}", "readings": readings} | more).encode()


def told(gate, raw, topic="lianfang/gate-1/readings"):
    return json.loads(broker.handle(topic, raw))


def test_readings_are_stored_once_however_often_they_come(gate):
    statuses = [[each["status"] for each in told(gate, payload(gate, 1, 2))["results"]] for _ in range(2)]
    assert statuses == [["stored", "stored"], ["already", "already"]]
    assert Entry.objects.count() == 2


def test_one_reading_may_stand_beside_its_key(gate):
    raw = {"key": f"{gate.code}.{gate.secret}", "seq": 1, "temperature": 36.5, "device_class": "gate"}
    assert told(gate, json.dumps(raw).encode())["results"][0]["status"] == "stored"


@pytest.mark.parametrize(
    ("change", "topic", "code"),
    [
        ({"key": "gate-1.wrong"}, "lianfang/gate-1/readings", "unknown-key"),
        ({"key": None}, "lianfang/gate-1/readings", "no-key"),
        ({}, "lianfang/gate-2/readings", "unknown-key"),
        ({"readings": 5}, "lianfang/gate-1/readings", "shape"),
    ],
)
def test_what_cannot_be_taken_is_refused_and_said(gate, change, topic, code):
    assert told(gate, payload(gate, 1, **change), topic)["error"]["code"] == code
    assert not Entry.objects.exists()


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff", b"[1,2]", b'"x"'])
def test_garbage_is_refused_and_said(gate, raw):
    assert "error" in told(gate, raw)


def test_while_the_database_is_down_a_reading_waits(gate, monkeypatch):
    def down(**_words):
        raise OperationalError("down")

    monkeypatch.setattr(journal, "write", down)
    with pytest.raises(refusals.Refusal) as caught:
        broker.handle("lianfang/gate-1/readings", payload(gate, 1))
    assert caught.value.status == 503
    monkeypatch.undo()


@pytest.mark.parametrize(
    ("url", "port", "user", "encrypted"),
    [
        ("mqtt://localhost", 1883, None, False),
        ("mqtts://a%40b:c@host", 8883, "a@b", True),
        ("mqtt://h:99", 99, None, False),
    ],
)
def test_an_address_says_where_and_how(url, port, user, encrypted):
    found = broker.address(url)
    assert (found.port, found.user, found.encrypted) == (port, user, encrypted)


@pytest.mark.parametrize("url", ["localhost:1883", "http://x", "mqtt://"])
def test_another_address_says_what_one_looks_like(url):
    with pytest.raises(broker.BrokerFault, match="mqtt://"):
        broker.address(url)


class Mosquitto:
    """The real broker on a port of its own, with a password; it can be stopped and started again."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        passwords = folder / "passwords"
        passwords.touch(mode=0o600)
        tool = shutil.which("mosquitto_passwd") or "/usr/bin/mosquitto_passwd"
        subprocess.run([tool, "-b", str(passwords), "watch", "secret"], check=True, capture_output=True)
        self.config = folder / "mosquitto.conf"
        self.config.write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous false\npassword_file {passwords}\nuser root\n"
            f"persistence true\npersistence_location {folder}/\nlog_dest none\n"
        )
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen([MOSQUITTO, "-c", str(self.config)])
        until = time.monotonic() + 10
        while time.monotonic() < until:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise AssertionError("mosquitto did not start")

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(10)
            self.process = None

    def client(self) -> aiomqtt.Client:
        return aiomqtt.Client("127.0.0.1", self.port, username="watch", password="secret")

    @property
    def address(self) -> broker.Broker:
        return broker.address(f"mqtt://watch:secret@127.0.0.1:{self.port}")


@pytest.fixture
def mosquitto(tmp_path):
    found = Mosquitto(tmp_path)
    found.start()
    yield found
    found.stop()


async def until(true: Callable[[], bool], seconds: float = 15) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited in vain"
        await asyncio.sleep(0.02)


async def ended(task: asyncio.Future[None]) -> None:
    """Cancel until it has ended: under Python 3.11 `wait_for`, in the library, may swallow one cancellation."""
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=1)


def test_readings_outlive_a_broker_that_vanishes_and_a_database_that_is_down(mosquitto, monkeypatch):
    """QoS 1 from end to end: what the house cannot store yet is not acknowledged, and comes again."""
    heard: list[bytes] = []
    down = {"times": 2}

    def handle(topic: str, raw: bytes) -> bytes:
        if raw == b"second" and down["times"]:
            down["times"] -= 1
            raise refusals.database_down()
        heard.append(raw)
        return b"{}"

    monkeypatch.setattr(broker, "handle", handle)
    monkeypatch.setattr(broker, "FIRST_WAIT", 0.05)

    async def story() -> None:
        stands = asyncio.Event()
        listening = asyncio.ensure_future(broker.listen(mosquitto.address, connected=stands.set))
        await asyncio.wait_for(stands.wait(), 10)
        async with mosquitto.client() as device:
            await device.subscribe("lianfang/gate-1/verdicts")
            await device.publish("lianfang/gate-1/readings", b"first", qos=1)
            verdict = await asyncio.wait_for(anext(aiter(device.messages)), 10)
            assert verdict.payload == b"{}"
            await device.publish("lianfang/gate-1/readings", b"second", qos=1)
        await until(lambda: b"second" in heard)
        stands.clear()
        mosquitto.stop()
        await asyncio.sleep(0.3)
        mosquitto.start()
        await asyncio.wait_for(stands.wait(), 15)
        async with mosquitto.client() as device:
            await device.publish("lianfang/gate-1/readings", b"third", qos=1)
        await until(lambda: b"third" in heard)
        await ended(listening)
        # While nobody listens the broker keeps it, because the session is kept.
        async with mosquitto.client() as device:
            await device.publish("lianfang/gate-1/readings", b"fourth", qos=1)
        listening = asyncio.ensure_future(broker.listen(mosquitto.address))
        await until(lambda: b"fourth" in heard)
        await ended(listening)

    asyncio.run(story())
    assert list(dict.fromkeys(heard)) == [b"first", b"second", b"third", b"fourth"]
    assert heard.count(b"second") == 1

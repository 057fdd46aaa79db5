"""Sending: each device in order, replies lost, servers that need a moment, verdicts nobody expected."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from lianfang.replay import sending
from lianfang.replay.batches import Batch
from lianfang.replay.records import Record
from lianfang.replay.sending import Fleet, NotSent

MINUTE = 60_000
START = 1_580_000_000_000


class Server(ThreadingHTTPServer):
    """Stores what it is sent, once by id, and does what a test asks of it on the way."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.stored: dict[str, int] = {}
        self.seen: list[tuple[str, int]] = []
        self.troubles: list[str] = []
        self.refuse: set[str] = set()
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_POST(self) -> None:
        told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.server.lock:
            trouble = self.server.troubles.pop() if self.server.troubles else ""
            if trouble == "busy":
                self.answer(503, {"error": {"code": "database_down"}})
                return
            if trouble == "stranger":
                self.answer(401, {"error": {"code": "device_unknown"}})
                return
            results = [self.row(row) for row in told["entries"]]
            device = self.headers["Authorization"].split()[1].split(".")[0]
            self.server.seen.append((device, len(self.server.seen)))
        if trouble == "lost":
            self.close_connection = True
            return
        self.answer(200, {"server_time": told["sent_at"], "results": results})

    def row(self, row: dict[str, Any]) -> dict[str, Any]:
        if row["id"] in self.server.refuse:
            fault = {"row": 1, "field": "at", "code": "future", "message": "zu früh", "expected": None}
            return {"id": row["id"], "status": "refused", "faults": [fault], "notices": []}
        known = row["id"] in self.server.stored
        self.server.stored.setdefault(row["id"], len(self.server.stored))
        return {"id": row["id"], "status": "already" if known else "stored", "faults": [], "notices": []}

    def answer(self, status: int, told: Any) -> None:
        body = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    thread = threading.Thread(target=made.serve_forever, daemon=True)
    thread.start()
    yield made
    made.shutdown()
    made.server_close()


def batch(device: str, minute: int, *ids: str, expect: Any = "stored") -> Batch:
    at = START + minute * MINUTE
    return Batch(device, at, [Record(at, at, device, each, "lesson", {}, expect=expect) for each in ids])


def fleet(server: Server, *devices: str, connections: int = 4) -> Fleet:
    return Fleet(server.url, dict.fromkeys(devices, "secret"), connections=connections)


def test_every_row_arrives_and_is_counted(server: Server) -> None:
    report = fleet(server, "a", "b").send([batch("a", 0, "1", "2"), batch("b", 1, "3")])
    assert (report.statuses, report.batches, report.unexpected) == ({"stored": 3}, 2, 0)
    assert set(server.stored) == {"1", "2", "3"}


def test_one_devices_batches_arrive_in_their_order(server: Server) -> None:
    fleet(server, "a").send([batch("a", minute, str(minute)) for minute in range(40)])
    assert list(server.stored) == [str(minute) for minute in range(40)]


def test_what_follows_much_later_waits_for_what_went_before(server: Server) -> None:
    """Two devices, four hours of replayed time between their batches: never under way together."""
    made = [batch("a" if number % 2 else "b", number * 240, str(number)) for number in range(20)]
    fleet(server, "a", "b").send(made)
    assert list(server.stored) == [str(number) for number in range(20)]


def test_what_is_sent_at_once_arrives_before_what_answers_it(server: Server) -> None:
    """A hand-over and its receipt, from two devices, minutes apart."""
    made = [batch("a" if number % 2 else "b", number, str(number)) for number in range(30)]
    for each in made:
        each.records[-1].prompt = True
    fleet(server, "a", "b").send(made)
    assert list(server.stored) == [str(number) for number in range(30)]


def test_a_lost_reply_doubles_nothing_and_is_no_surprise(server: Server) -> None:
    server.troubles = ["lost"]
    report = fleet(server, "a").send([batch("a", 0, "1")])
    assert list(server.stored) == ["1"]
    assert (report.statuses, report.unexpected) == ({"already": 1}, 0)


def test_a_server_that_needs_a_moment_is_asked_again(server: Server) -> None:
    server.troubles = ["busy", "busy"]
    assert fleet(server, "a").send([batch("a", 0, "1")]).statuses == {"stored": 1}


def test_a_refused_batch_ends_the_sending_with_its_reason(server: Server) -> None:
    server.troubles = ["stranger"]
    with pytest.raises(NotSent, match=r"401.*device_unknown"):
        fleet(server, "a").send([batch("a", minute, str(minute)) for minute in range(5)])


def test_nobody_there_is_said_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "PATIENCE", 0.3)
    with pytest.raises(NotSent, match="no answer"):
        Fleet("http://127.0.0.1:9", {"a": "s"}).send([batch("a", 0, "1")])


def test_a_verdict_nobody_expected_is_told_with_its_reason(server: Server) -> None:
    server.refuse = {"2", "3"}
    report = fleet(server, "a").send([batch("a", 0, "1", "2"), batch("a", 1, "3", expect="refused")])
    assert report.unexpected == 1
    assert "refused at future" in report.told[0]
    assert report.statuses == {"stored": 1, "refused": 2}


def test_progress_is_told_in_order(server: Server) -> None:
    told: list[int] = []
    fleet(server, "a", "b").send([batch("a", 0, "1"), batch("b", 3, "2"), batch("a", 9, "3")], told.append)
    assert told == [START, START + 3 * MINUTE, START + 9 * MINUTE]

"""A request that is refused as a whole says why, in JSON, and stores nothing."""

import errno
import json
from datetime import timedelta

import psycopg
import pytest
from api_rows import NOW, vehicle
from django.db import InterfaceError, OperationalError, ProgrammingError
from django.test import Client

from lianfang.doors.api import body, entries, notices
from lianfang.journal import actions as journal
from lianfang.journal.models import Entry
from lianfang.registry import actions, devices, keys


def error(answer, status):
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/json"
    told = answer.json()["error"]
    assert told["message"]
    return told


@pytest.mark.parametrize(
    ("raw", "line", "column"),
    [
        (b'{"sent_at": "2020-02-05T09:30:00+08:00",\n "entries": [}', 2, 14),
        (b" ", 1, 2),
        (b'{"a":1,}', 1, 8),
        (b'{"a":"x', 1, 6),
        (b'{"sent_at": NaN}', 1, 1),
        (b'{"a": "\\ud800"}', 1, 1),
        (b"{} {}", 1, 4),
    ],
)
def test_malformed_json_says_where_and_what_was_expected(phone, raw, line, column):
    told = error(phone.post("/api/entries", raw), 400)
    assert (told["code"], told["line"], told["column"]) == ("json", line, column)
    assert told["expected"]


def test_json_nested_too_deep_is_refused(phone):
    assert error(phone.post("/api/entries", b"[" * 100_000), 400)["code"] == "json"


def test_a_body_that_is_not_utf8_says_at_which_byte(phone):
    raw = '{"sent_at": "门"}'.encode("gb18030")
    told = error(phone.post("/api/entries", raw), 400)
    assert (told["code"], told["byte"]) == ("utf-8", raw.index("门".encode("gb18030")))


@pytest.mark.parametrize("told", [[], "text", 5, None, {}, {"sent_at": NOW.isoformat()}, {"entries": []}])
def test_json_that_is_no_batch_says_what_a_batch_is(phone, told):
    assert error(phone.post("/api/entries", told), 400)["code"] == "shape"


def test_an_empty_batch_is_no_fault(phone):
    assert phone.results() == []


def test_more_rows_than_allowed_are_refused_whole(phone):
    told = error(phone.send(*[vehicle() for _ in range(201)]), 413)
    assert (told["code"], told["expected"]) == ("too-many-rows", {"rows": 200})
    assert not Entry.objects.exists()


def test_another_content_type_is_refused(phone):
    told = error(phone.post("/api/entries", b"{}", content_type="text/plain"), 415)
    assert told["expected"] == "application/json"


class Endless:
    """A body that counts how much of it was read."""

    def __init__(self) -> None:
        self.taken = 0

    def read(self, size: int = -1) -> bytes:
        self.taken += size
        return b" " * size

    readline = read


@pytest.mark.parametrize("length", ["50000000", ""])
def test_a_body_of_50_mb_is_refused_without_being_read_whole(phone, length):
    stream = Endless()
    answer = Client().generic(
        "POST",
        "/api/entries",
        b"",
        content_type="application/json",
        headers=phone.headers,
        **{"wsgi.input": stream, "CONTENT_LENGTH": length, "CONTENT_TYPE": "application/json"},
    )
    assert error(answer, 413)["code"] == "too-large"
    assert stream.taken <= body.PATIENCE * 2_000_000 + 2 * body.CHUNK


def test_without_a_key_the_sender_is_told_whom_to_ask(db, at):
    answer = Client().generic(
        "POST", "/api/entries", b"{}", content_type="application/json", headers={"Accept-Language": "en"}
    )
    told = error(answer, 401)
    assert told["code"] == "no-key"
    assert "administrator" in told["message"]
    assert answer["WWW-Authenticate"].startswith("Device")


@pytest.mark.parametrize("key", ["Device nobody.secret", "Device phone-1.wrong", "Bearer x", "Device", "Device 中.文"])
def test_an_unknown_key_is_refused(phone, key):
    answer = phone.post("/api/entries", {}, headers={"Authorization": key})
    assert error(answer, 401)["code"] == "unknown-key"


def test_a_revoked_device_is_refused_and_told_so(phone):
    phone.results(vehicle())
    actions.revoke_device(by=None, at=NOW, device=devices.authenticate(phone.headers["Authorization"], NOW).device)
    told = error(phone.send(vehicle()), 403)
    assert (told["code"], told["device"]) == ("revoked", phone.code)


def raising(fault):
    def fail(**_words):
        raise fault

    return fail


def caused(fault, cause):
    fault.__cause__ = cause
    return fault


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        (OperationalError("the connection is lost"), 503, "database-down"),
        (InterfaceError("connection already closed"), 503, "database-down"),
        (caused(OperationalError(), psycopg.errors.AdminShutdown()), 503, "database-down"),
        (caused(OperationalError(), psycopg.errors.TooManyConnections()), 503, "database-down"),
        (caused(OperationalError(), psycopg.errors.DeadlockDetected()), 503, "database-down"),
        (caused(OperationalError(), psycopg.errors.DiskFull("could not extend file")), 507, "disk-full"),
        (OSError(errno.ENOSPC, "No space left on device"), 507, "disk-full"),
        (keys.KeyMissing("2020-02"), 503, "keys-missing"),
    ],
)
def test_when_the_house_is_in_disorder_the_sender_keeps_its_queue(phone, monkeypatch, fault, status, code):
    monkeypatch.setattr(journal, "write", raising(fault))
    answer = phone.send(vehicle())
    assert error(answer, status)["code"] == code
    assert int(answer["Retry-After"]) > 0
    monkeypatch.undo()


def test_a_connection_that_breaks_after_the_commit_is_told_as_such_and_the_entry_is_there(phone, monkeypatch):
    sent = vehicle()
    monkeypatch.setattr(psycopg, "Cursor", breaking_at(notices._TURNED_BACK))
    assert error(phone.send(sent), 503)["code"] == "database-down"
    assert Entry.objects.filter(id=sent["id"]).exists()


def breaking_at(statement):
    """A cursor that breaks on one statement and is the real one for all others."""
    real = psycopg.Cursor

    class Cursor(real):
        def execute(self, query, *words, **more):
            if query == statement:
                raise psycopg.OperationalError("server closed the connection unexpectedly")
            return super().execute(query, *words, **more)

    return Cursor


def test_a_fault_of_our_own_is_not_passed_off_as_a_passing_one(phone, monkeypatch):
    fault = caused(ProgrammingError("no such column"), psycopg.errors.UndefinedColumn())
    monkeypatch.setattr(journal, "write", raising(fault))
    phone.client.raise_request_exception = False
    assert phone.send(vehicle()).status_code == 500


def test_a_path_that_is_not_there_is_said_in_json(db, at):
    assert error(Client().get("/api/nothing"), 404)["code"] == "not-found"
    assert error(Client().post("/api/nothing/deep"), 404)["code"] == "not-found"


def test_health_tells_when_the_database_is_gone(db, at, monkeypatch):
    assert Client().get("/api/health").json()["ready"] is True

    class Broken:
        def cursor(self):
            raise OperationalError("down")

        def close(self):
            pass

    monkeypatch.setattr("lianfang.doors.api.health.connection", Broken())
    answer = Client().get("/api/health")
    assert (answer.status_code, answer.json()["database"]) == (503, "down")


def test_what_goes_together_fails_apart(monkeypatch):
    """Of requests stored together, only the one to blame is refused."""
    import threading

    from lianfang.doors.api.together import Together

    began, go_on = threading.Event(), threading.Event()
    sizes = []

    def carry_out(things, at):
        sizes.append(len(things))
        if things == ["first"]:
            began.set()
            go_on.wait(5)
        if "bad" in things:
            raise ValueError("bad")
        return [thing.upper() for thing in things]

    queue: Together = Together(carry_out)
    heard: dict[str, object] = {}

    def ask(word, seconds):
        try:
            heard[word] = queue.do([word], NOW + timedelta(seconds=seconds))
        except ValueError as fault:
            heard[word] = fault

    threads = [
        threading.Thread(target=ask, args=(word, number))
        for number, word in enumerate(("first", "second", "bad", "third"))
    ]
    threads[0].start()
    began.wait(5)
    for thread in threads[1:]:
        thread.start()
    while len(queue._waiting) < 3:
        pass
    go_on.set()
    for thread in threads:
        thread.join(5)
    assert (heard["first"], heard["second"], heard["third"]) == (["FIRST"], ["SECOND"], ["THIRD"])
    assert isinstance(heard["bad"], ValueError)
    assert sizes[:2] == [1, 3]
    assert entries._queue("en") is entries._queue("en")


def test_the_reference_needs_nothing_from_elsewhere(db, at):
    page = Client().get("/api/docs").content.decode()
    assert "/api/entries" in page
    assert "http" not in page.replace("http-equiv", "").replace("https://lianfang", "")
    assert "<script" not in page
    document = json.loads(Client().get("/api/openapi.json").content)
    assert {"/api/entries", "/api/readings", "/api/figures"} <= set(document["paths"])

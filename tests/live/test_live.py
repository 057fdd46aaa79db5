"""The live process as it runs: what is written reaches those who may hear it, once, in order, breaks or not."""

import asyncio
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import httpx
import psycopg
import pytest
from django.core import signing

from lianfang.database import embedded
from lianfang.doors.web import tokens
from lianfang.server import live

NAME = "live_test"
AT = datetime(2020, 2, 4, 10, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    """A database of our own: the journal cannot be emptied, and others count what is in theirs."""
    home = Path(os.environ["LIANFANG_HOME"])
    server = embedded(home)
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute(f"drop database if exists {NAME} with (force)")
        connection.execute(f"create database {NAME}")
    url = server.url(NAME)
    words = [sys.executable, "-m", "lianfang", "manage", "migrate", "-v", "0"]
    subprocess.run(words, env={**os.environ, "DATABASE_URL": url}, check=True, timeout=120)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("create table journal_entry_any partition of journal_entry default")
    yield url
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute(f"drop database if exists {NAME} with (force)")


@pytest.fixture(scope="module")
def address(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A running live process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    granian = [str(Path(sys.executable).with_name("granian")), "--interface", "asgi", "--port", str(port), "--no-ws"]
    log = tmp_path_factory.mktemp("live") / "log"
    with log.open("w") as told:
        process = subprocess.Popen(
            [*granian, "lianfang.server.live:application"],
            env={**os.environ, "DATABASE_URL": database},
            stdout=told,
            stderr=told,
        )
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            httpx.get(f"http://127.0.0.1:{port}/")
            break
        except httpx.TransportError:
            assert process.poll() is None, log.read_text()
            time.sleep(0.1)
    yield f"http://127.0.0.1:{port}/live/stream"
    process.send_signal(signal.SIGTERM)
    process.wait(15)


@pytest.fixture
def journal(database: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database, autocommit=True) as connection:
        yield connection


def write(connection: psycopg.Connection, area: str, unit: str = "", kind: str = "thing", many: int = 1) -> list[int]:
    """Write entries in one transaction as the journal does; return their numbers."""
    rows = [
        (UUID(int=secrets.randbits(128)), AT, AT, kind, area, unit, json.dumps({"decision": "pass", "name": "secret"}))
        for _ in range(many)
    ]
    with connection.transaction(), connection.cursor() as cursor:
        cursor.executemany(
            f"insert into journal_entry ({COLUMNS})"
            " values (%s, %s, %s, %s, %s, %s, %s, false, '', '', '') returning seq",
            rows,
            returning=True,
        )
        numbers = [cursor.fetchone()[0]]
        while cursor.nextset():
            numbers.append(cursor.fetchone()[0])
        cursor.execute("select pg_notify('lianfang', %s)", [str(numbers[-1])])
    return numbers


def token(*stretches: tuple[str, set[str] | None]) -> str:
    return tokens.make(tokens.Stretch(area, None if units is None else frozenset(units)) for area, units in stretches)


ALL = ("", None)
COLUMNS = "id, at, recorded_at, kind, area, unit, answers, exercise, digest, place, device"


class Ear:
    """One browser's stream, read in a task of its own."""

    def __init__(self, client: httpx.AsyncClient, address: str, key: str, after: int | None = None) -> None:
        self.client, self.address = client, address
        self.query = {"token": key} | ({} if after is None else {"after": str(after)})
        self.heard: list[tuple[str, dict]] = []
        self.opened = asyncio.Event()
        self.status = 0
        self.task = asyncio.create_task(self._read())

    async def _read(self) -> None:
        async with self.client.stream("GET", self.address, params=self.query, timeout=None) as answer:
            self.status = answer.status_code
            name = ""
            async for line in answer.aiter_lines():
                if line.startswith("event: "):
                    name = line[7:]
                if line.startswith("data: "):
                    self.heard.append((name, json.loads(line[6:])))
                    self.opened.set()

    def numbers(self) -> list[int]:
        return [told["seq"] for name, told in self.heard if name == "entry"]

    async def until(self, wanted, seconds: float = 15) -> None:
        end = time.monotonic() + seconds
        while not wanted(self):
            assert time.monotonic() < end, self.heard[-5:]
            await asyncio.sleep(0.02)

    async def close(self) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


async def listen(client: httpx.AsyncClient, address: str, key: str, after: int | None = None) -> Ear:
    ear = Ear(client, address, key, after)
    await asyncio.wait_for(ear.opened.wait(), 15)
    return ear


def run(story):
    async def told():
        async with httpx.AsyncClient(limits=httpx.Limits(max_connections=None)) as client:
            await story(client)

    asyncio.run(told())


def test_what_is_written_is_heard_within_a_second_and_says_nothing_about_a_person(address, journal):
    async def story(client):
        ear = await listen(client, address, token(ALL))
        begun = time.monotonic()
        (number,) = write(journal, "410106001")
        await ear.until(lambda ear: number in ear.numbers())
        assert time.monotonic() - begun < 1
        told = next(told for name, told in ear.heard if name == "entry")
        assert told["decision"] == "pass"
        assert set(told) == {"seq", "kind", "place", "area", "at", "decision"}
        await ear.close()

    run(story)


def test_a_break_loses_nothing_and_doubles_nothing(address, journal):
    async def story(client):
        written = write(journal, "410106", many=3)
        first = await listen(client, address, token(ALL), after=written[0] - 1)
        await first.until(lambda ear: written[-1] in ear.numbers())
        seen = first.numbers()
        await first.close()
        written += write(journal, "410106", many=150)
        second = await listen(client, address, token(ALL), after=seen[-1])
        written += write(journal, "410106", many=20)
        await second.until(lambda ear: written[-1] in ear.numbers())
        assert seen + second.numbers() == written
        await second.close()

    run(story)


def test_an_entry_committed_after_a_later_number_is_still_heard(address, journal, database):
    async def story(client):
        ear = await listen(client, address, token(ALL))
        with psycopg.connect(database) as slow:
            early = slow.execute(
                f"insert into journal_entry ({COLUMNS})"
                " values (gen_random_uuid(), now(), now(), 'slow', '410106', '', '{}', false, '', '', '') returning seq"
            ).fetchone()[0]
            (late,) = write(journal, "410106")
            await asyncio.sleep(0.6)
            assert late not in ear.numbers()
            slow.commit()
        await ear.until(lambda ear: late in ear.numbers())
        assert [number for number in ear.numbers() if number in (early, late)] == [early, late]
        await ear.close()

    run(story)


def test_an_ear_hears_only_its_area_and_its_unit(address, journal):
    async def story(client):
        town = await listen(client, address, token(("410106001", None)))
        unit = await listen(client, address, token(("410106", {"health"})))
        both = await listen(client, address, token(ALL))
        (inside,) = write(journal, "410106001003", unit="traffic")
        (outside,) = write(journal, "410106002", unit="health")
        await both.until(lambda ear: outside in ear.numbers())
        await unit.until(lambda ear: outside in ear.numbers())
        assert town.numbers() == [inside]
        assert unit.numbers() == [outside]
        for ear in (town, unit, both):
            await ear.close()

    run(story)


def test_a_gap_too_long_to_tell_is_answered_with_one_reset(address, journal):
    async def story(client):
        before = write(journal, "410106")[-1]
        last = write(journal, "410106", many=live.MOST + 1)[-1]
        ear = await listen(client, address, token(ALL), after=before)
        await ear.until(lambda ear: any(name == "reset" for name, _ in ear.heard))
        assert [told["seq"] for name, told in ear.heard if name == "reset"] == [last]
        (new,) = write(journal, "410106")
        await ear.until(lambda ear: ear.numbers() == [new])
        await ear.close()

    run(story)


def test_a_stream_without_a_good_token_is_refused(address, monkeypatch):
    assert httpx.get(address).status_code == 401
    assert httpx.get(address, params={"token": token(ALL) + "x"}).status_code == 401
    # A token of another purpose, signed with the same key, opens nothing.
    assert httpx.get(address, params={"token": signing.dumps([["", None]], salt="other")}).status_code == 401
    monkeypatch.setattr(time, "time", lambda: time.monotonic())
    old = token(ALL)
    monkeypatch.undo()
    assert httpx.get(address, params={"token": old}).status_code == 401


def test_only_the_web_door_s_pages_may_read_the_stream_from_another_port(address):
    async def story(client):
        for origin, allowed in (
            ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
            ("https://elsewhere.example", None),
        ):
            asked = {"origin": origin}
            async with client.stream("GET", address, params={"token": token(ALL)}, headers=asked) as answer:
                assert answer.headers.get("access-control-allow-origin") == allowed

    run(story)


def test_when_the_database_drops_us_the_feed_comes_back_and_tells_what_was_missed(address, journal, database):
    async def story(client):
        ear = await listen(client, address, token(ALL))
        dropped = journal.execute(
            "select count(pg_terminate_backend(pid)) from pg_stat_activity"
            " where datname = %s and pid <> pg_backend_pid()",
            [NAME],
        ).fetchone()[0]
        assert dropped >= 1
        (missed,) = write(journal, "410106")
        await ear.until(lambda ear: missed in ear.numbers())
        assert ear.numbers().count(missed) == 1
        await ear.close()

    run(story)


def test_two_hundred_streams_each_hear_everything_once(address, journal):
    async def story(client):
        ears = await asyncio.gather(*(listen(client, address, token(ALL)) for _ in range(200)))
        written = write(journal, "410106", many=20)
        for ear in ears:
            await ear.until(lambda ear: written[-1] in ear.numbers())
        assert all(ear.numbers() == written for ear in ears)
        for ear in ears:
            await ear.close()

    run(story)

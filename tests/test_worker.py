"""The worker wakes when an entry is committed, outlives its database's absence and stops when told."""

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Thread
from urllib.parse import quote

import pytest
import small_district
from django.db import connection
from small_district import AT, draft

from lianfang.commands.worker import Task, Worker, tasks
from lianfang.journal import actions, sealing
from lianfang.journal.models import Seal
from lianfang.pack import Pack

district, pack = small_district.district, small_district.pack
pytestmark = pytest.mark.django_db(transaction=True)


def _until(condition: Callable[[], bool], seconds: float = 10) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False


class Running:
    """A worker in a thread, counting what it does."""

    def __init__(self) -> None:
        self.woken, self.timed = 0, 0
        self.fault: Exception | None = None
        self.worker = Worker(
            [
                Task("woken", lambda _: self._wake(), every=600, woken=True),
                Task("timed", lambda _: self._time(), every=600),
            ]
        )
        self.thread = Thread(target=self.worker.run)
        self.thread.start()

    def _wake(self) -> None:
        self.woken += 1

    def _time(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
        self.timed += 1
        if self.fault:
            raise self.fault

    def stop(self) -> float:
        start = time.monotonic()
        self.worker.stop()
        self.thread.join(10)
        assert not self.thread.is_alive()
        return time.monotonic() - start


@pytest.fixture
def running() -> Iterator[Running]:
    made = Running()
    assert _until(lambda: made.timed == 1)
    yield made
    made.stop()


def test_it_wakes_for_a_committed_entry_and_for_nothing_else(running: Running, district: None, pack: Pack) -> None:
    time.sleep(0.5)
    before = running.woken
    actions.write(drafts=[draft()], at=AT, pack=pack)
    assert _until(lambda: running.woken == before + 1)
    time.sleep(0.6)
    assert running.woken == before + 1
    assert running.timed == 1


def test_a_stream_of_entries_wakes_it_a_few_times_a_second_only(running: Running, district: None, pack: Pack) -> None:
    time.sleep(0.3)
    start, before, sent = time.monotonic(), running.woken, 0
    while time.monotonic() < start + 1:
        actions.write(drafts=[draft()], at=AT, pack=pack)
        sent += 1
    assert sent > 10
    assert running.woken - before <= 5


def test_it_stops_at_once_though_it_sleeps(running: Running) -> None:
    time.sleep(0.4)
    assert running.stop() < 1


def test_a_task_that_fails_stops_neither_the_others_nor_the_worker(caplog: pytest.LogCaptureFixture) -> None:
    done = []

    def fail(_: object) -> None:
        raise ValueError("nothing works")

    worker = Worker([Task("bad", fail, every=0), Task("good", done.append, every=0)])
    for _ in range(3):
        assert worker.once() is False
    assert len(done) == 3
    # Three times the same fault is one line.
    assert [record.levelno for record in caplog.records if "bad" in record.message] == [logging.ERROR]


def test_a_database_that_goes_away_is_waited_for_and_named_once(
    running: Running, caplog: pytest.LogCaptureFixture, district: None, pack: Pack
) -> None:
    time.sleep(0.4)
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(pg_terminate_backend(pid)) from pg_stat_activity where pid <> pg_backend_pid()"
            " and datname = current_database()"
        )
    assert _until(lambda: running.timed == 2)
    assert _until(lambda: any("is back" in record.message for record in caplog.records))
    assert len([record for record in caplog.records if "is away" in record.message]) == 1
    before = running.woken
    actions.write(drafts=[draft()], at=AT, pack=pack)
    assert _until(lambda: running.woken > before)


def test_the_houses_own_tasks_all_run_and_seal_what_was_written(district: None, pack: Pack) -> None:
    actions.write(drafts=[draft()], at=AT, pack=pack)
    own = [task for task in tasks() if task.name in ("seals", "partitions")]
    assert Worker(own).once()
    assert Seal.objects.get().count == 1


def test_two_workers_that_seal_at_once_leave_one_chain(district: None, pack: Pack) -> None:
    actions.write(drafts=[draft() for _ in range(50)], at=AT, pack=pack)

    def seal(_: int) -> int:
        try:
            return len(sealing.seal(until=10**6, at=AT))
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as threads:
        made = list(threads.map(seal, range(3)))
    assert sorted(made)[:2] == [0, 0]


def test_the_process_ends_cleanly_on_sigterm() -> None:
    told = connection.settings_dict
    address = f"postgresql://{told['USER']}:{told['PASSWORD']}@/{told['NAME']}?host={quote(str(told['HOST']), safe='')}"
    process = subprocess.Popen(
        [sys.executable, "-m", "lianfang", "worker"],
        env=os.environ | {"DATABASE_URL": address, "LIANFANG_LOG": "WARNING"},
        cwd=Path(__file__).parents[1],
        stderr=subprocess.PIPE,
    )

    def listening() -> bool:
        with connection.cursor() as cursor:
            cursor.execute("select count(*) from pg_stat_activity where query = 'listen lianfang'")
            return bool((cursor.fetchone() or (0,))[0])

    try:
        assert _until(listening, 30)
        time.sleep(1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0
    finally:
        process.kill()
        _, said = process.communicate()
    assert b"Traceback" not in said

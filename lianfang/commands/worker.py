"""`lianfang worker`: what follows from the entries, the seals, the daily dues, the snapshots of the figures.

It sleeps until an entry is committed (NOTIFY) or something has its time, and holds no state that is not in the
database: any number of workers may run, and any may die at any moment.
"""

import logging
import os
import select
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from lianfang.commands import open_house

if TYPE_CHECKING:
    from lianfang.journal.horizon import Horizon

log = logging.getLogger("lianfang.worker")

# All in seconds. Entries that come in a stream are looked at together, a few times a second.
BREATH = 0.25
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
SECOND_LOOKS = 20


@click.command()
@click.option("--once", is_flag=True, help="Do what there is to do now and end; with 1 where something failed.")
def command(once: bool) -> None:
    """Carry out reactions, seal the journal, open daily dues, keep the figures' snapshots."""
    open_house()
    worker = Worker(tasks())
    if once:
        sys.exit(0 if worker.once() else 1)
    signal.signal(signal.SIGTERM, lambda *_: worker.stop())
    signal.signal(signal.SIGINT, lambda *_: worker.stop())
    worker.run()


@dataclass(slots=True)
class Task:
    """One thing to do every so often.

    Attributes:
        name: for the log.
        do: does it; is handed a function that says whether to go on.
        every: seconds between two times.
        woken: also done when an entry was committed.
        next: when it is due again, by the monotonic clock.
        fault: what went wrong the last time; empty when nothing did.
    """

    name: str
    do: Callable[[Callable[[], bool]], object]
    every: float
    woken: bool = False
    next: float = 0.0
    fault: str = ""


class Worker:
    """The loop: every task at its time, one after the other."""

    def __init__(self, tasks: list[Task]) -> None:
        self.tasks = tasks
        self._stopped = False
        self._away = False
        self._listening: Any = None
        # A signal writes into it, so that sleep ends at once.
        self._bell, self._rope = os.pipe()
        os.set_blocking(self._rope, False)

    def stop(self) -> None:
        """End after what is under way; safe to call from a signal's handler."""
        self._stopped = True
        with suppress(BlockingIOError):
            os.write(self._rope, b"x")

    def going(self) -> bool:
        """Say whether nobody has asked to stop."""
        return not self._stopped

    def once(self) -> bool:
        """Do every task once; returns whether all went well."""
        done = [self._do(task) for task in self.tasks]
        return all(done)

    def run(self) -> None:
        """Work until stopped; a database that goes away is waited for."""
        from django.db import InterfaceError, OperationalError
        from psycopg import OperationalError as Gone

        pause = FIRST_PAUSE
        while self.going():
            try:
                self._listen()
                self._round()
                self._back()
                pause = FIRST_PAUSE
                self._sleep()
            except (OperationalError, InterfaceError, Gone) as fault:
                self._gone(fault)
                self._wait([], pause)
                pause = min(pause * 2, LONGEST_PAUSE)
        self._close()

    def _round(self) -> None:
        for task in self.tasks:
            if self.going() and task.next <= time.monotonic():
                self._do(task)
                task.next = time.monotonic() + task.every

    def _do(self, task: Task) -> bool:
        """Do one task; what goes wrong in it stops neither the others nor the next time."""
        from django.db import connection

        try:
            task.do(self.going)
        except Exception as fault:
            if _of_database(fault) and not connection.is_usable():
                raise
            self._failed(task, fault)
            return False
        if task.fault:
            log.warning("The task %s works again", task.name)
        task.fault = ""
        return True

    @staticmethod
    def _failed(task: Task, fault: Exception) -> None:
        told = f"{type(fault).__name__}: {fault}"
        # The same fault every few seconds would drown everything else in the log.
        if told != task.fault:
            log.exception("The task %s failed and is tried again every %.0f s", task.name, task.every)
        task.fault = told

    def _sleep(self) -> None:
        """Sleep until the next task has its time or an entry is committed, at least a breath."""
        self._wait([], BREATH)
        nearest = min(task.next for task in self.tasks) - time.monotonic()
        if self.going() and nearest > 0:
            self._wait([self._listening], nearest)
        if any(self._listening.notifies(timeout=0)):
            for task in self.tasks:
                task.next = 0.0 if task.woken else task.next

    def _wait(self, files: list[Any], seconds: float) -> None:
        if self.going():
            select.select([self._bell, *files], [], [], seconds)

    def _listen(self) -> None:
        from django.db import connection

        from lianfang.journal.actions import CHANNEL

        if self._listening is None or self._listening.closed:
            import psycopg

            told = connection.get_connection_params()
            told.pop("cursor_factory", None), told.pop("context", None)
            self._listening = psycopg.connect(**told, autocommit=True)
            self._listening.execute(f"listen {CHANNEL}")
            # What was committed while nobody listened has not been heard of.
            for task in self.tasks:
                task.next = 0.0

    def _gone(self, fault: Exception) -> None:
        if not self._away:
            log.warning("The database is away (%s); waiting for it", str(fault).strip().splitlines()[0])
        self._away = True
        self._close()

    def _back(self) -> None:
        if self._away:
            log.warning("The database is back")
        self._away = False

    def _close(self) -> None:
        from django.db import connections

        if self._listening is not None:
            with suppress(Exception):
                self._listening.close()
            self._listening = None
        connections.close_all()


def tasks() -> list[Task]:
    """Return what the house's worker does."""
    from lianfang.journal.horizon import Horizon

    horizon = Horizon()
    return [
        Task("reactions", _react, every=15, woken=True),
        Task("daily dues", lambda _: _daily_dues(), every=20),
        Task("overdue", lambda _: _call_out(), every=20),
        Task("seals", lambda _: _seal(horizon), every=60),
        Task("partitions", lambda _: _partitions(), every=3600),
        Task("snapshots", lambda _: _snapshots(), every=30),
        Task("snapshots looked over", lambda _: _look_over(), every=3600),
    ]


def _react(going: Callable[[], bool]) -> None:
    from django.conf import settings

    from lianfang import pack, reactions

    reactions.run(pack=pack.read(settings.PACK), going=going)


def _daily_dues() -> None:
    from django.conf import settings

    from lianfang import clock, pack
    from lianfang.dues import daily

    daily.open_days(pack=pack.read(settings.PACK), at=clock.now())


def _call_out() -> None:
    from lianfang import clock
    from lianfang.dues import actions

    actions.call_out(at=clock.now())


def _seal(horizon: "Horizon") -> None:
    from lianfang import clock
    from lianfang.journal import sealing

    # While somebody writes all the time, the horizon comes up at a second look.
    for _ in range(SECOND_LOOKS):
        if horizon.advance() >= (horizon.noted or 0):
            break
        time.sleep(0.05)
    at = clock.now()
    sealing.seal(until=horizon.safe, at=at)
    sealing.digest_days(at=at)


def _partitions() -> None:
    from lianfang import clock
    from lianfang.journal import ids, partitions

    today = clock.now().astimezone(ids.SHANGHAI).date()
    partitions.ensure({today, today + timedelta(days=1)})


def _snapshots() -> None:
    from lianfang import clock
    from lianfang.figures import actions, snapshots

    # While an entry is being written nobody can say what a snapshot would hold: the next time will do.
    with suppress(snapshots.NotSettled):
        actions.keep_up(at=clock.now())


def _look_over() -> None:
    """Compare the snapshots with the entries: one that was deleted or exchanged in the database is told in the log."""
    from lianfang import clock
    from lianfang.figures import actions

    for mismatch in actions.inspect(at=clock.now()):
        log.error("A snapshot of the figures does not fit the journal and is made anew: %s", mismatch)


def _of_database(fault: Exception) -> bool:
    from django.db import InterfaceError, OperationalError

    return isinstance(fault, OperationalError | InterfaceError)

"""Keeps the parts of a running house alive: restarts what dies, stops cleanly, in order.

A part that dies at once again and again is started ever more slowly, never given up: a gate goes on working by itself,
and the house must be there when it calls.
"""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

FIRST_WAIT = 0.2
LONGEST_WAIT = 15.0
# A part that ran this long was well: its next restart is prompt again.
WELL_AFTER = 20.0


@dataclass
class Part:
    """One process of the house.

    Args:
        name: what it is called in the log and on the screen.
        command: the words that start it.
        once: it ends by itself and is not started again after a clean end.
    """

    name: str
    command: Sequence[str]
    once: bool = False
    process: subprocess.Popen[bytes] | None = None
    wait: float = FIRST_WAIT
    started: float = 0.0
    due: float = 0.0
    ended: bool = False
    restarts: int = 0


@dataclass
class Supervisor:
    """Runs parts until it is told to stop.

    Args:
        parts: in the order in which they start; they stop in the reverse order.
        logs: the folder of their logs.
        tell: how a line reaches the person who started it.
        tend: called every round, for what is no child of ours (the database).
    """

    parts: list[Part]
    logs: Path
    tell: Callable[[str], None]
    tend: Callable[[], None] = lambda: None
    _stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Start every part and keep it alive until :meth:`stop` or a signal."""
        self.logs.mkdir(parents=True, exist_ok=True)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stop())
        try:
            while not self._stop.is_set():
                self.tend()
                for part in self.parts:
                    self._care(part, time.monotonic())
                self._stop.wait(0.25)
        finally:
            self._end()

    def stop(self) -> None:
        """Ask the house to stop."""
        self._stop.set()

    def _care(self, part: Part, at: float) -> None:
        if part.ended:
            return
        if part.process is None:
            if at >= part.due:
                self._start(part, at)
            return
        code = part.process.poll()
        if code is None:
            return
        # Its own children may have outlived it and hold its port.
        _signal(part, signal.SIGKILL)
        part.process = None
        if part.once and code == 0:
            part.ended = True
            return
        part.wait = FIRST_WAIT if at - part.started > WELL_AFTER else min(part.wait * 2, LONGEST_WAIT)
        part.due = at + part.wait
        part.restarts += 1
        self.tell(f"{part.name} ended ({code}), starts again in {part.wait:.1f} s; see {self.logs / part.name}.log")

    def _start(self, part: Part, at: float) -> None:
        with (self.logs / f"{part.name}.log").open("ab") as log:
            part.process = subprocess.Popen(  # noqa: S603
                list(part.command),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # A group of its own: Ctrl-C at the terminal must reach it through us, in order.
                start_new_session=True,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )
        part.started = at

    def _end(self) -> None:
        for part in reversed(self.parts):
            _signal(part, signal.SIGTERM)
        until = time.monotonic() + 12
        for part in reversed(self.parts):
            if part.process is None:
                continue
            try:
                part.process.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                self.tell(f"{part.name} does not stop, killing it")
            # Whatever of its group is left (granian's workers after a kill of the parent) goes too.
            _signal(part, signal.SIGKILL)


def _signal(part: Part, number: signal.Signals) -> None:
    if part.process is None:
        return
    try:
        os.killpg(part.process.pid, number)
    except ProcessLookupError:
        return

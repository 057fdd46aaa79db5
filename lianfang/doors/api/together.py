"""Entries that come at the same moment are stored in one transaction.

A commit waits for the disk, and a statement costs the same for one entry as for ten. While one request stores, those
that come meanwhile wait and go together next: nobody waits for a timer, and a busy gate costs little more than a quiet
one. Each still hears of its own entries only, and an entry is acknowledged only after its commit.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar

from lianfang.doors.api import wire

Thing = TypeVar("Thing")
Outcome = TypeVar("Outcome")


@dataclass(slots=True, eq=False)
class _Job(Generic[Thing, Outcome]):
    things: Sequence[Thing]
    at: datetime
    turn: threading.Event = field(default_factory=threading.Event)
    # The jobs that this one must carry out; none until it is told to.
    group: "list[_Job[Thing, Outcome]]" = field(default_factory=list)
    outcomes: Sequence[Outcome] | None = None
    fault: BaseException | None = None


class Together(Generic[Thing, Outcome]):
    """Carries out what many threads ask for, as many at once as have come.

    Args:
        carry_out: does it for many things; returns an outcome for each, in order.
        most: how many things go together.
    """

    def __init__(
        self, carry_out: Callable[[Sequence[Thing], datetime], Sequence[Outcome]], most: int = wire.ROWS
    ) -> None:
        self._carry_out, self._most = carry_out, most
        self._lock = threading.Lock()
        self._busy = False
        self._waiting: list[_Job[Thing, Outcome]] = []

    def do(self, things: Sequence[Thing], at: datetime) -> Sequence[Outcome]:
        """Return the outcomes for these things; raises what carrying them out raised."""
        job: _Job[Thing, Outcome] = _Job(things, at)
        with self._lock:
            if self._busy:
                self._waiting.append(job)
            else:
                self._busy, job.group = True, [job]
        if not job.group:
            job.turn.wait()
        if job.group:
            self._lead(job.group)
        if job.fault is not None:
            raise job.fault
        assert job.outcomes is not None
        return job.outcomes

    def _lead(self, group: "list[_Job[Thing, Outcome]]") -> None:
        try:
            self._all(group)
        finally:
            self._hand_over()
            for job in group:
                job.turn.set()

    def _all(self, group: "list[_Job[Thing, Outcome]]") -> None:
        try:
            outcomes = self._carry_out([each for job in group for each in job.things], max(job.at for job in group))
        except Exception as fault:
            self._apart(group, fault)
            return
        first = 0
        for job in group:
            job.outcomes = outcomes[first : first + len(job.things)]
            first += len(job.things)

    def _apart(self, group: "list[_Job[Thing, Outcome]]", fault: Exception) -> None:
        """One of them may be to blame: let each succeed or fail alone."""
        for job in group:
            try:
                if len(group) == 1:
                    raise fault
                job.outcomes = self._carry_out(job.things, job.at)
            except Exception as own:
                job.fault = own

    def _hand_over(self) -> None:
        """Let the next group begin, led by the thread that has waited longest."""
        with self._lock:
            group: list[_Job[Thing, Outcome]] = []
            room = self._most
            while self._waiting and (not group or len(self._waiting[0].things) <= room):
                job = self._waiting.pop(0)
                group.append(job)
                room -= len(job.things)
            self._busy = bool(group)
        if group:
            group[0].group = group
            group[0].turn.set()

"""Sending batches through the public API as many devices at once, each in its own order."""

import http.client
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import msgspec

from lianfang.replay.batches import Batch
from lianfang.replay.draws import told

PATH = "/api/entries"
# How far apart in replayed time two batches under way may be, in milliseconds, so that the month goes by in order.
WINDOW = 3 * 3_600_000
PATIENCE = 120.0
UNEXPECTED = 20


class NotSent(Exception):
    """The server cannot be reached, or refuses a whole batch; the message says which."""


class Fault(msgspec.Struct):
    """As much of a row's fault as a report needs."""

    field: str = ""
    code: str = ""
    message: str = ""


class Result(msgspec.Struct):
    """The server's verdict on one row."""

    id: str
    status: str
    faults: list[Fault] = []


class Answer(msgspec.Struct):
    """The server's answer to one batch."""

    results: list[Result]


_decoder = msgspec.json.Decoder(Answer)


@dataclass
class Report:
    """What became of the rows sent."""

    statuses: Counter[str] = field(default_factory=Counter)
    batches: int = 0
    # Rows whose verdict is not the one expected, the first few of them in words.
    unexpected: int = 0
    told: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def rows(self) -> int:
        """How many rows were sent."""
        return sum(self.statuses.values())

    def add(self, batch: Batch, answer: Answer) -> None:
        """Count the verdicts on one batch."""
        self.batches += 1
        for record, result in zip(batch.records, answer.results, strict=True):
            self.statuses[result.status] += 1
            # A row that was sent in an earlier run is already there.
            if result.status != record.expect and (record.expect, result.status) != ("stored", "already"):
                self.unexpected += 1
                if len(self.told) < UNEXPECTED:
                    why = "; ".join(f"{each.field} {each.code}: {each.message}" for each in result.faults)
                    self.told.append(f"{record.form} {told(record.at)} by {record.device}: {result.status} {why}")


class Fleet:
    """Many devices over a few connections."""

    def __init__(
        self, url: str, secrets: Mapping[str, str], *, connections: int = 6, language: str = "zh-hans"
    ) -> None:
        """Prepare to send.

        Args:
            url: of the server, such as http://127.0.0.1:8000.
            secrets: device code to secret.
            connections: how many requests may be under way at once.
            language: of the messages.
        """
        self.parts, self.secrets, self.language = urlsplit(url), secrets, language
        self.connections = connections
        self.local = threading.local()
        self.change = threading.Condition()
        self.busy: dict[str, Batch] = {}
        self.fault: Exception | None = None
        self.report = Report()

    def send(self, batches: Iterable[Batch], progress: Callable[[int], None] = lambda sent: None) -> Report:
        """Send batches in order, devices side by side, and return what became of the rows so far.

        Args:
            batches: in the order of sending.
            progress: told the instant (milliseconds since 1970) up to which sending has come.

        Raises:
            NotSent: the server cannot be reached, or a batch as a whole is refused.
        """
        began = time.monotonic()
        with ThreadPoolExecutor(self.connections) as pool:
            for batch in batches:
                self._take(batch)
                if self.fault:
                    break
                progress(batch.sent)
                pool.submit(self._carry, batch)
        self.report.seconds += time.monotonic() - began
        if self.fault:
            raise self.fault
        return self.report

    def _take(self, batch: Batch) -> None:
        with self.change:
            self.change.wait_for(lambda: self.fault or self._free(batch))
            self.busy[batch.device] = batch

    def _free(self, batch: Batch) -> bool:
        if len(self.busy) >= self.connections or batch.device in self.busy:
            return False
        if batch.prompt and any(each.prompt for each in self.busy.values()):
            # What is sent at once may answer what another device sent at once before it.
            return False
        return not self.busy or batch.sent - min(each.sent for each in self.busy.values()) <= WINDOW

    def _carry(self, batch: Batch) -> None:
        try:
            answer = self._post(batch)
            with self.change:
                self.report.add(batch, answer)
        except Exception as fault:  # handed to the sending thread, which raises it
            self.fault = self.fault or fault
        finally:
            with self.change:
                del self.busy[batch.device]
                self.change.notify()

    def _post(self, batch: Batch) -> Answer:
        body = batch.body()
        headers = {
            "Authorization": f"Device {batch.device}.{self.secrets[batch.device]}",
            "Content-Type": "application/json",
            "Accept-Language": self.language,
        }
        until, pause = time.monotonic() + PATIENCE, 0.1
        while True:
            try:
                status, told_ = self._request(body, headers)
            except (OSError, http.client.HTTPException) as lost:
                # Whether it arrived is not known; ids make sending it again safe.
                self.local.connection = None
                status, told_ = 0, str(lost).encode()
            if status == 200:
                return _decoder.decode(told_)
            if (status and status < 500 and status != 429) or time.monotonic() > until:
                raise NotSent(
                    f"{self.parts.geturl()}{PATH}: {status or 'no answer'}: {told_[:300].decode(errors='replace')}"
                )
            time.sleep(pause)
            pause = min(pause * 2, 2.0)

    def _request(self, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        connection = getattr(self.local, "connection", None)
        if connection is None:
            kind = http.client.HTTPSConnection if self.parts.scheme == "https" else http.client.HTTPConnection
            connection = self.local.connection = kind(self.parts.hostname or "", self.parts.port, timeout=60)
        connection.request("POST", PATH, body, dict(headers))
        answer = connection.getresponse()
        return answer.status, answer.read()

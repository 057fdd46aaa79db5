"""A real house in a process of its own, a line that can be cut or lose replies, and phones in Chromium."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

from lianfang.clock import SHANGHAI

CHROMIUM = "/usr/bin/chromium"
NOON = datetime(2020, 2, 5, 12, 0, tzinfo=SHANGHAI)
HOST = "127.0.0.1"
SIZE = {"width": 390, "height": 844}
PREPARE = Path(__file__).with_name("field_prepare.py")


def later(**span: float) -> datetime:
    return NOON + timedelta(**span)


def free_port() -> int:
    with socket.socket() as found:
        found.bind((HOST, 0))
        return int(found.getsockname()[1])


class House:
    """The whole application behind granian, with a database of its own; it can be stopped and started again."""

    def __init__(self, home: Path, database: str) -> None:
        self.home, self.database, self.port = home, database, free_port()
        self.environment = os.environ | {
            "LIANFANG_HOME": str(home),
            "LIANFANG_KEYS": str(home / "keys"),
            "LIANFANG_PORT": str(self.port),
            "DATABASE_URL": database,
        }
        self.process: subprocess.Popen[bytes] | None = None
        self.shown = NOON
        self.show(NOON)
        told = subprocess.run(
            [sys.executable, str(PREPARE)], env=self.environment, check=True, capture_output=True, timeout=120
        )
        self.sessions: dict[str, str] = json.loads(told.stdout.splitlines()[-1])

    @property
    def origin(self) -> str:
        return f"http://{HOST}:{self.port}"

    def show(self, at: datetime) -> None:
        """Set the house's shown clock: from now on it runs from `at`."""
        self.shown = at
        real = datetime.now(SHANGHAI)
        text = json.dumps({"real": real.isoformat(), "shown": at.isoformat(), "speed": 1.0})
        (self.home / "clock.json").write_text(text)
        if self.process is not None:
            time.sleep(1.1)  # The house looks at the file once a second.

    def start(self) -> None:
        command = [str(Path(sys.executable).with_name("granian")), "--host", HOST, "--port", str(self.port), "--no-ws"]
        command += ["--interface", "wsgi", "--log-level", "warning", "--blocking-threads", "4"]
        log = (self.home / "granian.log").open("ab")
        self.process = subprocess.Popen(
            [*command, "lianfang.server.wsgi:application"],
            env=self.environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        wait_until(self._answers, "the house answers", seconds=30)

    def stop(self) -> None:
        """Kill it as a power cut would."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.process = None

    def _answers(self) -> bool:
        with socket.socket() as trying:
            return trying.connect_ex((HOST, self.port)) == 0

    def ask(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.database, autocommit=True) as connection:
            found = connection.execute(query, values)
            return found.fetchall() if found.description else []

    def entries(self, kind: str = "vehicle_check") -> list[dict[str, Any]]:
        query = (
            "select id::text, at, recorded_at, place, answers, device from journal_entry where kind = %s order by seq"
        )
        names = ("id", "at", "recorded_at", "place", "answers", "device")
        return [dict(zip(names, row, strict=True)) for row in self.ask(query, kind)]

    def count(self, kind: str = "vehicle_check") -> int:
        return int(self.ask("select count(*) from journal_entry where kind = %s", kind)[0][0])

    def holds(self, number: int, kind: str = "vehicle_check") -> None:
        """So many entries are stored, and no more."""
        wait_until(lambda: self.count(kind) >= number, f"{number} entries are stored")
        assert self.count(kind) == number


def wait_until(true: Callable[[], Any], what: str, seconds: float = 40) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = true()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"waited {seconds} s in vain: {what}")


def hang_up(*ends: socket.socket) -> None:
    for end in ends:
        # Closing alone says nothing to the other side while a thread still reads; it may be down already.
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()


class Line:
    """The network between the phones and the house: it can be cut, lose some replies, or rewrite them."""

    def __init__(self, house: House) -> None:
        self.house, self.port = house, free_port()
        self.cut = False
        self.losing = b""
        self.lost = 0
        self.rewriting: tuple[bytes, bytes] | None = None
        self._server = socket.create_server((HOST, self.port), backlog=64)
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def origin(self) -> str:
        return f"http://{HOST}:{self.port}"

    def restore(self) -> None:
        self.cut, self.losing, self.lost, self.rewriting = False, b"", 0, None

    def _listen(self) -> None:
        while True:
            try:
                near, _ = self._server.accept()
            except OSError:
                return
            threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        try:
            far = socket.create_connection((HOST, self.house.port))
        except OSError:
            near.close()
            return
        asked: list[bytes] = [b""]
        threading.Thread(target=self._out, args=(near, far, asked), daemon=True).start()
        self._back(near, far, asked)

    def _out(self, near: socket.socket, far: socket.socket, asked: list[bytes]) -> None:
        # The other end may hang up at any time; so do we then.
        with contextlib.suppress(OSError):
            while (data := near.recv(65536)) and not self.cut:
                if data[:5] in (b"GET /", b"POST "):
                    asked[0] = data.split(b"\r\n", 1)[0]
                far.sendall(data)
        hang_up(near, far)

    def _back(self, near: socket.socket, far: socket.socket, asked: list[bytes]) -> None:
        with contextlib.suppress(OSError):
            while data := far.recv(65536):
                if self.cut:
                    break
                if self.losing and self.losing in asked[0]:
                    self.lost += 1
                    break
                near.sendall(data.replace(*self.rewriting) if self.rewriting else data)
        hang_up(near, far)


class Phone:
    """A phone: a context of Chromium with a page on the app, and what a person at a post does with it."""

    def __init__(self, context: Any, origin: str, session: str, offline: bool = True) -> None:
        self.context, self.origin, self.offline = context, origin, offline
        self.context.set_default_timeout(30_000)
        self.context.add_cookies([{"name": "sessionid", "value": session, "url": origin}])
        self.faults: list[str] = []
        self.page = context.pages[0] if context.pages else context.new_page()
        self.watch(self.page)

    def watch(self, page: Any) -> None:
        page.on("pageerror", lambda fault: self.faults.append(str(fault)))

    def open(self) -> "Phone":
        self.page.goto(f"{self.origin}/field/")
        return self

    def enrol(self, place: str = "cp-east") -> "Phone":
        self.open()
        self.page.click(f"[data-place={place}]")
        self.page.wait_for_selector("nav.tabs")
        if self.offline:
            self.page.wait_for_selector("html[data-offline=ready]", state="attached")
        return self

    def key(self, *labels: str) -> "Phone":
        for label in labels:
            self.page.click(f".pad .key:text-is('{label}')")
        return self

    def plate(self, typed: str) -> "Phone":
        self.page.wait_for_selector("[data-pad=letters]")
        self.key(*typed)
        return self.press("next")

    def press(self, action: str) -> "Phone":
        self.page.click(f"[data-action={action}]")
        return self

    def tab(self, name: str) -> "Phone":
        self.page.click(f"[data-tab={name}]")
        return self

    def vehicle(self, typed: str, *temperatures: str) -> "Phone":
        """Register a vehicle that may pass, from the plate to the empty plate of the next."""
        self.plate(typed).key(*(temperatures or ("36.5",))).press("pass")
        self.page.wait_for_selector("html[data-screen=vehicle]", state="attached")
        return self

    def status(self) -> str:
        return str(self.page.inner_text("#status .state"))

    def says(self, *words: str, seconds: float = 40) -> None:
        wait_until(lambda: all(word in self.status() for word in words), f"{words} in “{self.status()}”", seconds)

    def kept(self, state: str | None = None) -> list[dict[str, Any]]:
        """What lies in the phone's queue."""
        rows = self.page.evaluate(
            """() => new Promise((resolve) => {
                const opening = indexedDB.open("lianfang-field");
                opening.onsuccess = () => {
                    const base = opening.result;
                    const asking = base.transaction("queue").objectStore("queue").getAll();
                    asking.onsuccess = () => { base.close(); resolve(asking.result); };
                };
            })"""
        )
        return [row for row in rows if state is None or row["state"] == state]

    def send_now(self) -> "Phone":
        self.page.evaluate("dispatchEvent(new Event('online'))")
        return self

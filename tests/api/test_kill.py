"""Killed outright twenty times, whichever process it hits, the house keeps every entry it acknowledged exactly once."""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from lianfang import clock, database
from lianfang.commands.benches import part_house, part_sender

KILLS = 20
ROWS = 20
CLIENTS = 2
MORNING = datetime.fromisoformat(part_house.MORNING)
# The real house, as `lianfang up` runs it; only a part that dies again and again is started again sooner.
HOUSE = """
from lianfang.server import supervisor
supervisor.LONGEST_WAIT = 0.4
from lianfang.commands.up import command
command(["--no-replay"])
"""


class House:
    """A running demonstration in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.server = database.embedded(folder)
        self.port = part_house.free_port()
        self.began = time.monotonic()
        kept = {"real": datetime.now(clock.SHANGHAI).isoformat(), "shown": MORNING.isoformat(), "speed": 1.0}
        (folder / "clock.json").write_text(json.dumps(kept))
        told = {
            "LIANFANG_HOME": str(folder),
            "LIANFANG_KEYS": str(folder / "keys"),
            "LIANFANG_PORT": str(self.port),
            "LIANFANG_LIVE_PORT": str(part_house.free_port()),
            "LIANFANG_MODE": "demonstration",
        }
        without = {"DATABASE_URL", "LIANFANG_BROKER"}
        self.log = folder / "up.log"
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-c", HOUSE],
                stdout=out,
                stderr=out,
                env={name: value for name, value in os.environ.items() if name not in without} | told,
            )

    def now(self) -> datetime:
        return MORNING + timedelta(seconds=time.monotonic() - self.began)

    def key(self) -> str:
        """The key of one of the demonstration's devices at a gate, once the house stands."""
        file = self.folder / "keys" / "demonstration-devices.json"
        until = time.monotonic() + 90
        while not (file.exists() and (self.folder / "log" / "web.log").exists()):
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < until, self.log.read_text()
            time.sleep(0.1)
        secrets = json.loads(file.read_text())
        code = next(each for each in sorted(secrets) if each.startswith("replay-cp-"))
        return f"{code}.{secrets[code]}"

    def victims(self) -> dict[str, list[int]]:
        """Every process of the house by what it is."""
        web = [each for each in children(self.process.pid) if "wsgi" in words(each)]
        postmaster = [int((self.server.data / "postmaster.pid").read_text().split()[0])] if self.server.alive() else []
        backends = [each for number in postmaster for each in children(number) if "[local]" in words(each)]
        return {
            "web": web,
            "web worker": [each for number in web for each in children(number)],
            "worker": [each for each in children(self.process.pid) if "worker" in words(each).split()[-1:]],
            "postmaster": postmaster,
            "backend": backends,
        }

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.server.stop()


def words(number: int) -> str:
    try:
        return Path(f"/proc/{number}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def children(number: int) -> list[int]:
    try:
        return [int(each) for each in Path(f"/proc/{number}/task/{number}/children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


class Client(threading.Thread):
    """A phone that sends what it has until it is acknowledged, and only then the next."""

    def __init__(self, house: House, key: str, seed: int) -> None:
        super().__init__(daemon=True)
        self.house, self.key, self.chance = house, key, random.Random(seed)
        self.acknowledged: set[str] = set()
        self.refused: list[Any] = []
        self.sent_again = 0
        self.done = threading.Event()

    def run(self) -> None:
        sender = part_sender.Sender(self.house.port, self.key)
        while not self.done.is_set():
            rows = [part_sender.vehicle(self.house.now() - timedelta(seconds=5), self.chance) for _ in range(ROWS)]
            while not self.handed_in(sender, rows):
                self.sent_again += 1
                time.sleep(0.05)

    def handed_in(self, sender: part_sender.Sender, rows: list[dict[str, Any]]) -> bool:
        body = {"sent_at": self.house.now().isoformat(), "entries": rows}
        try:
            answer = json.loads(sender.request(json.dumps(body).encode()))
        except (OSError, ValueError) as fault:
            sender.close()
            if " 500 " in str(fault)[:20]:
                self.refused.append(str(fault))
            return False
        for each in answer["results"]:
            if each["status"] in ("stored", "already"):
                self.acknowledged.add(each["id"])
            else:
                self.refused.append(each)
        return True


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    tmp_path = tmp_path_factory.mktemp("house")
    # The database may run under an account of its own, which must be able to pass.
    for each in (tmp_path, *tmp_path.parents):
        if os.access(each, os.W_OK) and each != Path("/"):
            each.chmod(each.stat().st_mode | 0o711)
    found = House(tmp_path)
    yield found
    found.stop()


@pytest.mark.parametrize("head", ["Content-Length: 50000000", "Transfer-Encoding: chunked"])
@pytest.mark.timeout(240)
def test_a_body_of_50_mb_is_refused_before_it_has_come(house, head):
    key = house.key()
    wait_until(lambda: answers(house), 60, house)
    with socket.create_connection(("127.0.0.1", house.port), timeout=10) as connection:
        told = ["POST /api/entries HTTP/1.1", "Host: localhost", f"Authorization: Device {key}", head]
        connection.sendall("\r\n".join([*told, "Content-Type: application/json", "", ""]).encode())
        part, sent = b"10000\r\n" + b" " * 65536 + b"\r\n", 0
        with suppress(BrokenPipeError, ConnectionResetError):
            while sent < 50_000_000:
                connection.sendall(part)
                sent += len(part)
        assert sent < 20_000_000
        assert connection.recv(65536).startswith(b"HTTP/1.1 413")


def answers(house: House) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", house.port)) == 0


@pytest.mark.timeout(240)
def test_every_acknowledged_entry_is_there_exactly_once_after_twenty_kills(house):
    key = house.key()
    clients = [Client(house, key, seed) for seed in range(CLIENTS)]
    for client in clients:
        client.start()
    acknowledged = lambda: sum(len(client.acknowledged) for client in clients)  # noqa: E731
    wait_until(lambda: acknowledged() > 0, 60, house)
    chance, killed = random.Random(7), []
    kinds = ["web", "web worker", "worker", "postmaster", "backend"] * (KILLS // 5)
    chance.shuffle(kinds)
    for kind in kinds:
        wait_until(lambda kind=kind: bool(house.victims()[kind]), 30, house)
        before = acknowledged()
        os.kill(chance.choice(house.victims()[kind]), signal.SIGKILL)
        killed.append(kind)
        # Only when entries are being acknowledged again may the next one die: each kill meets a house at work.
        wait_until(lambda before=before: acknowledged() > before + CLIENTS * ROWS, 60, house)
    for client in clients:
        client.done.set()
    for client in clients:
        client.join(30)
        assert not client.is_alive()
    assert len(killed) == KILLS
    assert not [each for client in clients for each in client.refused]
    assert sum(client.sent_again for client in clients) > 0
    with psycopg.connect(house.server.url()) as connection:
        check(connection, {each for client in clients for each in client.acknowledged})


def wait_until(true: Any, seconds: float, house: House) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, f"the house did not come back: {house.log.read_text()[-2000:]}"
        time.sleep(0.02)


def check(connection: psycopg.Connection[Any], acknowledged: set[str]) -> None:
    rows = connection.execute("select id::text, subject from journal_entry where kind = 'vehicle_check'").fetchall()
    stored = [id for id, _subject in rows]
    assert len(stored) == len(set(stored))
    # A batch is acknowledged whole or not at all, and every batch was sent until it was.
    assert set(stored) == acknowledged
    (unsealed,) = connection.execute(
        "select count(*) from journal_entry where subject is not null and subject not in "
        "(select subject from registry_vaultrecord)"
    ).fetchone() or (None,)
    assert unsealed == 0

"""The web and the live process as they run, on a database of their own."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

import psycopg

from lianfang.clock import SHANGHAI
from lianfang.database import embedded

HOST = "127.0.0.1"
SHOWN = datetime(2020, 2, 5, 9, 30, tzinfo=SHANGHAI)
PREPARE = "from lianfang.commands import open_house; open_house();from lianfang.commands.up import prepare; prepare()"


class House:
    """The two processes; the live one can be stopped alone."""

    def __init__(self, home: Path) -> None:
        server = embedded(Path(os.environ["LIANFANG_HOME"]))
        self.name = f"lianfang_web_{os.getpid()}"
        self.admin = server.url()
        with psycopg.connect(self.admin, autocommit=True) as connection:
            connection.execute(f"create database {self.name}")
        self.home, self.port = home, free_ports()
        self.environment = os.environ | {
            "LIANFANG_HOME": str(home),
            "LIANFANG_KEYS": str(home / "keys"),
            "LIANFANG_PORT": str(self.port),
            "LIANFANG_LIVE_PORT": str(self.port + 1),
            "DATABASE_URL": server.url(self.name),
        }
        told = {"real": datetime.now(SHANGHAI).isoformat(), "shown": SHOWN.isoformat(), "speed": 1.0}
        (home / "clock.json").write_text(json.dumps(told))
        subprocess.run([sys.executable, "-c", PREPARE], env=self.environment, check=True, timeout=180)
        self.web = self._start("wsgi", self.port, "lianfang.server.wsgi:application")
        self.live = self._start("asgi", self.port + 1, "lianfang.server.live:application")

    @property
    def origin(self) -> str:
        return f"http://{HOST}:{self.port}"

    def _start(self, interface: str, port: int, application: str) -> subprocess.Popen[bytes]:
        granian = str(Path(sys.executable).with_name("granian"))
        words = [granian, "--interface", interface, "--host", HOST, "--port", str(port), "--no-ws", application]
        log = (self.home / f"{interface}.log").open("ab")
        process = subprocess.Popen(words, env=self.environment, stdout=log, stderr=log, start_new_session=True)
        until = time.monotonic() + 40
        while time.monotonic() < until:
            with socket.socket() as trying:
                if trying.connect_ex((HOST, port)) == 0:
                    return process
            time.sleep(0.1)
        raise AssertionError(f"{application} does not answer")

    def stop_live(self) -> None:
        os.killpg(self.live.pid, signal.SIGKILL)
        self.live.wait()

    def close(self) -> None:
        for process in (self.web, self.live):
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        with psycopg.connect(self.admin, autocommit=True) as connection:
            connection.execute(f"drop database if exists {self.name} with (force)")


def free_ports() -> int:
    """Return a free port whose neighbour is free too."""
    for port in range(21000 + os.getpid() % 2000, 40000, 2):
        with socket.socket() as one, socket.socket() as other:
            try:
                one.bind((HOST, port))
                other.bind((HOST, port + 1))
            except OSError:
                continue
            return port
    raise AssertionError("no two neighbouring ports are free")

"""A house of its own for a benchmark: an embedded database in a temporary folder, and processes that end with it."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from lianfang import database

# A gate on a working morning; the pack's places and protocol are in force then.
MORNING = "2020-02-05T09:30:00+08:00"


@contextmanager
def house() -> Iterator[Path]:
    """Make a house with its pack loaded and this process opened in it; everything is gone afterwards.

    Every commit is synced, as in a running house.
    """
    folder = Path(tempfile.mkdtemp(prefix="lianfang-bench-"))
    # Children inherit it; a server named by DATABASE_URL is somebody's real one and is left alone.
    os.environ.update(LIANFANG_HOME=str(folder), LIANFANG_KEYS=str(folder / "keys"), LIANFANG_MODE="demonstration")
    os.environ.pop("DATABASE_URL", None)
    folder.chmod(0o755)
    # Told to end, a program goes without a word; this one has a database to stop first.
    signal.signal(signal.SIGTERM, lambda *_words: sys.exit(1))
    try:
        _prepare()
        yield folder
    finally:
        _close()
        database.embedded(folder).stop()
        shutil.rmtree(folder, ignore_errors=True)


def _prepare() -> None:
    from datetime import datetime

    from lianfang import clock, pack
    from lianfang.commands import open_house

    clock.show(datetime.fromisoformat(MORNING))
    open_house()
    from django.conf import settings
    from django.core.management import call_command

    from lianfang.registry import actions

    call_command("migrate", verbosity=0, interactive=False)
    actions.load(pack=pack.read(settings.PACK), by=None, at=clock.now())


def _close() -> None:
    from django.db import connections

    connections.close_all()


@contextmanager
def process(*words: str, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a process of the house; it is stopped at the end.

    Args:
        words: the command.
        log: the file for what it says.
    """
    with log.open("ab") as out:
        running = subprocess.Popen(list(words), stdin=subprocess.DEVNULL, stdout=out, stderr=out)  # noqa: S603
        try:
            yield running
        finally:
            running.terminate()
            try:
                running.wait(15)
            except subprocess.TimeoutExpired:
                running.kill()
                running.wait()


def served(application: str, port: int, *more: str) -> list[str]:
    """Return the words that serve a WSGI application as the house does."""
    granian = str(Path(sys.executable).with_name("granian"))
    words = [granian, "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--log-level", "warning"]
    return [*words, "--no-ws", *more, application]


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int, process: subprocess.Popen[bytes], log: Path, seconds: float = 30) -> None:
    """Wait until something answers on a port.

    Raises:
        ClickException: the process ended, or the time is over.
    """
    until = time.monotonic() + seconds
    while time.monotonic() < until and process.poll() is None:
        with socket.socket() as probe:
            probe.settimeout(0.5)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise click.ClickException(f"The server did not come up: {log.read_text(errors='replace')[-800:]}")


def spent(number: int) -> float:
    """Return the seconds of processor that a process and all below it have used.

    Args:
        number: the process.
    """
    try:
        words = Path(f"/proc/{number}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        below = Path(f"/proc/{number}/task/{number}/children").read_text(encoding="utf-8").split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    # Its own user and system time, and that of children which have ended.
    own = sum(map(int, words[11:15])) / os.sysconf("SC_CLK_TCK")
    return own + sum(spent(int(each)) for each in below)


def postmaster(folder: Path) -> int:
    """Return the number of the embedded database's first process."""
    return int((database.embedded(folder).data / "postmaster.pid").read_text(encoding="utf-8").split()[0])

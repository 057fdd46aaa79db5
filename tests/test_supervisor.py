"""The supervisor restarts what dies and stops cleanly."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest


@pytest.fixture
def house(tmp_path: Path):
    """A supervisor in a process of its own with two small parts that write their process numbers."""
    script = tmp_path / "house.py"
    script.write_text(
        textwrap.dedent(
            f"""
            import sys
            from pathlib import Path
            from lianfang.server.supervisor import Part, Supervisor
            def part(name, body):
                return Part(name, [sys.executable, "-c", body])
            here = "pathlib.Path({str(tmp_path)!r}, 'NAME.pid').write_text(str(os.getpid()))"
            write = "import os,time,pathlib; " + here + "; time.sleep(600)"
            parts = [part("first", write.replace("NAME", "first")), part("second", write.replace("NAME", "second"))]
            Supervisor(parts=parts, logs=Path({str(tmp_path)!r}) / "log", tell=print).run()
            """
        )
    )
    process = subprocess.Popen([sys.executable, str(script)])
    yield process
    # Asked, not killed: its parts would outlive it.
    process.terminate()
    process.wait(20)


def told(file: Path, other_than: int = 0) -> int:
    until = time.monotonic() + 15
    while time.monotonic() < until:
        if file.exists() and (text := file.read_text()) and int(text) != other_than:
            return int(text)
        time.sleep(0.05)
    raise AssertionError(f"{file.name} was not written anew")


def alive(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_part_that_is_killed_is_started_again_and_the_other_is_left_alone(house, tmp_path):
    first, second = told(tmp_path / "first.pid"), told(tmp_path / "second.pid")
    os.kill(first, signal.SIGKILL)
    assert told(tmp_path / "first.pid", other_than=first) != first
    assert alive(second)


def test_a_stop_takes_every_part_with_it(house, tmp_path):
    numbers = [told(tmp_path / "first.pid"), told(tmp_path / "second.pid")]
    house.terminate()
    house.wait(15)
    assert not any(alive(number) for number in numbers)

"""The one place where the time is read.

Only doors and the commands may call :func:`now`; everything below is handed its instant as `at`, so that a
month can be replayed. A demonstration may run on shown time (February 2020): `LIANFANG_HOME/clock.json` then
says which shown instant stood for which real one.
"""

import json
import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class Shown:
    """A shown time: at `real` the clock showed `shown`, and runs `speed` times as fast."""

    real: datetime
    shown: datetime
    speed: float

    def at(self, real: datetime) -> datetime:
        """Return the shown instant for a real one."""
        return self.shown + timedelta(seconds=(real - self.real).total_seconds() * self.speed)


def now() -> datetime:
    """Return the instant, in Asia/Shanghai; the shown one where a demonstration has set its clock."""
    real = datetime.now(UTC)
    shown = demonstration()
    return (shown.at(real) if shown else real).astimezone(SHANGHAI)


def demonstration() -> Shown | None:
    """Return the demonstration's shown time, or None on an ordinary installation."""
    if os.environ.get("LIANFANG_MODE", "demonstration") != "demonstration":
        return None
    # Read at most once a second: this stands on the path of every request.
    return _read(_file(), int(time.monotonic()))


def show(shown: datetime, *, speed: float = 1.0) -> None:
    """Set the demonstration's clock to `shown` as from now, running `speed` times as fast."""
    file = _file()
    file.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"real": datetime.now(UTC).isoformat(), "shown": shown.isoformat(), "speed": speed})
    spare = file.with_suffix(".new")
    spare.write_text(text, encoding="utf-8")
    spare.replace(file)
    _read.cache_clear()


def _file() -> Path:
    return Path(os.environ.get("LIANFANG_HOME", "var")) / "clock.json"


@lru_cache(maxsize=4)
def _read(file: Path, _second: int) -> Shown | None:
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return Shown(
        real=datetime.fromisoformat(told["real"]),
        shown=datetime.fromisoformat(told["shown"]),
        speed=float(told["speed"]),
    )

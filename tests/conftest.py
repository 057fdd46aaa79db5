"""One embedded database for a test run, in a folder of its own."""

import os
import tempfile
from pathlib import Path

_HOME = tempfile.TemporaryDirectory(prefix="lianfang-test-")
os.environ["LIANFANG_HOME"] = _HOME.name
os.environ["LIANFANG_KEYS"] = str(Path(_HOME.name) / "keys")
os.environ.setdefault("LIANFANG_PACK", str(Path(__file__).parents[1] / "packs" / "shangjie"))
os.environ["LIANFANG_MODE"] = "demonstration"
os.environ["DJANGO_SETTINGS_MODULE"] = "lianfang.server.settings"

from lianfang.database import embedded  # noqa: E402

_SERVER = embedded(Path(_HOME.name))
if not os.environ.get("DATABASE_URL"):
    # A test's data need not survive a power cut.
    _SERVER.start("fsync=off", "synchronous_commit=off", "full_page_writes=off")

# Only now: the settings read the server's password. pytest-django takes over what it finds ready.
import django  # noqa: E402

django.setup()


def pytest_unconfigure() -> None:
    from django.db import connections

    connections.close_all()
    _SERVER.stop()
    _HOME.cleanup()

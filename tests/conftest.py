"""One embedded database for a test run, in a folder of its own."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

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
    # Autovacuum writes too, and the horizon waits for whoever writes: a test must not depend on when it comes by.
    _SERVER.start("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off")

# Only now: the settings read the server's password. pytest-django takes over what it finds ready.
import django  # noqa: E402

django.setup()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Let the tests empty the logs between them, which nobody may do in a running house."""
    from django.db import connection

    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("select tgrelid::regclass::text from pg_trigger where tgname = 'refuse_truncate'")
        for (table,) in cursor.fetchall():
            cursor.execute(f"alter table {table} disable trigger refuse_truncate")


@pytest.fixture(autouse=True)
def _journal_emptied(request: pytest.FixtureRequest) -> Iterator[None]:
    """Empty the journal after a test that commits: Django's flush leaves it out, and its trigger refuses the rest."""
    yield
    marker = request.node.get_closest_marker("django_db")
    committing = {"transactional_db", "live_server"} & set(request.fixturenames)
    if committing or (marker and marker.kwargs.get("transaction")):
        from django.db import connection

        with request.getfixturevalue("django_db_blocker").unblock(), connection.cursor() as cursor:
            cursor.execute("set session_replication_role = replica; truncate journal_entry")
            cursor.execute("set session_replication_role = origin")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes() -> None:
    """Let each worker find its settings only after its own database stands; it would inherit and load ours."""
    os.environ.pop("DJANGO_SETTINGS_MODULE", None)


def pytest_unconfigure() -> None:
    from django.db import connections

    connections.close_all()
    _SERVER.stop()
    _HOME.cleanup()

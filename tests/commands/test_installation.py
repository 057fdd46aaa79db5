"""A real installation from nothing, and a restore drill: dump, a new cluster, the same entries, the chain verifies."""

import json
import os
import re
import shutil
import ssl
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from cryptography import x509

from lianfang.database import embedded
from lianfang.server import backups, certificates, installation
from lianfang.server.installation import Plan

AT = datetime(2026, 11, 22, tzinfo=UTC)
PACK = Path(__file__).parents[2] / "packs" / "shangjie"
LIANFANG = [sys.executable, "-m", "lianfang"]
WRITE = """
from lianfang.commands import open_house
open_house()
from datetime import UTC, datetime
from uuid import uuid4
from lianfang.journal import actions, ids
from lianfang.journal.drafts import Draft
from lianfang.registry import index, vault
at = datetime(2026, 11, 22, 4, tzinfo=UTC)
plate = index.pseudonym("plate", "豫A12345")
person = {"plate": "豫A12345", "name": "王小明", "phone": "13800138000"}
drafts = [
    Draft(id=ids.make(at), kind="stock", at=at, area="410106", unit="health", answers={"number": n},
          subject=plate, personal=(vault.Personal(plate, person),))
    for n in range(120)
]
print([each.status for each in actions.write(drafts=drafts, at=at)].count("stored"))
"""
READ = """
from lianfang.commands import open_house
open_house()
import json
from lianfang.journal.models import Entry
from lianfang.registry import index, vault
plate = index.pseudonym("plate", "豫A12345")
opened = vault.open_many([plate]).get(plate)
print(json.dumps({
    "entries": sorted(f"{each.id} {each.seq} {bytes(each.digest).hex()}" for each in Entry.objects.all()),
    "fields": opened.fields if opened else None,
    "closed": opened.closed if opened else None,
}))
"""


def run(environment: dict[str, str], *words: str, given: str = "") -> subprocess.CompletedProcess[str]:
    clean = {
        key: value for key, value in os.environ.items() if not key.startswith(("LIANFANG_", "DATABASE_", "DJANGO_"))
    }
    return subprocess.run([*words], env=clean | environment, input=given, text=True, capture_output=True, check=False)


def script(environment: dict[str, str], text: str) -> str:
    done = run(environment, sys.executable, "-c", text)
    assert done.returncode == 0, done.stderr
    return done.stdout


def plan(folder: Path, **changes: object) -> Plan:
    import getpass

    told = {
        "home": folder / "data",
        "keys": folder / "keys",
        "out": folder / "etc",
        "pack": PACK,
        "hosts": ("lianfang.lan", "192.168.1.5"),
        "port": 8443,
        "account": getpass.getuser(),
    }
    return Plan(**(told | changes))


def answered(words: list[str]) -> str:
    """Run `init` as three people would: the first sets up the second factor, the others press Enter."""
    clean = {
        key: value for key, value in os.environ.items() if not key.startswith(("LIANFANG_", "DATABASE_", "DJANGO_"))
    }
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    with subprocess.Popen(words, env=clean | {"PYTHONUNBUFFERED": "1"}, text=True, **pipes) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        told = ""
        for line in process.stdout:
            told += line
            found = re.search(r"type in: ([A-Z2-7]+)", line)
            if found and "system-admin" in line:
                right = format_hotp_value(hotp_value(found[1], int(time.time()) // 30))
                process.stdin.write(f"{int(right) ^ 1:06}\n{right}\n\n\n")
                process.stdin.flush()
        assert process.wait() == 0, told
    return told


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Plan, str]]:
    """Make an installation by the command, as an operator would."""
    made = plan(tmp_path_factory.mktemp("house"))
    words = [*LIANFANG, "init", "--home", str(made.home), "--keys", str(made.keys), "--out", str(made.out)]
    words += ["--pack", str(made.pack), "--account", made.account, "--host", "lianfang.lan", "--host", "192.168.1.5"]
    yield made, answered(words)
    embedded(made.home).stop()


def test_three_administrators_are_made_each_with_a_password_of_their_own(house: tuple[Plan, str]) -> None:
    _, told = house
    assert re.findall(r"username  (\S+)", told) == ["system-admin", "security-admin", "audit-admin"]
    assert len(set(re.findall(r"password  (\S+)", told))) == 3


def test_the_first_administrator_set_up_the_second_factor_there_and_then(house: tuple[Plan, str]) -> None:
    _, told = house
    assert told.count("The code does not fit") == 1
    assert len(re.findall(r"^    \d{8}$", told, re.MULTILINE)) == 10
    assert told.count("Scan with") == 3


def test_the_files_are_closed_and_the_settings_are_those_of_an_installation(house: tuple[Plan, str]) -> None:
    made, _ = house
    for key in made.keys.glob("*.key"):
        assert stat.S_IMODE(key.stat().st_mode) == 0o600, key
    assert stat.S_IMODE(made.keys.stat().st_mode) == 0o700
    assert {each.name for each in made.keys.glob("*.key")} >= {
        "authority.key",
        "server.key",
        "signing.key",
        "index.key",
        "accounts.key",
    }
    told = dict(line.split("=", 1) for line in made.environment_file.read_text().splitlines())
    assert told == made.environment()
    assert told["LIANFANG_MODE"] == "installation"


def test_an_installation_is_never_written_over(house: tuple[Plan, str]) -> None:
    made, _ = house
    before = {each: each.read_bytes() for each in made.keys.rglob("*") if each.is_file()}
    words = [*LIANFANG, "init", "--no-ask", "--pack", str(made.pack), "--account", made.account]
    again = run({}, *words, "--home", str(made.home), "--keys", str(made.keys), "--out", str(made.out))
    assert again.returncode == 1
    assert "nothing was changed" in again.stderr
    assert {each: each.read_bytes() for each in made.keys.rglob("*") if each.is_file()} == before


def test_keys_inside_the_data_are_refused(tmp_path: Path) -> None:
    words = [*LIANFANG, "init", "--no-ask", "--home", str(tmp_path / "d"), "--keys", str(tmp_path / "d" / "keys")]
    done = run({}, *words, "--out", str(tmp_path / "o"), "--pack", str(PACK))
    assert done.returncode == 1
    assert "apart from the data" in done.stderr
    assert not (tmp_path / "d").exists()


def test_a_backup_restores_into_a_new_cluster_with_the_same_entries_and_the_chain_verifies(
    house: tuple[Plan, str], tmp_path: Path
) -> None:
    made, _ = house
    here = made.environment()
    assert script(here, WRITE).strip() == "120"
    assert run(here, *LIANFANG, "journal", "seal").returncode == 0
    before = json.loads(script(here, READ))
    done = run(here, *LIANFANG, "backup", str(tmp_path / "safe"), "--keys", str(tmp_path / "locker"))
    assert done.returncode == 0, done.stderr
    kept = Path(done.stdout.splitlines()[0])
    for file in kept.rglob("*"):
        content = file.read_bytes()
        for secret in ("王小明", "13800138000", "豫A12345"):
            assert secret.encode() not in content
        assert made.keys.joinpath("index.key").read_bytes().strip() not in content

    there = plan(tmp_path / "new").environment()
    done = run(there, *LIANFANG, "restore", str(kept), "--keys", str(tmp_path / "locker"))
    try:
        assert done.returncode == 0, done.stderr
        assert "The chain verifies: 120 sealed" in done.stdout
        assert json.loads(script(there, READ)) == before
        assert before["fields"]["name"] == "王小明"
        again = run(there, *LIANFANG, "restore", str(kept))
        assert again.returncode == 1
        assert "not empty" in again.stderr
    finally:
        embedded(Path(there["LIANFANG_HOME"])).stop()


def test_the_plain_data_is_not_in_the_dump_even_unpacked(house: tuple[Plan, str], tmp_path: Path) -> None:
    made, _ = house
    done = run(made.environment(), *LIANFANG, "backup", str(tmp_path))
    kept = Path(done.stdout.splitlines()[0])
    from lianfang.database import binary

    text = subprocess.run(
        [str(binary("pg_restore")), "-f", "-", str(kept / "database.dump")], capture_output=True, check=True
    )
    assert b"registry_vaultrecord" in text.stdout
    for secret in ("王小明", "13800138000", "豫A12345"):
        assert secret.encode() not in text.stdout
        assert secret.encode().hex().encode() not in text.stdout


def test_a_damaged_backup_is_refused_before_anything_is_touched(house: tuple[Plan, str], tmp_path: Path) -> None:
    made, _ = house
    done = run(made.environment(), *LIANFANG, "backup", str(tmp_path / "safe"))
    kept = Path(done.stdout.splitlines()[0])
    with (kept / "database.dump").open("r+b") as file:
        file.seek(200)
        file.write(b"x")
    new = plan(tmp_path / "new").environment()
    done = run(new, *LIANFANG, "restore", str(kept))
    assert done.returncode == 1
    assert "not the file that was backed up" in done.stderr
    assert not Path(new["LIANFANG_HOME"]).exists()


def test_the_keys_are_never_copied_beside_the_data(house: tuple[Plan, str], tmp_path: Path) -> None:
    made, _ = house
    for keys in (tmp_path, tmp_path / "keys"):
        done = run(made.environment(), *LIANFANG, "backup", str(tmp_path), "--keys", str(keys))
        assert done.returncode == 1
        assert "must not lie with the data" in done.stderr


def test_old_backups_go_and_the_newest_stay(tmp_path: Path) -> None:
    for day in range(1, 6):
        folder = tmp_path / f"lianfang-2026110{day}-023000"
        folder.mkdir()
        (folder / "manifest.json").write_text("{}")
    (tmp_path / "lianfang-20261101-000000").mkdir()
    (tmp_path / "letters").mkdir()
    assert len(backups.prune(tmp_path, 2)) == 3
    assert sorted(each.name for each in tmp_path.iterdir()) == [
        "letters",
        "lianfang-20261101-000000",
        "lianfang-20261104-023000",
        "lianfang-20261105-023000",
    ]


def test_other_keys_in_the_goal_are_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    (tmp_path / "a" / "index.key").write_text("one")
    (tmp_path / "b" / "index.key").write_text("two")
    with pytest.raises(backups.BackupFault):
        backups.copy_keys(tmp_path / "a", tmp_path / "b")
    assert (tmp_path / "b" / "index.key").read_text() == "two"


def test_the_servers_certificate_is_the_authoritys_and_names_every_host() -> None:
    above = certificates.authority("Lianfang test", AT)
    made = certificates.server(above, ["lianfang.lan", "192.168.1.5"], AT)
    found = x509.load_pem_x509_certificate(made.certificate)
    found.verify_directly_issued_by(x509.load_pem_x509_certificate(above.certificate))
    names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["lianfang.lan"]
    assert [str(each) for each in names.get_values_for_type(x509.IPAddress)] == ["192.168.1.5"]
    # Phones refuse a longer one.
    assert certificates.ends(made.certificate) - found.not_valid_before_utc <= timedelta(days=825)


def test_a_browser_that_trusts_the_authority_trusts_the_server(house: tuple[Plan, str]) -> None:
    import socket
    import threading

    made, _ = house
    shown = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    shown.load_cert_chain(made.keys / "server.crt", made.keys / "server.key")
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            with listener.accept()[0] as raw, shown.wrap_socket(raw, server_side=True) as inside:
                inside.recv(1)

        thread = threading.Thread(target=answer)
        thread.start()
        trusting = ssl.create_default_context(cafile=str(made.authority_file))
        raw = socket.create_connection(listener.getsockname())
        with raw, trusting.wrap_socket(raw, server_hostname="192.168.1.5") as inside:
            assert inside.version() == "TLSv1.3"
            inside.send(b"x")
        thread.join()


def test_renewing_the_certificate_keeps_the_authority(house: tuple[Plan, str]) -> None:
    made, _ = house
    before, authority = (made.keys / "server.crt").read_bytes(), (made.keys / "authority.crt").read_bytes()
    done = run(made.environment(), *LIANFANG, "certificate")
    assert done.returncode == 0, done.stderr
    after = x509.load_pem_x509_certificate((made.keys / "server.crt").read_bytes())
    assert (made.keys / "server.crt").read_bytes() != before
    after.verify_directly_issued_by(x509.load_pem_x509_certificate(authority))
    assert (made.keys / "authority.crt").read_bytes() == authority


def test_the_units_name_the_account_the_settings_and_the_folders_it_writes(tmp_path: Path) -> None:
    made = plan(tmp_path)
    text = installation.units(made)["lianfang.service"]
    for line in (
        f"User={made.account}",
        f"EnvironmentFile={made.environment_file}",
        f"ReadWritePaths={made.home} {made.keys}",
    ):
        assert line in text
    assert "lianfang up" in text
    if shutil.which("systemd-analyze"):
        for name, unit in installation.units(made).items():
            (tmp_path / name).write_text(unit)
        done = run({}, "systemd-analyze", "verify", *(str(tmp_path / name) for name in installation.units(made)))
        assert "Unknown" not in done.stderr


def test_a_house_of_an_installation_offers_no_picker_and_asks_administrators_for_a_second_factor(
    house: tuple[Plan, str],
) -> None:
    made, told = house
    password = re.findall(r"password  (\S+)", told)[1]
    text = f"""
from lianfang.commands import open_house
open_house()
from django.test import Client
client = Client(headers={{"host": "lianfang.lan"}})
page = client.get("/sign-in/", secure=True)
assert page.status_code == 200 and "/sign-in/as/" not in page.content.decode()
assert client.post("/sign-in/as/", {{"username": "security-admin"}}, secure=True).status_code == 404
signed = client.post("/sign-in/", {{"username": "security-admin", "password": {password!r}}}, secure=True)
assert signed.status_code == 302, signed.status_code
assert client.get("/administration/grants/", secure=True)["Location"] == "/account/password/"
changed = {{"old": {password!r}, "new": "blue-Gate-2021", "again": "blue-Gate-2021"}}
assert client.post("/account/password/", changed, secure=True).status_code == 302
assert client.get("/administration/grants/", secure=True)["Location"] == "/account/second-factor/"
from lianfang.registry.models import User
assert User.objects.get(username="security-admin").password.startswith("argon2")
assert client.cookies["sessionid"]["secure"] and client.cookies["sessionid"]["httponly"]
print("as it should be")
"""
    assert "as it should be" in script(made.environment(), text)


@pytest.mark.parametrize("name", ["../outside", "/etc/outside", "a/../../outside"])
def test_an_archive_cannot_write_outside_of_the_data(tmp_path: Path, name: str) -> None:
    import io
    import tarfile

    with tarfile.open(tmp_path / "files.tar", "w") as tar:
        told = tarfile.TarInfo(name)
        told.size = 1
        tar.addfile(told, io.BytesIO(b"x"))
    home = tmp_path / "home"
    home.mkdir()
    with tarfile.open(tmp_path / "files.tar") as tar, pytest.raises(backups.BackupFault):
        backups._unpack(tar, home)
    assert not (tmp_path / "outside").exists()


def test_a_database_with_something_in_it_is_left_alone(house: tuple[Plan, str], tmp_path: Path) -> None:
    made, _ = house
    new = plan(tmp_path)
    words = [*LIANFANG, "init", "--no-ask", "--home", str(new.home), "--keys", str(new.keys), "--out", str(new.out)]
    words += ["--pack", str(new.pack), "--account", new.account, "--database", embedded(made.home).url()]
    done = run({}, *words)
    assert done.returncode == 1
    assert "not empty" in done.stderr
    assert not new.keys.exists()

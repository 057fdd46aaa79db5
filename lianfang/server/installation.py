"""What a real installation consists of besides the code: folders, an environment file, keys, units for systemd."""

import contextlib
import os
import socket
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from lianfang.registry.keys import ensure
from lianfang.server import certificates
from lianfang.server.certificates import Pair

AUTHORITY, SERVER = "authority", "server"


class NotEmpty(Exception):
    """Something is there already; an installation is never written over."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Where an installation lives and how it is reached.

    Args:
        home: the data's folder.
        keys: the keys' folder, outside of `home`.
        out: the folder of the environment file, the units and the authority's certificate.
        pack: the district's pack.
        hosts: names and addresses of the server, the first one being the one people type.
        port: the port of the pages; the live stream takes the next one.
        account: the account of the operating system that runs the house.
        database: a server's address, or the empty word for the embedded one.
    """

    home: Path
    keys: Path
    out: Path
    pack: Path
    hosts: tuple[str, ...]
    port: int
    account: str
    database: str = ""

    @property
    def environment_file(self) -> Path:
        """The file that systemd and the command line read."""
        return self.out / "lianfang.env"

    @property
    def authority_file(self) -> Path:
        """The certificate to put on the phones."""
        return self.out / "lianfang-authority.crt"

    def faults(self) -> list[str]:
        """Return what speaks against the plan, in words."""
        found = []
        if _inside(self.keys, self.home) or _inside(self.home, self.keys):
            found.append(f"The keys ({self.keys}) must lie apart from the data ({self.home}), not one in the other.")
        if not (self.pack / "pack.yaml").exists():
            found.append(f"{self.pack} is no pack: it has no pack.yaml.")
        if not self.hosts:
            found.append("At least one host name or address is needed.")
        return found

    def present(self) -> list[Path]:
        """Return what is there already of an earlier installation."""
        places = [self.environment_file, self.home / "pgdata", *self.keys.glob("*.key"), *self.keys.glob("vault/*")]
        return [each for each in places if each.exists()]

    def environment(self) -> dict[str, str]:
        """Return the settings of the installation."""
        told = {
            "LIANFANG_MODE": "installation",
            "LIANFANG_HOME": str(self.home),
            "LIANFANG_KEYS": str(self.keys),
            "LIANFANG_PACK": str(self.pack),
            "LIANFANG_HOSTS": ",".join(self.hosts),
            "LIANFANG_PORT": str(self.port),
            "LIANFANG_LIVE_PORT": str(self.port + 1),
            "LIANFANG_HTTPS": "1",
        }
        return told | ({"DATABASE_URL": self.database} if self.database else {})


def local_hosts() -> tuple[str, ...]:
    """Return the machine's name and the addresses under which others reach it."""
    name = socket.gethostname()
    found = [name]
    with contextlib.suppress(socket.gaierror):
        found += [str(each[4][0]) for each in socket.getaddrinfo(name, None, socket.AF_INET)]
    # No packet is sent: the system only says which address it would send from.
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            found.append(probe.getsockname()[0])
        except OSError:
            pass
    return tuple(dict.fromkeys([*(each for each in found if not each.startswith("127.")), "localhost", "127.0.0.1"]))


def lay(plan: Plan, at: datetime) -> None:
    """Make the folders, the certificates, the environment file and the units.

    Raises:
        NotEmpty: there is an installation already.
    """
    there = plan.present()
    if there:
        raise NotEmpty(", ".join(str(each) for each in there))
    for folder, mode in ((plan.home, 0o750), (plan.keys, 0o700), (plan.out, 0o755)):
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(mode)
    # Now and not on first use: the copy of the keys that is put aside today must be whole.
    for name in ("index", "accounts"):
        ensure(plan.keys / f"{name}.key")
    made = certificates.authority(f"Lianfang {plan.hosts[0]}", at)
    _keep(plan.keys, AUTHORITY, made)
    renew(plan.keys, plan.hosts, at)
    plan.authority_file.write_bytes(made.certificate)
    secret = bool(plan.database)
    _write(
        plan.environment_file, "".join(f"{k}={v}\n" for k, v in plan.environment().items()), 0o600 if secret else 0o644
    )
    for name, text in units(plan).items():
        _write(plan.out / name, text, 0o644)


def renew(keys: Path, hosts: Sequence[str], at: datetime) -> Pair:
    """Make a new certificate for the server, signed by the installation's authority.

    Raises:
        FileNotFoundError: there is no authority among the keys.
    """
    by = Pair((keys / f"{AUTHORITY}.crt").read_bytes(), (keys / f"{AUTHORITY}.key").read_bytes())
    made = certificates.server(by, hosts, at)
    _keep(keys, SERVER, made)
    return made


def units(plan: Plan) -> Mapping[str, str]:
    """Return the units for systemd by file name: the house itself, and a backup every night."""
    lianfang = Path(sys.executable).with_name("lianfang")
    common = f"User={plan.account}\nEnvironmentFile={plan.environment_file}\nWorkingDirectory={plan.home}\n"
    return {
        "lianfang.service": (
            "[Unit]\nDescription=Lianfang (web, live, worker, watch)\nAfter=network-online.target\n"
            "Wants=network-online.target\n\n"
            f"[Service]\n{common}ExecStart={lianfang} up --no-replay\n"
            "Restart=always\nRestartSec=3\nKillMode=mixed\nTimeoutStopSec=60\nUMask=0077\n"
            "NoNewPrivileges=yes\nPrivateTmp=yes\nProtectSystem=full\nProtectHome=read-only\n"
            f"ReadWritePaths={plan.home} {plan.keys}\n\n"
            "[Install]\nWantedBy=multi-user.target\n"
        ),
        "lianfang-backup.service": (
            "[Unit]\nDescription=Lianfang: backup of the data (without the keys)\n\n"
            f"[Service]\nType=oneshot\n{common}ExecStart={lianfang} backup {plan.home}/backups --keep 14\n"
            "UMask=0077\n"
        ),
        "lianfang-backup.timer": (
            "[Unit]\nDescription=Lianfang: backup every night\n\n"
            "[Timer]\nOnCalendar=*-*-* 02:30:00\nPersistent=true\n\n[Install]\nWantedBy=timers.target\n"
        ),
    }


def _keep(folder: Path, name: str, pair: Pair) -> None:
    for suffix, content, mode in (("key", pair.key, 0o600), ("crt", pair.certificate, 0o644)):
        file = folder / f"{name}.{suffix}"
        spare = file.with_name(f".{file.name}.new")
        with os.fdopen(os.open(spare, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as out:
            out.write(content)
        spare.replace(file)


def _write(file: Path, text: str, mode: int) -> None:
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w", encoding="utf-8") as out:
        out.write(text)


def _inside(inner: Path, outer: Path) -> bool:
    return inner.resolve() == outer.resolve() or outer.resolve() in inner.resolve().parents

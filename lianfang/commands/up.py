"""`lianfang up`: the whole house in one terminal, or under systemd."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import click

from lianfang import clock, database
from lianfang.commands import open_house
from lianfang.server.granian import SETTINGS
from lianfang.server.supervisor import Part, Supervisor

SHOWN_FROM = "shown-until"


@click.command()
@click.option(
    "--replay/--no-replay",
    default=True,
    help="A demonstration replays its month on the first start, then goes on with the live feed.",
)
@click.option("--once", is_flag=True, help="Bring the database to this version, load the pack, then end.")
def command(replay: bool, once: bool) -> None:
    """Start web, live, worker and watch, and keep them alive until Ctrl-C."""
    from lianfang.server import settings

    server = None if os.environ.get("DATABASE_URL") else database.embedded(settings.HOME)
    if server:
        server.start()
    if once:
        prepare()
        return
    _resume_clock(settings.HOME)
    # In a process of its own: what keeps the house alive for weeks should be small.
    done = subprocess.run([sys.executable, "-m", "lianfang", "up", "--once"], check=False)
    if done.returncode:
        raise SystemExit(done.returncode)
    parts = _parts(feed=settings.DEMONSTRATION and replay)
    click.echo(_greeting())
    Supervisor(parts=parts, logs=settings.HOME / "log", tell=click.echo, tend=_tend_database(settings.HOME)).run()
    _pause_clock(settings.HOME)
    if server:
        server.stop()


def prepare() -> None:
    """Bring the database to this version and load the pack; a demonstration also gets its people."""
    open_house()
    from django.conf import settings
    from django.core.management import call_command

    from lianfang import pack
    from lianfang.registry import actions

    call_command("migrate", verbosity=0, interactive=False)
    district = pack.read(settings.PACK)
    actions.load(pack=district, by=None, at=clock.now())
    if settings.DEMONSTRATION:
        actions.load_demonstration(pack=district, at=clock.now())


def _parts(*, feed: bool) -> list[Part]:
    from lianfang.server import settings

    tls: list[str] = []
    if settings.HTTPS:
        tls = [
            "--ssl-certificate",
            str(settings.KEYS / "server.crt"),
            "--ssl-keyfile",
            str(settings.KEYS / "server.key"),
        ]
    host = "127.0.0.1" if settings.DEMONSTRATION else os.environ.get("LIANFANG_BIND", "0.0.0.0")  # noqa: S104
    granian = [
        str(Path(sys.executable).with_name("granian")),
        "--host",
        host,
        "--no-ws",
        "--log-level",
        "warning",
        *tls,
    ]
    web = [*granian, "--interface", "wsgi", "--port", str(settings.PORT), *SETTINGS]
    live = [*granian, "--interface", "asgi", "--port", str(settings.LIVE_PORT), "--workers", "1"]
    here = [sys.executable, "-m", "lianfang"]
    parts = [
        Part("web", _bound([*web, "lianfang.server.wsgi:application"])),
        Part("live", _bound([*live, "lianfang.server.live:application"])),
        Part("worker", _bound([*here, "worker"])),
        Part("watch", _bound([*here, "watch"])),
    ]
    if feed:
        scenario = sorted((settings.PACK / "scenarios").glob("*.yaml"))[0]
        url = f"http://127.0.0.1:{settings.PORT}"
        parts.append(Part("feed", _bound([*here, "demonstrate", str(scenario), "--url", url]), once=True))
    return parts


def _bound(words: list[str]) -> list[str]:
    """Bind a part's life to ours: if we are killed outright, nothing stays behind to hold the ports."""
    found = shutil.which("setpriv")
    return [found, "--pdeathsig", "TERM", *words] if found else words


def _tend_database(home: Path) -> Callable[[], None]:
    """Return what keeps the embedded database alive, looked at every few seconds."""
    if os.environ.get("DATABASE_URL"):
        return lambda: None
    server, last = database.embedded(home), [time.monotonic()]

    def tend() -> None:
        if time.monotonic() - last[0] < 2:
            return
        last[0] = time.monotonic()
        if not server.alive():
            click.echo("The database has stopped; starting it again.")
            try:
                server.start()
            except database.DatabaseFault as fault:
                click.echo(str(fault), err=True)

    return tend


def _resume_clock(home: Path) -> None:
    """Let a demonstration's shown time go on from where it stood when the house was stopped."""
    file = home / SHOWN_FROM
    if clock.demonstration() is not None and file.exists():
        clock.show(datetime.fromisoformat(file.read_text(encoding="utf-8")))


def _pause_clock(home: Path) -> None:
    if clock.demonstration() is not None:
        (home / SHOWN_FROM).write_text(clock.now().isoformat(), encoding="utf-8")


def _greeting() -> str:
    from lianfang.server import settings

    scheme = "https" if settings.HTTPS else "http"
    host = "127.0.0.1" if settings.DEMONSTRATION else settings.HOSTS[0]
    lines = [f"联防 Lianfang  {scheme}://{host}:{settings.PORT}/"]
    if settings.DEMONSTRATION:
        lines += [
            "演示模式，仅本机可访问；数据为模拟。A demonstration with simulated data, reachable from this machine only."
        ]
    return "\n".join([*lines, "Ctrl-C 停止 stops everything."])

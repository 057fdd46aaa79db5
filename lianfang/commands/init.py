"""`lianfang init`: a real installation, from nothing."""

import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lianfang import clock
from lianfang.commands import open_house
from lianfang.server import backups, certificates, installation
from lianfang.server.installation import NotEmpty, Plan

if TYPE_CHECKING:
    from lianfang.registry.models import User

ADMINISTRATORS = ("system", "security", "audit")
SYSTEMD = Path("/etc/systemd/system")


@click.command()
@click.option("--home", type=Path, default=Path("/var/lib/lianfang"), show_default=True, help="The data.")
@click.option(
    "--keys", type=Path, default=Path("/etc/lianfang/keys"), show_default=True, help="The keys, apart from it."
)
@click.option("--out", type=Path, default=Path("/etc/lianfang"), show_default=True, help="Environment file and units.")
@click.option("--pack", type=Path, default=Path("packs/shangjie"), show_default=True, help="The district.")
@click.option("--host", "hosts", multiple=True, help="Name or address of this server; repeat. Default: what it has.")
@click.option("--port", default=8443, show_default=True, help="Port of the pages; the live stream takes the next.")
@click.option("--account", default="lianfang", show_default=True, help="The system's account that runs the house.")
@click.option("--database", default="", help="A PostgreSQL server, postgresql://…; default: the embedded one.")
@click.option("--ask/--no-ask", default=True, help="Set up the administrators' second factors here and now.")
def command(
    home: Path,
    keys: Path,
    out: Path,
    pack: Path,
    hosts: Sequence[str],
    port: int,
    account: str,
    database: str,
    ask: bool,
) -> None:
    """Make a real installation: keys, certificate, database, the first three administrators, systemd units.

    Run as root it makes the account and goes on as that account; nothing that is there already is ever overwritten.
    """
    plan = Plan(
        home=home.absolute(),
        keys=keys.absolute(),
        out=out.absolute(),
        pack=pack.absolute(),
        hosts=tuple(hosts) or installation.local_hosts(),
        port=port,
        account=account,
        database=database,
    )
    faults = plan.faults()
    if faults:
        raise click.ClickException("\n".join(faults))
    there = plan.present()
    if there:
        found = "\n".join(f"  {each}" for each in there)
        raise click.ClickException(f"There is an installation already; nothing was changed:\n{found}")
    if pwd.getpwuid(os.geteuid()).pw_name == account:
        _make(plan, ask=ask)
    elif os.geteuid() == 0:
        _make_as_account(plan, ask=ask)
    else:
        raise click.ClickException(f"Run this as {account}, or as root.")


def _make(plan: Plan, *, ask: bool) -> None:
    if plan.database and backups.occupied(plan.database):
        raise click.ClickException("The database is not empty; nothing was changed.")
    # First of all: what is made now is an installation's, with the real time and its own folders.
    os.environ |= plan.environment()
    try:
        installation.lay(plan, clock.now())
    except (NotEmpty, PermissionError) as fault:
        raise click.ClickException(str(fault)) from fault
    open_house()
    from django.core.management import call_command

    from lianfang import pack
    from lianfang.registry import actions

    call_command("migrate", verbosity=0, interactive=False)
    district = pack.read(plan.pack)
    actions.load(pack=district, by=None, at=clock.now())
    click.echo("The database is made and the pack is loaded.")
    _fonts(plan)
    for kind in ADMINISTRATORS:
        _administrator(kind, ask=ask)
    if not plan.database:
        from lianfang.database import embedded

        embedded(plan.home).stop()
    click.echo(_next_steps(plan))


def _administrator(kind: str, *, ask: bool) -> None:
    """Make one of the three administrators; each is another person."""
    from django.utils.crypto import get_random_string

    from lianfang.registry import actions
    from lianfang.registry.models import Role

    role = Role.objects.filter(administrator=kind).first()
    if role is None:
        raise click.ClickException(f"The pack has no role for the {kind} administrator.")
    at = clock.now()
    password = "-".join(get_random_string(4, "abcdefghjkmnpqrstuvwxyz23456789") for _part in range(4)) + "-Q7"
    user = actions.make_user(by=None, at=at, username=f"{kind}-admin", name=role.title, password=password)
    actions.grant(by=None, at=at, user=user, role=role)
    click.secho(f"{role.title} / {role.title_en}", bold=True)
    click.echo(f"  username  {user.username}\n  password  {password}   (changed at the first sign-in)")
    if ask:
        _second_factor(user)
    else:
        click.echo("  second factor: set up at the first sign-in, before anything else\n")


def _second_factor(user: "User") -> None:
    """Show the QR code and take the first code of the person's app; Enter leaves it for the first sign-in."""
    import segno

    from lianfang.registry import actions, second_factor

    secret = second_factor.fresh_secret()
    click.echo(f"\n  Scan with the {user.username}'s authenticator app, or type in: {secret}\n")
    segno.make(second_factor.address(user, secret), error="l").terminal(compact=True, border=2)
    while True:
        code = click.prompt("  The code it shows (Enter: at the first sign-in)", default="", show_default=False)
        if not code:
            click.echo()
            return
        try:
            codes = actions.begin_second_factor(by=user, at=clock.now(), secret=secret, code=code)
        except second_factor.WrongCode:
            click.echo("  The code does not fit; check the phone's clock and take the next one.")
            continue
        click.echo("  Recovery codes, to be locked away by this person:\n    " + "\n    ".join(codes) + "\n")
        return


def _fonts(plan: Plan) -> None:
    """Bring the bulletins' faces into the data folder, from the checkout's where it has them."""
    from lianfang.bulletins import fonts
    from lianfang.commands.fonts import install

    goal, near = plan.home / "fonts", Path(__file__).parents[2] / "var" / "fonts"
    if near.is_dir() and os.access(near, os.R_OK) and not fonts.missing(near):
        shutil.copytree(near, goal, dirs_exist_ok=True)
    try:
        assert install.callback is not None
        install.callback(folder=goal)
    except click.ClickException as fault:
        # A bulletin can wait for its faces; the gates can not.
        click.secho(f"{fault.message}\nLater: lianfang fonts install --folder {goal}", fg="yellow")
    click.echo()


def _make_as_account(plan: Plan, *, ask: bool) -> None:
    """Make the account and its folders, go on as the account, then put the units where systemd looks."""
    try:
        pwd.getpwnam(plan.account)
    except KeyError:
        words = ["useradd", "--system", "--home-dir", str(plan.home), "--shell", "/usr/sbin/nologin", plan.account]
        subprocess.run(words, check=True)  # noqa: S603
    for folder in (plan.home, plan.keys, plan.out):
        folder.mkdir(parents=True, exist_ok=True)
        shutil.chown(folder, plan.account, plan.account)
    words = ["runuser", "-u", plan.account, "--", sys.executable, "-m", "lianfang", "init"]
    for name in ("home", "keys", "out", "pack", "port", "account", "database"):
        words += [f"--{name}", str(getattr(plan, name))]
    for host in plan.hosts:
        words += ["--host", host]
    done = subprocess.run([*words, "--ask" if ask else "--no-ask"], check=False)  # noqa: S603
    if done.returncode:
        raise SystemExit(done.returncode)
    # The account may read its settings and units, not change what root starts.
    for file in plan.out.iterdir():
        if file.is_file():
            shutil.chown(file, "root", plan.account)
    shutil.chown(plan.out, "root", "root")
    if SYSTEMD.is_dir():
        for name in installation.units(plan):
            shutil.copyfile(plan.out / name, SYSTEMD / name)
        click.echo(
            f"The units are in {SYSTEMD}. Start with:  systemctl daemon-reload && systemctl enable --now lianfang"
        )


def _next_steps(plan: Plan) -> str:
    certificate = plan.authority_file.read_bytes()
    return "\n".join(
        [
            f"Settings        {plan.environment_file}",
            f"Data            {plan.home}",
            f"Keys            {plan.keys}   (copy them to another place now: without them the personal data is lost)",
            f"For the phones  {plan.authority_file}",
            f"                SHA-256 {certificates.fingerprint(certificate)}",
            f"Units           {plan.out}/lianfang.service, lianfang-backup.service, lianfang-backup.timer",
            f"Address         https://{plan.hosts[0]}:{plan.port}/",
        ]
    )

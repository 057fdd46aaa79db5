"""`lianfang backup`: the data into a folder; the keys, when asked for, into another."""

from pathlib import Path

import click

from lianfang import clock, database
from lianfang.commands import open_house
from lianfang.server import backups

TABLES = ("journal_entry", "journal_seal", "registry_subject", "registry_vaultrecord", "registry_user")


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--keys", type=click.Path(file_okay=False, path_type=Path), help="Copy the keys here; never with the data."
)
@click.option("--keep", type=click.IntRange(min=0), default=0, help="Remove older backups but for this many; 0: none.")
def command(folder: Path, keys: Path | None, keep: int) -> None:
    """Back up the running house into a new folder under FOLDER; nothing has to be stopped."""
    open_house()
    from django.conf import settings

    if keys is not None and (folder.resolve() == keys.resolve() or folder.resolve() in keys.resolve().parents):
        raise click.ClickException("The keys must not lie with the data: whoever finds one must not find the other.")
    try:
        made = backups.make(folder, database.address(settings.HOME), settings.HOME, clock.now(), counts(), chained())
        click.echo(f"{made}")
        if keys is not None:
            click.echo(f"{backups.copy_keys(settings.KEYS, keys)} new keys in {keys}")
        for old in backups.prune(folder, keep):
            click.echo(f"removed {old}")
    except backups.BackupFault as fault:
        raise click.ClickException(str(fault)) from fault


def counts() -> dict[str, int]:
    """Return how many rows the tables hold by which a restored house is checked."""
    from django.db import connection

    found = {}
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"select count(*) from {table}")  # noqa: S608 - our own names
            found[table] = int(cursor.fetchone()[0])
    return found


def chained() -> str:
    """Return the journal's last chain value."""
    from lianfang.journal.models import Seal

    last = Seal.objects.order_by("last").last()
    return bytes(last.chained).hex() if last else ""

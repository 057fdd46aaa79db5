"""`lianfang restore`: an empty house becomes what a backup says, and is checked."""

from pathlib import Path

import click

from lianfang import database
from lianfang.commands import open_house
from lianfang.commands.backup import counts
from lianfang.server import backups


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--keys", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Put these kept keys back.")
def command(folder: Path, keys: Path | None) -> None:
    """Restore the backup FOLDER into an empty LIANFANG_HOME, then reckon the journal's whole chain again."""
    import os

    try:
        told = backups.read(folder)
        if keys is not None:
            # Before the settings are read: they would make new keys where there are none.
            goal = Path(os.environ.get("LIANFANG_KEYS") or Path(os.environ.get("LIANFANG_HOME", "var")) / "keys")
            click.echo(f"{backups.copy_keys(keys, goal)} keys put back")
        open_house()
        from django.conf import settings

        backups.put_back(folder, database.address(settings.HOME), settings.HOME)
    except backups.BackupFault as fault:
        raise click.ClickException(str(fault)) from fault
    from django.core.management import call_command

    from lianfang.journal import verification
    from lianfang.journal.models import Seal

    call_command("migrate", verbosity=0, interactive=False)
    found, faults = counts(), []
    for table, number in told.counts.items():
        # What was written while the backup was made may be in it beyond the count.
        if found.get(table, 0) < number:
            faults.append(f"{table}: {found.get(table, 0)} rows instead of {number}")
    report = verification.verify()
    faults += [each.message for each in report.disagreements]
    if told.chained and not Seal.objects.filter(chained=bytes.fromhex(told.chained)).exists():
        faults.append("The journal's last seal at the time of the backup is not among the seals.")
    if faults:
        raise click.ClickException("The restored house is not what was backed up:\n" + "\n".join(faults))
    click.echo(f"Restored what was backed up at {told.made_at}: {found['journal_entry']} entries.")
    click.echo(f"The chain verifies: {report.sealed} sealed in {report.seals} seals, {report.unsealed} not sealed yet.")

"""`lianfang pack`: check a district's pack, load it, or start one for another district."""

import sys
from pathlib import Path

import click

from lianfang import clock
from lianfang.commands import open_house


@click.group()
def command() -> None:
    """A district as data: areas, units, forms, rules, figures."""


@command.command()
@click.argument("path", type=click.Path(path_type=Path))
def check(path: Path) -> None:
    """Prove the pack in the folder PATH whole; print every fault with file, line and what would be right."""
    from lianfang import pack

    faults = pack.check(path)
    for fault in faults:
        click.echo(str(fault))
    click.echo(f"{len(faults)} faults." if faults else f"{path} is whole.", err=bool(faults))
    sys.exit(1 if faults else 0)


@command.command()
@click.argument("path", type=click.Path(path_type=Path))
def load(path: Path) -> None:
    """Bring areas, units, places and roles in the database to what the pack in PATH says."""
    from lianfang import pack

    faults = pack.check(path)
    if faults:
        raise click.ClickException("\n".join(map(str, faults)))
    open_house()
    from lianfang.registry import actions

    done = actions.load(pack=pack.read(path), by=None, at=clock.now())
    click.echo(", ".join(f"{number} {what}" for what, number in done.items()))


@command.command()
@click.argument("code")
@click.argument("table", metavar="AREAS.csv", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), default=None, help="The new folder; packs/CODE by default.")
@click.option(
    "--like",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=Path("packs/shangjie"),
    show_default=True,
    help="The pack whose forms, figures, roles and protocols are taken over.",
)
def new(code: str, table: Path, out: Path | None, like: Path) -> None:
    """Start a pack for the district CODE from a table of official codes: code and name in the first two columns."""
    from lianfang.pack import starting

    folder = out or Path("packs") / code
    try:
        count = starting.start(code, table, folder, like, day=clock.now().date())
    except starting.CanNotStart as fault:
        raise click.ClickException(str(fault)) from fault
    click.echo(f"{folder}: {count} areas. Next: places.csv and units.yaml, then `lianfang pack check {folder}`.")

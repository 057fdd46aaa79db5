"""`lianfang journal`: verify the chain of seals, print a day's digest, seal what is open."""

import json
import sys
import time
from datetime import date
from typing import Any

import click

from lianfang.commands import open_house


@click.group()
def command() -> None:
    """Verify the journal's seals, print a day's digest, or seal what is open."""
    open_house()


@command.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def verify(as_json: bool) -> None:
    """Reckon every seal again; ends with 1 and names the first seal and entry that do not agree."""
    from lianfang.journal import verification

    report = verification.verify()
    if as_json:
        told: dict[str, Any] = report._asdict() | {"agrees": not report.disagreements}
        told["disagreements"] = [each._asdict() for each in report.disagreements]
        click.echo(json.dumps(told, default=str, ensure_ascii=False))
    else:
        click.echo(f"{report.seals} seals over {report.sealed} entries, {report.unsealed} not sealed yet")
        click.echo(f"chain {report.chained}")
        for each in report.disagreements:
            click.echo(f"does not agree: {each.message}", err=True)
    sys.exit(1 if report.disagreements else 0)


@command.command()
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="The day; the last one without it.")
def digest(day: Any) -> None:
    """Print the chain's state at the end of a day, to be kept on paper or sent out of the house."""
    from lianfang.journal.models import DayDigest

    asked: date | None = day.date() if day else None
    rows = DayDigest.objects.order_by("-day")
    found = rows.filter(day=asked).first() if asked else rows.first()
    if found is None:
        raise click.ClickException("There is no digest yet: the worker writes one when a day has ended.")
    click.echo(f"{found.day} entries {found.count} chain {bytes(found.chained).hex()}")


@command.command()
@click.option("--wait", default=10.0, show_default=True, help="Seconds to wait for entries still being written.")
def seal(wait: float) -> None:
    """Seal what is open now, without waiting for the worker."""
    from lianfang.clock import now
    from lianfang.journal import sealing
    from lianfang.journal.horizon import Horizon

    horizon, until = Horizon(), time.monotonic() + wait
    while horizon.advance() < (horizon.noted or 0) and time.monotonic() < until:
        time.sleep(0.05)
    made = sealing.seal(until=horizon.safe, at=now())
    click.echo(f"{len(made)} seals over {sum(each.count for each in made)} entries, up to number {horizon.safe}")

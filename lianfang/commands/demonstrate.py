"""`lianfang demonstrate`: what `lianfang up` runs beside a demonstration: the month, its bulletin, the live feed."""

import os
import subprocess
import sys
import time
from pathlib import Path

import click
import httpx

PATIENCE = 120.0


@click.command()
@click.argument("scenario", type=click.Path(path_type=Path, exists=True))
@click.option("--url", required=True, help="The house that is to be filled.")
@click.option("--feed/--no-feed", default=True, help="Go on sending as the shown clock advances.")
def command(scenario: Path, url: str, feed: bool) -> None:
    """Fill a demonstration through its own doors: replay SCENARIO, make its bulletin, go on with the live feed."""
    _await(url)
    here = [sys.executable, "-m", "lianfang"]
    replay = [*here, "replay", str(scenario), "--url", url]
    subprocess.run(replay, check=True)  # noqa: S603
    if subprocess.run([*here, "bulletin", "demonstrate"], check=False).returncode:  # noqa: S603
        click.echo("The bulletin could not be made; the feed goes on without it.", err=True)
    if feed:
        # In this process's place: the supervisor keeps the feed alive, not its parent.
        os.execv(sys.executable, [*replay, "--follow"])  # noqa: S606


def _await(url: str) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            if httpx.get(f"{url}/api/health", timeout=5).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.3)
    raise click.ClickException(f"{url} did not answer within {PATIENCE:.0f} s; see the log of the web process.")

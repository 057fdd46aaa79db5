"""`lianfang replay`: a scenario's records, sent through the public API as many devices would."""

import json
import multiprocessing
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lianfang import clock
from lianfang.commands import open_house

if TYPE_CHECKING:
    from lianfang.replay.batches import Batch
    from lianfang.replay.records import Record
    from lianfang.replay.scenario import Scenario
    from lianfang.replay.sending import Fleet

# Milliseconds for which a device keeps rows back: in a replay for fuller batches, in the live feed hardly at all.
REPLAYED, LIVE = 90 * 60_000, 10_000


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--url", default=None, help="The server; this house's own by default.")
@click.option("--until", "until_", default=None, help="Stop at this instant, such as 2020-02-05T17:00+08:00.")
@click.option("--speed", default=1.0, show_default=True, help="How fast the shown clock runs while following.")
@click.option("--follow", is_flag=True, help="Catch up with the shown clock, then go on sending as it advances.")
@click.option("--connections", default=6, show_default=True, help="Requests under way at once.")
def command(file: Path, url: str | None, until_: str | None, speed: float, follow: bool, connections: int) -> None:
    """Replay the scenario FILE into a demonstration and set its clock to where the replay has come."""
    open_house()
    from django.conf import settings

    from lianfang import pack
    from lianfang.registry import devices
    from lianfang.replay import noise, scenario, sending, spooling
    from lianfang.replay.batches import gather

    if not settings.DEMONSTRATION:
        raise click.ClickException("Only a demonstration is replayed into: LIANFANG_MODE says this is an installation.")
    state = State(settings.HOME / "replay.json", file.stem)
    spool = settings.HOME / "feed.spool" if follow else None
    fleet = sending.Fleet(
        url or f"http://127.0.0.1:{settings.PORT}", devices.demonstration_secrets(), connections=connections
    )

    def replay() -> None:
        try:
            told = scenario.read(file)
            until = _until(until_, told, follow)
            records = noise.make(told, pack.read(settings.PACK))
            _known(records, fleet)
            _catch_up(fleet, told, records, state, until)
            _tell(fleet)
        except (scenario.BrokenScenario, sending.NotSent, ValueError) as fault:
            raise click.ClickException(str(fault)) from fault
        if spool:
            spooling.write(
                spool, gather((each for each in records if each.recorded > state.read()), every=LIVE, cuts=())
            )

    if spool is None:
        replay()
        return
    _aside(replay)
    try:
        _follow(fleet, spooling.read(spool), state, speed)
    except sending.NotSent as fault:
        raise click.ClickException(str(fault)) from fault
    _tell(fleet)


def _known(records: "Iterable[Record]", fleet: "Fleet") -> None:
    missing = sorted({each.device for each in records} - set(fleet.secrets))
    if missing:
        raise click.ClickException(f"The house knows no devices {', '.join(missing)}: load the pack first.")


def _aside(do: Callable[[], None]) -> None:
    """Do something in a process of its own: the records of weeks are many, and a feed that waits should be small."""
    child = multiprocessing.get_context("fork").Process(target=do)
    child.start()
    child.join()
    if child.exitcode:
        raise click.ClickException(f"The replay before the feed ended with {child.exitcode}.")


class State:
    """How far a scenario has been sent, kept so that a house started again goes on from there."""

    def __init__(self, file: Path, name: str) -> None:
        self.file, self.name = file, name
        self.written = time.monotonic()

    def read(self) -> int:
        """Return the instant (milliseconds since 1970) up to which everything was sent; 0 at the beginning."""
        if not self.file.exists():
            return 0
        told = json.loads(self.file.read_text(encoding="utf-8"))
        return int(told["until"]) if told["scenario"] == self.name else 0

    def write(self, until: int) -> None:
        """Keep how far it has come."""
        spare = self.file.with_suffix(".new")
        spare.write_text(json.dumps({"scenario": self.name, "until": until}), encoding="utf-8")
        spare.replace(self.file)
        self.written = time.monotonic()


def _until(told: str | None, scenario: "Scenario", follow: bool) -> datetime:
    if told:
        until = datetime.fromisoformat(told)
        return until if until.tzinfo else until.replace(tzinfo=clock.SHANGHAI)
    if clock.demonstration() is not None and follow:
        return min(clock.now(), scenario.until)
    return scenario.shown


def _catch_up(fleet: "Fleet", scenario: "Scenario", records: "list[Record]", state: State, until: datetime) -> None:
    """Send what is recorded by `until` as fast as the server takes it, the shown clock running along."""
    from lianfang.replay.batches import gather
    from lianfang.replay.draws import milliseconds, told

    first, last = state.read(), milliseconds(until)
    waiting = [each for each in records if first < each.recorded <= last]
    if waiting:
        click.echo(f"{scenario.name}: {len(waiting)} records until {told(last)}")
        cuts = [*(milliseconds(each.until) for each in scenario.phases), *_midnights(scenario.since, until)]
        began = time.monotonic()
        fleet.send(gather(waiting, every=REPLAYED, cuts=cuts), _progress())
        click.echo(f"sent in {time.monotonic() - began:.1f} s")
        # Only now is everything before `until` known to be there.
        state.write(last)
    if waiting or clock.demonstration() is None:
        clock.show(until.astimezone(clock.SHANGHAI))


def _midnights(since: datetime, until: datetime) -> "Iterator[int]":
    """Go through the days' ends: what a day recorded is known at its end."""
    from lianfang.replay.draws import milliseconds

    day = since.astimezone(clock.SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    while day <= until:
        yield milliseconds(day)
        day += timedelta(days=1)


def _progress() -> Callable[[int], None]:
    from lianfang.replay.draws import told

    shown = [0.0]

    def progress(sent: int) -> None:
        if time.monotonic() - shown[0] > 1:
            shown[0] = time.monotonic()
            # The clock stands at what has been sent, so that whoever looks meanwhile sees the month go by.
            clock.show(datetime.fromisoformat(told(sent)), speed=0)

    return progress


def _follow(fleet: "Fleet", coming: "Iterable[Batch]", state: State, speed: float) -> None:
    """Send each batch when the shown clock has come to it, until they end or the process is stopped."""
    shown = clock.demonstration()
    if shown is not None and shown.speed != speed:
        clock.show(clock.now(), speed=speed)
    click.echo("The feed follows the shown clock.")
    fleet.send(_due(coming, state))


def _due(batches: "Iterable[Batch]", state: State) -> "Iterator[Batch]":
    from lianfang.replay.draws import milliseconds

    sent = 0
    for batch in batches:
        while (wait := batch.sent - milliseconds(clock.now())) > 0:
            time.sleep(min(1.0, wait / 1000))
        # What was sent a while ago is there by now; a batch sent twice is stored once.
        if sent and time.monotonic() - state.written > 5:
            state.write(sent - 60_000)
        sent = batch.sent
        yield batch


def _tell(fleet: "Fleet") -> None:
    report = fleet.report
    told = ", ".join(f"{count} {status}" for status, count in sorted(report.statuses.items()))
    rate = report.rows / report.seconds if report.seconds else 0
    click.echo(f"{report.rows} rows in {report.batches} batches: {told or 'none'}; {rate:.0f} rows a second")
    for each in report.told:
        click.echo(f"  not as expected: {each}", err=True)
    if report.unexpected:
        raise click.ClickException(f"{report.unexpected} rows got another verdict than the scenario expects.")

"""`lianfang bench ingest`: durable entries a second over HTTP, and how long a single one takes.

Everything is on: device keys, permission, form check, encryption of personal answers, the chain sealed by the worker,
every commit synced. Two yardsticks run on the same machine in the same minute: the same requests without a database,
and one process that copies the very same rows into the same tables.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click

from lianfang.commands.benches import part_house as houses
from lianfang.server import granian

BATCH, CLIENTS, CONNECTIONS = 100, 2, 16
# The kernel deals connections out to the server's processes by chance; with one a client both may meet in one.
PER_CLIENT = 2
# More than any client sends in a second, so that bodies never run out.
MOST_BATCHES, MOST_SINGLES = 160, 3000
COPY = "lianfang_copy"
# Milliseconds: no request to a server that is up takes longer.
STARTED = 400


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
@click.option("--seconds", default=5.0, show_default=True, help="How long each of the measurements runs.")
def command(as_json: bool, seconds: float) -> None:
    """Measure handing in: batches of 100 with two clients, single entries at 16 connections."""
    with houses.house() as folder:
        keys = _enrol(CLIENTS)
        copying = _spare_database(folder)
        with ExitStack() as running:
            log = folder / "worker.log"
            running.enter_context(houses.process(sys.executable, "-m", "lianfang", "worker", log=log))
            batches, singles = _both(folder, "lianfang.server.wsgi:application", keys, seconds)
            sealed = _sealed()
        bare = _both(folder, "lianfang.commands.benches.part_unstored:application", keys, min(seconds, 3.0))
        copied = _copied(copying, seconds)
    told = _figures(batches, singles, bare, copied, sealed)
    click.echo(json.dumps(told, indent=2) if as_json else _text(told))


def _enrol(number: int) -> list[str]:
    from django.conf import settings

    from lianfang import clock, pack
    from lianfang.registry import actions

    place = next(each for each in pack.read(settings.PACK).places if each.lanes)
    keys = []
    for each in range(number):
        device, secret = actions.enrol_device(
            by=None,
            at=clock.now(),
            code=f"bench-{each}",
            kind="phone",
            name="bench",
            area=place.area,
            unit=place.unit,
            place=place.code,
        )
        keys.append(f"{device.code}.{secret}")
    return keys


def _spare_database(folder: Path) -> str:
    """Make an empty copy of the database, for the yardstick; return its address."""
    import psycopg
    from django.db import connections

    from lianfang import clock, database
    from lianfang.journal import ids, partitions

    partitions.ensure({ids.day(ids.make(clock.now()))})
    connections.close_all()
    server = database.embedded(folder)
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute(f'create database "{COPY}" template "{database.NAME}"')
    return server.url(COPY)


def _both(folder: Path, application: str, keys: Sequence[str], seconds: float) -> tuple[dict[str, Any], dict[str, Any]]:
    """Serve an application and return what the clients of batches and of single entries saw."""
    port, log = houses.free_port(), folder / "web.log"
    with houses.process(*houses.served(application, port, *granian.SETTINGS), log=log) as web:
        houses.wait_for(port, web, log)
        _warm(port, keys)
        numbers = (web.pid, houses.postmaster(folder))
        batches = _costed(numbers, port, keys, BATCH, int(MOST_BATCHES * seconds), PER_CLIENT, seconds)
        singles = _costed(numbers, port, keys[:1], 1, int(MOST_SINGLES * seconds), CONNECTIONS, seconds)
    return batches, singles


def _costed(numbers: tuple[int, int], *words: Any) -> dict[str, Any]:
    """Send, and say what an entry cost the web and the database in processor time: that holds on a busy machine too."""
    before = [houses.spent(each) for each in numbers]
    told = _sent(*words)
    web, base = (houses.spent(each) - then for each, then in zip(numbers, before, strict=True))
    return told | {"web_us": web / told["stored"] * 1e6, "database_us": base / told["stored"] * 1e6}


def _warm(port: int, keys: Sequence[str]) -> None:
    """Send until every process of the server is up: the port answers before they have read their programs."""
    for _round in range(12):
        told = _sent(port, keys, 1, MOST_SINGLES, CONNECTIONS, 0.7)
        if told["longest"] < STARTED:
            return


def _sent(port: int, keys: Sequence[str], rows: int, requests: int, connections: int, seconds: float) -> dict[str, Any]:
    """Let one sender a key send at once; return what they saw together."""
    from lianfang import clock

    words = [sys.executable, "-m", "lianfang.commands.benches.part_sender"]
    senders = [
        subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603
        for _key in keys
    ]
    for number, (sender, key) in enumerate(zip(senders, keys, strict=True)):
        orders = {
            "port": port,
            "key": key,
            "at": clock.now().isoformat(),
            "rows": rows,
            "requests": requests,
            "connections": connections,
            "seconds": seconds,
            "seed": f"{number} {time.time_ns()}",
        }
        _tell(sender, json.dumps(orders))
    for sender in senders:
        _hear(sender)
    for sender in senders:
        _tell(sender, "go")
    return _together([json.loads(_hear(sender)) for sender in senders])


def _tell(sender: subprocess.Popen[str], line: str) -> None:
    assert sender.stdin is not None
    sender.stdin.write(line + "\n")
    sender.stdin.flush()


def _hear(sender: subprocess.Popen[str]) -> str:
    assert sender.stdout is not None
    line = sender.stdout.readline()
    if not line:
        raise click.ClickException("A sender ended early.")
    return line


def _together(told: Sequence[dict[str, Any]]) -> dict[str, Any]:
    seconds = sorted(second for each in told for second in each["seconds"])
    faults = [fault for each in told for fault in each["faults"]]
    if faults or not seconds:
        raise click.ClickException(f"Entries were refused: {faults[:2]}")
    if any(each["used_up"] for each in told):
        raise click.ClickException("The senders ran out of entries; measure for a shorter time.")
    return {
        "rate": sum(each["stored"] for each in told) / max(each["elapsed"] for each in told),
        "p50": seconds[len(seconds) // 2] * 1000,
        "p99": seconds[int(len(seconds) * 0.99)] * 1000,
        "longest": seconds[-1] * 1000,
        "stored": sum(each["stored"] for each in told),
        "requests": len(seconds),
    }


def _sealed() -> dict[str, float]:
    """Seal what the worker, who does so once a minute, has not sealed yet; return how many entries in how long."""
    from lianfang import clock
    from lianfang.journal import horizon, sealing
    from lianfang.journal.models import Seal

    began, reached = time.perf_counter(), horizon.Horizon()
    while reached.advance() < (reached.noted or 0):
        time.sleep(0.01)
    sealed = sum(each.count for each in sealing.seal(until=reached.safe, at=clock.now()))
    seconds = time.perf_counter() - began
    return {"entries": sum(Seal.objects.values_list("count", flat=True)), "at_once": sealed, "seconds": seconds}


# Table and the condition that finds the rows that belong to some entries.
TABLES = (
    ("registry_subject", "id = any(%s)"),
    ("registry_blindindex", "subject = any(%s)"),
    ("registry_vaultrecord", "subject = any(%s)"),
)


def _copied(address: str, seconds: float) -> float:
    """Return how many entries a second one process stores that copies the same rows, 100 at a commit.

    With each batch go the subjects, index rows and vault records that belong to it, as they do over HTTP.
    """
    import psycopg
    from django.db import connection

    done, spent = 0, 0.0
    with psycopg.connect(address) as target, connection.cursor() as source:
        source.execute("select * from journal_entry order by seq limit %s", [int(20_000 * max(seconds, 1.0))])
        columns = [each.name for each in source.description or ()]
        entries = source.fetchall()
        subject = columns.index("subject")
        seen: set[object] = set()
        for first in range(0, len(entries) - BATCH, BATCH):
            rows = entries[first : first + BATCH]
            fresh = [each for each in {row[subject] for row in rows} if each not in seen]
            seen.update(fresh)
            beside = [(table, *_held(source, table, where, fresh)) for table, where in TABLES]
            began = time.perf_counter()
            for table, names, held in [*beside, ("journal_entry", columns, rows)]:
                _copy(target, table, names, held)
            target.commit()
            spent += time.perf_counter() - began
            done += len(rows)
            if spent > seconds:
                break
    return done / spent


def _held(source: Any, table: str, where: str, subjects: Sequence[object]) -> tuple[list[str], list[Any]]:
    source.execute(f"select * from {table} where {where}", [list(subjects)])  # noqa: S608 - our own words
    return [each.name for each in source.description], source.fetchall()


def _copy(target: Any, table: str, columns: Sequence[str], rows: Sequence[Any]) -> None:
    from psycopg import sql

    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    words = sql.SQL("copy {} ({}) from stdin").format(sql.Identifier(table), names)
    with target.cursor().copy(words) as copying:
        for row in rows:
            copying.write_row(row)


def _figures(
    batches: dict[str, Any],
    singles: dict[str, Any],
    bare: tuple[dict[str, Any], dict[str, Any]],
    copied: float,
    sealed: dict[str, float],
) -> dict[str, Any]:
    return {
        "batches": {name: round(value, 1) for name, value in batches.items()},
        "single": {name: round(value, 1) for name, value in singles.items()},
        "without_database": {"batches": round(bare[0]["rate"], 1), "single": round(bare[1]["rate"], 1)},
        "copied_in_process": round(copied, 1),
        "ratios": {
            "batches_to_copied": round(batches["rate"] / copied, 2),
            "batches_to_without_database": round(batches["rate"] / bare[0]["rate"], 2),
            "single_to_without_database": round(singles["rate"] / bare[1]["rate"], 2),
        },
        "chain": {name: round(value, 2) for name, value in sealed.items()},
        "aims": {"entries_per_second": 10_000, "batches_to_copied": 0.5, "single_p99_ms": 60},
    }


def _text(told: dict[str, Any]) -> str:
    batches, single, ratios = told["batches"], told["single"], told["ratios"]
    busy = f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors"
    return "\n".join(
        [
            f"batches of {BATCH}, {CLIENTS} clients   {batches['rate']:>10.0f} entries/s   "
            f"p50 {batches['p50']:.1f} ms, p99 {batches['p99']:.1f} ms   {_cost(batches)}",
            f"single, {CONNECTIONS} connections     {single['rate']:>10.0f} entries/s   "
            f"p50 {single['p50']:.1f} ms, p99 {single['p99']:.1f} ms   {_cost(single)}",
            f"without a database         {told['without_database']['batches']:>10.0f} entries/s in batches, "
            f"{told['without_database']['single']:.0f} single",
            f"copied in process          {told['copied_in_process']:>10.0f} entries/s",
            f"batches / copied           {ratios['batches_to_copied']:>10.2f}   (aim 0.50)",
            f"batches / no database      {ratios['batches_to_without_database']:>10.2f}",
            f"single / no database       {ratios['single_to_without_database']:>10.2f}",
            f"sealed by the chain        {told['chain']['entries']:>10.0f} entries, "
            f"{told['chain']['at_once']:.0f} of them now in {told['chain']['seconds']:.2f} s",
            busy,
        ]
    )


def _cost(told: dict[str, float]) -> str:
    return f"web {told['web_us']:.0f} + database {told['database_us']:.0f} µs of processor an entry"

"""`lianfang bench lists`: every list page at a million entries and persons, for the widest and the narrowest role.

The pages are asked for as a browser asks, through every middleware, in a house of its own that is thrown away.
"""

import json
import os
import re
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from lianfang.commands.benches import part_house as houses
from lianfang.commands.benches import part_lists as given

if TYPE_CHECKING:
    from django.test import Client

DAYS = 30
LIMIT = 200.0  # milliseconds at the 95th percentile: the claim
WARM = 2
# Who asks: the whole district, one gate's shift leader, one community's grid worker.
ROLES = ("traffic", "editor", "shift-leader", "sanwanjie")
PAGES = {
    "entries, today": "/entries/",
    "entries, a day weeks ago": "/entries/?day=2020-01-20",
    "entries of a kind": "/entries/?kind=vehicle_check",
    "entries turned back": "/entries/?kind=vehicle_check&decision=turn_back",
    "entries of a rare kind": "/entries/?kind=volunteer_shift",
    "entries of a kind that never was": "/entries/?kind=case_filed",
    "behind a figure": "/figures/vehicles_checked/entries/",
    "behind a rare figure": "/figures/vehicles_turned_back/entries/",
    "dues, open": "/dues/",
    "dues, met": "/dues/?state=met",
    "daily reports": "/reports/",
    "reactions that failed": "/reactions/",
    "access log": "/administration/access-log/",
    "bulletins": "/bulletins/",
}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
@click.option("--entries", default=1_000_000, show_default=True, help="How many entries there are.")
@click.option("--persons", default=1_000_000, show_default=True, help="How many persons are known.")
@click.option("--rounds", default=20, show_default=True, help="How often each page is asked for.")
def command(as_json: bool, entries: int, persons: int, rounds: int) -> None:
    """Measure the list pages; each should take at most 200 ms at the 95th percentile."""
    with houses.house():
        told = _measured(entries, persons, rounds)
    click.echo(json.dumps(told, indent=2, ensure_ascii=False) if as_json else _text(told))


def _measured(entries: int, persons: int, rounds: int) -> dict[str, Any]:
    from django.conf import settings

    from lianfang import clock, pack
    from lianfang.figures import actions as figures
    from lianfang.registry import actions

    actions.load_demonstration(pack=pack.read(settings.PACK), at=clock.now())
    begun = time.perf_counter()
    given.fill(entries=entries, persons=persons, dues=entries // 50, days=DAYS, end=clock.now() - timedelta(seconds=5))
    figures.keep_up(at=clock.now())
    filled = round(time.perf_counter() - begun, 1)
    pages = [line for role in ROLES for line in _of_role(role, rounds)]
    return {"entries": entries, "persons": persons, "filling_seconds": filled, "limit_ms": LIMIT, "pages": pages}


def _of_role(role: str, rounds: int) -> list[dict[str, Any]]:
    from django.test import Client

    from lianfang.registry.models import User

    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(User.objects.get(username=role), backend="django.contrib.auth.backends.ModelBackend")
    found = []
    for name, path in PAGES.items():
        first = client.get(path)
        # Not every page is every role's, and what is refused is not measured.
        if first.status_code != 200:
            continue
        found.append(_page(client, role, name, path, rounds))
        further = re.search(rb'href="(\?[^"]*after=[^"]*)"[^>]*rel="next"', first.content)
        if further:
            there = path.split("?")[0] + further.group(1).decode().replace("&amp;", "&")
            found.append(_page(client, role, f"{name}, next page", there, rounds))
    return found


def _page(client: "Client", role: str, name: str, path: str, rounds: int) -> dict[str, Any]:
    took = []
    for turn in range(WARM + rounds):
        if turn == WARM:
            used = given.processor()
        begun = time.perf_counter()
        answer = client.get(path)
        took.append(time.perf_counter() - begun)
        assert answer.status_code == 200, path
    cost = round((given.processor() - used) / rounds * 1000, 1)
    rows = answer.content.count(b"<tr data-href") or answer.content.count(b"<tr><td")
    p50, p95 = (round(given.quantile(took[WARM:], share), 1) for share in (0.5, 0.95))
    measured = {"p50_ms": p50, "p95_ms": p95, "processor_ms": cost, "held": p95 <= LIMIT}
    return {"role": role, "page": name, "rows": rows} | measured


def _text(told: dict[str, Any]) -> str:
    head = f"{told['entries']:,} entries, {told['persons']:,} persons (filled in {told['filling_seconds']} s)"
    lines = [
        f"{each['role']:14} {each['page']:44} {each['rows']:4} rows  p50 {each['p50_ms']:7.1f} ms"
        f"  p95 {each['p95_ms']:7.1f} ms  processor {each['processor_ms']:6.1f} ms  {'' if each['held'] else 'OVER'}"
        for each in told["pages"]
    ]
    worst = max(told["pages"], key=lambda each: each["p95_ms"])
    busy = f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors"
    slowest = f"slowest: {worst['page']} as {worst['role']}, p95 {worst['p95_ms']} ms"
    return "\n".join([head, *lines, slowest, busy])

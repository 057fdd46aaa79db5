"""`lianfang figures`: figures as of an instant, and the entries behind one."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from lianfang import clock
from lianfang.commands import open_house

if TYPE_CHECKING:
    from lianfang.figures.showing import Value


@click.command()
@click.argument("names", nargs=-1)
@click.option("--as-of", "as_of", default=None, help="Such as 2020-02-05 (its end) or 2020-02-05T17:00; now without.")
@click.option("--area", default="", help="The code of an area.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--tree", "as_tree", is_flag=True, help="For every area of every level that has entries.")
@click.option("--limit", default=20, show_default=True, help="How many entries `open` prints; 0 for all.")
def command(names: tuple[str, ...], as_of: str | None, area: str, as_json: bool, as_tree: bool, limit: int) -> None:
    """Print figures, all of them or those named; `open NAME` prints the entries behind one.

    \b
    lianfang figures --as-of 2020-02-05 vehicles_checked persons_checked
    lianfang figures open vehicles_checked --as-of 2020-02-05
    """
    open_house()
    from lianfang.figures import reckoning
    from lianfang.figures.book import of_the_house
    from lianfang.figures.instants import instant
    from lianfang.figures.measures import Unreckonable

    book = of_the_house()
    try:
        at = instant(as_of, book.zone) if as_of else clock.now()
    except ValueError as fault:
        raise click.BadParameter(str(fault), param_hint="--as-of") from fault
    try:
        if names[:1] == ("open",):
            if len(names) != 2:
                raise click.UsageError("open takes the name of one figure")
            _open(names[1], at, area, as_json, limit)
            return
        if as_tree:
            _print_tree(names or tuple(book.figures), at, area, as_json)
            return
        areas = [area] if area else None
        found = reckoning.values(names or list(book.figures), as_of=at, areas=areas)
    except Unreckonable as fault:
        raise click.ClickException(str(fault)) from fault
    _print(list(found.values()), at, as_json)


def _print(found: Sequence["Value"], at: datetime, as_json: bool) -> None:
    from lianfang.figures.book import language, of_the_house

    figures = of_the_house().figures
    if as_json:
        click.echo(json.dumps([_told(each) for each in found], ensure_ascii=False, indent=1))
        return
    click.echo(f"as of {at:%Y-%m-%d %H:%M:%S}")
    for each in found:
        shown = "no data" if each.no_data else f"{each.shown} {each.unit if each.unit != '%' else ''}"
        sides = f"({each.numerator} / {each.denominator})" if each.denominator is not None else ""
        click.echo(f"{each.name:32} {shown:>16}  {figures[each.name].title.in_(language())} {sides}".rstrip())


def _print_tree(names: tuple[str, ...], at: datetime, area: str, as_json: bool) -> None:
    from lianfang.figures import reckoning, tree

    grown = tree.tree(names, as_of=at, asked=reckoning.within([area] if area else None, None, None))
    codes = sorted(code for level in tree.LEVELS for code in grown.codes(level) if code.startswith(area))
    if as_json:
        told = {code: [_told(each) for each in grown.values(code).values()] for code in codes}
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
        return
    for code in codes:
        for each in grown.values(code).values():
            click.echo(f"{code:20} {each.name:32} {'no data' if each.no_data else each.shown:>12}")


def _open(name: str, at: datetime, area: str, as_json: bool, limit: int) -> None:
    from lianfang.figures import reckoning

    held = reckoning.entries(name, as_of=at, area=area).order_by("at", "id")
    rows = held[:limit] if limit else held
    if as_json:
        click.echo(json.dumps([_row(each) for each in rows], ensure_ascii=False, indent=1))
        return
    line = "{:%Y-%m-%d %H:%M:%S} {:18} {:15} {:20} {:>6} {}"
    for each in rows:
        click.echo(line.format(each.at, each.kind, each.area, each.place, each.quantity or "", each.id))
    click.echo(f"{held.count()} entries")


def _told(each: "Value") -> dict[str, Any]:
    numbers = {name: getattr(each, name) for name in ("number", "numerator", "denominator")}
    plain = {name: float(number) if number is not None else None for name, number in numbers.items()}
    exact = {
        name: int(number) if number is not None and number.is_integer() else number for name, number in plain.items()
    }
    told = {"name": each.name, **exact, "shown": each.shown, "unit": each.unit, "no_data": each.no_data}
    return {**told, "as_of": each.as_of.isoformat()}


def _row(each: Any) -> dict[str, Any]:
    told = {name: getattr(each, name) for name in ("kind", "place", "area", "unit", "device", "answers")}
    times = {"at": each.at.isoformat(), "recorded_at": each.recorded_at.isoformat()}
    quantity = float(each.quantity) if each.quantity is not None else None
    return {"id": str(each.id), **times, **told, "quantity": quantity}

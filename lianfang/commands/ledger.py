"""`lianfang ledger`: printed sources, and what this house published itself, against what the entries give."""

import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from lianfang.commands import open_house

if TYPE_CHECKING:
    from decimal import Decimal

    from lianfang.figures.ledger import Checked


@click.group()
def command() -> None:
    """Figures that stand in print, held against the entries."""


@command.command()
@click.option("--json", "as_json", is_flag=True, help="Print a list of objects.")
@click.option("--as-of", "as_of", default=None, help="An instant instead of each line's own, such as 2020-02-05T17:00.")
def check(as_json: bool, as_of: str | None) -> None:
    """Reckon every ledger line from the entries; exit with 1 if one is not right."""
    open_house()
    from django.conf import settings

    from lianfang import pack
    from lianfang.figures import book, ledger
    from lianfang.figures.instants import instant

    at = instant(as_of, book.of_the_house().zone) if as_of else None
    lines = ledger.check(pack.read(settings.PACK).ledger, book.of_the_house(), at)
    if as_json:
        click.echo(json.dumps([each.as_json() for each in lines], ensure_ascii=False, indent=1))
    else:
        _print(lines)
    sys.exit(0 if lines and all(each.right for each in lines) else 1)


@command.command()
@click.option("--json", "as_json", is_flag=True, help="Print a list of objects.")
def frozen(as_json: bool) -> None:
    """Reckon every published figure again as of its instant; exit with 1 if one is not what was published."""
    open_house()
    from lianfang.figures import freezing
    from lianfang.figures.models import Frozen

    found = [freezing.verify(each) for each in Frozen.objects.order_by("id").iterator()]
    if as_json:
        click.echo(json.dumps([each.as_json() for each in found], ensure_ascii=False, indent=1))
    else:
        for each in (each for each in found if not each.same):
            click.echo(f"{each.frozen}: {each.frozen.entries} entries then, {each.entries} now, number {each.number}")
        click.echo(f"{sum(each.same for each in found)} of {len(found)} published figures come out the same.")
    sys.exit(0 if all(each.same for each in found) else 1)


def _print(lines: Sequence["Checked"]) -> None:
    row = "{:6} {:32} {:17} {:>10} {:>12} {:>10}  {}"
    click.echo(row.format("line", "figure", "as of", "expected", "computed", "printed", "verdict"))
    for each in lines:
        as_of = f"{each.as_of:%Y-%m-%d %H:%M}" if each.as_of else ""
        expected = f"{_number(each.expected)}{'+' if each.lower_bound else ''}"
        click.echo(
            row.format(each.line, each.figure, as_of, expected, _number(each.computed), each.shown, each.verdict)
        )
    wrong = sum(not each.right for each in lines)
    click.echo(f"{len(lines) - wrong} of {len(lines)} lines are right.")


def _number(number: "Decimal | None") -> str:
    from lianfang.figures.showing import plain

    return "" if number is None else plain(number)

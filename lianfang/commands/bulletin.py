"""`lianfang bulletin`: list the issues, render one, and make a demonstration's first issue."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lianfang import clock
from lianfang.commands import open_house

if TYPE_CHECKING:
    from lianfang.bulletins.models import Issue
    from lianfang.pack import Bulletin
    from lianfang.registry.models import User

MINUTE = timedelta(minutes=1)
# So many of a demonstration's people open its first issue.
READERS = 4


@click.group()
def command() -> None:
    """List the bulletin's issues, render one, make a demonstration's first."""


@command.command("list")
def list_() -> None:
    """Print every issue: its number in the database, its number in print, date, state, title."""
    open_house()
    from lianfang.bulletins import proof
    from lianfang.bulletins.models import Issue

    for each in Issue.objects.order_by("id"):
        printed = proof.numbered(proof.series(each.series), each, each.number) if each.number else "–"
        click.echo(f"{each.pk:>5}  {each.date}  {each.state:<9}  {printed:<8}  {' '.join(each.title.split())}")


@command.command()
@click.argument("issue", type=int)
@click.option("--format", "format_", type=click.Choice(["pdf", "docx"]), default="pdf", show_default=True)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The file to write.")
def render(issue: int, format_: str, out: Path) -> None:
    """Write issue ISSUE (its number in `bulletin list`) to a file: as it was printed, or as it would be."""
    open_house()
    from lianfang.bulletins.models import Issue

    found = Issue.objects.filter(pk=issue).first()
    if found is None:
        raise click.ClickException(f"There is no issue {issue}; `lianfang bulletin list` shows them.")
    kept = found.prints.filter(format=format_).first()
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(bytes(kept.data) if kept else _proof(found, format_))
    click.echo(f"{out}: {'as printed' if kept else 'an unsigned proof'}, {out.stat().st_size} bytes")


@command.command()
@click.argument("series", required=False)
@click.option(
    "--as-of", "as_of", default=None, help="The instant of its figures; by default that of the pack's ledger."
)
def demonstrate(series: str | None, as_of: str | None) -> None:
    """Hand in, edit, review and sign the pack's items of SERIES as the demonstration's people; only once."""
    open_house()
    from django.conf import settings

    from lianfang import pack

    if not settings.DEMONSTRATION:
        raise click.ClickException("Only a demonstration has people to do this for.")
    house = pack.read(settings.PACK)
    series = series or next(iter(house.bulletins), "")
    if series not in house.bulletins:
        raise click.ClickException(f"The pack has no series {series!r}; it has {', '.join(house.bulletins) or 'none'}.")
    instant = _instant(as_of) if as_of else min((each.as_of for each in house.ledger.values()), default=None)
    if instant is None:
        raise click.ClickException("Say the instant of its figures with --as-of.")
    from django.db import transaction

    with transaction.atomic():
        issue = make(house.bulletins[series], instant)
    click.echo(f"Issue {issue.pk} of {issue.date}: {issue.state}, number {issue.number or '–'}.")


def make(template: "Bulletin", as_of: datetime) -> "Issue":
    """Take the items of a series through every hand of the desk, or return the issue if that was done before.

    Args:
        template: the series, with its items.
        as_of: the instant of the figures; the people work in the minutes after it.

    Raises:
        click.ClickException: nobody in the demonstration may do a step, or lint finds errors.
    """
    from lianfang.bulletins import actions
    from lianfang.bulletins.models import Issue
    from lianfang.bulletins.wording import Wording

    on = as_of.astimezone(clock.SHANGHAI).date()
    there = Issue.objects.filter(series=template.name, date=on).exclude(state=Issue.WITHDRAWN).first()
    if there is not None:
        return there
    at = as_of + 10 * MINUTE
    items = []
    for given in template.items:
        wording = Wording(given.title, given.body, leading=given.lead)
        by = _holder(actions.SUBMIT, at, unit=given.unit)
        items.append(actions.submit(by=by, at=at, series=template.name, unit=given.unit, wording=wording))
        at += 3 * MINUTE
    editor = _holder(actions.EDIT, at)
    issue = actions.begin(by=editor, at=at, series=template.name, on=on, as_of=as_of)
    for item in items:
        actions.select(by=editor, at=at, issue=issue, item=item)
    steps: list[tuple[str, Callable[..., Issue]]] = [
        (actions.EDIT, actions.send),
        (actions.REVIEW, actions.review),
        (actions.SIGN, actions.sign),
    ]
    for power, step in steps:
        at += 10 * MINUTE
        try:
            issue = step(by=_holder(power, at), at=at, issue=issue)
        except actions.Faulty as fault:
            told = "\n".join(f"  {each.excerpt}: {each.message} {each.right}" for each in fault.findings)
            raise click.ClickException(f"Lint finds errors:\n{told}") from fault
    _read(issue, at)
    return issue


def _read(issue: "Issue", at: datetime) -> None:
    """Let some of the demonstration's people open the issue, and leave the rest of its recipients to be reminded."""
    from lianfang.bulletins import actions
    from lianfang.registry.models import User

    readers = User.objects.filter(demonstration=True, unit__in=issue.recipients.values("unit")).order_by("username")
    for reader in readers[:READERS]:
        at += 25 * MINUTE
        actions.open_issue(by=reader, at=at, issue=issue)


def _holder(power: str, at: datetime, unit: str | None = None) -> "User":
    """Return the demonstration's first person who holds a power (for a unit, one of that unit first)."""
    from lianfang.registry import scope
    from lianfang.registry.models import User

    people = sorted(User.objects.filter(demonstration=True), key=lambda each: unit is not None and each.unit != unit)
    found = next((each for each in people if scope.of(each, at).may(power, unit=unit)), None)
    if found is None:
        raise click.ClickException(f"Nobody in the demonstration holds {power}{f' for {unit}' if unit else ''}.")
    return found


def _proof(issue: "Issue", format_: str) -> bytes:
    from django.conf import settings

    from lianfang.bulletins import fonts, pdf, proof, word

    at = clock.now()
    document = proof.of(issue, at).document("送审稿")
    try:
        if format_ == "pdf":
            return pdf.render(document, folder=settings.FONTS, at=at)
        return word.render(document, at=at, air=pdf.air(document, folder=settings.FONTS))
    except (fonts.FontsMissing, fonts.NoGlyph, pdf.TooLong) as fault:
        raise click.ClickException(str(fault)) from fault


def _instant(told: str) -> datetime:
    try:
        found = datetime.fromisoformat(told)
    except ValueError as fault:
        raise click.ClickException(f"{told!r} is no instant; 2020-02-05T17:00 would be one.") from fault
    return found if found.tzinfo else found.replace(tzinfo=clock.SHANGHAI)

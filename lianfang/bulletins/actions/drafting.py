"""A draft: begun, filled, edited, ordered, discarded."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from lianfang.bulletins import proof
from lianfang.bulletins.actions.guards import EDIT, Changed, WrongState, advance, drafted, issue_of, require
from lianfang.bulletins.acts import write
from lianfang.bulletins.models import Issue, Item, SignOff
from lianfang.bulletins.wording import Wording, clean
from lianfang.registry.models import User

HEAD = 400


@transaction.atomic
def begin(
    *,
    by: User,
    at: datetime,
    series: str,
    on: date,
    title: str = "",
    as_of: datetime | None = None,
    supplement: bool = False,
) -> Issue:
    """Begin an issue.

    Args:
        by: the editor.
        at: now.
        series: the series of the pack.
        on: the date it will bear.
        title: the head title; empty for the series' own.
        as_of: the instant its figures hold at; None follows the clock until it is signed.
        supplement: whether it is numbered among the supplements.

    Raises:
        NotAllowed: `by` does not edit the bulletin.
        NoSeries: the pack has no such series.
    """
    require(by, at, EDIT)
    title = clean("head", title, HEAD) or proof.series(series).headline
    issue = Issue.objects.create(series=series, date=on, title=title, as_of=as_of, supplement=supplement, created_at=at)
    write(SignOff.BEGUN, by, at, issue=issue)
    return issue


@transaction.atomic
def edit(*, by: User, at: datetime, issue: Issue, title: str, on: date, as_of: datetime | None) -> Issue:
    """Change an issue's head title, date and instant.

    Raises:
        NotAllowed, WrongState, Overlong: as their names say.
    """
    issue = drafted(by, at, issue)
    issue.title, issue.date, issue.as_of = clean("head", title, HEAD), on, as_of
    issue.save(update_fields=["title", "date", "as_of"])
    write(SignOff.EDITED, by, at, issue=issue)
    return issue


@transaction.atomic
def select(*, by: User, at: datetime, issue: Issue, item: Item) -> Item:
    """Take an item into an issue, at its end.

    Raises:
        NotAllowed: `by` does not edit the bulletin.
        WrongState: the issue is no draft, or the item is not waiting.
    """
    issue = drafted(by, at, issue)
    item = Item.objects.select_for_update().get(pk=item.pk)
    if item.state != Item.SUBMITTED or item.series != issue.series:
        raise WrongState(item.state)
    item.issue, item.state = issue, Item.SELECTED
    item.position = max(issue.items.values_list("position", flat=True), default=0) + 1
    item.save(update_fields=["issue", "state", "position"])
    write(SignOff.EDITED, by, at, issue=issue, item=item)
    return item


@transaction.atomic
def release(*, by: User, at: datetime, item: Item) -> Item:
    """Put an item back among those that wait; its edited wording stays.

    Raises:
        NotAllowed, WrongState: as their names say.
    """
    issue = drafted(by, at, issue_of(item))
    item.issue, item.state, item.position = None, Item.SUBMITTED, 0
    item.save(update_fields=["issue", "state", "position"])
    write(SignOff.EDITED, by, at, issue=issue, item=item)
    return item


@transaction.atomic
def arrange(*, by: User, at: datetime, issue: Issue, order: Sequence[int]) -> None:
    """Put the items of an issue into an order: their numbers, first to last; those left out follow.

    Raises:
        NotAllowed, WrongState: as their names say.
    """
    issue = drafted(by, at, issue)
    places = {pk: place for place, pk in enumerate(order, 1)}
    for item in issue.items.all():
        item.position = places.get(item.pk, len(places) + item.position)
        item.save(update_fields=["position"])
    write(SignOff.EDITED, by, at, issue=issue)


@transaction.atomic
def reword(*, by: User, at: datetime, item: Item, wording: Wording, was: str = "") -> Item:
    """Edit the words of an item of a draft; what the unit handed in is kept beside them.

    Args:
        by: the editor.
        at: now.
        item: the item.
        wording: the new words.
        was: the digest of the words the editor began from; empty overwrites whatever is there.

    Raises:
        NotAllowed, WrongState, Overlong: as their names say.
        Changed: the words are no longer those the editor began from.
    """
    issue = drafted(by, at, issue_of(item))
    item.refresh_from_db()
    if was and was != wording_of(item).digest():
        raise Changed
    wording = wording.cleaned()
    item.title, item.body, item.byline, item.leading = wording.title, wording.body, wording.byline, wording.leading
    item.save(update_fields=["title", "body", "byline", "leading"])
    write(SignOff.EDITED, by, at, issue=issue, item=item)
    return item


def wording_of(item: Item) -> Wording:
    """Return the words of an item as they stand."""
    return Wording(item.title, item.body, item.byline, item.leading)


@transaction.atomic
def discard(*, by: User, at: datetime, issue: Issue) -> Issue:
    """Give a draft up; its items wait again.

    Raises:
        NotAllowed, WrongState: as their names say.
    """
    issue = drafted(by, at, issue)
    issue.items.update(issue=None, state=Item.SUBMITTED, position=0)
    return advance(issue, Issue.DISCARDED, SignOff.DISCARDED, by, at)

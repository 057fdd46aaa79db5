"""What people do with the bulletin, one verb each: hand in, edit, review, sign, send out, read.

Every act is written down with who did it, and as an entry in the journal. Draft, review and signature are of three
different people.
"""

from collections.abc import Sequence
from datetime import date, datetime

from django.conf import settings
from django.db import transaction

from lianfang import pack
from lianfang.bulletins import lint, proof
from lianfang.bulletins.acts import write
from lianfang.bulletins.models import Issue, Item, Recipient, SignOff
from lianfang.bulletins.publishing import alone, area_of, day_of, freeze, print_out, send_out
from lianfang.bulletins.wording import Wording, clean
from lianfang.registry import scope
from lianfang.registry.actions import NotAllowed
from lianfang.registry.models import User
from lianfang.registry.visibility import Scope

# How long a head title may be, characters.
HEAD = 400
SUBMIT, EDIT, REVIEW, SIGN = "bulletins.submit", "bulletins.edit", "bulletins.review", "bulletins.sign"


class WrongState(Exception):
    """The issue or item is not in a state in which this may be done; `state` says in which it is."""

    def __init__(self, state: str):
        self.state = state
        super().__init__(f"This cannot be done while it is {state}.")


class SamePerson(Exception):
    """Draft, review and signature are of three different people."""


class ReasonMissing(Exception):
    """Declining, returning and withdrawing need a reason."""


class Faulty(Exception):
    """Lint finds errors; `findings` holds them."""

    def __init__(self, findings: Sequence[lint.Finding]):
        self.findings = list(findings)
        super().__init__(f"{len(self.findings)} errors keep the issue from being signed.")


@transaction.atomic
def submit(*, by: User, at: datetime, series: str, unit: str, wording: Wording) -> Item:
    """Hand in an item for a unit; an empty by-line is filled with the unit's short name.

    Raises:
        NotAllowed: `by` may not hand in for this unit.
        NoSeries: the pack has no such series.
        Overlong: a part of it is too long.
    """
    proof.series(series)
    wording = wording.cleaned()
    area = area_of(unit, at)
    _require_for(by, at, unit, area)
    item = Item.objects.create(
        series=series,
        unit=unit,
        area=area,
        given_title=wording.title,
        given_body=wording.body,
        title=wording.title,
        body=wording.body,
        byline=wording.byline or proof.byline(unit, day_of(at)),
        leading=wording.leading,
        submitted_by=by,
        submitted_at=at,
    )
    write(SignOff.SUBMITTED, by, at, item=item)
    return item


@transaction.atomic
def take_back(*, by: User, at: datetime, item: Item) -> Item:
    """Take an item back that nobody has taken up yet.

    Raises:
        NotAllowed: it is another unit's.
        WrongState: it has been taken up or declined.
    """
    item = Item.objects.select_for_update().get(pk=item.pk)
    _require_for(by, at, item.unit, item.area)
    return _close(item, Item.TAKEN_BACK, SignOff.TAKEN_BACK, by, at)


@transaction.atomic
def decline(*, by: User, at: datetime, item: Item, reason: str) -> Item:
    """Say that an item will not be printed, and why.

    Raises:
        NotAllowed, WrongState, ReasonMissing: as their names say.
    """
    _require(by, at, EDIT)
    item = Item.objects.select_for_update().get(pk=item.pk)
    return _close(item, Item.DECLINED, SignOff.DECLINED, by, at, _reason(reason))


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
    _require(by, at, EDIT)
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
    issue = _drafted(by, at, issue)
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
    issue = _drafted(by, at, issue)
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
    issue = _drafted(by, at, _issue_of(item))
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
    issue = _drafted(by, at, issue)
    places = {pk: place for place, pk in enumerate(order, 1)}
    for item in issue.items.all():
        item.position = places.get(item.pk, len(places) + item.position)
        item.save(update_fields=["position"])
    write(SignOff.EDITED, by, at, issue=issue)


@transaction.atomic
def reword(*, by: User, at: datetime, item: Item, wording: Wording) -> Item:
    """Edit the words of an item of a draft; what the unit handed in is kept beside them.

    Raises:
        NotAllowed, WrongState, Overlong: as their names say.
    """
    issue = _drafted(by, at, _issue_of(item))
    wording = wording.cleaned()
    item.title, item.body, item.byline, item.leading = wording.title, wording.body, wording.byline, wording.leading
    item.save(update_fields=["title", "body", "byline", "leading"])
    write(SignOff.EDITED, by, at, issue=issue, item=item)
    return item


@transaction.atomic
def send(*, by: User, at: datetime, issue: Issue) -> Issue:
    """Send a draft to review; from here on its instant is fixed.

    Raises:
        NotAllowed, WrongState: as their names say.
        Faulty: lint finds errors.
    """
    issue = _drafted(by, at, issue)
    issue.as_of = issue.as_of or at
    _sound(issue, at)
    return _advance(issue, Issue.REVIEW, SignOff.SENT, by, at)


@transaction.atomic
def give_back(*, by: User, at: datetime, issue: Issue, reason: str) -> Issue:
    """Return an issue for correction, at review or before signature.

    Raises:
        NotAllowed, WrongState, ReasonMissing: as their names say.
    """
    issue = _locked(issue, Issue.REVIEW, Issue.SIGNATURE)
    _require(by, at, REVIEW if issue.state == Issue.REVIEW else SIGN)
    return _advance(issue, Issue.DRAFT, SignOff.RETURNED, by, at, _reason(reason))


@transaction.atomic
def review(*, by: User, at: datetime, issue: Issue) -> Issue:
    """Pass an issue on to signature.

    Raises:
        NotAllowed, WrongState: as their names say.
        SamePerson: `by` has drafted it.
    """
    _require(by, at, REVIEW)
    issue = _locked(issue, Issue.REVIEW)
    _another(by, issue, DRAFTED)
    return _advance(issue, Issue.SIGNATURE, SignOff.REVIEWED, by, at)


@transaction.atomic
def sign(*, by: User, at: datetime, issue: Issue) -> Issue:
    """Sign an issue: its number is given, its figures are frozen, it is printed and sent out.

    Raises:
        NotAllowed, WrongState: as their names say.
        SamePerson: `by` has drafted or reviewed it.
        Faulty: lint finds errors.
        NotYet: its instant lies ahead of `at`.
        FontsMissing, NoGlyph, TooLong: it cannot be printed.
    """
    _require(by, at, SIGN)
    issue = _locked(issue, Issue.SIGNATURE)
    _another(by, issue, (*DRAFTED, SignOff.REVIEWED))
    _sound(issue, at)
    template = proof.series(issue.series)
    alone(f"number of {issue.series}")
    issue.number, issue.year = proof.next_number(issue, template), issue.date.year
    issue.running = Issue.objects.filter(series=issue.series, number__isnull=False).count() + 1
    issue.signed_at = at
    freeze(issue, by.pk, at)
    issue = _advance(issue, Issue.SIGNED, SignOff.SIGNED, by, at)
    print_out(issue, at)
    send_out(issue, at)
    return issue


@transaction.atomic
def withdraw(*, by: User, at: datetime, issue: Issue, reason: str) -> Issue:
    """Withdraw a signed issue; number, prints and receipts stay on record.

    Raises:
        NotAllowed, WrongState, ReasonMissing: as their names say.
    """
    _require(by, at, SIGN)
    return _advance(_locked(issue, Issue.SIGNED), Issue.WITHDRAWN, SignOff.WITHDRAWN, by, at, _reason(reason))


@transaction.atomic
def open_issue(*, by: User, at: datetime, issue: Issue) -> None:
    """Note that a signed issue was opened by somebody of a unit it was sent to; only the first time counts."""
    waiting = (
        Recipient.objects.filter(issue=issue, opened_at=None, unit=by.unit) if by.unit else Recipient.objects.none()
    )
    waiting.update(opened_at=at, opened_by=by)


@transaction.atomic
def remind(*, by: User, at: datetime, issue: Issue) -> int:
    """Remind the units that have not opened an issue; returns how many there are.

    Raises:
        NotAllowed, WrongState: as their names say.
    """
    _require(by, at, EDIT)
    issue = _locked(issue, Issue.SIGNED)
    reminded = issue.recipients.filter(opened_at=None).update(reminded_at=at)
    if reminded:
        write(SignOff.REMINDED, by, at, issue=issue)
    return reminded


DRAFTED = (SignOff.BEGUN, SignOff.EDITED, SignOff.SENT)


def holds(held: Scope, power: str) -> bool:
    """Say whether a scope holds a power over the whole district, whose bulletin it is.

    Args:
        held: what somebody may do.
        power: editing, reviewing or signing.
    """
    return held.may(power, area=pack.read(settings.PACK).district)


def _require(by: User, at: datetime, power: str) -> None:
    if not holds(scope.of(by, at), power):
        raise NotAllowed(power)


def _require_for(by: User, at: datetime, unit: str, area: str) -> None:
    if not scope.of(by, at).may(SUBMIT, area=area, unit=unit):
        raise NotAllowed(SUBMIT)


def _locked(issue: Issue, *states: str) -> Issue:
    found = Issue.objects.select_for_update().get(pk=issue.pk)
    if found.state not in states:
        raise WrongState(found.state)
    return found


def _drafted(by: User, at: datetime, issue: Issue) -> Issue:
    _require(by, at, EDIT)
    return _locked(issue, Issue.DRAFT)


def _issue_of(item: Item) -> Issue:
    if item.issue is None:
        raise WrongState(item.state)
    return item.issue


def _another(by: User, issue: Issue, acts: Sequence[str]) -> None:
    """Refuse somebody who has already acted on the issue; who drafted it once stays its drafter."""
    done = SignOff.objects.filter(issue=issue)
    earlier = done.filter(act__in=set(acts) & set(DRAFTED)) | done.this_round().filter(act__in=acts)
    if earlier.filter(by=by).exists():
        raise SamePerson


def _sound(issue: Issue, at: datetime) -> None:
    wrong = lint.errors(proof.findings(proof.of(issue, at)))
    if wrong:
        raise Faulty(wrong)


def _reason(reason: str) -> str:
    if not reason.strip():
        raise ReasonMissing
    return reason.strip()[:400]


def _advance(issue: Issue, state: str, act: str, by: User, at: datetime, reason: str = "") -> Issue:
    issue.state = state
    issue.save()
    write(act, by, at, issue=issue, reason=reason)
    return issue


def _close(item: Item, state: str, act: str, by: User, at: datetime, reason: str = "") -> Item:
    if item.state != Item.SUBMITTED:
        raise WrongState(item.state)
    item.state, item.reason = state, reason
    item.save(update_fields=["state", "reason"])
    write(act, by, at, item=item, reason=reason)
    return item

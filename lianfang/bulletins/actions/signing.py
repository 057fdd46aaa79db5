"""From draft to reader: sent to review, returned, reviewed, signed, withdrawn, opened, reminded."""

from datetime import datetime

from django.db import transaction

from lianfang.bulletins import proof
from lianfang.bulletins.actions.guards import (
    DRAFTED,
    EDIT,
    REVIEW,
    SIGN,
    advance,
    another,
    drafted,
    locked,
    reason_of,
    require,
    sound,
)
from lianfang.bulletins.acts import write
from lianfang.bulletins.models import Issue, Recipient, SignOff
from lianfang.bulletins.publishing import alone, freeze, print_out, send_out
from lianfang.registry.models import User


@transaction.atomic
def send(*, by: User, at: datetime, issue: Issue) -> Issue:
    """Send a draft to review; from here on its instant is fixed.

    Raises:
        NotAllowed, WrongState: as their names say.
        Faulty: lint finds errors.
    """
    issue = drafted(by, at, issue)
    issue.as_of = issue.as_of or at
    sound(issue, at)
    return advance(issue, Issue.REVIEW, SignOff.SENT, by, at)


@transaction.atomic
def give_back(*, by: User, at: datetime, issue: Issue, reason: str) -> Issue:
    """Return an issue for correction, at review or before signature.

    Raises:
        NotAllowed, WrongState, ReasonMissing: as their names say.
    """
    issue = locked(issue, Issue.REVIEW, Issue.SIGNATURE)
    require(by, at, REVIEW if issue.state == Issue.REVIEW else SIGN)
    return advance(issue, Issue.DRAFT, SignOff.RETURNED, by, at, reason_of(reason))


@transaction.atomic
def review(*, by: User, at: datetime, issue: Issue) -> Issue:
    """Pass an issue on to signature.

    Raises:
        NotAllowed, WrongState: as their names say.
        SamePerson: `by` has drafted it.
    """
    require(by, at, REVIEW)
    issue = locked(issue, Issue.REVIEW)
    another(by, issue, DRAFTED)
    return advance(issue, Issue.SIGNATURE, SignOff.REVIEWED, by, at)


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
    require(by, at, SIGN)
    issue = locked(issue, Issue.SIGNATURE)
    another(by, issue, (*DRAFTED, SignOff.REVIEWED))
    sound(issue, at)
    template = proof.series(issue.series)
    alone(f"number of {issue.series}")
    issue.number, issue.year = proof.next_number(issue, template), issue.date.year
    issue.running = Issue.objects.filter(series=issue.series, number__isnull=False).count() + 1
    issue.signed_at = at
    freeze(issue, by.pk, at)
    issue = advance(issue, Issue.SIGNED, SignOff.SIGNED, by, at)
    print_out(issue, at)
    send_out(issue, at)
    return issue


@transaction.atomic
def withdraw(*, by: User, at: datetime, issue: Issue, reason: str) -> Issue:
    """Withdraw a signed issue; number, prints and receipts stay on record.

    Raises:
        NotAllowed, WrongState, ReasonMissing: as their names say.
    """
    require(by, at, SIGN)
    return advance(locked(issue, Issue.SIGNED), Issue.WITHDRAWN, SignOff.WITHDRAWN, by, at, reason_of(reason))


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
    require(by, at, EDIT)
    issue = locked(issue, Issue.SIGNED)
    reminded = issue.recipients.filter(opened_at=None).update(reminded_at=at)
    if reminded:
        write(SignOff.REMINDED, by, at, issue=issue)
    return reminded

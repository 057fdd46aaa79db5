"""What every act on the bulletin asks first: the power, the state, the person, the reason."""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings

from lianfang import pack
from lianfang.bulletins import lint, proof
from lianfang.bulletins.acts import write
from lianfang.bulletins.models import Issue, Item, SignOff
from lianfang.registry import scope
from lianfang.registry.actions import NotAllowed
from lianfang.registry.models import User
from lianfang.registry.visibility import Scope

SUBMIT, EDIT, REVIEW, SIGN = "bulletins.submit", "bulletins.edit", "bulletins.review", "bulletins.sign"

DRAFTED = (SignOff.BEGUN, SignOff.EDITED, SignOff.SENT)


class WrongState(Exception):
    """The issue or item is not in a state in which this may be done; `state` says in which it is."""

    def __init__(self, state: str):
        self.state = state
        super().__init__(f"This cannot be done while it is {state}.")


class SamePerson(Exception):
    """Draft, review and signature are of three different people."""


class ReasonMissing(Exception):
    """Declining, returning and withdrawing need a reason."""


class Changed(Exception):
    """Somebody else changed the words meanwhile; nothing was overwritten."""


class Faulty(Exception):
    """Lint finds errors; `findings` holds them."""

    def __init__(self, findings: Sequence[lint.Finding]):
        self.findings = list(findings)
        super().__init__(f"{len(self.findings)} errors keep the issue from being signed.")


def holds(held: Scope, power: str) -> bool:
    """Say whether a scope holds a power over the whole district, whose bulletin it is.

    Args:
        held: what somebody may do.
        power: editing, reviewing or signing.
    """
    return held.may(power, area=pack.read(settings.PACK).district)


def require(by: User, at: datetime, power: str) -> None:
    """Refuse who does not hold a power over the whole district; raises NotAllowed."""
    if not holds(scope.of(by, at), power):
        raise NotAllowed(power)


def require_for(by: User, at: datetime, unit: str, area: str) -> None:
    """Refuse who may not hand in for a unit; raises NotAllowed."""
    if not scope.of(by, at).may(SUBMIT, area=area, unit=unit):
        raise NotAllowed(SUBMIT)


def locked(issue: Issue, *states: str) -> Issue:
    """Return an issue, locked, if it is in one of the states; raises WrongState."""
    found = Issue.objects.select_for_update().get(pk=issue.pk)
    if found.state not in states:
        raise WrongState(found.state)
    return found


def drafted(by: User, at: datetime, issue: Issue) -> Issue:
    """Return a draft, locked, for an editor; raises NotAllowed, WrongState."""
    require(by, at, EDIT)
    return locked(issue, Issue.DRAFT)


def issue_of(item: Item) -> Issue:
    """Return the issue an item was taken into; raises WrongState."""
    if item.issue is None:
        raise WrongState(item.state)
    return item.issue


def another(by: User, issue: Issue, acts: Sequence[str]) -> None:
    """Refuse who has acted on the issue already; its drafter stays that for ever; raises SamePerson."""
    done = SignOff.objects.filter(issue=issue)
    earlier = done.filter(act__in=set(acts) & set(DRAFTED)) | done.this_round().filter(act__in=acts)
    if earlier.filter(by=by).exists():
        raise SamePerson


def sound(issue: Issue, at: datetime) -> None:
    """Refuse an issue in which lint finds errors; raises Faulty."""
    wrong = lint.errors(proof.findings(proof.of(issue, at)))
    if wrong:
        raise Faulty(wrong)


def reason_of(reason: str) -> str:
    """Return a reason as it is kept; raises ReasonMissing."""
    if not reason.strip():
        raise ReasonMissing
    return reason.strip()[:400]


def advance(issue: Issue, state: str, act: str, by: User, at: datetime, reason: str = "") -> Issue:
    """Bring an issue into a state and write the act down."""
    issue.state = state
    issue.save()
    write(act, by, at, issue=issue, reason=reason)
    return issue

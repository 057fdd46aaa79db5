"""What waits for a user: the dues within their scope, open and overdue."""

from dataclasses import dataclass
from datetime import datetime

from lianfang.dues.models import Due
from lianfang.registry.visibility import Scope

POWER = "dues.view"
# Beyond this the top bar says "99+": counting on would only cost time.
ENOUGH = 100


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much is open and how much of it is late."""

    open: int
    overdue: int

    @property
    def more(self) -> bool:
        """Whether there are at least as many as were counted."""
        return self.open >= ENOUGH


def of(scope: Scope, at: datetime) -> Waiting:
    """Count what is open for a scope at an instant, up to a hundred."""
    if not scope.may(POWER):
        return Waiting(0, 0)
    rows = Due.objects.open(at).visible_to(scope, POWER)
    return Waiting(
        open=rows[:ENOUGH].count(), overdue=Due.objects.overdue(at).visible_to(scope, POWER)[:ENOUGH].count()
    )

"""The scope of a user: which powers, over which areas and units, at an instant."""

from collections.abc import Iterable
from datetime import datetime

from lianfang.registry.models import Grant, Unit, User
from lianfang.registry.visibility import Reach, Scope, Scoped

__all__ = ["Reach", "Scope", "Scoped", "of"]


# What is handed in is handed in for the grant's unit, whatever else the role reaches.
FOR_ONES_UNIT = frozenset({"reports.submit", "bulletins.submit"})


def of(user: object, at: datetime) -> Scope:
    """Return what `user` may do at the instant `at`; nobody (a stranger, a closed account) may do nothing.

    Where the role reaches its unit's rows only, these are the rows of the grant's unit, of the units under it, and of
    the units they came from when the structure was replaced: the work does not change hands by being renamed.
    """
    if not isinstance(user, User) or not user.is_active:
        return Scope(user=None, at=at)
    grants = list(Grant.objects.filter(user=user).in_force(at).select_related("role"))
    units = _Units(Unit.objects.values_list("code", "parent", "successor") if any(each.unit for each in grants) else ())
    reaches: dict[str, list[Reach]] = {}
    for grant in grants:
        own = units.below(grant.unit) if grant.unit else None
        for power in grant.role.powers:
            limit = own if grant.role.own_rows or power in FOR_ONES_UNIT else None
            reaches.setdefault(power, []).append(Reach(area=grant.area, units=limit, purpose=grant.purpose))
    return Scope(user=user.pk, at=at, reaches={power: tuple(held) for power, held in reaches.items()})


class _Units:
    def __init__(self, rows: Iterable[tuple[str, str, str]]) -> None:
        self.under: dict[str, set[str]] = {}
        for code, parent, successor in rows:
            for above in (parent, successor):
                if above:
                    self.under.setdefault(above, set()).add(code)

    def below(self, code: str) -> frozenset[str]:
        seen, waiting = {code}, [code]
        while waiting:
            new = self.under.get(waiting.pop(), set()) - seen
            seen |= new
            waiting.extend(new)
        return frozenset(seen)

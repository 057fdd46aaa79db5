"""What a person may do where: the answer is computed once a request, and applied to rows in this one place.

A power (a word such as `figures.view`) reaches over an area, and over one unit's rows or every unit's. "Inside an
area" is the range `area >= x AND area < x || '~'` on a column with collation "C": the narrowest role is then a short
walk along an index, where `LIKE` under a locale reads the whole table.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self, TypeVar

from django.db import models
from django.db.models import Q

# Greater than every digit and letter of a code, so that x <= code < x~ holds exactly for what begins with x.
AFTER = "~"


@dataclass(frozen=True, slots=True)
class Reach:
    """One stretch of rows: everything in `area`, of the units named (None: of every unit)."""

    area: str
    units: frozenset[str] | None = None
    purpose: str = ""

    def covers(self, area: str | None, unit: str | None) -> bool:
        """Say whether a row of `area` and `unit` lies inside; None asks for "somewhere at least"."""
        return (area is None or area.startswith(self.area)) and (
            unit is None or self.units is None or unit in self.units
        )


@dataclass(frozen=True, slots=True)
class Scope:
    """What one user may do at one instant.

    Args:
        user: the user's number; None for nobody.
        at: the instant the grants were looked at.
        reaches: for each power the stretches it holds over.
    """

    user: int | None
    at: datetime
    reaches: Mapping[str, tuple[Reach, ...]] = field(default_factory=dict)

    def may(self, power: str, area: str | None = None, unit: str | None = None) -> bool:
        """Say whether the power is held, over this area and this unit's rows where they are given."""
        return any(reach.covers(area, unit) for reach in self.reaches.get(power, ()))

    def areas(self, power: str) -> list[str]:
        """Return the codes of the largest areas over which the power is held, in order."""
        return outermost(reach.area for reach in self.reaches.get(power, ()))

    def units(self, power: str) -> list[str] | None:
        """Return the units to whose rows the power is limited, or None when it is not limited by unit."""
        found: set[str] = set()
        for reach in self.reaches.get(power, ()):
            if reach.units is None:
                return None
            found |= reach.units
        return sorted(found)

    def purposes(self, power: str) -> frozenset[str]:
        """Return the purposes for which the power was granted; an empty word among them stands for any."""
        return frozenset(reach.purpose for reach in self.reaches.get(power, ()))

    @property
    def powers(self) -> frozenset[str]:
        """Every power held anywhere."""
        return frozenset(self.reaches)


def outermost(codes: Iterable[str]) -> list[str]:
    """Return the codes that lie in no other of them, in order."""
    kept: list[str] = []
    for code in sorted(set(codes)):
        if not kept or not code.startswith(kept[-1]):
            kept.append(code)
    return kept


Row = TypeVar("Row", bound=models.Model)


class Scoped(models.QuerySet[Row]):
    """Rows that lie in an area and may belong to a unit.

    A model whose columns are named otherwise says so in a subclass: `area_column`, `unit_column` (None: no unit).
    """

    area_column = "area"
    unit_column: str | None = "unit"

    def inside(self, code: str) -> Self:
        """Keep the rows in the area `code` or anywhere below it; the empty code is everywhere."""
        return self.filter(self._within(code)) if code else self

    def visible_to(self, scope: Scope, power: str) -> Self:
        """Keep the rows over which the power is held."""
        reaches = scope.reaches.get(power, ())
        free = outermost(reach.area for reach in reaches if reach.units is None)
        wanted = Q()
        for code in free:
            if not code:
                return self
            wanted |= self._within(code)
        for reach in reaches:
            if reach.units is not None and not any(reach.area.startswith(code) for code in free):
                wanted |= self._of_units(reach)
        return self.filter(wanted) if wanted else self.none()

    def _within(self, code: str) -> Q:
        return Q(**{f"{self.area_column}__gte": code, f"{self.area_column}__lt": code + AFTER})

    def _of_units(self, reach: Reach) -> Q:
        within = self._within(reach.area) if reach.area else Q()
        # A table without units cannot show that a row belongs to one: such a grant sees nothing of it.
        if self.unit_column is None:
            return Q(pk__in=[])
        return within & Q(**{f"{self.unit_column}__in": sorted(reach.units or ())})

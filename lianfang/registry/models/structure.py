"""Areas, units, places and households: what there is, each with its dates of validity.

A row holds from the day `valid_from` to the day `valid_to`, both included. A row is never overwritten by another
edition: it is closed, and the new one stands beside it.
"""

from datetime import date
from typing import Self, TypeVar

from django.db import models
from django.db.models import F, Q

from lianfang.registry.visibility import AFTER, Scoped

Row = TypeVar("Row", bound=models.Model)


class Dated(Scoped[Row]):
    """Rows with dates of validity."""

    def on(self, day: date) -> Self:
        """Keep what was valid on a day."""
        return self.filter(Q(valid_to=None) | Q(valid_to__gte=day), valid_from__lte=day)


class AreaQuerySet(Dated["Area"]):
    """Areas; an area lies in itself."""

    area_column = "code"
    unit_column = None

    def under(self, code: str) -> Self:
        """Keep the area itself and everything below it."""
        return self.filter(code__gte=code, code__lt=code + AFTER)

    def children(self, code: str) -> Self:
        """Keep the areas directly below."""
        return self.filter(parent=code)


class Area(models.Model):
    """A piece of the district: the official tree, and below it grids, courtyards and stairwells."""

    code = models.CharField(max_length=32, db_collation="C")
    kind = models.CharField(max_length=24)
    name = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120, blank=True)
    parent = models.CharField(max_length=32, db_collation="C", blank=True)
    official = models.BooleanField(default=False)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    successor = models.CharField(max_length=32, db_collation="C", blank=True)
    # A GeoJSON geometry in WGS-84, or nothing.
    outline = models.JSONField(null=True, blank=True)
    # True where the outline is a drawing for orientation and no survey.
    schematic = models.BooleanField(default=True)

    objects = AreaQuerySet.as_manager()

    class Meta:
        ordering = ["code", "valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["code", "valid_from"], name="area_edition"),
            models.CheckConstraint(condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")), name="area_dates"),
        ]
        indexes = [models.Index(fields=["parent", "code"], name="area_parent")]

    def __str__(self) -> str:
        return f"{self.name} ({self.code})"


class UnitQuerySet(Dated["Unit"]):
    """Units; a unit's row is its own."""

    unit_column = "code"

    def answering_for(self, code: str, day: date) -> Self:
        """Keep the unit of that day that carries on the work of `code`: itself, what it came from, or what followed.

        Args:
            code: a unit's code in any edition.
            day: the day asked about.
        """
        return self.on(day).filter(code__in=lineage(code))


class Unit(models.Model):
    """A unit of the command structure in one of its dated editions."""

    code = models.CharField(max_length=64)
    edition = models.CharField(max_length=64, blank=True)
    name = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120, blank=True)
    # What the unit is called in a by-line or a table.
    short = models.CharField(max_length=60, blank=True)
    kind = models.CharField(max_length=32, blank=True)
    parent = models.CharField(max_length=64, blank=True)
    area = models.CharField(max_length=32, db_collation="C", blank=True)
    order = models.IntegerField(default=0)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    successor = models.CharField(max_length=64, blank=True)

    objects = UnitQuerySet.as_manager()

    class Meta:
        ordering = ["order", "code", "valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["code", "valid_from"], name="unit_edition"),
            models.CheckConstraint(condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")), name="unit_dates"),
        ]

    def __str__(self) -> str:
        return f"{self.short or self.name} ({self.code})"


def lineage(code: str) -> frozenset[str]:
    """Return the codes of a unit together with everything it came from and everything that followed it."""
    forward: dict[str, set[str]] = {}
    backward: dict[str, set[str]] = {}
    for old, new in Unit.objects.exclude(successor="").values_list("code", "successor"):
        forward.setdefault(old, set()).add(new)
        backward.setdefault(new, set()).add(old)
    return frozenset(_walk(code, forward) | _walk(code, backward))


def _walk(code: str, edges: dict[str, set[str]]) -> set[str]:
    seen, waiting = {code}, [code]
    while waiting:
        new = edges.get(waiting.pop(), set()) - seen
        seen |= new
        waiting.extend(new)
    return seen


class PlaceQuerySet(Dated["Place"]):
    """Places."""


class Place(models.Model):
    """Somewhere entries are made: a checkpoint, a clinic, a school, a market."""

    code = models.CharField(max_length=64)
    kind = models.CharField(max_length=32)
    name = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120, blank=True)
    area = models.CharField(max_length=32, db_collation="C")
    unit = models.CharField(max_length=64, blank=True)
    # WGS-84 degrees.
    lon = models.FloatField(null=True, blank=True)
    lat = models.FloatField(null=True, blank=True)
    lanes = models.PositiveSmallIntegerField(default=0)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    objects = PlaceQuerySet.as_manager()

    class Meta:
        ordering = ["code", "valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["code", "valid_from"], name="place_edition"),
            models.CheckConstraint(condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")), name="place_dates"),
        ]
        indexes = [models.Index(fields=["area", "code"], name="place_area")]

    def __str__(self) -> str:
        return f"{self.name} ({self.code})"


class HouseholdQuerySet(Dated["Household"]):
    """Households."""

    unit_column = None


class Household(models.Model):
    """A door behind which people live; who they are is in the vault."""

    id = models.UUIDField(primary_key=True)
    area = models.CharField(max_length=32, db_collation="C")
    # The door inside its stairwell or courtyard, as written on it.
    door = models.CharField(max_length=32)
    # How many live there, where it is known.
    people = models.PositiveSmallIntegerField(null=True, blank=True)
    # True for households made up for a demonstration.
    simulated = models.BooleanField(default=False)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    objects = HouseholdQuerySet.as_manager()

    class Meta:
        ordering = ["area", "door"]
        constraints = [models.UniqueConstraint(fields=["area", "door", "valid_from"], name="household_door")]

    def __str__(self) -> str:
        return f"{self.area} {self.door}"

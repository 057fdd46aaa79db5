"""Snapshots, which only save work, and figures frozen on publication."""

import struct
from collections.abc import Sequence
from datetime import datetime
from typing import Self

from django.db import models


class SnapshotQuerySet(models.QuerySet["Snapshot"]):
    """Which snapshots can be built upon."""

    def sound(self) -> Self:
        """Keep those whose entries are all still there."""
        return self.filter(fault="")

    def by(self, at: datetime) -> Self:
        """Keep those of instants up to `at`, the latest first."""
        return self.filter(until__lte=at).order_by("-until")


class Snapshot(models.Model):
    """What had been counted by an instant: the entries numbered up to `last` and recorded by `until`.

    Late arrivals have higher numbers or later instants, so what a snapshot covers never grows.
    """

    until = models.DateTimeField(unique=True)
    first = models.BigIntegerField(help_text="every entry numbered up to this one was recorded by then")
    last = models.BigIntegerField()
    entries = models.BigIntegerField(help_text="how many entries it saw, of every kind, drills included")
    checksum = models.BigIntegerField(help_text="sum over the beginnings of their digests")
    cells = models.JSONField(help_text="[area, unit, place] for each position in the totals")
    made_at = models.DateTimeField()
    fault = models.CharField(max_length=200, blank=True)

    objects = SnapshotQuerySet.as_manager()

    class Meta:
        db_table = "figures_snapshot"
        ordering = ["until"]

    def __str__(self) -> str:
        return f"{self.until:%F %R}"


class Total(models.Model):
    """One tally's numbers in a snapshot, cell by cell: see :func:`packed`; sums are in millionths."""

    snapshot = models.ForeignKey(Snapshot, on_delete=models.CASCADE, related_name="totals")
    tally = models.CharField(max_length=32, help_text="the hash of what is counted")
    numbers = models.BinaryField()

    class Meta:
        db_table = "figures_total"
        constraints = [models.UniqueConstraint(fields=["snapshot", "tally"], name="figures_total_tally")]

    def __str__(self) -> str:
        return f"{self.tally} {self.snapshot_id}"


def packed(numbers: Sequence[int]) -> bytes:
    """Return numbers as little-endian 64-bit integers: a hundred times quicker to read than an array as text."""
    return struct.pack(f"<{len(numbers)}q", *numbers)


def unpacked(held: bytes | memoryview) -> tuple[int, ...]:
    """Return the numbers of :func:`packed`."""
    return struct.unpack(f"<{len(held) // 8}q", held)


class Frozen(models.Model):
    """A figure as it was published: never changed again, and reproducible from the same instant."""

    name = models.CharField(max_length=120)
    area = models.CharField(max_length=32, db_collation="C", blank=True)
    as_of = models.DateTimeField()
    number = models.DecimalField(max_digits=30, decimal_places=12, null=True)
    numerator = models.DecimalField(max_digits=24, decimal_places=6, null=True)
    denominator = models.DecimalField(max_digits=24, decimal_places=6, null=True)
    shown = models.CharField(max_length=60)
    unit = models.CharField(max_length=60, blank=True)
    no_data = models.BooleanField()
    declaration = models.JSONField(help_text="the figure as declared, with the sides of a rate")
    definition = models.CharField(max_length=32, help_text="the hash of all that decides the number")
    entries = models.BigIntegerField(help_text="how many entries stand behind it")
    digest = models.CharField(max_length=64, help_text="SHA-256 over the ids and digests of those entries")
    by = models.BigIntegerField(null=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "figures_frozen"
        ordering = ["-at", "id"]
        indexes = [models.Index(fields=["name", "as_of"], name="figures_frozen_name")]

    def __str__(self) -> str:
        return f"{self.name} {self.shown} ({self.as_of:%F %R})"

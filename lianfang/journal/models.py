"""Entries, what replaces them, what waits for a reaction, and the seals over them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Self
from uuid import UUID

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from lianfang.journal import ids
from lianfang.registry.visibility import Scoped


class EntryQuerySet(Scoped["Entry"]):
    """Ways to narrow down the journal; they chain in any order (`inside` and `visible_to` are the registry's)."""

    def of(self, *kinds: str) -> Self:
        """Keep entries of these kinds."""
        return self.filter(kind__in=kinds)

    def recorded_by(self, at: datetime) -> Self:
        """Keep what the house knew at `at`."""
        return self.filter(recorded_at__lte=at)

    def effective(self, at: datetime) -> Self:
        """Keep what counts as of `at`: no drill, and nothing replaced by a correction recorded by then."""
        replaced = Correction.objects.filter(original=OuterRef("id"), recorded_at__lte=at)
        return self.filter(~Exists(replaced), exercise=False)

    def happened(self, start: datetime, end: datetime) -> Self:
        """Keep what happened from `start` until just before `end`; only the day partitions near are read."""
        near = {"id__gte": ids.floor(start - ids.SLACK), "id__lt": ids.floor(end + ids.SLACK + ids.MILLISECOND)}
        return self.filter(at__gte=start, at__lt=end, **near)

    def about(self, subjects: Iterable[UUID]) -> Self:
        """Keep entries whose subject is one of these pseudonyms."""
        return self.filter(subject__in=list(subjects))

    def after(self, seq: int, until: int) -> Self:
        """Keep the entries with `seq` < number <= `until`, in order; `until` should be a horizon."""
        return self.filter(seq__gt=seq, seq__lte=until).order_by("seq")


class Entry(models.Model):
    """One thing that happened; never changed, never deleted (the table is partitioned, see the migration)."""

    id = models.UUIDField(primary_key=True)
    seq = models.BigIntegerField(editable=False)
    kind = models.CharField(max_length=64)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    place = models.CharField(max_length=64)
    area = models.CharField(max_length=32)
    subject = models.UUIDField(null=True)
    by = models.BigIntegerField(null=True)
    unit = models.CharField(max_length=64)
    device = models.CharField(max_length=64)
    quantity = models.DecimalField(max_digits=14, decimal_places=3, null=True)
    answers = models.JSONField()
    corrects = models.UUIDField(null=True)
    exercise = models.BooleanField()
    personal = models.BinaryField(null=True)
    digest = models.BinaryField()

    objects = EntryQuerySet.as_manager()

    class Meta:
        managed = False
        db_table = "journal_entry"

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class Correction(models.Model):
    """One entry replaced by another, from the instant the other was recorded."""

    original = models.UUIDField(primary_key=True)
    correction = models.UUIDField(unique=True)
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "journal_correction"

    def __str__(self) -> str:
        return f"{self.original} → {self.correction}"


class PendingQuerySet(models.QuerySet["Pending"]):
    """Which entries still wait for their reaction."""

    def ready(self) -> Self:
        """Keep those whose next attempt has come."""
        return self.filter(failed=False, next_at__lte=Now())

    def failed(self) -> Self:
        """Keep those given up after the last attempt; a screen shows them."""
        return self.filter(failed=True)


class Pending(models.Model):
    """An entry whose kind has a reaction that has not yet been carried out."""

    entry = models.UUIDField(primary_key=True)
    seq = models.BigIntegerField(help_text="the entry's number: reactions run in this order")
    kind = models.CharField(max_length=64)
    recorded_at = models.DateTimeField()
    attempts = models.SmallIntegerField(default=0)
    # The next attempt, by the database's own clock: a shown clock may stand still or jump, a retry must not.
    next_at = models.DateTimeField(db_default=Now())
    failed = models.BooleanField(default=False)
    fault = models.TextField(default="", blank=True)

    objects = PendingQuerySet.as_manager()

    class Meta:
        db_table = "journal_pending"
        indexes = [models.Index(fields=["seq"], condition=Q(failed=False), name="journal_pending_ready")]

    def __str__(self) -> str:
        return f"{self.kind} {self.entry}"


class Seal(models.Model):
    """One closed range of the journal's numbers under one Merkle root, chained to the seal before."""

    id = models.BigAutoField(primary_key=True)
    first = models.BigIntegerField(help_text="lowest number of the range, whether or not an entry has it")
    last = models.BigIntegerField(unique=True)
    count = models.BigIntegerField()
    root = models.BinaryField()
    chained = models.BinaryField()
    at = models.DateTimeField()

    class Meta:
        db_table = "journal_seal"

    def __str__(self) -> str:
        return f"{self.first}–{self.last}"


class DayDigest(models.Model):
    """The chain's state at the end of a Shanghai day, to print or send out of the house."""

    day = models.DateField(primary_key=True)
    seal = models.ForeignKey(Seal, on_delete=models.PROTECT)
    count = models.BigIntegerField(help_text="entries sealed up to and with that seal")
    chained = models.BinaryField()
    at = models.DateTimeField()

    class Meta:
        db_table = "journal_daydigest"

    def __str__(self) -> str:
        return f"{self.day}"

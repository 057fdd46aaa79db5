"""Dues: an entry of a kind about something, expected by a time."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from lianfang.registry.visibility import Scoped


class Outcome(models.TextChoices):
    """How a due came to its end."""

    MET = "met"
    WAIVED = "waived"
    REVOKED = "revoked"


class DueQuerySet(Scoped["Due"]):
    """Ways to narrow down the dues; all go by what was known at an instant."""

    def open(self, at: datetime) -> Self:
        """Keep what was still expected at `at`."""
        return self.filter(Q(closed_at=None) | Q(closed_at__gt=at), opened_at__lte=at)

    def overdue(self, at: datetime) -> Self:
        """Keep what was still expected at `at` although its time had passed."""
        return self.open(at).filter(by__lt=at)

    def met(self, at: datetime) -> Self:
        """Keep what had been met by `at`."""
        return self.filter(outcome=Outcome.MET, closed_at__lte=at)

    def late(self, at: datetime) -> Self:
        """Keep what had been met by `at`, but by something that happened after its time."""
        return self.met(at).filter(met_at__gt=F("by"))

    def named(self, *names: str) -> Self:
        """Keep those that these reactions or daily dues of the pack opened."""
        return self.filter(name__in=names)

    def about(self, kind: str, about: str) -> Self:
        """Keep those that an entry of `kind` about `about` would meet."""
        return self.filter(kind=kind, about=about)


class Due(models.Model):
    """One thing expected by a time.

    Its id is made from what opened it, so that opening it again changes nothing.
    """

    id = models.UUIDField(primary_key=True)
    # The reaction or daily due of the pack; its title is what a screen shows.
    name = models.CharField(max_length=64)
    kind = models.CharField(max_length=64, help_text="the kind of entry that meets it")
    about = models.CharField(max_length=64, help_text="what ties it to the entry that meets it")
    # Who must act, and where; `origin` is the place of the entry that opened it.
    place = models.CharField(max_length=64, blank=True)
    area = models.CharField(max_length=32, db_collation="C", blank=True)
    unit = models.CharField(max_length=64, blank=True)
    origin = models.CharField(max_length=64, blank=True)
    opened_at = models.DateTimeField()
    by = models.DateTimeField()
    opened_by = models.UUIDField(null=True, blank=True, help_text="the entry that opened it; none for a daily due")
    closed_at = models.DateTimeField(null=True, blank=True, help_text="when the house knew of its end")
    closed_by = models.UUIDField(null=True, blank=True, help_text="the entry that ended it")
    met_at = models.DateTimeField(null=True, blank=True, help_text="when what met it happened")
    outcome = models.CharField(max_length=8, choices=Outcome, blank=True)
    called_at = models.DateTimeField(null=True, blank=True, help_text="when it was called out as overdue")
    # By the database's own clock, for what must not hang on a shown one.
    made_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = DueQuerySet.as_manager()

    class Meta:
        ordering = ["by", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_by=None, outcome="")
                | (Q(closed_at__isnull=False, closed_by__isnull=False) & ~Q(outcome="")),
                name="due_closed_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["closed_at", "by"], name="due_open"),
            models.Index(fields=["kind", "about"], name="due_about"),
            models.Index(fields=["area", "by"], name="due_area"),
            models.Index(fields=["opened_by"], name="due_opened_by"),
            models.Index(fields=["closed_by"], name="due_closed_by"),
            models.Index(fields=["name", "by"], name="due_name"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.about} ({self.by:%F %R})"

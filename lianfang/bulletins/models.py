"""Items, the issues they are printed in, who signed, what was printed and who has read it."""

from datetime import date, datetime
from typing import Self

from django.db import models
from django.db.models import Q

from lianfang.registry.visibility import Scoped


class IssueQuerySet(models.QuerySet["Issue"]):
    """Issues."""

    def published(self) -> Self:
        """Keep those that are signed and stand."""
        return self.filter(state=Issue.SIGNED)

    def under_way(self) -> Self:
        """Keep those that somebody still works on."""
        return self.filter(state__in=(Issue.DRAFT, Issue.REVIEW, Issue.SIGNATURE))

    def of_year(self, series: str, year: int, *, supplement: bool) -> Self:
        """Keep the numbered issues of one series in one year, supplements apart."""
        return self.filter(series=series, year=year, supplement=supplement, number__isnull=False)


class Issue(models.Model):
    """One issue of a series of bulletins; it has a number as from its signature."""

    DRAFT, REVIEW, SIGNATURE, SIGNED = "draft", "review", "signature", "signed"
    WITHDRAWN, DISCARDED = "withdrawn", "discarded"

    series = models.CharField(max_length=64)
    supplement = models.BooleanField(default=False)
    year = models.IntegerField(null=True, blank=True)
    number = models.IntegerField(null=True, blank=True)
    # Counted over all years, for a series that prints a running total.
    running = models.IntegerField(null=True, blank=True)
    title = models.CharField(max_length=400, blank=True)
    date = models.DateField()
    # Figures count what was recorded by then; none while drafting follows the clock.
    as_of = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=16, default=DRAFT)
    created_at = models.DateTimeField()
    signed_at = models.DateTimeField(null=True, blank=True)
    # The document as it was set: the pack may change later, what was printed does not.
    printed = models.JSONField(null=True, blank=True)

    objects = IssueQuerySet.as_manager()

    class Meta:
        ordering = ["-date", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["series", "year", "supplement", "number"],
                name="bulletins_number_once",
                condition=Q(number__isnull=False),
            ),
            models.CheckConstraint(
                name="bulletins_signed_is_numbered",
                condition=~Q(state="signed")
                | Q(number__isnull=False, year__isnull=False, as_of__isnull=False, signed_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.series} {self.year or self.date.year}-{self.number or '?'}"


class ItemQuerySet(Scoped["Item"]):
    """Items; an item lies in its unit's area."""

    def waiting(self) -> Self:
        """Keep those handed in that nobody has taken up or declined."""
        return self.filter(state=Item.SUBMITTED)

    def in_order(self) -> Self:
        """Sort as printed: by place in the issue."""
        return self.order_by("position", "id")

    def printed_since(self, day: date) -> Self:
        """Keep those printed in issues dated on or after a day."""
        return self.filter(issue__state=Issue.SIGNED, issue__date__gte=day)


class Item(models.Model):
    """What a unit hands in for the bulletin, as it came and as the office edited it."""

    SUBMITTED, SELECTED, DECLINED, TAKEN_BACK = "submitted", "selected", "declined", "taken_back"

    series = models.CharField(max_length=64)
    unit = models.CharField(max_length=64)
    area = models.CharField(max_length=32, db_collation="C", blank=True)
    given_title = models.CharField(max_length=200)
    given_body = models.TextField()
    title = models.CharField(max_length=200)
    body = models.TextField()
    byline = models.CharField(max_length=100, blank=True)
    # A leader's item stands first, with its heading on a line of its own.
    leading = models.BooleanField(default=False)
    state = models.CharField(max_length=16, default=SUBMITTED)
    reason = models.CharField(max_length=400, blank=True)
    submitted_by = models.ForeignKey("registry.User", on_delete=models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField()
    issue = models.ForeignKey(Issue, null=True, blank=True, on_delete=models.PROTECT, related_name="items")
    position = models.IntegerField(default=0)

    objects = ItemQuerySet.as_manager()

    class Meta:
        ordering = ["-submitted_at", "-id"]
        indexes = [
            models.Index(fields=["state", "-submitted_at"], name="bulletins_item_state"),
            models.Index(fields=["area", "-submitted_at"], name="bulletins_item_area"),
        ]

    def __str__(self) -> str:
        return self.title


class SignOffQuerySet(models.QuerySet["SignOff"]):
    """Who did what to an issue."""

    def this_round(self) -> Self:
        """Keep what was done since the issue was last returned for correction."""
        last = self.filter(act=SignOff.RETURNED).order_by("-id").values_list("id", flat=True).first()
        return self.filter(id__gt=last or 0)


class SignOff(models.Model):
    """One act on an issue or an item, by one person; never changed or deleted."""

    SUBMITTED, DECLINED, TAKEN_BACK = "submitted", "declined", "taken_back"
    BEGUN, EDITED, SENT, RETURNED = "begun", "edited", "sent", "returned"
    REVIEWED, SIGNED, WITHDRAWN, REMINDED = "reviewed", "signed", "withdrawn", "reminded"
    DISCARDED = "discarded"

    issue = models.ForeignKey(Issue, null=True, blank=True, on_delete=models.PROTECT, related_name="acts")
    item = models.ForeignKey(Item, null=True, blank=True, on_delete=models.PROTECT, related_name="acts")
    act = models.CharField(max_length=16)
    by = models.ForeignKey("registry.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    reason = models.CharField(max_length=400, blank=True)
    # SHA-256 of the issue's text, so that what was reviewed can be told from what was signed.
    digest = models.CharField(max_length=64, blank=True)
    # The journal's entry of this act.
    entry = models.UUIDField(null=True, blank=True)

    objects = SignOffQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["issue", "id"], name="bulletins_act_issue")]

    def __str__(self) -> str:
        return f"{self.act} {self.issue_id} {self.by_id}"


class Citation(models.Model):
    """A figure printed in an issue, frozen at its signature."""

    issue = models.ForeignKey(Issue, on_delete=models.PROTECT, related_name="citations")
    name = models.CharField(max_length=120)
    area = models.CharField(max_length=32, blank=True)
    # The instant the text gives it; none for the issue's own.
    own_as_of = models.DateTimeField(null=True, blank=True)
    frozen = models.ForeignKey("figures.Frozen", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["issue", "name", "area", "own_as_of"], name="bulletins_citation_once", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.issue_id}"


class Print(models.Model):
    """A printed file, kept byte for byte."""

    PDF, WORD = "pdf", "docx"

    issue = models.ForeignKey(Issue, on_delete=models.PROTECT, related_name="prints")
    format = models.CharField(max_length=8)
    data = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["issue", "format"], name="bulletins_print_once")]

    def __str__(self) -> str:
        return f"{self.issue_id}.{self.format}"


class RecipientQuerySet(Scoped["Recipient"]):
    """Who an issue was sent to."""

    def unread(self) -> Self:
        """Keep those that have not opened it."""
        return self.filter(opened_at=None, issue__state=Issue.SIGNED)


class Recipient(models.Model):
    """A unit an issue was sent to, and when it was first opened there and by whom."""

    issue = models.ForeignKey(Issue, on_delete=models.PROTECT, related_name="recipients")
    unit = models.CharField(max_length=64)
    area = models.CharField(max_length=32, db_collation="C", blank=True)
    copies = models.IntegerField(default=1)
    sent_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True, blank=True)
    opened_by = models.ForeignKey("registry.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reminded_at = models.DateTimeField(null=True, blank=True)

    objects = RecipientQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["issue", "unit"], name="bulletins_recipient_once")]

    def __str__(self) -> str:
        return f"{self.unit} {self.issue_id}"

    def waited(self, at: datetime) -> float:
        """Return how many hours it has lain unopened at an instant."""
        return ((self.opened_at or at) - self.sent_at).total_seconds() / 3600

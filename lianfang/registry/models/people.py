"""Subjects and what is kept of them: pseudonyms in the open, everything else encrypted."""

from django.db import models

from lianfang.registry.visibility import Scoped


class SubjectQuerySet(Scoped["Subject"]):
    """Subjects."""


class Subject(models.Model):
    """A person or a vehicle, known by a pseudonym only.

    `area` and `unit` say where the subject was first recorded.
    """

    PERSON, VEHICLE = "person", "vehicle"

    id = models.UUIDField(primary_key=True)
    kind = models.CharField(max_length=16)
    area = models.CharField(max_length=32, db_collation="C", blank=True)
    unit = models.CharField(max_length=64, blank=True)
    first_at = models.DateTimeField()

    objects = SubjectQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["area", "-first_at"], name="subject_area"),
            models.Index(fields=["-first_at"], name="subject_first"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class VaultRecordQuerySet(Scoped["VaultRecord"]):
    """Vault records."""


class VaultRecord(models.Model):
    """What one sealing held of one subject, encrypted; the same again in the same month and area is kept once.

    `id` is a keyed digest of the content, so a repeated sealing meets the record that is there.
    """

    id = models.UUIDField(primary_key=True)
    subject = models.UUIDField(db_index=True)
    area = models.CharField(max_length=32, db_collation="C", blank=True)
    unit = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField()
    # The month's key (`VaultKey.name`) that wraps this record's data key.
    key = models.CharField(max_length=7)
    # The record's data key, and the fields under it; both AES-256-GCM, nonce first.
    wrapped = models.BinaryField()
    sealed = models.BinaryField()

    objects = VaultRecordQuerySet.as_manager()

    def __str__(self) -> str:
        return str(self.id)


class VaultKey(models.Model):
    """A month's key: its fingerprint and its end. The key itself is a file apart from the data."""

    name = models.CharField(max_length=7, primary_key=True)
    fingerprint = models.CharField(max_length=16)
    made_at = models.DateTimeField()
    destroyed_at = models.DateTimeField(null=True, blank=True)
    destroyed_by = models.ForeignKey("registry.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-name"]

    def __str__(self) -> str:
        return self.name


class BlindIndex(models.Model):
    """Finds a subject by a number without holding the number: a keyed digest of it beside the pseudonym."""

    kind = models.CharField(max_length=16)
    digest = models.UUIDField()
    subject = models.UUIDField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["digest", "subject"], name="blind_pair")]

    def __str__(self) -> str:
        return f"{self.kind} {self.digest}"

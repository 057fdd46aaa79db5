"""Who may come in: users, roles, grants, devices, and the two logs nobody can change."""

from datetime import datetime
from typing import ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q

from lianfang.registry.visibility import Scoped


class UserManager(BaseUserManager["User"]):
    """Users; `get_by_natural_key` is what sign-in uses."""


class User(AbstractBaseUser):
    """A person who signs in."""

    username = models.CharField(max_length=64, unique=True)
    # How the office calls the person; in a demonstration a role title.
    name = models.CharField(max_length=64, db_index=True)
    unit = models.CharField(max_length=64, blank=True)
    is_active = models.BooleanField(default=True)
    # Made for a demonstration: may be picked on the sign-in page there, and nowhere else.
    demonstration = models.BooleanField(default=False)
    # The password was given by somebody else and must be changed at the next sign-in.
    must_change = models.BooleanField(default=False)
    created_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        ordering = ["username"]

    def __str__(self) -> str:
        return self.username

    def get_full_name(self) -> str:
        """Return the name shown."""
        return self.name


class Role(models.Model):
    """A role of the district's pack, with its powers."""

    code = models.CharField(max_length=64, primary_key=True)
    title = models.CharField(max_length=120)
    title_en = models.CharField(max_length=120, blank=True)
    powers = models.JSONField(default=list)
    # system, security or audit for the three administrators, who stay apart; empty for everybody else.
    administrator = models.CharField(max_length=16, blank=True)
    # True: it reaches only the rows of the unit it is granted for; false: every unit's in the area.
    own_rows = models.BooleanField(default=False)
    order = models.IntegerField(default=0)

    class Meta:
        ordering = ["order", "code"]

    def __str__(self) -> str:
        return self.title


class GrantQuerySet(models.QuerySet["Grant"]):
    """Grants."""

    def in_force(self, at: datetime) -> Self:
        """Keep the grants that hold at an instant."""
        return self.filter(Q(valid_to=None) | Q(valid_to__gt=at), valid_from__lte=at)


class Grant(models.Model):
    """A role given to a user who serves in a unit, over an area, for a purpose, from then to then."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="grants")
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="grants")
    area = models.CharField(max_length=32, db_collation="C", blank=True)
    # Where the user serves in this role, and for which they hand in; whether other units' rows show, the role says.
    unit = models.CharField(max_length=64, blank=True)
    purpose = models.CharField(max_length=64, blank=True)
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True, blank=True)
    # Nobody where the installation itself gave the first three.
    given_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    ended_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = GrantQuerySet.as_manager()

    class Meta:
        ordering = ["-valid_from", "-id"]

    def __str__(self) -> str:
        return f"{self.user} {self.role_id} {self.area} {self.unit}"


class DeviceQuerySet(Scoped["Device"]):
    """Devices."""

    def active(self) -> Self:
        """Keep those that have not been revoked."""
        return self.filter(revoked_at=None)


class Device(models.Model):
    """A phone, a thermal gate, a counter or the replay: something that may hand in entries with a secret of its own."""

    REPLAY, PHONE = "replay", "phone"

    code = models.CharField(max_length=40, unique=True)
    kind = models.CharField(max_length=24)
    name = models.CharField(max_length=120, db_index=True)
    # SHA-256 of a random 256-bit secret, keyed; the secret itself is shown once and kept nowhere.
    digest = models.BinaryField()
    unit = models.CharField(max_length=64, blank=True)
    area = models.CharField(max_length=32, db_collation="C", blank=True)
    place = models.CharField(max_length=64, blank=True)
    # The forms it may hand in; empty: all.
    forms = models.JSONField(default=list)
    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="devices")
    enrolled_at = models.DateTimeField()
    enrolled_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    seen_at = models.DateTimeField(null=True, blank=True)

    objects = DeviceQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        indexes = [
            models.Index(fields=["area", "code"], name="device_area"),
            models.Index(fields=["code"], name="device_revoked", condition=Q(revoked_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.code})"


class AccessLogQuerySet(models.QuerySet["AccessLog"]):
    """The access log."""


class AccessLog(models.Model):
    """One look at one subject's personal data: who, when, for what purpose, which fields. Never changed or deleted."""

    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    unit = models.CharField(max_length=64, blank=True)
    subject = models.UUIDField()
    purpose = models.CharField(max_length=200)
    fields = models.JSONField()
    address = models.GenericIPAddressField(null=True, blank=True)

    objects = AccessLogQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["-at", "-id"], name="access_at"),
            models.Index(fields=["subject", "-at"], name="access_subject"),
            models.Index(fields=["by", "-at"], name="access_by"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%F %T} {self.by_id} {self.subject}"


class Act(models.Model):
    """One act of administration or sign-in: who did what to what, and whether it was let. Never changed or deleted."""

    at = models.DateTimeField()
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    verb = models.CharField(max_length=40)
    about = models.CharField(max_length=160, blank=True)
    allowed = models.BooleanField(default=True)
    detail = models.JSONField(default=dict)
    address = models.GenericIPAddressField(null=True, blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["-at", "-id"], name="act_at"),
            models.Index(fields=["by", "-at"], name="act_by"),
            models.Index(fields=["verb", "-at"], name="act_verb"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%F %T} {self.by_id} {self.verb} {self.about}"

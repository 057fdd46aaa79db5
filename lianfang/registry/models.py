"""Areas, units, places, households, persons, users and their grants."""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models


class User(AbstractBaseUser):
    """A person who signs in."""

    username = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=64)
    is_active = models.BooleanField(default=True)

    objects: BaseUserManager["User"] = BaseUserManager()
    USERNAME_FIELD = "username"

    def __str__(self) -> str:
        return self.username

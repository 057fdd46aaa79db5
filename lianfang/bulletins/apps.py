"""The room's name for Django."""

from django.apps import AppConfig


class BulletinsConfig(AppConfig):
    """The room `bulletins`."""

    name = "lianfang.bulletins"
    label = "bulletins"

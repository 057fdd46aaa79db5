"""The room's name for Django."""

from django.apps import AppConfig


class DuesConfig(AppConfig):
    """The room `dues`."""

    name = "lianfang.dues"
    label = "dues"

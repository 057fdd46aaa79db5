"""The room's name for Django."""

from django.apps import AppConfig


class FiguresConfig(AppConfig):
    """The room `figures`."""

    name = "lianfang.figures"
    label = "figures"

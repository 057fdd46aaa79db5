"""The room's name for Django."""

from django.apps import AppConfig


class RegistryConfig(AppConfig):
    """The room `registry`."""

    name = "lianfang.registry"
    label = "registry"

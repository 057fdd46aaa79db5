"""The door's name for Django."""

from django.apps import AppConfig


class FieldConfig(AppConfig):
    """The door `field`."""

    name = "lianfang.doors.field"
    label = "doors_field"

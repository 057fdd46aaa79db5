"""The door's name for Django."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """The door `api`."""

    name = "lianfang.doors.api"
    label = "doors_api"

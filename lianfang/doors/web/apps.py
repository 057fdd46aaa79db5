"""The door's name for Django."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """The door `web`."""

    name = "lianfang.doors.web"
    label = "doors_web"

"""The paths of this door; each group of pages keeps its own list beside its views."""

from django.urls import URLPattern, URLResolver, path

from lianfang.doors.web import live, preferences

urlpatterns: list[URLPattern | URLResolver] = [
    path("language/", preferences.language, name="language"),
    path("theme/", preferences.theme, name="theme"),
    path("live/token/", live.token, name="live-token"),
]

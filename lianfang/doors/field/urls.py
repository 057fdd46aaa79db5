"""The paths of this door."""

from django.urls import URLPattern, URLResolver, path, re_path

from lianfang.doors.field import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.shell, name="field"),
    path("sw.js", views.worker, name="field-worker"),
    path("manifest.webmanifest", views.manifest, name="field-manifest"),
    re_path(r"^words/(?P<language>zh-hans|en)\.json$", views.said, name="field-words"),
    path("who", views.who, name="field-who"),
    path("enrol", views.enrol, name="field-enrol"),
    path("handovers", views.on_the_way, name="field-handovers"),
]

"""Every door under its path."""

from django.urls import include, path

urlpatterns = [
    path("api/", include("lianfang.doors.api.urls")),
    path("field/", include("lianfang.doors.field.urls")),
    path("", include("lianfang.doors.web.urls")),
]

"""The paths of this door; the account, the administration and the bulletins keep their own lists."""

from django.urls import URLPattern, URLResolver, include, path

from lianfang.doors.web import (
    account_urls,
    checkpoints,
    dues,
    entries,
    figures,
    find,
    live,
    overview,
    preferences,
    reactions,
    record,
    reports,
    screen,
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("", overview.page, name="overview"),
    path("checkpoints/", checkpoints.page, name="checkpoints"),
    path("checkpoints/<slug:place>/", checkpoints.one, name="checkpoint"),
    path("dues/", dues.page, name="dues"),
    path("dues/<uuid:due>/waive/", dues.waive, name="waive"),
    path("entries/", entries.page, name="entries"),
    path("entries/<uuid:entry>/", entries.sheet, name="entry"),
    path("entries/<uuid:entry>/names/", entries.names, name="entry-names"),
    path("figures/", figures.index, name="figures"),
    path("figures/<slug:name>/", figures.page, name="figure"),
    path("figures/<slug:name>/entries/", figures.behind, name="figure-entries"),
    path("figures/<slug:name>/export/", figures.export, name="figure-export"),
    path("find/", find.page, name="find"),
    path("record/", record.menu, name="record"),
    path("record/<slug:form>/", record.page, name="record-form"),
    path("reports/", reports.page, name="reports"),
    path("reactions/", reactions.page, name="reactions"),
    path("screen/", screen.page, name="screen"),
    path("language/", preferences.language, name="language"),
    path("theme/", preferences.theme, name="theme"),
    path("live/token/", live.token, name="live-token"),
    *account_urls.urlpatterns,
    path("bulletins/", include("lianfang.doors.web.bulletin_urls")),
]

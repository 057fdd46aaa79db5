"""The desk in Chromium: findings are put right where they stand, figures go where the cursor was."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from bulletin_house import AT, checks, drafted, settle, who
from django.test import Client

from lianfang import clock

pytestmark = [pytest.mark.django_db, pytest.mark.browser]
STATIC = Path(__file__).parents[2] / "lianfang/doors/web/static"
ORIGIN = "http://desk.test"
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


def drive(pages: dict[str, str]) -> dict[str, Any]:
    """Use the page in a browser of its own; nothing but these pages and the static files is there."""
    from playwright.sync_api import Route, sync_playwright

    def answer(route: Route) -> None:
        path = route.request.url.removeprefix(ORIGIN).split("?")[0]
        file = STATIC / path.removeprefix("/static/")
        if path in pages:
            route.fulfill(body=pages[path], content_type="text/html; charset=utf-8")
        elif path.startswith("/static/") and file.exists():
            route.fulfill(body=file.read_bytes(), content_type=TYPES.get(file.suffix, "text/plain"))
        else:
            route.fulfill(status=404, body="")

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = browser.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda fault: faults.append(str(fault)))
        page.route("**/*", answer)
        page.goto(ORIGIN + next(iter(pages)))
        text = page.locator("textarea[data-body]")
        while page.locator("[data-fix]").count():
            page.locator("[data-fix]").first.click()
        mended = text.input_value()
        page.locator("[data-filter]").fill("累计劝返车辆")
        shown = page.locator(".picks li:visible").count()
        text.evaluate("area => area.setSelectionRange(area.value.length, area.value.length)")
        text.focus()
        page.locator(".picks li:visible button").first.click()
        picked = text.input_value()
        text.evaluate("area => area.setSelectionRange(0, 2)")
        page.locator("[data-mark]").click()
        told = {"mended": mended, "shown": shown, "picked": picked, "marked": text.input_value(), "faults": faults}
        browser.close()
        return told


@pytest.fixture
def used(db: None, faces: Path, settings: object, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    settings.FONTS = faces  # type: ignore[attr-defined]
    monkeypatch.setattr(clock, "now", lambda: AT)
    settle()
    checks(5)
    issue = drafted(("题", "𫖯路卡点截止目前,检查5辆，使用APP登记。"))
    client = Client()
    client.force_login(who("editor"), backend="django.contrib.auth.backends.ModelBackend")
    path = f"/bulletins/{issue.pk}/desk/"
    html = client.get(path).content.decode()
    # In a thread of its own: Playwright's loop would make Django refuse the database to this one.
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(drive, {path: html}).result()


def test_every_finding_is_put_right_where_it_stands_also_behind_a_rare_character(used: dict[str, Any]) -> None:
    assert used["faults"] == []
    assert used["mended"] == "𫖯路卡点截至目前，检查{{vehicles_checked}}辆，使用[[APP]]登记。"
    assert used["shown"] == 1
    assert used["picked"] == used["mended"] + "{{vehicles_turned_back}}"
    assert used["marked"].startswith("[[𫖯]]路卡点")

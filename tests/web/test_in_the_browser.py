"""The pages in Chromium: they follow what is written, say when they no longer do, and fit a hand."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from web_running import House

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
DESK, HAND = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
FIGURE = "/figures/vehicles_checked/"
PAGES = {
    "traffic": ["/", "/checkpoints/", "/checkpoints/cp-east/", "/dues/", "/entries/", "/reports/", "/screen/"],
    "editor": ["/figures/", FIGURE, f"{FIGURE}entries/", "/reactions/", "/bulletins/"],
    "shift-leader": ["/record/", "/record/vehicle_check/", "/find/"],
}
# What is seen and lower than a thumb; what is seen and cut off.
SMALL = """[...document.querySelectorAll(".rail > ul > li > a, .rail summary, .button")]
    .filter((node) => node.offsetParent).map((node) => node.getBoundingClientRect().height)
    .filter((height) => height < 44)"""
CUT = """[...document.querySelectorAll(".panel")]
    .filter((node) => node.offsetParent && node.scrollHeight > node.clientHeight + 2).map((node) => node.className)"""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    house = House(tmp_path_factory.mktemp("web"))
    yield house
    house.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield launched
        launched.close()


class Tab:
    """A page of somebody who has picked a role; what the console complains of is kept."""

    def __init__(self, chromium: Any, house: House, username: str, size: dict[str, int] = DESK) -> None:
        self.context = chromium.new_context(viewport=size, locale="zh-CN", base_url=house.origin)
        self.complaints: list[str] = []
        self.page = self.context.new_page()
        self.page.on("pageerror", lambda fault: self.complaints.append(str(fault)))
        self.page.on("console", lambda said: said.type == "error" and self.complaints.append(said.text))
        self.page.goto("/sign-in/")
        self.page.locator(f'button[value="{username}"]').first.click()
        self.page.wait_for_load_state()

    def number(self, figure: str) -> str:
        return self.page.locator(f'a.tile[href^="/figures/{figure}/"] .value').inner_text()


def record(tab: Tab) -> None:
    """Record a vehicle by hand with the keyboard and the mouse, as a shift leader would."""
    tab.page.goto("/record/vehicle_check/")
    tab.page.select_option("#place", "cp-east")
    tab.page.fill("[name=plate]", "豫A12345")
    tab.page.fill("[name='occupants.0.temperature']", "36.5")
    tab.page.click("[data-add]")
    tab.page.fill("[name='occupants.1.temperature']", "36.7")
    tab.page.click("form[data-record] button.primary")
    tab.page.wait_for_selector(".toasts .banner")


def test_a_page_left_open_follows_what_is_written(chromium, running):
    watching, recording = Tab(chromium, running, "traffic"), Tab(chromium, running, "shift-leader")
    watching.page.goto("/")
    assert "无数据" in watching.number("vehicles_checked")
    record(recording)
    watching.page.locator('a.tile[href^="/figures/persons_checked/"] .value', has_text=re.compile("^2")).wait_for(
        timeout=20000
    )
    assert watching.number("vehicles_checked").startswith("1")
    assert not watching.complaints + recording.complaints


def test_a_question_that_does_not_apply_is_not_asked(chromium, running):
    tab = Tab(chromium, running, "shift-leader")
    tab.page.goto("/record/vehicle_check/")
    reason = tab.page.locator("input[name=reason]").first
    assert not reason.is_visible()
    tab.page.check("input[name=decision][value=turn_back]")
    assert reason.is_visible()


def test_the_keyboard_opens_an_entry_and_closes_it(chromium, running):
    recording = Tab(chromium, running, "shift-leader")
    record(recording)
    tab = Tab(chromium, running, "traffic")
    tab.page.goto("/entries/?kind=vehicle_check")
    tab.page.locator("a[data-main]").first.focus()
    tab.page.keyboard.press("Enter")
    tab.page.wait_for_selector(".sheet")
    assert re.search(r"/entries/[0-9a-f-]{36}/$", tab.page.url)
    tab.page.keyboard.press("Escape")
    tab.page.wait_for_selector(".sheet", state="detached")
    assert tab.page.url.endswith("/entries/?kind=vehicle_check")


@pytest.mark.parametrize("username", PAGES)
def test_no_page_is_wider_than_a_hand_or_complains(chromium, running, username):
    tab = Tab(chromium, running, username, HAND)
    wide = []
    for path in PAGES[username]:
        tab.page.goto(path)
        across = tab.page.evaluate("document.documentElement.scrollWidth")
        if across > HAND["width"]:
            wide.append((path, across))
    assert not wide
    assert not tab.complaints


def test_what_a_thumb_must_hit_is_large_enough(chromium, running):
    tab = Tab(chromium, running, "traffic", HAND)
    tab.page.goto("/checkpoints/")
    assert tab.page.evaluate(SMALL) == []


def test_the_wall_fills_its_screen_and_leads_to_the_lists(chromium, running):
    tab = Tab(chromium, running, "leader", {"width": 1920, "height": 1080})
    tab.page.goto("/screen/")
    box = tab.page.locator("#canvas").bounding_box()
    assert (round(box["x"]), round(box["y"]), round(box["width"]), round(box["height"])) == (0, 0, 1920, 1080)
    assert tab.page.evaluate(CUT) == []
    tab.page.locator(".wallfigure").first.click()
    tab.page.wait_for_url("**/figures/**")


def test_a_wide_wall_gets_the_wide_layout_by_itself(chromium, running):
    tab = Tab(chromium, running, "leader", {"width": 1920, "height": 540})
    tab.page.goto("/screen/")
    tab.page.wait_for_selector(".canvas.wide")
    box = tab.page.locator("#canvas").bounding_box()
    assert (round(box["width"]), round(box["height"])) == (1920, 540)


def test_when_the_stream_stops_the_page_says_that_its_data_is_old(chromium, running):
    tab = Tab(chromium, running, "traffic")
    tab.page.clock.install()
    tab.page.goto("/")
    assert "stale" not in tab.page.locator("[data-asof]").get_attribute("class")
    running.stop_live()
    tab.page.clock.run_for(40_000)
    assert "stale" in tab.page.locator("[data-asof]").get_attribute("class")


assert Path("/usr/bin/chromium").exists()

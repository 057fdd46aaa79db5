"""The line goes, the server dies, replies are lost, the browser is closed: none twice, none lost."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from field_house import CHROMIUM, SIZE, House, Line, Phone, wait_until

pytestmark = pytest.mark.browser


def test_a_vehicle_registered_with_the_server_dead_survives_closing_the_browser_and_is_stored_once(
    chromium: Any, house: House, profile: Path
) -> None:
    def launch() -> Phone:
        context = chromium.launch_persistent_context(
            str(profile), executable_path=CHROMIUM, args=["--no-sandbox"], viewport=SIZE, has_touch=True, is_mobile=True
        )
        return Phone(context, house.origin, house.sessions["gate-worker"])

    phone = launch().enrol()
    before = house.count()
    house.stop()
    phone.vehicle("A10001", "36.5", "36.6")
    phone.says("未发送 1 条", "离线")
    phone.page.reload()
    phone.says("未发送 1 条", "离线")
    phone.vehicle("A10002", "36.4")
    phone.says("未发送 2 条")
    phone.context.close()

    phone = launch().open()
    phone.says("未发送 2 条", "离线")
    house.start()
    phone.send_now()
    phone.says("已全部发送", "在线")
    house.holds(before + 2)
    stored = house.entries()[-2:]
    assert [len(each["answers"]["occupants"]) for each in stored] == [2, 1]
    assert phone.faults == []
    phone.context.close()


def test_a_lost_reply_makes_no_second_entry(phone: Phone, house: House, line: Line) -> None:
    phone.enrol()
    before = house.count()
    line.losing = b"/api/entries"
    phone.vehicle("B20001")
    wait_until(lambda: line.lost >= 1, "a reply was lost")
    house.holds(before + 1)
    phone.says("未发送 1 条")
    line.restore()
    phone.send_now()
    phone.says("已全部发送")
    house.holds(before + 1)


def test_five_hundred_entries_of_a_day_without_a_line_all_go_out(phone: Phone, house: House, line: Line) -> None:
    phone.enrol()
    before = house.count()
    line.cut = True
    phone.page.evaluate(
        """async () => {
            const outbox = await import("/static/field/js/outbox.js");
            for (let number = 0; number < 500; number += 1) {
                const answers = { plate: `豫A${10000 + number}`, plate_type: "ordinary", direction: "in",
                    device_class: "forehead", occupants: [{ temperature: 36.5 }], origin: "district", resident: "yes",
                    decision: "admit" };
                await outbox.add({ form: "vehicle_check", place: "cp-east", answers });
            }
        }"""
    )
    phone.says("未发送 500 条")
    line.restore()
    phone.send_now()
    phone.says("已全部发送")
    house.holds(before + 500)
    assert phone.kept("refused") == []


def test_two_tabs_send_one_after_the_other_and_nothing_twice(phone: Phone, house: House, line: Line) -> None:
    phone.enrol()
    before = house.count()
    other = Phone(phone.context, phone.origin, house.sessions["gate-worker"])
    other.page = phone.context.new_page()
    other.watch(other.page)
    other.open().page.wait_for_selector("nav.tabs")
    line.cut = True
    other.vehicle("C30002")
    phone.page.bring_to_front()
    phone.vehicle("C30001")
    other.says("未发送 2 条")
    line.restore()
    for each in (phone, other):
        each.page.evaluate("dispatchEvent(new Event('online'))")
    phone.says("已全部发送")
    other.says("已全部发送")
    house.holds(before + 2)


@pytest.mark.parametrize(("status", "words"), [(503, "服务器忙"), (507, "服务器存储已满")])
def test_a_server_in_trouble_costs_nothing(phones: Callable[..., Phone], house: House, status: int, words: str) -> None:
    phone = phones().enrol()
    before = house.count()
    fault = {"error": {"code": "trouble", "message": "trouble"}}
    phone.context.route("**/api/entries", lambda route: route.fulfill(status=status, json=fault))
    phone.vehicle("D40001")
    phone.says("未发送 1 条", words)
    phone.context.unroute("**/api/entries")
    phone.send_now()
    phone.says("已全部发送")
    house.holds(before + 1)


def test_a_new_version_waits_for_the_end_of_a_car_and_loses_nothing(
    offline_phone: Phone, house: House, line: Line
) -> None:
    phone = offline_phone
    phone.enrol()
    before = house.count()
    phone.context.route("**/api/entries", lambda route: route.abort())
    phone.vehicle("E50001")
    phone.says("未发送 1 条")
    phone.key(*"E50")
    (old,) = phone.page.evaluate("caches.keys()")
    version = old.removeprefix("field-")
    line.rewriting = (version.encode(), version[::-1].encode())
    phone.page.evaluate(
        """async () => {
            const registration = await navigator.serviceWorker.getRegistration("/field/");
            await registration.update();
        }"""
    )
    fetched = "async () => Boolean((await navigator.serviceWorker.getRegistration('/field/')).waiting)"
    wait_until(lambda: phone.page.evaluate(fetched), "the new version is fetched")
    assert phone.page.get_attribute("[data-plate]", "data-plate") == "豫E50", "nobody is interrupted"
    with phone.page.expect_event("load"):
        phone.key(*"002").press("next").key("36.5").press("pass")
    phone.page.wait_for_selector("nav.tabs")
    new = [f"field-{version[::-1]}"]
    wait_until(lambda: phone.page.evaluate("caches.keys()") == new, "the new version took over")
    phone.says("未发送 2 条")
    phone.context.unroute("**/api/entries")
    phone.send_now()
    phone.says("已全部发送")
    house.holds(before + 2)

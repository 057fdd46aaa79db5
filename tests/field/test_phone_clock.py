"""A phone's clock that is wrong, and days without a line."""

from datetime import timedelta

import pytest
from field_house import House, Line, Phone, later, wait_until

pytestmark = pytest.mark.browser


def test_a_clock_two_hours_ahead_is_put_right_and_nothing_is_refused(phone: Phone, house: House, line: Line) -> None:
    phone.context.clock.install()
    phone.enrol()
    before = house.count()
    line.cut = True
    phone.context.clock.fast_forward("02:00:00")
    phone.vehicle("A20202")
    phone.says("未发送 1 条")
    line.restore()
    phone.send_now()
    phone.says("已全部发送")
    stored = house.entries()[-1]
    house.holds(before + 1)
    assert abs(stored["at"] - stored["recorded_at"]) < timedelta(minutes=3)
    assert phone.kept("refused") == []


def test_a_clock_a_week_behind_gets_ids_of_the_right_day(phone: Phone, house: House, line: Line) -> None:
    phone.enrol()
    before = house.count()
    phone.page.evaluate(
        """async () => {
            const time = await import("/static/field/js/time.js");
            await time.learn(new Date(time.now() - 7 * 86400000).toISOString(), Date.now(), Date.now());
        }"""
    )
    line.cut = True
    phone.vehicle("A30303")
    phone.says("未发送 1 条")
    old = phone.kept("waiting")[0]["id"]
    line.restore()
    phone.send_now()
    phone.says("已全部发送")
    stored = house.entries()[-1]
    house.holds(before + 1)
    assert stored["id"] != old
    assert abs(stored["at"] - stored["recorded_at"]) < timedelta(minutes=3)


def test_three_days_without_a_line_the_post_still_works_by_its_rules(
    offline_phone: Phone, house: House, line: Line
) -> None:
    phone = offline_phone
    phone.context.clock.install()
    phone.enrol()
    before = house.count()
    line.cut = True
    for day in range(3):
        phone.context.clock.fast_forward("24:00:00")
        phone.vehicle(f"B4040{day}", "36.5")
    phone.page.reload()
    phone.says("未发送 3 条", "离线")
    phone.plate("B40409").key("36.5")
    phone.page.click("[data-choice=hubei]")
    phone.page.click("[data-toggle=resident]")
    phone.press("turn-back-now")
    phone.says("未发送 4 条")
    house.show(later(days=3, minutes=1))
    line.restore()
    phone.send_now()
    phone.says("已全部发送")
    house.holds(before + 4)
    days = [each["at"].date() for each in house.entries()[-4:]]
    assert len(set(days)) == 3, "each entry lies on the day it happened"
    wait_until(lambda: phone.kept("refused") == [], "none was refused")

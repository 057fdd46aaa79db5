"""What a person at a post does: vehicles, fevers, turning back, the clinic; counted in taps where that was promised."""

import time
from collections.abc import Callable

import pytest
from field_house import House, Line, Phone, later, wait_until

from lianfang.registry import devices

pytestmark = pytest.mark.browser


def test_a_vehicle_with_four_occupants_takes_at_most_three_taps_beyond_what_is_typed(
    phone: Phone, house: House
) -> None:
    phone.enrol()
    before = house.count()
    phone.page.evaluate(
        """() => {
            window.taps = [];
            const kind = (event) => (event.target.closest(".pad") ? "typed" : "tap");
            addEventListener("click", (event) => window.taps.push(kind(event)), true);
        }"""
    )
    phone.vehicle("A1234D", "36.5", "36.4", "36.7", "36.2")
    taps = phone.page.evaluate("window.taps")
    assert taps.count("typed") == len("A1234D") + 4
    assert taps.count("tap") <= 3
    house.holds(before + 1)
    answers = house.entries()[-1]["answers"]
    assert [each["temperature"] for each in answers["occupants"]] == [36.5, 36.4, 36.7, 36.2]
    assert (answers["decision"], answers["plate_type"], answers["disinfected"]) == ("admit", "ordinary", "yes")
    assert "plate" not in answers, "the plate belongs in the vault"


@pytest.mark.parametrize(("taps", "celsius"), [(["36.5"], 36.5), (["37", "37.4"], 37.4), (["41", "41.9"], 41.9)])
def test_any_temperature_takes_one_or_two_taps(phone: Phone, taps: list[str], celsius: float) -> None:
    phone.enrol().tab("person")
    phone.key(*taps)
    assert phone.page.inner_text("[data-list=readings] button").split()[-1] == f"{celsius:.1f}"


def test_a_fever_waits_for_its_second_measurement_and_stays_open_until_the_clinic_has_the_person(
    phones: Callable[..., Phone], house: House, line: Line
) -> None:
    post, clinic = phones(), phones("clinic")
    for each in (post, clinic):
        each.context.clock.install()
    post.enrol()
    post.plate("B55555").key("36.5", "38", "38.2")
    assert post.page.locator("[data-action=pass], [data-action=hand-over]").count() == 0, "no decision on one reading"
    post.press("aside").tab("open")
    post.page.click("[data-held]")
    assert post.page.locator("[data-pad=temperature]").is_hidden(), "not before the protocol's minutes"
    house.show(later(minutes=10, seconds=5))
    post.context.clock.fast_forward("10:01")
    post.page.wait_for_selector("[data-pad=temperature]")
    post.key("38", "38.4")
    post.press("hand-over")
    post.press("hand-over-now")
    post.page.wait_for_selector("[data-state=open]")
    handover = wait_until(lambda: house.entries("fever_handover"), "the hand-over is stored")[-1]
    check = house.entries()[-1]
    assert check["answers"]["decision"] == "hand_over"
    assert check["answers"]["occupants"][1] == {"temperature": 38.2, "second_temperature": 38.4}
    assert handover["answers"]["check"] == check["id"]
    assert (handover["answers"]["temperature"], handover["answers"]["clinic"]) == (38.4, "clinic-1")

    house.show(later(minutes=72))
    post.context.clock.fast_forward("01:01:00")
    post.page.wait_for_selector(".alarm")
    post.page.click(".alarm .button.primary")
    post.page.wait_for_selector("[data-state=overdue]")

    clinic.enrol("clinic-1")
    clinic.page.click(f"[data-coming='{handover['id']}'] [data-action=receive]")
    receipt = wait_until(lambda: house.entries("fever_receipt"), "the receipt is stored")[-1]
    assert receipt["answers"] == {"handover": handover["id"], "outcome": "observed"}
    post.page.evaluate("dispatchEvent(new Event('online'))")
    post.page.wait_for_selector("[data-state=received]")


def test_turning_back_needs_a_reason_and_a_second_gate_is_told_at_once(
    phones: Callable[..., Phone], house: House, line: Line
) -> None:
    first, second = phones(), phones("shift-leader")
    first.enrol("cp-east").plate("C70007").key("36.5").press("turn-back")
    before = house.count()
    assert first.page.locator("[data-reason]").count() == 5
    first.page.click("[data-reason=no_mask]")
    house.holds(before + 1)
    assert house.entries()[-1]["answers"]["reason"] == "no_mask"
    second.enrol("cp-kexue").plate("C70007")
    alarm = second.page.wait_for_selector(".alarm")
    assert "曾被劝返" in alarm.inner_text()
    assert "东入市口检测点" in alarm.inner_text()


def test_the_protocol_proposes_turning_back_and_a_person_may_decide_otherwise(phone: Phone, house: House) -> None:
    phone.enrol().plate("C80008").key("36.5")
    phone.page.click("[data-choice=hubei]")
    phone.page.click("[data-toggle=resident]")
    phone.press("pass-anyway")
    wait_until(lambda: house.entries() and house.entries()[-1]["answers"]["origin"] == "hubei", "stored")
    assert house.entries()[-1]["answers"]["decision"] == "admit"


def test_a_second_phone_of_the_same_person_hands_in_its_own_and_hears_of_the_firsts(
    phones: Callable[..., Phone], house: House
) -> None:
    one, other = phones().enrol(), phones().enrol()
    before = house.count()
    one.vehicle("D90009")
    house.holds(before + 1)
    other.plate("D90009")
    other.page.wait_for_selector("text=已在本卡口登记")
    other.page.go_back()
    other.page.wait_for_selector("[data-pad=letters]")
    other.key(*"1")
    other.press("next").key("36.6").press("pass")
    other.says("已全部发送")
    house.holds(before + 2)
    assert len({each["device"] for each in house.entries()[-2:]}) == 2


def test_a_refused_entry_says_why_and_is_mended_by_a_new_one(phone: Phone, house: House, line: Line) -> None:
    phone.enrol()
    before = house.count()
    phone.page.evaluate(
        """async () => {
            const outbox = await import("/static/field/js/outbox.js");
            const answers = { plate: "豫A77777", direction: "in", device_class: "forehead", origin: "district",
                occupants: [{ temperature: 53.6 }], resident: "yes", decision: "admit" };
            await outbox.add({ form: "vehicle_check", place: "cp-east", answers, title: "豫A·77777" });
        }"""
    )
    phone.says("需处理 1 条")
    phone.page.click("#status")
    assert "30" in phone.page.inner_text("[data-state=refused]"), "what would be right"
    phone.press("mend")
    assert phone.page.get_attribute("[data-plate]", "data-plate") == "豫A77777"
    phone.press("next")
    phone.page.click("[data-list=readings] button")
    phone.key("36.5").press("pass")
    phone.says("已全部发送")
    house.holds(before + 1)
    phone.page.click("#status")
    phone.page.wait_for_selector("[data-state=mended]")


def test_a_phone_that_was_shut_out_says_so_keeps_its_entries_and_sends_them_after_setting_up_again(
    phone: Phone, house: House, line: Line
) -> None:
    phone.enrol()
    before = house.count()
    line.cut = True
    phone.vehicle("E10101")
    phone.says("离线")
    code = phone.kept()[-1]["device"]
    house.ask("update registry_device set revoked_at = now() where code = %s", code)
    time.sleep(devices.REMEMBERED)
    line.restore()

    def refused() -> bool:
        phone.send_now()
        return "本机已停用" in phone.status()

    wait_until(refused, "the phone says that it was shut out")
    assert "未发送 1 条" in phone.status()
    phone.page.reload()
    phone.says("未发送 1 条")
    phone.page.click("#status")
    phone.press("enrol")
    phone.page.click("[data-place=cp-east]")
    phone.says("已全部发送")
    house.holds(before + 1)
    assert house.entries()[-1]["device"] != code


def test_the_queue_is_reported_by_a_number(phone: Phone, house: House) -> None:
    phone.enrol().tab("more").press("queue").key("2", "7").press("report")
    told = wait_until(lambda: house.entries("queue_length"), "the queue is stored")[-1]
    assert told["answers"] == {"vehicles": 27}


def test_a_full_phone_says_plainly_that_nothing_was_kept_and_keeps_what_is_typed(phone: Phone, house: House) -> None:
    phone.enrol()
    before = house.count()
    phone.plate("F12121").key("36.5", "36.6")
    phone.page.evaluate(
        """() => {
            window.room = IDBObjectStore.prototype.add;
            IDBObjectStore.prototype.add = () => { throw new DOMException("no room", "QuotaExceededError"); };
        }"""
    )
    phone.press("pass")
    assert "手机存储已满" in phone.page.wait_for_selector(".alarm").inner_text()
    phone.page.click(".alarm .primary")
    assert phone.page.locator("[data-list=readings] button").count() == 2
    phone.page.evaluate("() => { IDBObjectStore.prototype.add = window.room; }")
    phone.press("pass")
    house.holds(before + 1)


@pytest.mark.parametrize(
    ("keys", "kind"),
    [(["AD12345"], "new_energy"), (["A1234", "挂学", "警"], "special"), (["A1234", "挂学", "挂"], "ordinary")],
)
def test_the_kind_of_plate_follows_from_its_shape(phone: Phone, house: House, keys: list[str], kind: str) -> None:
    phone.enrol()
    before = house.count()
    for each in keys:
        phone.key(*(each if each.isascii() else [each]))
    phone.press("next").key("36.5").press("pass")
    house.holds(before + 1)
    assert house.entries()[-1]["answers"]["plate_type"] == kind


def test_vehicles_without_a_plate_and_with_a_paper_one_are_registered_like_any_other(
    phone: Phone, house: House
) -> None:
    phone.enrol()
    before = house.count()
    phone.page.click(".cell.first")
    phone.key("无牌").key("36.5").press("pass")
    phone.page.wait_for_selector("html[data-screen=vehicle]", state="attached")
    phone.page.click(".cell.first")
    phone.key("临牌").plate("A12345").key("36.5").press("pass")
    house.holds(before + 2)
    assert [each["answers"]["plate_type"] for each in house.entries()[-2:]] == ["none", "temporary"]


def test_a_mistake_is_withdrawn_by_a_further_entry(phone: Phone, house: House) -> None:
    phone.enrol()
    before = house.count()
    phone.vehicle("G13131")
    house.holds(before + 1)
    phone.page.click("#status")
    phone.press("withdraw").press("withdraw-now")
    phone.page.wait_for_selector("text=已撤销")
    mistake = house.entries()[-1]["id"]
    query = "select correction::text from journal_correction where original = %s"
    taken = wait_until(lambda: house.ask(query, mistake), "the withdrawal is stored")
    assert taken == [(house.entries("withdrawal")[-1]["id"],)]


def test_after_a_change_of_shift_each_entry_belongs_to_the_person_who_made_it(
    phones: Callable[..., Phone], house: House
) -> None:
    phone = phones("gate-worker again").enrol()
    before = house.count()
    phone.context.route("**/api/entries", lambda route: route.abort())
    phone.vehicle("H14141")
    phone.says("未发送 1 条")
    phone.tab("more").press("shift").press("relieve")
    phone.page.click("text=东入市口带班长")
    phone.page.click("[data-place=cp-east]")
    wait_until(lambda: "东入市口带班长" in phone.page.inner_text("#status"), "the next person is on post")
    phone.vehicle("H15151")
    phone.says("未发送 2 条")
    phone.context.unroute("**/api/entries")
    phone.send_now()
    phone.says("已全部发送")
    house.holds(before + 2)
    query = """select username from journal_entry join registry_user on registry_user.id = by
        where kind = 'vehicle_check' order by seq desc limit 2"""
    assert {name for (name,) in house.ask(query)} == {"gate-worker", "shift-leader"}


def test_what_was_entered_at_one_post_is_not_lost_by_moving_to_another(phone: Phone, house: House) -> None:
    phone.enrol()
    before = house.count()
    phone.context.route("**/api/entries", lambda route: route.abort())
    phone.vehicle("J16161")
    phone.tab("more").press("shift")
    phone.page.click("[data-place=cp-kexue]")
    wait_until(lambda: "科学大道" in phone.page.inner_text("#status"), "the phone has moved")
    phone.vehicle("J17171")
    phone.context.unroute("**/api/entries")
    phone.send_now()
    phone.says("已全部发送")
    house.holds(before + 2)
    assert {each["place"] for each in house.entries()[-2:]} == {"cp-east", "cp-kexue"}

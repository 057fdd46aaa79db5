"""Every screen on a phone of 390 × 844: large enough for gloves, nothing cut off, in the language chosen."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import segno
from field_house import CHROMIUM, SIZE, House, Phone, wait_until
from PIL import Image

pytestmark = pytest.mark.browser

CSS = Path(__file__).parents[2] / "lianfang/doors/field/static/field/app.css"
SMALLEST = 56
MEASURE = """() => {
    const seen = (each) => each.offsetParent !== null || getComputedStyle(each).position === "fixed";
    const small = [...document.querySelectorAll("button, a, input")].filter(seen)
        .map((each) => [each.textContent.trim() || each.className, each.getBoundingClientRect()])
        .filter(([, box]) => box.width < 55.5 || box.height < 55.5)
        .map(([name, box]) => `${name} ${Math.round(box.width)}x${Math.round(box.height)}`);
    const cut = [...document.querySelectorAll(".foot .button, .foot .key, .tab")].filter(seen)
        .filter((each) => each.getBoundingClientRect().bottom > innerHeight + 1).map((each) => each.textContent);
    return { small, cut, wide: document.documentElement.scrollWidth, text: document.getElementById("app").innerText };
}"""


def sound(phone: Phone, language: str) -> None:
    """What holds for every screen."""
    found: dict[str, Any] = phone.page.evaluate(MEASURE)
    assert found["small"] == []
    assert found["cut"] == []
    assert found["wide"] <= SIZE["width"]
    assert not re.search(r"undefined|null|NaN|\[object|\{\w+\}", found["text"])
    if language == "zh-hans":
        foreign = re.sub(r"English|phone-[0-9a-f]+", "", found["text"])
        assert not re.search(r"[a-z]{3,}", foreign), foreign
    else:
        ours = [line for line in found["text"].splitlines() if re.search("[\u4e00-\u9fff]", line)]
        # Names of places and people, plates and the other language's own name stay as they are.
        assert all(re.search("检测点|登记员|豫|简体中文|发热门诊|挂学|^.$", line) for line in ours), ours


@pytest.mark.parametrize(("language", "theme"), [("zh-hans", "sun"), ("en", "night")])
def test_every_screen_is_large_whole_and_in_one_language(phone: Phone, language: str, theme: str) -> None:
    phone.enrol().tab("more")
    phone.page.click(f"[data-choice={theme}]")
    phone.page.click(f"[data-choice={language}]")
    wait_until(lambda: phone.page.get_attribute("html", "lang") == ("en" if language == "en" else "zh-CN"), "spoken")
    assert phone.page.get_attribute("html", "data-theme") == theme
    sound(phone, language)
    for action in ("queue", "scan-place", "outbox"):
        phone.press(action)
        sound(phone, language)
        phone.page.go_back()
    phone.tab("open")
    sound(phone, language)
    phone.tab("person")
    sound(phone, language)
    phone.press("identity")
    sound(phone, language)
    phone.page.click("[data-field=document]")
    sound(phone, language)
    phone.page.go_back()
    phone.page.go_back()
    phone.tab("vehicle")
    sound(phone, language)
    phone.page.click(".cell.first")
    sound(phone, language)
    phone.key("豫")
    phone.plate("A1234").key("36.5", "37", "37.9")
    sound(phone, language)
    phone.press("details")
    sound(phone, language)
    phone.page.go_back()
    phone.press("turn-back")
    sound(phone, language)
    phone.page.go_back()
    phone.press("aside").tab("open")
    phone.page.click("[data-held]")
    sound(phone, language)


def test_the_page_may_not_run_scripts_of_its_own_and_says_nothing_to_the_console(phone: Phone) -> None:
    said: list[str] = []
    phone.page.on("console", lambda message: said.append(message.text))
    response = phone.page.goto(f"{phone.origin}/field/")
    assert "unsafe-inline" not in response.headers["content-security-policy"].split("script-src")[1].split(";")[0]
    assert "<script>" not in response.text()
    phone.enrol()
    assert [each for each in said if "Service Worker" not in each and "no worker" not in each] == []


def test_a_persons_code_is_read_by_the_camera(chromium: Any, house: House, tmp_path: Path) -> None:
    pseudonym = "0190b3c4-5d6e-8f70-8123-456789abcdef"
    drawn = tmp_path / "code.png"
    segno.make(f"lf:person:{pseudonym}").save(str(drawn), scale=8, border=6)
    picture = Image.new("RGB", (640, 480), "white")
    code = Image.open(drawn).convert("RGB").resize((360, 360))
    picture.paste(code, (140, 60))
    film = tmp_path / "code.mjpeg"
    picture.save(film, format="JPEG", quality=95)
    arguments = ["--no-sandbox", "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
    browser = chromium.launch(executable_path=CHROMIUM, args=[*arguments, f"--use-file-for-fake-video-capture={film}"])
    phone = Phone(browser.new_context(viewport=SIZE), house.origin, house.sessions["gate-worker"])
    before = house.count("person_check")
    phone.enrol().tab("person").press("identity").press("scan")
    phone.page.wait_for_selector("html[data-screen=person]", state="attached")
    phone.key("36.6").press("pass")
    wait_until(lambda: house.count("person_check") == before + 1, "the person is stored")
    stored = house.ask("select subject::text from journal_entry where kind = 'person_check' order by seq desc limit 1")
    assert stored == [(pseudonym,)]
    browser.close()


def test_a_code_can_be_typed_when_there_is_no_camera(phone: Phone) -> None:
    phone.enrol().tab("more").press("scan-place").press("by-hand")
    phone.page.fill("input", "lf:place:cp-kexue")
    phone.page.click(".foot .primary")
    phone.page.wait_for_selector("#toast:has-text('科学大道入市口检测点')")


def test_the_screen_can_be_locked_and_opens_with_the_four_digits_only(phone: Phone) -> None:
    phone.enrol().tab("more").press("pin")
    phone.key(*"2580").key(*"2580")
    phone.press("lock")
    phone.page.wait_for_selector(".cover")
    phone.page.reload()
    phone.page.wait_for_selector(".cover")
    phone.key(*"0000")
    phone.page.wait_for_selector("text=密码不对")
    phone.key(*"2580")
    phone.page.wait_for_selector(".cover", state="detached")


def test_the_clinics_phone_shows_who_is_coming_and_nothing_of_a_checkpoint(
    phones: Callable[..., Phone], house: House
) -> None:
    phone = phones("clinic").enrol("clinic-1")
    assert [each.get_attribute("data-tab") for each in phone.page.query_selector_all(".tab")] == ["clinic", "more"]
    sound(phone, "zh-hans")


def contrast(one: str, other: str) -> float:
    def light(colour: str) -> float:
        digits = colour.removeprefix("#")
        digits = "".join(each * 2 for each in digits) if len(digits) == 3 else digits
        parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
        linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_every_theme_has_contrast_enough() -> None:
    text = CSS.read_text(encoding="utf-8")
    blocks = re.findall(r"(:root[^{]*)\{([^}]*)\}", text)
    base = dict(re.findall(r"--([\w-]+): (#[0-9a-f]+);", blocks[0][1]))
    assert len(blocks) == 4
    for name, block in blocks:
        theme = base | dict(re.findall(r"--([\w-]+): (#[0-9a-f]+);", block))
        for ink in ("ink", "muted", "good", "attention", "bad"):
            for ground in ("ground", "card", "key"):
                assert contrast(theme[ink], theme[ground]) >= 4.5, (name, ink, ground)
        for tone in ("good", "attention", "bad"):
            assert contrast(theme[tone], theme[f"{tone}-soft"]) >= 4.5, (name, tone, "soft")
            assert contrast(theme["on-colour"], theme[tone]) >= 4.5, (name, tone)
        assert contrast(theme["on-action"], theme["action"]) >= 4.5, name
        assert contrast(theme["action"], theme["card"]) >= 4.5, (name, "action")

"""Lint: each rule finds what it should, where it is, says what would be right, and lets right text pass."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils.translation import override

from lianfang.bulletins import lint
from lianfang.bulletins.lint import Finding, Known, Text
from lianfang.bulletins.text import Key

ZONE = ZoneInfo("Asia/Shanghai")
SOUND = "截至{{@as_of}}，累计检查车辆{{vehicles}}辆，检测点[[24]]小时值守。"


def known(**more: object) -> Known:
    given = {
        "figures": ("vehicles", "persons"),
        "zone": ZONE,
        "shown": {Key("vehicles"): "54694", Key("persons"): None},
        "live": {"vehicles": "54694"},
    }
    return Known(**(given | more))  # type: ignore[arg-type]


def found(body: str, title: str = "把好入市口", byline: str = "区委宣传部", **more: object) -> list[Finding]:
    with override("en"):
        return lint.check("同心防控", [Text("7", title, body, byline)], known(**more))


def codes(body: str, **more: object) -> list[str]:
    return [each.code for each in found(body, **more)]


def test_sound_text_passes() -> None:
    assert found(SOUND) == []
    assert found("2020年2月5日，第3期印发；上午9时30分和18:00各测一次，〔2020〕15号。", title="三道关守好门") == []


@pytest.mark.parametrize(
    ("words", "code", "excerpt", "right"),
    [
        ("督导组and执纪组到位。", "latin", "and", "[[and]]"),
        ("设检测点8个。", "number", "8", "[[8]]"),
        ("累计检查54694辆。", "number", "54694", "{{vehicles}}"),
        ("累计检查54,694辆。", "separator", "54,694", "{{vehicles}}"),
        ("截止目前，工作有序。", "until", "截止", "截至"),
        ("工作有序,人员到位。", "width", "作有序,人员到", "，"),
        ('推行"五保。', "width", '推行"五保。', "“"),
        ("抽调三百余名干部。", "spelled", "三百余名", ""),
        ("工作 有序。", "space", "工作 有序。", ""),
        ("工作有序", "ending", "工作有序", "工作有序。"),
        ("截至目前检查{{vehicle}}辆。", "unknown", "{{vehicle}}", "{{vehicles}}"),
        ("截至目前检查{{persons}}人。", "no-data", "{{persons}}", ""),
        ("检查{{vehicles}}辆。", "as-of", "{{vehicles}}", "截至{{@as_of}}，"),
        ("截至目前检查{{车辆}}辆。", "reference", "{{车辆}}", "{{name}}"),
    ],
)
def test_each_rule_says_where_and_what_would_be_right(words: str, code: str, excerpt: str, right: str) -> None:
    (finding,) = [each for each in found(words) if each.code == code]
    assert (finding.key, finding.part, finding.excerpt, finding.right) == ("7", "body", excerpt, right)
    assert finding.message


def test_straight_quotes_become_an_opening_and_a_closing_one() -> None:
    body = '推行"五保"举措。'
    assert [(body[each.start], each.right) for each in found(body)] == [('"', "“"), ('"', "”")]


def test_a_number_can_be_marked_as_meant() -> None:
    assert codes("城区[[310]]国道[[24]]小时值守，使用[[APP]]登记。") == []


def test_a_place_is_found_in_the_second_paragraph_too() -> None:
    body = "工作有序。\n设检测点8个。"
    (finding,) = found(body)
    assert body[finding.start] == "8"


def test_a_reference_with_an_instant_of_its_own_needs_no_words_for_it() -> None:
    assert codes("检查{{vehicles as_of=2020-02-05}}辆。", shown={}) == []
    as_of = datetime(2020, 2, 5, tzinfo=ZONE)
    assert codes("检查{{vehicles as_of=2020-02-05}}辆。", shown={Key("vehicles", as_of): None}) == ["no-data"]


def test_titles_and_by_lines_are_looked_at() -> None:
    assert codes(SOUND, byline=" ") == ["byline"]
    assert codes(SOUND, title="") == ["title"]
    assert codes(SOUND, title="把好入市口。") == ["stop"]
    assert codes(SOUND, title="8个卡点守好门") == ["number"]
    assert codes(SOUND, title="{{vehicles}}辆车逐一过检") == []
    assert codes(SOUND, recent=("把好入市口",)) == ["duplicate"]
    assert [each.severity for each in found(SOUND, recent=("把好入市口",))] == ["warning"]
    twice = [Text("1", "同题", SOUND, "甲"), Text("2", "同题", SOUND, "乙")]
    assert [(each.key, each.severity) for each in lint.check("同心防控", twice, known())] == [
        ("1", "error"),
        ("2", "error"),
    ]


def test_an_issue_without_head_or_items_cannot_be_signed() -> None:
    assert [each.code for each in lint.errors(lint.check(" ", [], known()))] == ["head", "empty"]


def test_the_head_title_is_looked_at_too() -> None:
    found = lint.check("同心战疫 OK", [Text("7", "题", SOUND, "甲")], known())
    assert [(each.part, each.code) for each in found] == [("head", "latin")]


def test_an_area_nobody_knows_is_an_error() -> None:
    body = "截至目前检查{{vehicles area=999}}辆。"
    assert codes(body, areas=lambda code: code == "410106") == ["area"]

"""Marks in the text: references to figures, the instant in words, and numbers meant as they stand."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lianfang.bulletins import text
from lianfang.bulletins.text import Instant, Key, Reference, Unreadable, Words

ZONE = ZoneInfo("Asia/Shanghai")


def test_a_reference_takes_an_instant_and_an_area_of_its_own() -> None:
    source = "检查车辆{{vehicles_checked as_of=2020-02-05T18:00 area=410106001}}辆"
    words, reference, rest = text.parse(source, zone=ZONE)
    assert isinstance(reference, Reference)
    assert reference.key == Key("vehicles_checked", datetime(2020, 2, 5, 18, tzinfo=ZONE), "410106001")
    assert source[reference.start :].startswith(reference.written)
    assert (words, rest) == (Words("检查车辆", 0), Words("辆", len(source) - 1))


@pytest.mark.parametrize(
    ("mark", "reason"),
    [
        ("{{}}", "name"),
        ("{{车辆}}", "name"),
        ("{{vehicles since=1}}", "setting"),
        ("{{vehicles area=}}", "setting"),
        ("{{vehicles area=1 area=2}}", "setting"),
        ("{{vehicles as_of=昨天}}", "as_of"),
    ],
)
def test_what_is_no_reference_is_said_and_kept_as_written(mark: str, reason: str) -> None:
    (found,) = text.parse(mark, zone=ZONE)
    assert found == Unreadable(mark, 0, reason)
    assert text.rendered(f"共{mark}辆", lambda each: "5", "", zone=ZONE) == f"共{mark}辆"


def test_the_text_is_printed_without_its_marks() -> None:
    source = "截至{{@as_of}}，检查{{vehicles_checked}}辆，[[24]]小时值守。"
    assert isinstance(text.parse(source, zone=ZONE)[1], Instant)
    printed = text.rendered(source, lambda each: {"vehicles_checked": "54694"}[each.name], "2月5日18时", zone=ZONE)
    assert printed == "截至2月5日18时，检查54694辆，24小时值守。"


@given(st.text(alphabet="车辆a1 {}[]=@_\n𫖯，", max_size=60))
def test_no_text_is_lost_or_refused(source: str) -> None:
    segments = text.parse(source, zone=ZONE)
    typed = "".join(
        (f"[[{each.text}]]" if each.marked else each.text) if isinstance(each, Words) else each.written
        for each in segments
    )
    assert typed == source

"""Numbers are recognised, written one way and judged, and nothing typed at a gate breaks anything."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lianfang.registry import identity, masking

TODAY = date(2020, 2, 5)
digits = st.text("0123456789", min_size=3, max_size=3)


@st.composite
def resident_numbers(draw: st.DrawFn) -> str:
    region = draw(st.sampled_from("123456")) + draw(st.text("0123456789", min_size=5, max_size=5))
    born = TODAY - timedelta(days=draw(st.integers(0, 119 * 365)))
    seventeen = f"{region}{born:%Y%m%d}{draw(digits)}"
    return seventeen + identity.check_character(seventeen)


@given(resident_numbers())
def test_every_well_made_number_is_verified_with_birth_and_sex(number: str) -> None:
    verdict = identity.document(number, TODAY)
    assert (verdict.kind, verdict.normal, verdict.verified) == ("resident", number, True)
    assert verdict.born is not None
    assert f"{verdict.born:%Y%m%d}" == number[6:14]
    assert verdict.male == (number[16] in "13579")


@given(resident_numbers(), st.integers(0, 17), st.sampled_from("0123456789X"))
def test_one_changed_character_is_always_detected(number: str, place: int, other: str) -> None:
    changed = number[:place] + other + number[place + 1 :]
    assert changed == number or not identity.document(changed, TODAY).verified


@given(resident_numbers(), st.integers(0, 16))
def test_two_neighbours_swapped_are_always_detected(number: str, place: int) -> None:
    a, b = number[place], number[place + 1]
    changed = number[:place] + b + a + number[place + 2 :]
    assert a == b or not identity.document(changed, TODAY).verified


@given(resident_numbers())
def test_however_it_is_typed_it_is_the_same_number(number: str) -> None:
    wide = "".join(chr(ord(each) + 0xFEE0) for each in number.lower())
    for typed in (number.lower(), wide, f" {number[:6]} {number[6:14]}-{number[14:]}\u3000"):
        assert identity.document(typed, TODAY).normal == number
        assert identity.normal("document", typed) == number


@given(resident_numbers().filter(lambda number: number[6:8] == "19"))
def test_an_old_number_becomes_the_new_one(number: str) -> None:
    old = number[:6] + number[8:17]
    verdict = identity.document(old, TODAY)
    assert (verdict.normal, verdict.verified, verdict.reason) == (number, True, "converted")
    assert identity.normal("document", old) == number


@given(st.text(max_size=40), st.sampled_from(["", "passport", "resident", "其他"]))
def test_nothing_typed_raises_or_is_refused(text: str, kind: str) -> None:
    for verdict in (identity.document(text, TODAY, kind), identity.plate(text), identity.phone(text)):
        assert verdict.verified or verdict.reason
        assert verdict.kind
    for name in ("document", "plate", "phone", "name"):
        identity.normal(name, text)


@given(st.text("0123456789XxEeGg豫A·-　 ＋+86", max_size=24))
def test_the_written_form_is_stable(text: str) -> None:
    for kind in ("document", "plate", "phone"):
        once = identity.normal(kind, text)
        assert identity.normal(kind, once) == once
    assert identity.normal("document", text) == identity.document(text, date.max).normal


@pytest.mark.parametrize(
    ("text", "kind", "verified", "reason"),
    [
        ("11010519491231002X", "resident", True, ""),
        ("110105194912310021", "resident", False, "check"),
        ("11010519491331002X", "resident", False, "check"),
        ("810000199408230021", "residence_permit", True, ""),
        ("830000199201300022", "residence_permit", True, ""),
        ("H12345678", "hk_macao_permit", True, ""),
        ("M1234567801", "hk_macao_permit", True, ""),
        ("12345678", "taiwan_permit", True, ""),
        ("E12345678", "passport", True, ""),
        ("EA1234567", "passport", True, ""),
        ("EI1234567", "passport", False, "kind"),
        ("USA110012345678", "permanent_resident", True, ""),
        ("1101051949123100", "resident", False, "length"),
        ("1101051949123100222", "resident", False, "length"),
        ("C01X00T47", "passport", False, "kind"),
        ("没带", "other", False, "pattern"),
        ("", "none", False, "empty"),
    ],
)
def test_documents(text: str, kind: str, verified: bool, reason: str) -> None:
    found = identity.document(text, TODAY)
    assert (found.kind, found.verified, found.reason) == (kind, verified, reason)


def test_a_date_of_birth_lies_in_the_past_and_within_a_life() -> None:
    for born in ("20200206", "18990101", "20190229"):
        seventeen = f"410106{born}001"
        verdict = identity.document(seventeen + identity.check_character(seventeen), TODAY)
        assert (verdict.verified, verdict.reason) == (False, "date")


def test_a_named_passport_is_believed_in_its_shape() -> None:
    assert identity.document("C01X00T47", TODAY, "passport").verified
    assert not identity.document("C0", TODAY, "passport").verified


def test_a_permanent_residents_new_number_is_checked_like_a_residents() -> None:
    seventeen = "93115619810603001"
    assert identity.document(seventeen + identity.check_character(seventeen), TODAY).kind == "permanent_resident"


@pytest.mark.parametrize(
    ("text", "kind", "normal"),
    [
        ("豫A12345", "ordinary", "豫A12345"),
        ("豫a·1234５", "ordinary", "豫A12345"),
        ("豫A1234学", "ordinary", "豫A1234学"),
        ("粤ZAB12港", "ordinary", "粤ZAB12港"),
        ("豫A1234警", "police", "豫A1234警"),
        ("豫AD12345", "new_energy", "豫AD12345"),
        ("豫AF1234Z", "other", "豫AF1234Z"),
        ("豫A12345D", "new_energy_large", "豫A12345D"),
        ("WJ豫1234X", "armed_police", "WJ豫1234X"),
        ("使014578", "embassy", "使014578"),
        ("014578使", "embassy", "014578使"),
        ("沪A1234领", "ordinary", "沪A1234领"),
        ("临时豫A12345", "temporary", "临豫A12345"),
        ("豫A1234临", "temporary", "豫A1234临"),
        ("豫AI2345", "other", "豫AI2345"),
        ("豫O12345", "other", "豫O12345"),
        ("临时", "temporary", ""),
        ("无牌", "none", ""),
        ("", "none", ""),
    ],
)
def test_plates(text: str, kind: str, normal: str) -> None:
    found = identity.plate(text)
    assert (found.kind, found.normal) == (kind, normal)
    assert found.verified == (kind != "other" and bool(normal))


@pytest.mark.parametrize(
    ("text", "kind", "normal"),
    [
        ("13800138000", "mobile", "13800138000"),
        ("+86 138-0013-8000", "mobile", "13800138000"),
        ("008613800138000", "mobile", "13800138000"),
        ("１３８００１３８０００", "mobile", "13800138000"),
        ("0371-68920000", "landline", "037168920000"),
        ("(010) 62345678", "landline", "01062345678"),
        ("+8637168920000", "landline", "037168920000"),
        ("+44 20 7946 0000", "foreign", "+442079460000"),
        ("12800138000", "other", "12800138000"),
        ("1380013800", "other", "1380013800"),
    ],
)
def test_phones(text: str, kind: str, normal: str) -> None:
    found = identity.phone(text)
    assert (found.kind, found.normal, found.verified) == (kind, normal, kind != "other")


def test_masking_shows_what_tells_people_apart_and_no_more() -> None:
    assert masking.fields(
        {
            "name": "张小三",
            "document": "11010519491231002X",
            "phone": "13800138000",
            "plate": "豫A12345",
            "address": "某区某街道某某社区5号楼2单元301",
            "illness": "发热",
        }
    ) == {
        "name": "张*三",
        "document": "1101**********002X",
        "phone": "138****8000",
        "plate": "豫A***45",
        "address": "某区某街道某某社区***",
        "illness": "**",
    }
    assert masking.name("张三") == "张*"
    assert masking.address("某路5号楼2单元") == "***"


@given(st.sampled_from(sorted(masking.BY_FIELD)), st.text(min_size=1, max_size=40))
def test_no_masked_value_is_the_value_itself(field: str, value: str) -> None:
    masked = masking.fields({field: value})[field]
    assert "*" in masked
    assert len(masked.replace("*", "")) < len(value) or set(value) == {"*"}

"""The printed pages, read back: the official layout's lines, characters, edges, rules, folios and faces."""

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import docx
import pytest
from docx.oxml.ns import qn
from measured_pages import LOWER, TOP, Sheet, full, modal_length, read
from sample_bulletin import LONG, bulletin

from lianfang.bulletins import fonts, pdf, word
from lianfang.bulletins.document import Story

AT = datetime(2020, 2, 5, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def printed(faces: Path) -> bytes:
    return pdf.render(bulletin(), folder=faces, at=AT)


@pytest.fixture(scope="module")
def sheets(printed: bytes) -> list[Sheet]:
    return read(printed)


@pytest.fixture(scope="module")
def through_office(office: Callable[[bytes], bytes], faces: Path) -> list[Sheet]:
    document = bulletin()
    return read(office(word.render(document, at=AT, air=pdf.air(document, folder=faces))))


def test_a_full_page_holds_22_lines(sheets: list[Sheet]) -> None:
    middle = sheets[1:-1]
    assert len(middle) >= 2
    assert [len(each.body()) for each in middle] == [22] * len(middle)
    assert all(abs(each.body()[0].top - TOP) < 1 for each in middle)


def test_a_full_line_holds_28_characters_from_edge_to_edge(sheets: list[Sheet]) -> None:
    lines = full(sheets)
    assert len(lines) >= 20
    assert {len(line.text) for line in lines} == {28}
    assert all(abs(line.left - 28) < 1 and abs(line.right - 184) < 1 for line in lines)


def test_the_tails_last_rule_is_the_lower_edge_of_the_last_page(sheets: list[Sheet]) -> None:
    first, *middle, last = sheets[-1].rules
    assert abs(last[3] - LOWER) < 0.1
    assert len(middle) == 3
    for left, right, _upper, _lower in (first, last):
        assert (left, right) == (pytest.approx(28, abs=0.1), pytest.approx(184, abs=0.1))
    thickness = [lower - upper for _left, _right, upper, lower in (first, *middle, last)]
    assert thickness == pytest.approx([0.35, 0.25, 0.25, 0.25, 0.35], abs=0.02)
    assert not [rule for sheet in sheets[1:-1] for rule in sheet.rules]


def test_folios_stand_outside_7_mm_under_the_type_area(sheets: list[Sheet]) -> None:
    for number, sheet in enumerate(sheets, 1):
        assert sheet.folio is not None
        assert sheet.folio.text == f"—{number}—"
        assert abs(sheet.folio.top + 14 * 25.4 / 72 / 2 - (LOWER + 7)) < 1
        outer = 184 - sheet.folio.right if number % 2 else sheet.folio.left - 28
        assert outer == pytest.approx(14 * 25.4 / 72, abs=0.6)


def test_every_face_is_embedded_and_of_the_official_kind(printed: bytes, sheets: list[Sheet]) -> None:
    used = {name.split("+")[-1].split("-Identity")[0] for sheet in sheets for name in sheet.fonts}
    assert used == {
        "FandolFang-Regular",
        "FandolKai-Regular",
        "FandolHei-Regular",
        "FandolSong-Regular",
        "NotoSerifCJKsc-Bold",
    }
    assert printed.count(b"/FontFile3") >= len(used)


def test_the_text_read_back_is_the_text_given(sheets: list[Sheet]) -> None:
    text = "".join(line.text for sheet in sheets for line in sheet.lines)
    assert LONG in text
    assert "上街信息" in text
    assert text.count("（区委宣传部）") == 6


@pytest.mark.parametrize("more", range(8, 22))
def test_no_page_holds_the_tail_only(more: int, faces: Path) -> None:
    document = bulletin(2, extra=(LONG * 4)[: more * 28 + 60])
    sheets = read(pdf.render(document, folder=faces, at=AT))
    assert len(sheets[-1].body()) >= 2
    assert [len(each.body()) for each in sheets[1:-1]] == [22] * (len(sheets) - 2)
    assert sheets[-1].rules[-1][3] == pytest.approx(LOWER, abs=0.1)


def test_a_bulletin_of_one_short_item_fits_one_page(faces: Path) -> None:
    document = replace(bulletin(), stories=(Story("一则短讯", ("各项工作有序推进。",), "区委办公室"),))
    (sheet,) = read(pdf.render(document, folder=faces, at=AT))
    assert sheet.folio is not None
    assert sheet.rules[-1][3] == pytest.approx(LOWER, abs=0.1)


def test_the_same_document_gives_the_same_bytes(printed: bytes, faces: Path) -> None:
    assert pdf.render(bulletin(), folder=faces, at=AT) == printed
    assert word.render(bulletin(), at=AT) == word.render(bulletin(), at=AT)
    with zipfile.ZipFile(io.BytesIO(word.render(bulletin(), at=AT))) as parts:
        assert {each.date_time for each in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_a_character_without_a_glyph_is_named_instead_of_printed_as_a_box(faces: Path) -> None:
    document = replace(bulletin(), issuer="办公室\U0001f600\ue000")
    with pytest.raises(fonts.NoGlyph) as caught:
        pdf.render(document, folder=faces, at=AT)
    assert caught.value.characters == ("\U0001f600", "\ue000")
    assert "U+1F600" in str(caught.value)


def test_a_rare_character_beyond_the_first_plane_is_printed_by_the_face_that_fills_in(faces: Path) -> None:
    document = replace(bulletin(), stories=(Story("来访登记", ("登记人姓名中有𫖯字和龑字。",), "区委办公室"),))
    (sheet,) = read(pdf.render(document, folder=faces, at=AT))
    assert any("𫖯字和龑字" in line.text for line in sheet.lines)
    assert any("NotoSerifCJKsc-Regular" in name for name in sheet.fonts)


def test_missing_faces_are_an_error_that_names_them(tmp_path: Path) -> None:
    with pytest.raises(fonts.FontsMissing, match=r"FandolFang-Regular\.otf.*lianfang fonts install"):
        pdf.render(bulletin(), folder=tmp_path, at=AT)


def test_a_draft_carries_its_mark_on_every_page(faces: Path) -> None:
    pictures = pdf.pages(replace(bulletin(), mark="送审稿"), folder=faces, dots_per_inch=30)
    clean = pdf.pages(bulletin(), folder=faces, dots_per_inch=30)
    assert len(pictures) == len(clean) == 4
    assert all(marked != plain for marked, plain in zip(pictures, clean, strict=True))
    assert all(each.startswith(b"\x89PNG") for each in pictures)


def test_word_names_the_official_faces_for_every_kind_of_character() -> None:
    made = docx.Document(io.BytesIO(word.render(bulletin(), at=AT)))
    seen = set()
    for run in made.element.body.iter(qn("w:r")):
        faces = run.find(qn("w:rPr")).find(qn("w:rFonts")) if run.find(qn("w:rPr")) is not None else None
        if faces is not None:
            names = {faces.get(qn(f"w:{slot}")) for slot in ("eastAsia", "ascii", "hAnsi")}
            assert len(names) == 1
            seen |= names
    assert seen == {"仿宋_GB2312", "楷体_GB2312", "黑体", "方正小标宋简体"}
    grid = made.sections[0]._sectPr.find(qn("w:docGrid"))
    assert (grid.get(qn("w:type")), grid.get(qn("w:linePitch"))) == ("lines", "579")
    assert made.settings.odd_and_even_pages_header_footer


# The order ISO/IEC 29500 prescribes for the properties we write; Word calls a file in another order broken.
ORDER = {
    "pPr": "pStyle keepNext keepLines widowControl pBdr shd tabs snapToGrid spacing ind jc rPr sectPr",
    "rPr": "rStyle rFonts b i color spacing w kern position sz szCs lang",
    "tblPr": "tblStyle tblW jc tblInd tblBorders shd tblLayout tblCellMar tblLook",
    "tblBorders": "top left bottom right insideH insideV",
}


def test_words_properties_stand_in_the_prescribed_order() -> None:
    made = docx.Document(io.BytesIO(word.render(bulletin(), at=AT)))
    section = made.sections[0]
    for part in (made.element, section.footer._element, section.even_page_footer._element):
        for name, order in ORDER.items():
            for each in part.iter(qn(f"w:{name}")):
                found = [child.tag.rpartition("}")[2] for child in each]
                assert set(found) <= set(order.split()), (name, found)
                assert found == sorted(found, key=order.split().index), (name, found)


def test_word_read_by_an_office_suite_keeps_lines_characters_and_edges(through_office: list[Sheet]) -> None:
    middle = through_office[1:-1]
    assert [len(each.body()) for each in middle] == [22] * len(middle)
    lines = full(through_office)
    assert len(lines) >= 20
    assert modal_length(lines) == 28
    assert all(abs(line.left - 28) < 1 and abs(line.right - 184) < 1 for line in lines)


def test_word_keeps_the_tail_and_the_folios_in_their_places(through_office: list[Sheet]) -> None:
    assert abs(through_office[-1].rules[-1][3] - LOWER) < 1
    assert len(through_office[-1].rules) == 5
    assert len(through_office[-1].body()) >= 2
    for number, sheet in enumerate(through_office, 1):
        assert sheet.folio is not None
        assert sheet.folio.text == f"—{number}—"
        outer = 184 - sheet.folio.right if number % 2 else sheet.folio.left - 28
        assert outer == pytest.approx(14 * 25.4 / 72, abs=0.6)


@pytest.mark.parametrize("more", [10, 13, 17])
def test_word_breaks_its_pages_where_the_pdf_does(more: int, faces: Path, office: Callable[[bytes], bytes]) -> None:
    document = bulletin(2, extra=(LONG * 4)[: more * 28 + 60])
    made = word.render(document, at=AT, air=pdf.air(document, folder=faces))
    lengths = [
        [len(each.body()) for each in read(data)] for data in (pdf.render(document, folder=faces, at=AT), office(made))
    ]
    assert lengths[0] == lengths[1]

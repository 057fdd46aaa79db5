"""A bulletin as a Word file that names the official faces, so that a user's own Office shows them."""

import io
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from lianfang.bulletins import layout
from lianfang.bulletins.document import Document, Story
from lianfang.bulletins.head import Head, head
from lianfang.bulletins.layout import PAGE, POINTS_PER_MM
from lianfang.bulletins.word_tail import anchored

FANG, KAI, HEI, SONG, BIAOSONG = "仿宋_GB2312", "楷体_GB2312", "黑体", "宋体", "方正小标宋简体"


def render(document: Document, *, at: datetime, air: int = 0) -> bytes:
    """Return the bulletin as a .docx file; the same document at the same instant gives the same bytes.

    Args:
        document: what to set.
        at: the instant written into the file as that of its making.
        air: lines of white space in the head beyond the usual, as `pdf.air` reckons them; Word keeps the same lines.
    """
    word = docx.Document()
    _page(word)
    _normal(word)
    _head(word, document, head(document.masthead, len(document.title), air=air))
    for story in document.stories:
        _story(word, story)
    # A line of no height, on the page the text ends on: `air` sees to it that there is room for both.
    _line(word, height=1)._p.append(anchored(document.tail, face=FANG))
    _folios(word)
    _properties(word, document, at)
    made = io.BytesIO()
    word.save(made)
    return _same_every_time(made.getvalue())


def _page(word: Any) -> None:
    section = word.sections[0]
    section.page_width, section.page_height = Mm(PAGE.width), Mm(PAGE.height)
    section.top_margin, section.bottom_margin = Mm(PAGE.top), Mm(PAGE.bottom)
    section.left_margin, section.right_margin = Mm(PAGE.binding), Mm(PAGE.right)
    # The folio's line is one size high and its dash runs through the middle.
    below = PAGE.bottom - layout.FOLIO_DROP - layout.SMALL / 2 / POINTS_PER_MM
    section.header_distance, section.footer_distance = Mm(15), Mm(below)
    grid = section._sectPr.find(qn("w:docGrid"))
    if grid is None:
        grid = OxmlElement("w:docGrid")
        section._sectPr.append(grid)
    grid.set(qn("w:type"), "lines")
    grid.set(qn("w:linePitch"), str(layout.WORD_GRID))


def _normal(word: Any) -> None:
    style = word.styles["Normal"]
    style.font.size = Pt(layout.BODY)
    _face(style.element.get_or_add_rPr(), FANG)
    form = style.paragraph_format
    form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(layout.WORD_PITCH)
    form.space_before = form.space_after = Pt(0)
    form.widow_control = False
    settings = word.settings.element
    control = settings.find(qn("w:characterSpacingControl"))
    if control is not None:
        control.set(qn("w:val"), "compressPunctuation")
    word.settings.odd_and_even_pages_header_footer = True


def _face(properties: Any, name: str) -> None:
    """Name a face for Han, Latin and every other character alike."""
    faces = properties.get_or_add_rFonts()
    for each in list(faces.attrib):
        del faces.attrib[each]
    for slot in ("eastAsia", "ascii", "hAnsi", "cs"):
        faces.set(qn(f"w:{slot}"), name)
    # Without the hint Word takes “ ” and — for Latin signs.
    faces.set(qn("w:hint"), "eastAsia")


def _run(
    paragraph: Any, text: str, *, face: str = FANG, size: float = layout.BODY, tracking: float | None = None
) -> Any:
    run = paragraph.add_run(text)
    run.font.size = Pt(size)
    properties = run._r.get_or_add_rPr()
    _face(properties, face)
    if tracking is None:
        tracking = layout.WORD_TRACKING if size == layout.BODY else 0
    if tracking:
        spacing = OxmlElement("w:spacing")
        spacing.set(qn("w:val"), str(round(tracking * 20)))
        properties.insert_element_before(spacing, "w:w", "w:kern", "w:position", "w:sz", "w:szCs")
    return run


def _line(word: Any, *, before: float = 0, height: float = layout.WORD_PITCH, centred: bool = False) -> Any:
    """Add a paragraph of the head: `before` pt under the one above it, `height` pt high."""
    paragraph = word.add_paragraph()
    form = paragraph.paragraph_format
    form.space_before = Pt(max(0, before))
    form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(height)
    # On the grid Word would round the head's heights up to whole lines.
    snap = OxmlElement("w:snapToGrid")
    snap.set(qn("w:val"), "0")
    paragraph._p.get_or_add_pPr().insert_element_before(snap, "w:spacing", "w:ind", "w:jc")
    if centred:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    return paragraph


def _head(word: Any, document: Document, place: Head) -> None:
    """Set the head so that its parts stand where the PDF has them."""
    size = layout.BODY
    _run(_line(word, height=size), document.keeping, face=HEI)
    name = _line(word, before=place.masthead_at - size, height=place.masthead_size * 1.1, centred=True)
    masthead = _run(name, document.masthead, face=BIAOSONG, size=place.masthead_size, tracking=place.masthead_tracking)
    masthead.font.color.rgb = RGBColor.from_string(layout.RED.lstrip("#").upper())
    at = place.masthead_at + place.masthead_size * 1.1
    _run(_line(word, before=place.number_at - at, height=size, centred=True), document.number)
    line = _line(word, before=place.line_at - place.number_at - size, height=size)
    width = PAGE.type_width * POINTS_PER_MM
    line.paragraph_format.left_indent = line.paragraph_format.right_indent = Pt(size)
    line.paragraph_format.tab_stops.add_tab_stop(Pt(width - size), WD_TAB_ALIGNMENT.RIGHT)
    _run(line, f"{document.issuer}\t{document.date}")
    rule = _line(word, height=layout.RED_RULE_GAP * POINTS_PER_MM)
    rule._p.get_or_add_pPr().insert_element_before(
        _red_border(), "w:shd", "w:tabs", "w:snapToGrid", "w:spacing", "w:ind", "w:jc"
    )
    before = place.title_at - place.rule_at
    for index, text in enumerate(document.title):
        paragraph = _line(word, before=before if index == 0 else 0, height=layout.TITLE_PITCH, centred=True)
        _run(paragraph, text, face=BIAOSONG, size=layout.TITLE)
    used = place.title_at + len(document.title) * layout.TITLE_PITCH + 2 * layout.RED_RULE * POINTS_PER_MM
    _line(word, height=max(1, place.lines * layout.WORD_PITCH - used))


def _red_border() -> Any:
    eighths = round(layout.RED_RULE * POINTS_PER_MM * 8)
    border = OxmlElement("w:pBdr")
    bottom = OxmlElement("w:bottom")
    for key, value in (("val", "single"), ("sz", eighths), ("space", 0), ("color", layout.RED.lstrip("#").upper())):
        bottom.set(qn(f"w:{key}"), str(value))
    border.append(bottom)
    return border


def _story(word: Any, story: Story) -> None:
    if story.leading:
        heading = _line(word, centred=True)
        heading.paragraph_format.keep_with_next = True
        _run(heading, story.heading, face=HEI)
    paragraph: Any = None
    for index, text in enumerate(story.paragraphs):
        paragraph = word.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
        paragraph.paragraph_format.first_line_indent = Pt(2 * (layout.BODY + layout.WORD_TRACKING))
        if index == 0 and not story.leading:
            _run(paragraph, f"{story.heading}\u3000", face=HEI)
        _run(paragraph, text)
    if story.byline:
        _run(paragraph, f"（{story.byline}）", face=KAI)


def _folios(word: Any) -> None:
    """Set — 1 — at the outer side of each page, one character in."""
    section = word.sections[0]
    sides = (
        (section.footer, WD_ALIGN_PARAGRAPH.RIGHT, "right_indent"),
        (section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT, "left_indent"),
    )
    for footer, alignment, indent in sides:
        footer.is_linked_to_previous = False
        paragraph = footer.paragraphs[0]
        paragraph.style = word.styles["Normal"]
        paragraph.alignment = alignment
        form = paragraph.paragraph_format
        form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(layout.SMALL)
        setattr(form, indent, Pt(layout.SMALL))
        _run(paragraph, "— ", face=SONG, size=layout.SMALL)
        _field(paragraph, "PAGE")
        _run(paragraph, " —", face=SONG, size=layout.SMALL)


def _field(paragraph: Any, code: str) -> None:
    for kind in ("begin", None, "separate", "1", "end"):
        run = _run(paragraph, "", face=SONG, size=layout.SMALL)._r
        if kind is None:
            run.append(parse_xml(f'<w:instrText {_W} xml:space="preserve"> {code} </w:instrText>'))
        elif kind == "1":
            run.append(parse_xml(f"<w:t {_W}>1</w:t>"))
        else:
            run.append(parse_xml(f'<w:fldChar {_W} w:fldCharType="{kind}"/>'))


_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def _properties(word: Any, document: Document, at: datetime) -> None:
    properties = word.core_properties
    properties.title = "".join(document.title)
    properties.subject = f"{document.masthead}{document.number}"
    properties.author = properties.last_modified_by = document.issuer
    properties.created = properties.modified = at.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    properties.language, properties.revision, properties.comments = "zh-CN", 1, ""


def _same_every_time(data: bytes) -> bytes:
    """Pack the file again, its parts in order and without the hour of packing."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in _first(sorted(old.namelist())):
            part = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            part.compress_type = zipfile.ZIP_DEFLATED
            part.external_attr = 0o600 << 16
            new.writestr(part, old.read(name))
    return made.getvalue()


def _first(names: Sequence[str]) -> list[str]:
    """Put the list of contents first, as Office expects it."""
    return sorted(names, key=lambda each: each != "[Content_Types].xml")

"""The tail in Word: a box tied to the last paragraph and laid on the lower edge of its page's type area.

Word keeps the box on the page of the paragraph it is tied to, so that the tail never stands on a page alone, and text
gives way above it. Floating tables and frames do the same in Word but are lost by other office suites.
"""

from math import ceil
from typing import Any
from unicodedata import east_asian_width
from xml.sax.saxutils import escape

from docx.oxml import parse_xml

from lianfang.bulletins import layout
from lianfang.bulletins.document import Tail
from lianfang.bulletins.layout import PAGE, POINTS_PER_MM

EMU_PER_POINT = 12700
TWIPS = 20
NAMES = {
    "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
    "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
    "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
    "v": "urn:schemas-microsoft-com:vml",
    "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
}


def anchored(tail: Tail, *, face: str) -> Any:
    """Return the run that holds the tail's box.

    Args:
        tail: what stands in it.
        face: the face's official name.
    """
    width = round(PAGE.type_width * POINTS_PER_MM * EMU_PER_POINT)
    height = round(sum(_height(each) for each in _rows(tail)) * EMU_PER_POINT)
    names = " ".join(f'xmlns:{key}="{value}"' for key, value in NAMES.items())
    return parse_xml(
        f"<w:r {names}><mc:AlternateContent><mc:Choice Requires='wps'><w:drawing>"
        "<wp:anchor distT='0' distB='0' distL='0' distR='0' simplePos='0' relativeHeight='2' behindDoc='0' "
        "locked='0' layoutInCell='1' allowOverlap='0'><wp:simplePos x='0' y='0'/>"
        "<wp:positionH relativeFrom='margin'><wp:align>left</wp:align></wp:positionH>"
        "<wp:positionV relativeFrom='margin'><wp:align>bottom</wp:align></wp:positionV>"
        f"<wp:extent cx='{width}' cy='{height}'/><wp:effectExtent l='0' t='0' r='0' b='0'/><wp:wrapTopAndBottom/>"
        "<wp:docPr id='1' name='tail'/><wp:cNvGraphicFramePr/><a:graphic><a:graphicData "
        f"uri='{NAMES['wps']}'><wps:wsp><wps:cNvSpPr txBox='1'/><wps:spPr><a:xfrm><a:off x='0' y='0'/>"
        f"<a:ext cx='{width}' cy='{height}'/></a:xfrm><a:prstGeom prst='rect'><a:avLst/></a:prstGeom><a:noFill/>"
        f"<a:ln><a:noFill/></a:ln></wps:spPr><wps:txbx><w:txbxContent>{_table(tail, face)}</w:txbxContent></wps:txbx>"
        "<wps:bodyPr lIns='0' tIns='0' rIns='0' bIns='0' anchor='b'><a:noAutofit/></wps:bodyPr></wps:wsp>"
        "</a:graphicData></a:graphic></wp:anchor></w:drawing></mc:Choice>"
        f"<mc:Fallback>{_older(tail, face, width, height)}</mc:Fallback></mc:AlternateContent></w:r>"
    )


def _older(tail: Tail, face: str, width: int, height: int) -> str:
    """Return the same box for an office that knows only the older kind of drawing."""
    place = (
        "position:absolute;margin-left:0;margin-top:0;mso-position-horizontal:left;"
        "mso-position-horizontal-relative:margin;mso-position-vertical:bottom;mso-position-vertical-relative:margin;"
        f"width:{width / EMU_PER_POINT:.2f}pt;height:{height / EMU_PER_POINT:.2f}pt"
    )
    return (
        f"<w:pict><v:rect style='{place}' filled='f' stroked='f'><v:textbox inset='0,0,0,0'>"
        f"<w:txbxContent>{_table(tail, face)}</w:txbxContent></v:textbox></v:rect></w:pict>"
    )


def _rows(tail: Tail) -> list[tuple[str, str]]:
    rows = list(tail.rows)
    return [*rows, ("", f"{tail.left}\t{tail.right}")] if tail.left or tail.right else rows


def _height(row: tuple[str, str]) -> float:
    """Return a row's height with its rule, pt."""
    label, text = row
    room = PAGE.type_width * POINTS_PER_MM / layout.SMALL - 2 - (len(label) + 1 if label else 0)
    wide = sum(1.0 if east_asian_width(each) in "WFA" else 0.5 for each in text.replace("\t", ""))
    return max(1, ceil(wide / int(room))) * layout.TAIL_PITCH + layout.THIN * POINTS_PER_MM


def _table(tail: Tail, face: str) -> str:
    thick, thin = (round(each * POINTS_PER_MM * 8) for each in (layout.THICK, layout.THIN))
    width = round(PAGE.type_width * POINTS_PER_MM * TWIPS)
    rows = "".join(_row(row, face, width) for row in _rows(tail))
    return (
        f"<w:tbl><w:tblPr><w:tblW w:w='{width}' w:type='dxa'/><w:tblInd w:w='0' w:type='dxa'/><w:tblBorders>"
        f"{_border('top', thick)}{_border('bottom', thick)}{_border('insideH', thin)}</w:tblBorders>"
        "<w:tblLayout w:type='fixed'/><w:tblCellMar><w:left w:w='0' w:type='dxa'/><w:right w:w='0' w:type='dxa'/>"
        f"</w:tblCellMar></w:tblPr><w:tblGrid><w:gridCol w:w='{width}'/></w:tblGrid>{rows}</w:tbl>"
        # A box ends with a paragraph; this one takes no room.
        "<w:p><w:pPr><w:spacing w:before='0' w:after='0' w:line='2' w:lineRule='exact'/></w:pPr></w:p>"
    )


def _border(side: str, eighths: int) -> str:
    return f"<w:{side} w:val='single' w:sz='{eighths}' w:space='0' w:color='000000'/>"


def _row(row: tuple[str, str], face: str, width: int) -> str:
    label, text = row
    size = round(layout.SMALL * TWIPS)
    hanging = size * (len(label) + 1) if label else 0
    tabs = f"<w:tabs><w:tab w:val='right' w:pos='{width - size}'/></w:tabs>" if not label else ""
    line = round(layout.TAIL_PITCH * TWIPS)
    return (
        f"<w:tr><w:trPr><w:cantSplit/></w:trPr><w:tc><w:tcPr><w:tcW w:w='{width}' w:type='dxa'/></w:tcPr><w:p><w:pPr>"
        f"<w:widowControl w:val='0'/>{tabs}<w:spacing w:before='0' w:after='0' w:line='{line}' w:lineRule='exact'/>"
        f"<w:ind w:left='{size + hanging}' w:right='{size}' w:hanging='{hanging}'/></w:pPr>"
        f"{_runs(f'{label}：{text}' if label else text, face)}</w:p></w:tc></w:tr>"
    )


def _runs(text: str, face: str) -> str:
    half_points = round(layout.SMALL * 2)
    properties = (
        f"<w:rPr><w:rFonts w:hint='eastAsia' w:eastAsia='{face}' w:ascii='{face}' w:hAnsi='{face}' w:cs='{face}'/>"
        f"<w:sz w:val='{half_points}'/><w:szCs w:val='{half_points}'/></w:rPr>"
    )
    parts = [f"<w:t xml:space='preserve'>{escape(each)}</w:t>" for each in text.split("\t")]
    return f"<w:r>{properties}{'<w:tab/>'.join(parts)}</w:r>"

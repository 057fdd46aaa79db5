"""A bulletin as PDF, or as pictures of its pages, set by Typst."""

import json
from dataclasses import asdict
from datetime import datetime
from functools import lru_cache
from pathlib import Path

import typst

from lianfang.bulletins import fonts, layout
from lianfang.bulletins.document import Document
from lianfang.bulletins.head import MOST_AIR, head
from lianfang.bulletins.layout import PAGE, POINTS_PER_MM

TEMPLATE = Path(__file__).with_name("bulletin.typ")

LEAST_LINES = 2
"""So many lines of text stand on the tail's page at least."""


class TooLong(Exception):
    """The tail would stand alone on the last page whatever air the head is given."""


def render(document: Document, *, folder: Path, at: datetime) -> bytes:
    """Return the bulletin as PDF; the same document at the same instant gives the same bytes.

    Args:
        document: what to set.
        folder: where the faces are.
        at: the instant written into the file as that of its making.

    Raises:
        FontsMissing: the faces are not installed.
        NoGlyph: a character has no glyph in any face.
        TooLong: no arrangement keeps text on the tail's page.
    """
    compiler = _set(document, folder)
    made = compiler.compile(format="pdf", timestamp=int(at.timestamp()), pdf_standards="a-2u")
    assert isinstance(made, bytes)
    return made


def pages(document: Document, *, folder: Path, dots_per_inch: float = 110) -> list[bytes]:
    """Return the pages as PNG pictures; raises as :func:`render` does."""
    made = _set(document, folder).compile(format="png", ppi=dots_per_inch)
    return [made] if isinstance(made, bytes) else list(made or [])


def air(document: Document, *, folder: Path) -> int:
    """Return the lines of white space the head must take in so that text shares the tail's page.

    Raises:
        FontsMissing: the faces are not installed.
        NoGlyph: a character has no glyph in any face.
        TooLong: no arrangement keeps text on the tail's page.
    """
    fonts.require(folder)
    fonts.check(document.texts(), folder)
    compiler = _compiler(document, folder, 0)
    end, tail = _where(compiler, "end"), _where(compiler, "tail")
    last = round((end["y"] - PAGE.top * POINTS_PER_MM) / PAGE.pitch) + 1
    if end["page"] == tail["page"] and (last >= LEAST_LINES or end["page"] == 1):
        return 0
    needed = (LEAST_LINES - last) % PAGE.lines
    compiler = _compiler(document, folder, needed)
    if needed > MOST_AIR or _where(compiler, "end")["page"] != _where(compiler, "tail")["page"]:
        raise TooLong("The tail stands alone on the last page: shorten or lengthen the text by a few lines.")
    return needed


def _set(document: Document, folder: Path) -> typst.Compiler:
    return _compiler(document, folder, air(document, folder=folder))


def _compiler(document: Document, folder: Path, air: int) -> typst.Compiler:
    told = json.dumps(asdict(document) | {"layout": _measures(document, air)}, ensure_ascii=False)
    return typst.Compiler(TEMPLATE, font_paths=_faces(folder), ignore_system_fonts=True, sys_inputs={"document": told})


@lru_cache(maxsize=2)
def _faces(folder: Path) -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder])


def _where(compiler: typst.Compiler, label: str) -> dict[str, float]:
    found: dict[str, float] = json.loads(compiler.query(f"<{label}>", field="value", one=True))
    return found


def _measures(document: Document, air: int) -> dict[str, float | str]:
    """Return what the template needs to know of the page."""
    place = head(document.masthead, len(document.title), air=air)
    return {
        "width": PAGE.width,
        "height": PAGE.height,
        "top": PAGE.top,
        "binding": PAGE.binding,
        "right": PAGE.right,
        "bottom": PAGE.bottom,
        "pitch": PAGE.pitch,
        "body": layout.BODY,
        "tracking": PAGE.tracking(layout.BODY),
        "small": layout.SMALL,
        "tail_pitch": layout.TAIL_PITCH,
        "thick": layout.THICK,
        "thin": layout.THIN,
        "drop": layout.FOLIO_DROP,
        "red": layout.RED,
        "red_rule": layout.RED_RULE,
        "title": layout.TITLE,
        "title_pitch": layout.TITLE_PITCH,
        "masthead": place.masthead_size,
        "masthead_tracking": place.masthead_tracking,
        "masthead_at": place.masthead_at,
        "number_at": place.number_at,
        "line_at": place.line_at,
        "rule_at": place.rule_at,
        "title_at": place.title_at,
        "head": place.lines,
    }

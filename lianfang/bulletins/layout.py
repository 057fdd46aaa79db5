"""The measures of an official document's page (GB/T 9704-2012), in millimetres and points.

Word and PDF are set from these numbers alone, and the tests read them back from the rendered pages.
"""

from dataclasses import dataclass

POINTS_PER_MM = 72 / 25.4


@dataclass(frozen=True, slots=True)
class Page:
    """Paper, margins and grid of one document.

    Args:
        width, height: the paper, mm.
        top, binding: the margins 天头 and 订口, mm.
        right, bottom: what the type area leaves of the paper on its other two sides, mm.
        lines, characters: how many lines of how many characters fill the type area.
    """

    width: float = 210
    height: float = 297
    top: float = 37
    binding: float = 28
    right: float = 26
    bottom: float = 35
    lines: int = 22
    characters: int = 28

    @property
    def type_width(self) -> float:
        """The type area's width, mm."""
        return self.width - self.binding - self.right

    @property
    def type_height(self) -> float:
        """The type area's height, mm."""
        return self.height - self.top - self.bottom

    @property
    def pitch(self) -> float:
        """The distance from one line to the next, pt."""
        return self.type_height * POINTS_PER_MM / self.lines

    def tracking(self, size: float) -> float:
        """Return what is added between two characters of `size` pt so that a line holds exactly its number, pt."""
        return (self.type_width * POINTS_PER_MM - self.characters * size) / self.characters


PAGE = Page()

MASTHEAD = 62.0
"""The red name's size, pt; the standard leaves it free."""
TITLE = 22.0
"""2号, pt."""
BODY = 16.0
"""3号, pt."""
SMALL = 14.0
"""4号: tail and folios, pt."""
TAIL_PITCH = 25.0
"""From one line of the tail to the next, pt."""
TITLE_PITCH = 34.0
"""From one line of the head title to the next, pt."""
THICK = 0.35
"""First and last rule of the tail, mm."""
THIN = 0.25
"""The rules between, mm."""
RED_RULE = 0.7
"""The rule under the issuer's line, mm."""
RED_RULE_GAP = 4.0
"""From the issuer's line to the red rule, mm."""
FOLIO_DROP = 7.0
"""From the lower edge of the type area to the folio's dash, mm."""
RED = "#e60012"
"""Close to Y80 M80 of the standard's print colours."""

WORD_GRID = 579
"""Word's line grid, twentieths of a point; one under the exact pitch, or the 22nd line does not fit."""
WORD_PITCH = 28.95
"""Word's exact line height, pt."""
WORD_TRACKING = -0.25
"""Word's character spacing, pt, which it keeps in twentieths."""

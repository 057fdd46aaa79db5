"""The head of the first page: where its parts stand, and how much air it takes to carry text to the last page."""

from dataclasses import dataclass
from math import ceil

from lianfang.bulletins import layout
from lianfang.bulletins.layout import PAGE, POINTS_PER_MM

MOST_AIR = 8
"""Lines of white space the head can take in without looking lost."""


@dataclass(frozen=True, slots=True)
class Head:
    """The head's parts: how far each stands under the upper edge of the type area, pt; `lines` it takes of the grid."""

    masthead_size: float
    masthead_tracking: float
    masthead_at: float
    number_at: float
    line_at: float
    rule_at: float
    title_at: float
    lines: int


def head(masthead: str, title_lines: int, *, air: int = 0) -> Head:
    """Place the parts of the head.

    Args:
        masthead: the red name; a long one is set smaller so that it fits the type width.
        title_lines: how many lines the head title has.
        air: lines of white space beyond the usual.
    """
    pitch = PAGE.pitch
    width = PAGE.type_width * POINTS_PER_MM
    size = min(layout.MASTHEAD, width * 0.94 / max(1, len(masthead)))
    tracking = min(size * 0.2, (width - size * len(masthead)) / max(1, len(masthead)))
    share = air * pitch / 10
    masthead_at = 1.3 * pitch + 4 * share
    number_at = masthead_at + size + 0.75 * pitch + 2 * share
    line_at = number_at + layout.BODY + 0.55 * pitch
    rule_at = line_at + layout.BODY + layout.RED_RULE_GAP * POINTS_PER_MM
    title_at = rule_at + 1.5 * pitch + 2 * share
    end = title_at + (title_lines - 1) * layout.TITLE_PITCH + layout.TITLE + 0.9 * pitch + 2 * share
    return Head(size, tracking, masthead_at, number_at, line_at, rule_at, title_at, ceil(end / pitch))

"""Figures on every level of the area tree, from one pass over the journal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from lianfang.figures import queries, tallying
from lianfang.figures.book import Book
from lianfang.figures.queries import Asked
from lianfang.figures.showing import Value
from lianfang.figures.tallying import Numbers
from lianfang.figures.valuing import Plan
from lianfang.pack.areas import LENGTHS

LEVELS = ("district", "subdistrict", "community", "grid", "courtyard")


@dataclass(frozen=True, slots=True)
class Tree:
    """The numbers of some figures for every area that has entries; printed only where they are asked for."""

    plan: Plan
    held: Mapping[str, list[int]]

    def codes(self, level: str) -> list[str]:
        """Return the areas of a level that have entries."""
        return sorted(code for code, held in self.held.items() if len(code) == LENGTHS[level] and any(held))

    def values(self, code: str) -> dict[str, Value]:
        """Return every figure of an area by name; an area without entries has no data."""
        return {name: replace(value, area=code) for name, value in self.plan.values(self.held.get(code)).items()}


def tree(
    names: Sequence[str],
    *,
    as_of: datetime,
    levels: Sequence[str] = LEVELS,
    asked: Asked = queries.EVERYWHERE,
    book: Book | None = None,
) -> Tree:
    """Return figures for every area of some levels: one pass on the finest, added up to those above.

    Distinct counts do not add up; they are counted once more for each level.

    Args:
        names: the figures.
        as_of: counted is what was recorded by then.
        levels: names of levels.
        asked: the rows that may count.
        book: the declarations; None for those of the house.
    """
    plan = Plan(names, as_of, book)
    lengths = sorted(LENGTHS[level] for level in levels)
    thresholds = plan.book.thresholds
    cut = tallying.by_area(lengths[-1])
    found = tallying.reckon(plan.order, as_of, asked=asked, cut=cut, thresholds=thresholds)
    held = _added_up(found, lengths)
    distinct = [tally for tally in plan.order if not tally.additive]
    for length in lengths if distinct else ():
        counting = tallying.Counting(plan.order, asked, tallying.by_area(length), thresholds)
        for tally in distinct:
            counting.tell_apart(tally, queries.Span(as_of))
        # A code may be shorter: of an entry that says no more than, say, the community.
        for code in (code for (code,) in counting.numbers if len(code) == length):
            for tally in distinct:
                held[code][plan.order[tally]] = counting.numbers[(code,)][plan.order[tally]]
    return Tree(plan, held)


def _added_up(found: Numbers, lengths: Sequence[int]) -> dict[str, list[int]]:
    """Return the numbers of every area from those of the finest; what is said only coarsely counts from there up."""
    parts: dict[str, list[list[int]]] = {}
    for (code,), numbers in found.items():
        for length in lengths:
            if length <= len(code):
                parts.setdefault(code[:length], []).append(numbers)
    return {code: [sum(column) for column in zip(*rows, strict=True)] for code, rows in parts.items()}

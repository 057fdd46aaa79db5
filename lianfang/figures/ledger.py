"""The ledger: what printed sources report, held against what the entries give.

The expected values are used nowhere else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from lianfang.figures import reckoning
from lianfang.figures.book import Book
from lianfang.figures.showing import Value, rounded, rounded_down
from lianfang.pack.figures import Figure, LedgerLine

Verdict = Literal["right", "wrong", "no data", "not expected"]


@dataclass(frozen=True, slots=True)
class Checked:
    """One line: what was expected, what the entries give, and whether that is the same."""

    line: str
    figure: str
    as_of: datetime | None
    expected: Decimal | None
    lower_bound: bool
    computed: Decimal | None
    shown: str
    verdict: Verdict

    @property
    def right(self) -> bool:
        """Say whether the line is right."""
        return self.verdict == "right"

    def as_json(self) -> dict[str, Any]:
        """Return the line as plain JSON."""
        numbers = {"expected": _json(self.expected), "computed": _json(self.computed)}
        as_of = self.as_of.isoformat() if self.as_of else None
        told = {"id": self.line, "figure": self.figure, "as_of": as_of, **numbers}
        return {**told, "lower_bound": self.lower_bound, "shown": self.shown, "verdict": self.verdict}


def check(lines: Mapping[str, LedgerLine], book: Book, as_of: datetime | None = None) -> list[Checked]:
    """Hold every figure that names a ledger line against that line, reckoned from the entries alone.

    Args:
        lines: the ledger by line.
        book: the declarations.
        as_of: an instant instead of each line's own.
    """
    declared = {each.ledger: each for each in book.figures.values() if each.ledger}
    found = []
    for line in sorted({*lines, *declared}):
        told, figure = lines.get(line), declared.get(line)
        if told is None or figure is None:
            found.append(_unmatched(line, told, figure))
            continue
        instant = as_of or told.as_of
        value = reckoning.values([figure.name], as_of=instant, book=book, from_entries=True)[figure.name]
        found.append(compare(told, figure, value))
    return found


def compare(told: LedgerLine, figure: Figure, value: Value) -> Checked:
    """Compare one value with its line.

    A lower bound is right where the exact number is at or above it and, rounded down to the figure's step, prints as
    it; a rate is right where it is the printed one at the figure's decimals; anything else is right to the unit.
    """
    expected = Decimal(str(told.expected))
    if value.number is None:
        verdict: Verdict = "no data"
    else:
        verdict = "right" if _agrees(told.lower_bound, figure, value.number, expected) else "wrong"
    computed = None if value.number is None else Decimal(_printable(figure, value.number))
    return Checked(told.line, figure.name, value.as_of, expected, told.lower_bound, computed, value.shown, verdict)


def _agrees(lower_bound: bool, figure: Figure, number: int | Decimal, expected: Decimal) -> bool:
    if lower_bound:
        step = figure.lower_bound.step if figure.lower_bound else None
        return number >= expected and (step is None or rounded_down(number, step) == expected)
    return _printable(figure, number) == expected


def _printable(figure: Figure, number: int | Decimal) -> int | Decimal:
    rate = figure.measure.rate
    return rounded(number, rate.decimals) if rate else number


def _unmatched(line: str, told: LedgerLine | None, figure: Figure | None) -> Checked:
    as_of = told.as_of if told else None
    expected = Decimal(str(told.expected)) if told else None
    # A line that no figure names cannot be computed; a figure that names no line has nothing to be held against.
    verdict: Verdict = "no data" if told else "not expected"
    lower_bound = told is not None and told.lower_bound
    return Checked(line, figure.name if figure else "", as_of, expected, lower_bound, None, "", verdict)


def _json(number: Decimal | None) -> int | float | None:
    if number is None:
        return None
    return int(number) if number == number.to_integral_value() else float(number)

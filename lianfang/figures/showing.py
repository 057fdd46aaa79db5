"""A figure's number and how it is printed: no thousands separator, lower bounds rounded down, rates as declared."""

from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from lianfang.pack.figures import Rate

# Printed where there is nothing to print: no data, or a rate over nothing.
NOTHING = "–"
PERCENT = 100


@dataclass(frozen=True, slots=True)
class Value:
    """One figure as of an instant.

    Args:
        name: the figure.
        number: the exact number; None without data, and for a rate over nothing.
        numerator: of a rate, else None.
        denominator: of a rate, else None.
        shown: as it is printed, without its unit.
        unit: the unit word.
        as_of: counted is what was recorded by this instant.
        no_data: True if nothing of the kinds it counts was ever recorded; not the same as zero.
        area: the area it is for; empty for all that was asked.
    """

    name: str
    number: int | Decimal | None
    numerator: int | Decimal | None
    denominator: int | Decimal | None
    shown: str
    unit: str
    as_of: datetime
    no_data: bool
    area: str = ""


def amount(number: int | Decimal | None, step: int | None, more: str) -> str:
    """Return a count or a sum as it is printed.

    Args:
        number: the exact number; None for nothing.
        step: of a lower bound: rounded down to a multiple of it, with `more` behind; None prints it exactly.
        more: the pack's word for "and more".
    """
    if number is None:
        return NOTHING
    if step is None:
        return plain(number)
    return f"{rounded_down(number, step)}{more}"


def rounded_down(number: int | Decimal, step: int) -> int:
    """Return the largest multiple of `step` that is not above `number`."""
    return int(number // step) * step


def rate(number: int | Decimal | None, declared: Rate) -> str:
    """Return a rate as it is printed: rounded half up to its decimals, a per cent sign where it is per hundred."""
    if number is None:
        return NOTHING
    sign = "%" if declared.per == PERCENT else ""
    return f"{rounded(number, declared.decimals)}{sign}"


def rounded(number: int | Decimal, decimals: int) -> Decimal:
    """Return a number rounded half up, as figures are rounded in print."""
    return Decimal(number).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def plain(number: int | Decimal) -> str:
    """Return a number without separators, exponent or trailing zeros."""
    if isinstance(number, int) or number == number.to_integral_value():
        return str(int(number))
    return f"{number.normalize():f}"


def ratio(numerator: int | Decimal | None, denominator: int | Decimal | None, per: int) -> Decimal | None:
    """Return one number over another, times `per`; None over nothing."""
    if numerator is None or not denominator:
        return None
    return Decimal(numerator) * per / Decimal(denominator)

"""Figures as data: what is counted, and how it is printed."""

from datetime import date, datetime
from typing import Literal

from pydantic import Field, field_validator, model_validator

from lianfang.pack.conditions import Where
from lianfang.pack.text import Part, Text


class Count(Part):
    """How many entries."""

    kinds: tuple[str, ...] = Field(min_length=1)
    where: Where = Field(default_factory=dict)


class Sum(Part):
    """The sum of a number of the entries: `quantity`, or `answers.NAME`."""

    kinds: tuple[str, ...] = Field(min_length=1)
    field: str = "quantity"
    where: Where = Field(default_factory=dict)


class Distinct(Part):
    """How many different places, subjects, units, or values of an answer (`answers.NAME`)."""

    kinds: tuple[str, ...] = Field(min_length=1)
    by: str
    where: Where = Field(default_factory=dict)


class Addend(Part):
    """One side of a stock: a count or a sum."""

    count: Count | None = None
    sum: Sum | None = None

    @model_validator(mode="after")
    def _one(self) -> "Addend":
        if (self.count is None) == (self.sum is None):
            raise ValueError("exactly one of count, sum is needed")
        return self


class Stock(Part):
    """What came in less what went out."""

    plus: Addend
    minus: Addend | None = None


class Rate(Part):
    """One figure over another."""

    numerator: str
    denominator: str
    per: Literal[1, 100, 1000, 10000, 100000] = 1
    decimals: int = Field(default=2, ge=0, le=6)


class Measure(Part):
    """Exactly one way of reckoning."""

    count: Count | None = None
    sum: Sum | None = None
    distinct: Distinct | None = None
    stock: Stock | None = None
    rate: Rate | None = None

    @model_validator(mode="after")
    def _one(self) -> "Measure":
        if len(self.model_fields_set) != 1:
            raise ValueError("exactly one of count, sum, distinct, stock, rate is needed")
        return self

    @property
    def parts(self) -> tuple[Count | Sum | Distinct, ...]:
        """The counts, sums and distinct counts it is made of; none for a rate."""
        if self.stock:
            sides = (self.stock.plus, self.stock.minus)
            return tuple(part for side in sides if side for part in (side.count or side.sum,) if part)
        part = self.count or self.sum or self.distinct
        return (part,) if part else ()


class Period(Part):
    """Days on which it happened, both included."""

    from_: date = Field(alias="from")
    to: date

    @model_validator(mode="after")
    def _forward(self) -> "Period":
        if self.to < self.from_:
            raise ValueError("`to` must not be before `from`")
        return self


class LowerBound(Part):
    """Printed rounded down to a step, with the pack's word for "and more" behind it."""

    step: int = Field(ge=1)


class Figure(Part):
    """One declared figure.

    `since` narrows it to what happened since a day, on the day of the as-of instant (`day`) or in the sixty minutes
    before it (`hour`); `period` to fixed days. `levels` are the breakdowns a screen offers.
    """

    name: str
    ledger: str | None = None
    title: Text
    unit: Text
    definition: Text
    source: str
    measure: Measure
    period: Period | None = None
    since: date | Literal["day", "hour"] | None = None
    lower_bound: LowerBound | None = None
    good: Literal["up", "down", "none"] = "none"
    levels: tuple[Literal["area", "place", "unit", "hour", "day"], ...] = ()

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of entry it is reckoned from; none for a rate."""
        return tuple(dict.fromkeys(kind for part in self.measure.parts for kind in part.kinds))


class LedgerLine(Part):
    """What a printed source reports: the value to be reproduced, by what was recorded at the instant."""

    line: str
    expected: int | float
    lower_bound: bool = False
    as_of: datetime
    about: Text
    source: str

    @field_validator("as_of")
    @classmethod
    def _aware(cls, given: datetime) -> datetime:
        if given.tzinfo is None:
            raise ValueError("an instant with its offset, such as 2020-02-05T17:00:00+08:00")
        return given

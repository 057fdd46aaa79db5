"""From tallies to values: a figure's number is its plus side less its minus side, a rate one figure over another."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from lianfang.figures import showing, tallying
from lianfang.figures.book import Book, language, of_the_house
from lianfang.figures.measures import Sides, Tally, Window, bases, declared, narrowed, seen, sides
from lianfang.figures.queries import MILLIONTHS, Asked
from lianfang.figures.showing import Value
from lianfang.figures.tallying import Cut, Key
from lianfang.pack.figures import Figure, Sum


class Plan:
    """What is reckoned for some figures, and how their values come out of it.

    Args:
        names: the figures.
        as_of: counted is what was recorded by then.
        book: the declarations; None for those of the house.
        window: only what happened in it.

    Raises:
        Unreckonable: a name is not declared.
    """

    def __init__(
        self, names: Iterable[str], as_of: datetime, book: Book | None = None, window: Window | None = None
    ) -> None:
        self.names = list(names)
        self.as_of = as_of
        self.book = book or of_the_house()
        figures = bases(self.names, self.book.figures)
        made = {name: _narrowed(sides(figure, as_of, self.book.zone), window) for name, figure in figures.items()}
        kinds = sorted({kind for figure in figures.values() for kind in figure.kinds})
        known = {kind: narrowed(seen(kind), window) for kind in kinds}
        self.order = tallying.ordered([*(tally for each in made.values() for tally in each.tallies), *known.values()])
        self._made = {name: [self._column(tally) for tally in both.tallies] for name, both in made.items()}
        self._seen = {name: [self.order[known[kind]] for kind in figure.kinds] for name, figure in figures.items()}

    def values(self, held: Sequence[int] | None) -> dict[str, Value]:
        """Return the values by name from the numbers in the plan's order; None where nothing was recorded."""
        found: dict[str, Value] = {}
        return {name: self._value(name, held, found) for name in self.names}

    def _value(self, name: str, held: Sequence[int] | None, found: dict[str, Value]) -> Value:
        if name not in found:
            figure = self.book.figures[name]
            rate = figure.measure.rate
            if rate is None:
                found[name] = plain(figure, self._number(name, held), self.as_of, self.book)
            else:
                over, under = (self._value(side, held, found) for side in (rate.numerator, rate.denominator))
                found[name] = _rate(figure, over, under, self.as_of)
        return found[name]

    def _number(self, name: str, held: Sequence[int] | None) -> int | Decimal | None:
        if held is None or not any(held[position] for position in self._seen[name]):
            return None
        plus, *minus = [_exact(held[position], summed) for position, summed in self._made[name]]
        return plus - minus[0] if minus else plus

    def _column(self, tally: Tally) -> tuple[int, bool]:
        return self.order[tally], isinstance(tally.part, Sum)


def grouped(
    plan: Plan, asked: Asked, cut: Cut = tallying.WHOLE, *, from_entries: bool = False
) -> dict[Key, dict[str, Value]]:
    """Return the figures of a plan by the keys of a cut, in one pass over the journal: key → name → value.

    Args:
        plan: what to reckon.
        asked: the rows that may count.
        cut: the grouping.
        from_entries: build on no snapshot.
    """
    thresholds = plan.book.thresholds
    found = tallying.reckon(
        plan.order, plan.as_of, asked=asked, cut=cut, thresholds=thresholds, from_entries=from_entries
    )
    return {key: plan.values(held) for key, held in found.items()}


def empty(whole: Value, book: Book) -> Value:
    """Return the value of a step in which nothing happened: zero where there is data at all."""
    figure = declared(whole.name, book.figures)
    if whole.no_data or figure.measure.rate:
        return replace(whole, number=None, numerator=None, denominator=None, shown=showing.NOTHING)
    return plain(figure, 0, whole.as_of, book)


def plain(figure: Figure, number: int | Decimal | None, as_of: datetime, book: Book) -> Value:
    """Return the value of a figure that is no rate; None is no data."""
    step = figure.lower_bound.step if figure.lower_bound else None
    shown = showing.amount(number, step, book.word_for_more() if step else "")
    return Value(figure.name, number, None, None, shown, figure.unit.in_(language()), as_of, number is None)


def _narrowed(both: Sides, window: Window | None) -> Sides:
    return Sides(narrowed(both.plus, window), narrowed(both.minus, window) if both.minus else None)


def _exact(number: int, summed: bool) -> int | Decimal:
    if not summed:
        return number
    return number // MILLIONTHS if number % MILLIONTHS == 0 else Decimal(number) / MILLIONTHS


def _rate(figure: Figure, over: Value, under: Value, as_of: datetime) -> Value:
    rate = figure.measure.rate
    assert rate is not None
    number = showing.ratio(over.number, under.number, rate.per)
    shown = showing.rate(number, rate)
    unit = figure.unit.in_(language())
    no_data = over.no_data or under.no_data
    return Value(figure.name, number, over.number, under.number, shown, unit, as_of, no_data)

"""From tallies to values: a figure's number is its plus side less its minus side, a rate one figure over another."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from lianfang.figures import showing, tallying
from lianfang.figures.book import Book, language, of_the_house
from lianfang.figures.measures import Sides, Tally, Window, bases, declared, narrowed, seen, sides
from lianfang.figures.queries import MILLIONTHS, Asked
from lianfang.figures.showing import Value
from lianfang.figures.tallying import Cut
from lianfang.pack.figures import Figure, Sum


def grouped(
    names: Iterable[str],
    as_of: datetime,
    asked: Asked,
    cut: Cut,
    book: Book | None = None,
    *,
    window: Window | None = None,
    from_entries: bool = False,
) -> dict[tuple[str, ...], dict[str, Value]]:
    """Return figures by the keys of a cut, in one pass over the journal: key → name → value.

    Args:
        names: the figures.
        as_of: counted is what was recorded by then.
        asked: the rows that may count.
        cut: the grouping.
        book: the declarations.
        window: only what happened in it.
        from_entries: build on no snapshot.
    """
    book = book or of_the_house()
    names = list(names)
    made = _made(names, as_of, book, window)
    wanted = [tally for each in made.values() for tally in each.tallies]
    kinds = {kind for tally in wanted for kind in tally.part.kinds}
    wanted += [narrowed(seen(kind), window) for kind in sorted(kinds)]
    found = tallying.reckon(wanted, as_of, asked=asked, cut=cut, thresholds=book.thresholds, from_entries=from_entries)
    return {key: _valued(names, made, held, as_of, book, window) for key, held in found.items()}


def _made(names: Iterable[str], as_of: datetime, book: Book, window: Window | None) -> dict[str, Sides]:
    made = {}
    for name, figure in bases(names, book.figures).items():
        both = sides(figure, as_of, book.zone)
        minus = narrowed(both.minus, window) if both.minus else None
        made[name] = Sides(narrowed(both.plus, window), minus)
    return made


def _valued(
    names: Iterable[str],
    made: Mapping[str, Sides],
    held: Mapping[Tally, int],
    as_of: datetime,
    book: Book,
    window: Window | None = None,
) -> dict[str, Value]:
    """Return the values of figures from the numbers of their tallies."""
    known: dict[str, Value] = {}

    def value(name: str) -> Value:
        if name in known:
            return known[name]
        figure = declared(name, book.figures)
        rate = figure.measure.rate
        if rate is None:
            here = any(held.get(narrowed(seen(kind), window), 0) for kind in figure.kinds)
            known[name] = _plain(figure, _number(made[name], held) if here else None, as_of, book)
        else:
            known[name] = _rate(figure, value(rate.numerator), value(rate.denominator), as_of)
        return known[name]

    return {name: value(name) for name in names}


def _number(both: Sides, held: Mapping[Tally, int]) -> int | Decimal:
    number = _exact(both.plus, held)
    return number - _exact(both.minus, held) if both.minus else number


def _exact(tally: Tally, held: Mapping[Tally, int]) -> int | Decimal:
    number = held.get(tally, 0)
    if not isinstance(tally.part, Sum):
        return number
    return number // MILLIONTHS if number % MILLIONTHS == 0 else Decimal(number) / MILLIONTHS


def _plain(figure: Figure, number: int | Decimal | None, as_of: datetime, book: Book) -> Value:
    step = figure.lower_bound.step if figure.lower_bound else None
    shown = showing.amount(number, step, book.word_for_more() if step else "")
    return Value(figure.name, number, None, None, shown, figure.unit.in_(language()), as_of, number is None)


def _rate(figure: Figure, over: Value, under: Value, as_of: datetime) -> Value:
    rate = figure.measure.rate
    assert rate is not None
    number = showing.ratio(over.number, under.number, rate.per)
    shown = showing.rate(number, rate)
    unit = figure.unit.in_(language())
    no_data = over.no_data or under.no_data
    return Value(figure.name, number, over.number, under.number, shown, unit, as_of, no_data)


def nothing(names: Iterable[str], as_of: datetime, book: Book | None) -> dict[str, Value]:
    """Return the values of figures where nothing was recorded."""
    book = book or of_the_house()
    names = list(names)
    return _valued(names, _made(names, as_of, book, None), {}, as_of, book)


def empty(whole: Value, book: Book) -> Value:
    """Return the value of a step in which nothing happened: zero where there is data at all."""
    figure = declared(whole.name, book.figures)
    if whole.no_data or figure.measure.rate:
        return replace(whole, number=None, numerator=None, denominator=None, shown=showing.NOTHING)
    return _plain(figure, 0, whole.as_of, book)

"""Conditions of the pack as SQL fragments with their parameters; the meaning is `pack.conditions.holds`."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from lianfang.figures.measures import Unreckonable, Window
from lianfang.pack.conditions import Bounds, Condition, Plain, Threshold, Where

ANSWERS = "answers"
TEXTS = {name: f'e."{name}"' for name in ("kind", "area", "place", "unit", "device")}
NUMBERS = {"quantity": "e.quantity"}
ALIAS = re.compile(r"\be\.")
OPERATORS = {"gte": ">=", "gt": ">", "lte": "<=", "lt": "<"}


@dataclass(frozen=True, slots=True)
class Sql:
    """A piece of SQL and the parameters in it, in order."""

    text: str
    params: tuple[Any, ...] = ()

    def __hash__(self) -> int:
        # Parameters may be lists, which have no hash of their own.
        return hash((self.text, repr(self.params)))

    def __add__(self, other: "Sql | str") -> "Sql":
        if isinstance(other, str):
            return Sql(self.text + other, self.params)
        return Sql(self.text + other.text, self.params + other.params)

    def __radd__(self, other: str) -> "Sql":
        return Sql(other + self.text, self.params)

    def named(self, alias: str) -> "Sql":
        """Return the same about the row `alias` instead of `e`."""
        return Sql(ALIAS.sub(f"{alias}.", self.text), self.params)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The fever thresholds of one protocol edition, for what happened in `start` ≤ at < `end`."""

    start: datetime | None
    end: datetime | None
    values: tuple[tuple[str, float], ...]


def join(pieces: Iterable[Sql], between: str) -> Sql:
    """Return the pieces in a row with `between` between them."""
    pieces = list(pieces)
    return Sql(between.join(each.text for each in pieces), tuple(param for each in pieces for param in each.params))


def predicates(where: Where, thresholds: Sequence[Thresholds] = ()) -> list[Sql]:
    """Return one fragment for each condition that can hold or fail alone; all must hold.

    Args:
        where: path to condition.
        thresholds: the protocol's editions, for conditions that speak of the fever threshold.

    Raises:
        Unreckonable: a path is neither a column that can be compared nor an answer.
    """
    alone: list[Sql] = []
    rows: dict[str, list[tuple[str, Condition]]] = {}
    for path, condition in where.items():
        head, _, name = path.rpartition(".")
        if head in ("", ANSWERS):
            alone.append(_column(path, condition) if not head else _meets(_answer(name), condition, thresholds))
        else:
            rows.setdefault(head, []).append((name, condition))
    return alone + [_any_row(head, conditions, thresholds) for head, conditions in rows.items()]


def within(window: Window) -> list[Sql]:
    """Return the conditions on when it happened."""
    found = []
    if window.start is not None:
        found.append(Sql("e.at >= %s", (window.start,)))
    if window.end is not None:
        found.append(Sql("e.at < %s", (window.end,)))
    return found


def number(field: str) -> Sql:
    """Return the number that a sum adds up: the quantity or an answer, nothing where that is no number."""
    if field in NUMBERS:
        return Sql(NUMBERS[field])
    value = _path(field)
    return "CASE WHEN jsonb_typeof(" + value + ") = 'number' THEN (" + value + ")::numeric END"


def thing(field: str) -> Sql:
    """Return what a distinct count tells apart, as text: a column or an answer; nothing where it is empty."""
    if field in TEXTS:
        return Sql(f"nullif({TEXTS[field]}, '')")
    if field in ("subject", "by"):
        return Sql(f'e."{field}"::text')
    return "nullif(" + _path(field) + " #>> '{}', '')"


def _path(field: str) -> Sql:
    root, _, rest = field.partition(".")
    if root != ANSWERS or not rest:
        raise Unreckonable(f"{field}: neither a column that can be counted nor an answer (answers.NAME)")
    return _answer(rest)


def _answer(path: str) -> Sql:
    names = path.split(".")
    return Sql("(e.answers -> %s)", (names[0],)) if len(names) == 1 else Sql("(e.answers #> %s::text[])", (names,))


def _column(name: str, condition: Condition) -> Sql:
    if name in TEXTS:
        return _of_text(Sql(f"nullif({TEXTS[name]}, '')"), condition)
    if name in NUMBERS:
        return _of_number(Sql(NUMBERS[name]), condition)
    raise Unreckonable(f"{name}: not a column that a condition can compare")


def _of_text(column: Sql, condition: Condition) -> Sql:
    if isinstance(condition, Bounds):
        limits = {word: bound for word, bound in _limits(condition) if isinstance(bound, str)}
        pieces = [column + f' COLLATE "C" {OPERATORS[word]} ' + Sql("%s", (bound,)) for word, bound in limits.items()]
        return _all([*_presence(column, condition), *pieces, *_refused(len(limits) < len(list(_limits(condition))))])
    wanted = [each for each in _listed(condition) if isinstance(each, str)]
    return column + Sql(" = ANY(%s::text[])", (wanted,))


def _of_number(column: Sql, condition: Condition) -> Sql:
    if isinstance(condition, Bounds):
        limits = {word: bound for word, bound in _limits(condition) if isinstance(bound, int | float)}
        pieces = [column + f" {OPERATORS[word]} " + Sql("%s", (_exact(bound),)) for word, bound in limits.items()]
        return _all([*_presence(column, condition), *pieces, *_refused(len(limits) < len(list(_limits(condition))))])
    plain = [each for each in _listed(condition) if isinstance(each, int | float) and not isinstance(each, bool)]
    wanted = [_exact(each) for each in plain]
    return column + Sql(" = ANY(%s::numeric[])", (wanted,))


def _meets(value: Sql, condition: Condition, thresholds: Sequence[Thresholds]) -> Sql:
    """Return the condition on a JSON value: typed equality, or bounds on a number or a text."""
    if not isinstance(condition, Bounds):
        wanted = [json.dumps(each, ensure_ascii=False) for each in _listed(condition)]
        if len(wanted) == 1:
            return value + Sql(" = %s::jsonb", (wanted[0],))
        return value + Sql(" = ANY(%s::text[]::jsonb[])", (wanted,))
    pieces = []
    if condition.missing is not None:
        empty = "(" + value + " IS NULL OR " + value + " = 'null'::jsonb)"
        pieces.append(empty if condition.missing else "NOT " + empty)
    for word, bound in _limits(condition):
        pieces.append(_compared(value, OPERATORS[word], bound, thresholds))
    return _all(pieces)


def _compared(value: Sql, operator: str, bound: Any, thresholds: Sequence[Thresholds]) -> Sql:
    if isinstance(bound, str):
        text = "(" + value + " #>> '{}')" + f' COLLATE "C" {operator} ' + Sql("%s", (bound,))
        return "CASE jsonb_typeof(" + value + ") WHEN 'string' THEN " + text + " ELSE false END"
    limit = _threshold(bound, thresholds) if isinstance(bound, Threshold) else Sql("%s", (_exact(bound),))
    compared = "(" + value + f")::numeric {operator} " + limit
    return "CASE jsonb_typeof(" + value + ") WHEN 'number' THEN " + compared + " ELSE false END"


def _threshold(bound: Threshold, editions: Sequence[Thresholds]) -> Sql:
    """Return the threshold of the edition in force when it happened, for the device class that an answer names."""
    if not editions:
        raise Unreckonable("a condition speaks of the fever threshold, but the pack has no protocol")
    device = _answer(bound.fever_c.removeprefix(f"{ANSWERS}."))
    cases = []
    for edition in editions:
        when = _all(within(Window(edition.start, edition.end)))
        known = join((Sql("WHEN %s THEN %s", (name, _exact(value))) for name, value in edition.values), " ")
        strictest = Sql(" ELSE %s END", (_exact(min(value for _, value in edition.values)),))
        cases.append("WHEN " + when + " THEN CASE " + device + " #>> '{}' " + known + strictest)
    return "(CASE " + join(cases, " ") + " END)"


def _any_row(head: str, conditions: Sequence[tuple[str, Condition]], thresholds: Sequence[Thresholds]) -> Sql:
    """Return the condition that one row of a repeat (or the group itself, where it is no repeat) fulfils all."""
    group = _path(head)
    in_row = _all([_meets(Sql("(r.row -> %s)", (name,)), condition, thresholds) for name, condition in conditions])
    inside = [
        _meets(_answer(f"{head.partition('.')[2]}.{name}"), condition, thresholds) for name, condition in conditions
    ]
    rows = " FROM jsonb_array_elements(" + group + ") AS r(row)"
    some = "EXISTS (SELECT 1" + rows + " WHERE " + in_row + ")"
    return "CASE jsonb_typeof(" + group + ") WHEN 'array' THEN " + some + " ELSE " + _all(inside) + " END"


def _presence(column: Sql, bounds: Bounds) -> list[Sql]:
    if bounds.missing is None:
        return []
    return [column + (" IS NULL" if bounds.missing else " IS NOT NULL")]


def _limits(bounds: Bounds) -> Iterable[tuple[str, Any]]:
    return ((word, getattr(bounds, word)) for word in OPERATORS if getattr(bounds, word) is not None)


def _refused(some: bool) -> list[Sql]:
    # A number is never within bounds that are a text, nor the other way round.
    return [Sql("false")] if some else []


def _listed(condition: Condition) -> tuple[Plain, ...]:
    assert not isinstance(condition, Bounds)
    return condition if isinstance(condition, tuple) else (condition,)


def _exact(value: Any) -> Decimal:
    # 37.3 as written in the pack, not as the nearest binary fraction.
    return Decimal(str(value))


def _all(pieces: Sequence[Sql]) -> Sql:
    return "(" + join(pieces, " AND ") + ")" if pieces else Sql("true")

"""Conditions as data: equality, a list, bounds, answered or not. Never a script.

A condition set (`Where`) is read by protocols, reactions and figures alike. Its keys are paths: an entry's column
(`place`, `quantity` …) or an answer (`answers.decision`); a protocol rule names its answers without the prefix. A
path through a repeat (`occupants.temperature`) holds when one row fulfils every condition on that repeat.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, TypeAlias

from pydantic import (
    BeforeValidator,
    Discriminator,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    Tag,
    model_validator,
)

from lianfang.pack.text import Part


def _plain(given: Any) -> Any:
    if not isinstance(given, str | bool | int | float):
        raise ValueError("a text, a number, true or false")
    return given


Plain: TypeAlias = Annotated[StrictStr | StrictBool | StrictInt | StrictFloat, BeforeValidator(_plain)]


class Threshold(Part):
    """The protocol's fever threshold for the device class that an answer names; the strictest where it names none."""

    fever_c: str

    def value(self, answers: Mapping[str, Any], thresholds: Mapping[str, float]) -> float:
        """Return the threshold in degrees Celsius."""
        return thresholds.get(str(found(answers, self.fever_c)), min(thresholds.values()))


def _limit(given: Any) -> Any:
    if isinstance(given, Mapping) and set(given) == {"fever_c"} and isinstance(given["fever_c"], str):
        return Threshold(fever_c=given["fever_c"])
    if isinstance(given, bool) or not isinstance(given, int | float | str | Threshold):
        raise ValueError("a number, a date as text, or {fever_c: the question that names the device class}")
    return float(given) if isinstance(given, int) else given


Limit: TypeAlias = Annotated[float | str | Threshold, BeforeValidator(_limit)]


class Bounds(Part):
    """Bounds on a number (or on an ISO date), or whether there is an answer at all."""

    gte: Limit | None = None
    gt: Limit | None = None
    lte: Limit | None = None
    lt: Limit | None = None
    missing: bool | None = None

    @model_validator(mode="after")
    def _some(self) -> "Bounds":
        if not self.model_fields_set:
            raise ValueError("bounds need at least one of gte, gt, lte, lt, missing")
        return self


def _sort(given: Any) -> str:
    if isinstance(given, Mapping | Bounds):
        return "bounds"
    return "list" if isinstance(given, list | tuple) else "value"


# Which of the three it is can be seen, so that a fault speaks of that one only.
Condition: TypeAlias = Annotated[
    Annotated[Plain, Tag("value")] | Annotated[Bounds, Tag("bounds")] | Annotated[tuple[Plain, ...], Tag("list")],
    Discriminator(_sort),
]
Where: TypeAlias = dict[str, Condition]


def found(answers: Mapping[str, Any], path: str) -> Any:
    """Return the value at a path, or None; `answers.` in front is looked up like any other mapping."""
    value: Any = answers
    for name in path.split("."):
        if not isinstance(value, Mapping):
            return None
        value = value.get(name)
    return value


def holds(where: Mapping[str, Condition], answers: Mapping[str, Any], thresholds: Mapping[str, float]) -> bool:
    """Say whether all conditions hold.

    Args:
        where: path to condition.
        answers: the answers (or, for reactions, the entry's columns with its `answers` inside).
        thresholds: device class to fever threshold in degrees Celsius, of the protocol in force.
    """
    rows: dict[str, dict[str, Condition]] = {}
    for path, condition in where.items():
        head, _, rest = path.rpartition(".")
        if head and isinstance(found(answers, head), Sequence):
            rows.setdefault(head, {})[rest] = condition
        elif not meets(condition, found(answers, path), answers, thresholds):
            return False
    return all(
        any(
            all(meets(each, row.get(name), answers, thresholds) for name, each in conditions.items())
            for row in found(answers, head)
        )
        for head, conditions in rows.items()
    )


def meets(condition: Condition, value: Any, answers: Mapping[str, Any], thresholds: Mapping[str, float]) -> bool:
    """Say whether one value meets one condition; nothing but `missing: true` is met by no answer."""
    if isinstance(condition, Bounds):
        return _within(condition, value, answers, thresholds)
    if isinstance(condition, tuple):
        return any(_same(each, value) for each in condition)
    return _same(condition, value)


def _same(wanted: Plain, value: Any) -> bool:
    # True is not 1 here: a yes-or-no answer never equals a number.
    return value == wanted and isinstance(value, bool) == isinstance(wanted, bool)


def _within(bounds: Bounds, value: Any, answers: Mapping[str, Any], thresholds: Mapping[str, float]) -> bool:
    if bounds.missing is not None and (value is None) != bounds.missing:
        return False
    for name in ("gte", "gt", "lte", "lt"):
        bound = getattr(bounds, name)
        if bound is None:
            continue
        limit = bound.value(answers, thresholds) if isinstance(bound, Threshold) else bound
        if value is None or isinstance(value, bool) or isinstance(value, str) != isinstance(limit, str):
            return False
        if not _ordered(name, value, limit):
            return False
    return True


def _ordered(name: str, value: Any, limit: Any) -> bool:
    if name == "gte":
        return bool(value >= limit)
    if name == "gt":
        return bool(value > limit)
    return bool(value <= limit) if name == "lte" else bool(value < limit)

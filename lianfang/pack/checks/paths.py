"""Whether a condition speaks about something that a form really asks."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from lianfang.pack.conditions import Bounds, Condition, Threshold
from lianfang.pack.forms import Field, Form
from lianfang.pack.reading import Gathered

COLUMNS = ("id", "kind", "at", "place", "area", "subject", "unit", "device", "quantity")
NUMBERS = ("integer", "decimal")


def one_of(names: Iterable[str], given: str = "") -> str:
    """Return what would be right: the names, those most like the given one first."""
    known = sorted(set(names))
    near = get_close_matches(given, known, n=3, cutoff=0.6)
    told = [*near, *(each for each in known if each not in near)]
    return "one of " + ", ".join(told[:12]) + (" …" if len(told) > 12 else "") if told else "none is declared yet"


class Conditions:
    """Checks the conditions of one part."""

    def __init__(self, gathered: Gathered, sort: str, name: str, *within: str | int) -> None:
        self.gathered, self.sort, self.name, self.within = gathered, sort, name, within

    def fault(self, message: str, expected: str, *within: str | int) -> None:
        """Note a fault of the part."""
        self.gathered.fault_at(self.sort, self.name, message, expected, *self.within, *within)

    def where(
        self, where: Mapping[str, Condition], kinds: Iterable[str], *, key: str, prefix: bool, thresholds: bool
    ) -> None:
        """Check conditions against the forms they will meet.

        Args:
            where: path to condition.
            key: under which they stand in the part.
            kinds: the forms.
            prefix: answers are written `answers.NAME`, as in figures and reactions.
            thresholds: whether a fever threshold may be named.
        """
        forms = self.gathered.parts["forms"]
        inner = Conditions(self.gathered, self.sort, self.name, *self.within, key)
        for path, condition in where.items():
            if isinstance(condition, Bounds) and not thresholds and _thresholds(condition):
                inner.fault(f"{path}: a figure cannot name a fever threshold.", "a number", path)
            for kind in kinds:
                if kind in forms:
                    inner._one(path, condition, forms[kind], prefix)

    def _one(self, path: str, condition: Condition, form: Form, prefix: bool) -> None:
        field = self.answer(path, form, prefix)
        if field is None:
            return
        for value in _plain(condition):
            if field.choices and value not in {each.name for each in field.choices}:
                told = f"{path}: {value!r} is no choice of {field.name!r} in the form {form.kind!r}."
                self.fault(told, one_of((each.name for each in field.choices), str(value)), path)
        if isinstance(condition, Bounds):
            for threshold in _thresholds(condition):
                self.answer(threshold.fever_c, form, prefix)

    def answer(self, path: str, form: Form, prefix: bool, key: str = "") -> Field | None:
        """Return the field a path names; None for a column, or with a fault where there is no such thing.

        Args:
            path: a column, an answer, or a row's answer.
            form: where it should be asked.
            prefix: answers are written `answers.NAME`.
            key: under which the path stands in the part; it is a key itself where this is empty.
        """
        name = path.removeprefix("answers.") if prefix else path
        if prefix and name == path:
            if path not in COLUMNS:
                told = f"{path!r} is no column of an entry."
                self.fault(told, one_of((*COLUMNS, *(f"answers.{each}" for each, _ in form.walk())), path), key or path)
            return None
        field = form.field(name)
        if field is None:
            told = f"The form {form.kind!r} has no question {name!r}."
            self.fault(told, one_of((each for each, _ in form.walk()), name), key or path)
        elif field.personal:
            told = f"{name!r} is personal: it lies in the vault and cannot be counted or decided by."
            self.fault(told, "a question that is not personal", key or path)
        return field


def _thresholds(bounds: Bounds) -> list[Threshold]:
    given = (bounds.gte, bounds.gt, bounds.lte, bounds.lt)
    return [each for each in given if isinstance(each, Threshold)]


def _plain(condition: Condition) -> list[Any]:
    if isinstance(condition, Bounds):
        return []
    return list(condition) if isinstance(condition, tuple) else [condition]

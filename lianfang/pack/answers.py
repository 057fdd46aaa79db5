"""Checking answers against a form, fast: each form is compiled once into plain closures.

This stands on the ingest path at ten thousand rows a second, so a right answer costs a dictionary look-up and one
call, and words are only made for a wrong one. Any Chinese character passes, those beyond the basic plane too; only
unpaired surrogates and NUL, which no database can hold, are refused.
"""

import re
from collections import ChainMap
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from functools import partial
from math import isfinite
from typing import Any, NamedTuple

from lianfang.pack.conditions import Bounds, holds
from lianfang.pack.forms import MOST_ROWS, Field, Form
from lianfang.pack.wording import say

UNHOLDABLE = re.compile("[\x00\ud800-\udfff]")
GEOPOINT = re.compile(r"-?\d{1,2}(\.\d+)? -?\d{1,3}(\.\d+)?( -?\d+(\.\d+)?){0,2}")
FILE_NAME = re.compile(r"[^/\\]{1,200}")


class AnswerFault(NamedTuple):
    """What is wrong with one answer; rows of a repeat are numbered from 1, as in `occupants[2].temperature`."""

    field: str
    code: str
    message: str
    expected: str


class Checked(NamedTuple):
    """The verdict on one entry's answers."""

    clean: dict[str, Any]
    personal: dict[str, Any]
    quantity: float | int | None
    faults: list[AnswerFault]


class WrongAnswer(Exception):
    """One answer is wrong: a code, and the words for what would be right."""

    def __init__(self, code: str, expected: str, **words: Any) -> None:
        self.code, self.expected, self.words = code, expected, words


Read = Callable[[Any], Any]
Sink = Callable[[str, str, str, Mapping[str, Any]], None]
MESSAGES = {
    "unknown_field": "“{label}” is not a question of this form.",
    "required": "“{label}” has no answer.",
    "not_relevant": "“{label}” does not apply to the other answers.",
    "wrong_type": "“{label}” is not of the right kind.",
    "out_of_range": "“{label}” is outside what is possible.",
    "not_a_choice": "“{label}” is not one of the answers offered.",
    "wrong_pattern": "“{label}” is not written as it should be.",
    "too_long": "“{label}” is too long.",
    "too_many": "“{label}” has too many rows.",
    "forbidden_character": "“{label}” holds a character that cannot be stored.",
}


def compiled(form: Form) -> Callable[[Any, str], Checked]:
    """Return the checking function of a form."""
    read = _rows(form.fields)
    personal = form.personal
    quantity = _quantity(form)
    labels = {path: field.label for path, field in form.walk()}

    def check(answers: Any, language: str) -> Checked:
        faults: list[AnswerFault] = []

        def fault(path: str, code: str, expected: str, words: Mapping[str, Any]) -> None:
            label = labels.get(re.sub(r"\[\d+\]", "", path))
            message = say(MESSAGES[code], language, label=label.in_(language) if label else path)
            faults.append(AnswerFault(path, code, message, say(expected, language, **words)))

        if not isinstance(answers, Mapping):
            fault("answers", "wrong_type", "An object: the name of each question and its answer.", {})
            return Checked({}, {}, None, faults)
        clean = read(answers, "", fault, None)
        vault = {personal[name]: clean.pop(name) for name in personal if name in clean} if personal else {}
        return Checked(clean, vault, quantity(clean), faults)

    return check


def _rows(
    fields: tuple[Field, ...],
) -> Callable[[Mapping[str, Any], str, Sink, Mapping[str, Any] | None], dict[str, Any]]:
    readers: dict[str, Read] = {field.name: _reader(field) for field in fields if field.answered and not field.fields}
    repeats = {field.name: _rows(field.fields) for field in fields if field.type == "repeat"}
    needed = [(field.name, field.type == "repeat") for field in fields if field.required and not field.relevant]
    conditional = [field for field in fields if field.relevant and field.answered]
    told = ", ".join(field.name for field in fields if field.answered)

    def read(answers: Mapping[str, Any], path: str, fault: Sink, outer: Mapping[str, Any] | None) -> dict[str, Any]:
        clean: dict[str, Any] = {}
        for name, value in answers.items():
            if value is None or value == "":
                continue
            reader = readers.get(name)
            if reader is not None:
                try:
                    clean[name] = reader(value)
                except WrongAnswer as wrong:
                    fault(path + name, wrong.code, wrong.expected, wrong.words)
            elif name in repeats:
                clean[name] = _repeat(name, value, path, repeats[name], fault, answers)
            else:
                fault(path + str(name)[:80], "unknown_field", "One of: {names}", {"names": told})
        for name, _repeated in needed:
            # An answer that is there but wrong has had its fault already.
            if name not in clean and answers.get(name) in (None, ""):
                fault(path + name, "required", "An answer is needed.", {})
            elif _repeated and clean.get(name) == [] and answers.get(name) == []:
                fault(path + name, "required", "At least one row is needed.", {})
        for field in conditional:
            _relevance(field, clean, answers, path, fault, outer)
        return clean

    return read


def _repeat(
    name: str, value: Any, path: str, read: Callable[..., dict[str, Any]], fault: Sink, outer: Mapping[str, Any]
) -> list[dict[str, Any]]:
    if not isinstance(value, list):
        fault(path + name, "wrong_type", "A list of rows.", {})
        return []
    if len(value) > MOST_ROWS:
        fault(path + name, "too_many", "At most {most} rows.", {"most": MOST_ROWS})
        return []
    rows = []
    for number, row in enumerate(value, 1):
        if isinstance(row, Mapping):
            rows.append(read(row, f"{path}{name}[{number}].", fault, outer))
        else:
            fault(f"{path}{name}[{number}]", "wrong_type", "A row: the name of each question and its answer.", {})
    return rows


def _relevance(
    field: Field,
    clean: dict[str, Any],
    answers: Mapping[str, Any],
    path: str,
    fault: Sink,
    outer: Mapping[str, Any] | None,
) -> None:
    seen = ChainMap(dict(answers), dict(outer)) if outer else answers
    relevant = holds(field.relevant, seen, {"": 0.0})
    if relevant and field.required and field.name not in clean and answers.get(field.name) in (None, ""):
        fault(path + field.name, "required", "An answer is needed.", {})
    if not relevant and field.name in clean:
        fault(path + field.name, "not_relevant", "Leave it out.", {})


def _quantity(form: Form) -> Callable[[Mapping[str, Any]], float | int | None]:
    word = form.quantity
    if not word:
        return lambda clean: None
    if word.isdigit():
        number = int(word)
        return lambda clean: number
    if word.startswith("count("):
        repeat = word[len("count(") : -1]
        return lambda clean: len(clean.get(repeat, ()))
    return lambda clean: clean.get(word)


def _reader(field: Field) -> Read:
    names = frozenset(each.name for each in field.choices)
    makers: dict[str, Callable[[], Read]] = {
        "integer": lambda: partial(_number, field.bounds, True),
        "decimal": lambda: partial(_number, field.bounds, False),
        "select_one": lambda: partial(_one, names),
        "select_multiple": lambda: partial(_several, names),
        "date": lambda: partial(_dated, date.fromisoformat, re.compile(r"\d{4}-\d\d-\d\d"), "2020-02-05"),
        "time": lambda: partial(_dated, time.fromisoformat, re.compile(r"\d\d:\d\d(:\d\d)?"), "17:00"),
        "dateTime": lambda: _instant,
        "geopoint": lambda: partial(_text, GEOPOINT, 80, "34.802 113.298"),
        "image": lambda: partial(_text, FILE_NAME, 200, "photo.jpg"),
    }
    if field.type in makers:
        return makers[field.type]()
    return partial(_text, re.compile(field.pattern) if field.pattern else None, field.longest, field.pattern or "")


def _number(bounds: Bounds | None, whole: bool, value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int if whole else int | float) or not _finite(value):
        raise WrongAnswer("wrong_type", "A whole number." if whole else "A number.")
    if bounds is not None and not _between(bounds, value):
        raise WrongAnswer("out_of_range", "A number {bounds}.", bounds=_written(bounds))
    return value


def _finite(value: float) -> bool:
    # A whole number that no column could hold is as impossible as infinity.
    return -(2**53) <= value <= 2**53 if isinstance(value, int) else isfinite(value)


def _between(bounds: Bounds, value: float) -> bool:
    return (
        (bounds.gte is None or value >= bounds.gte)  # type: ignore[operator]
        and (bounds.lte is None or value <= bounds.lte)  # type: ignore[operator]
        and (bounds.gt is None or value > bounds.gt)  # type: ignore[operator]
        and (bounds.lt is None or value < bounds.lt)  # type: ignore[operator]
    )


def _written(bounds: Bounds) -> str:
    signs = (("gte", "≥"), ("gt", ">"), ("lte", "≤"), ("lt", "<"))
    told = [f"{sign} {getattr(bounds, name):g}" for name, sign in signs if getattr(bounds, name) is not None]
    return ", ".join(told)


def _one(names: frozenset[str], value: Any) -> str:
    if not isinstance(value, str) or value not in names:
        raise WrongAnswer("not_a_choice", "One of: {names}", names=", ".join(sorted(names)))
    return value


def _several(names: frozenset[str], value: Any) -> list[str]:
    if not isinstance(value, list):
        raise WrongAnswer("wrong_type", "A list of: {names}", names=", ".join(sorted(names)))
    return [_one(names, each) for each in value]


def _text(pattern: re.Pattern[str] | None, longest: int, example: str, value: Any) -> str:
    if not isinstance(value, str):
        raise WrongAnswer("wrong_type", "A text.")
    if UNHOLDABLE.search(value):
        raise WrongAnswer("forbidden_character", "Text without NUL and without halves of a character.")
    if len(value) > longest:
        raise WrongAnswer("too_long", "At most {most} characters.", most=longest)
    if pattern is not None and not pattern.fullmatch(value):
        raise WrongAnswer("wrong_pattern", "Written like this: {example}", example=example)
    return value


def _dated(parse: Callable[[str], Any], shape: re.Pattern[str], example: str, value: Any) -> str:
    # `shape` first: fromisoformat also takes 20200205 and week dates, which no screen prints.
    if isinstance(value, str) and shape.fullmatch(value):
        try:
            parse(value)
        except ValueError:
            pass
        else:
            return value
    raise WrongAnswer("wrong_pattern", "Written like this: {example}", example=example)


def _instant(value: Any) -> str:
    if isinstance(value, str):
        try:
            read = datetime.fromisoformat(value)
        except ValueError:
            pass
        else:
            if read.tzinfo is not None:
                return value
    raise WrongAnswer("wrong_pattern", "Written like this: {example}", example="2020-02-05T17:00:00+08:00")

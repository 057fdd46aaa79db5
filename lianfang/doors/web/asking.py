"""A pack's form as a page: what to ask, what was answered, where it was wrong."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from lianfang.doors.web import house
from lianfang.pack import AnswerFault, Field, Form

# A select with more choices than this is a list to open; with fewer all are on the page.
SHOWN = 7
LONG = 500
MOST_ROWS = 20


@dataclass(frozen=True, slots=True)
class Question:
    """One question ready to be drawn."""

    name: str
    label: str
    hint: str
    widget: str
    required: bool
    personal: bool
    value: Any = ""
    choices: list[tuple[str, str]] = field(default_factory=list)
    relevant: str = ""
    step: str = ""
    low: float | None = None
    high: float | None = None
    faults: tuple[str, ...] = ()
    rows: list[list["Question"]] = field(default_factory=list)
    blank: list["Question"] = field(default_factory=list)


def questions(form: Form, given: QueryDict | None, faults: list[AnswerFault]) -> list[Question]:
    """Return the questions of a form, with what was sent and what is wrong with it.

    Args:
        form: of the pack.
        given: what was sent; None for a form just opened, which shows the defaults.
        faults: of the answers sent.
    """
    wrong: dict[str, list[str]] = {}
    for each in faults:
        wrong.setdefault(each.field, []).append(f"{each.message} {each.expected}".strip())
    return [_question(each, each.name, each.name, given, wrong) for each in form.fields if each.answered]


def answers(form: Form, given: QueryDict) -> dict[str, Any]:
    """Return what was sent as answers of the form: numbers as numbers, rows as lists, what is empty left out."""
    return _answers(form.fields, given, "")


def _answers(fields: tuple[Field, ...], given: QueryDict, path: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for each in fields:
        name = path + each.name
        if each.fields:
            found[each.name] = [_answers(each.fields, given, f"{name}.{number}.") for number in _numbers(name, given)]
        elif each.answered and name in given:
            value = _typed(each, given, name)
            if value not in ("", []):
                found[each.name] = value
    return found


def _numbers(name: str, given: QueryDict) -> list[int]:
    """Return the numbers of the rows in which anything was answered."""
    answered = (key for key, value in given.items() if key.startswith(f"{name}.") and str(value).strip())
    numbers = {key[len(name) + 1 :].split(".")[0] for key in answered}
    return sorted(int(number) for number in numbers if number.isdigit())[:MOST_ROWS]


def _typed(asked: Field, given: QueryDict, name: str) -> Any:
    if asked.type == "select_multiple":
        return [value for value in given.getlist(name) if value]
    value = given.get(name, "").strip()
    if asked.type == "integer":
        return int(value) if value.lstrip("+-").isdecimal() and value.isascii() else value
    if asked.type == "decimal":
        return _decimal(value)
    if asked.type == "dateTime" and value and "+" not in value and not value.endswith("Z"):
        # A browser's clock field has no zone; the house's is meant.
        return f"{value if value.count(':') > 1 else value + ':00'}+08:00"
    return value


def _decimal(value: str) -> float | str:
    try:
        return float(value)
    except ValueError:
        return value


def _question(asked: Field, name: str, sent: str, given: QueryDict | None, wrong: Mapping[str, list[str]]) -> Question:
    """Return a question called `name` on the page, which came back under the name `sent`."""
    value: Any = asked.default or "" if given is None else given.get(sent, "")
    if asked.type == "select_multiple":
        value = given.getlist(sent) if given is not None else [asked.default] if asked.default else []
    rows, blank = _rows(asked, name, given, wrong) if asked.fields else ([], [])
    bounds = asked.bounds
    return Question(
        name=name,
        label=house.say(asked.label),
        hint=house.say(asked.hint),
        widget=_widget(asked),
        required=asked.required,
        personal=asked.personal is not None,
        value=value,
        choices=[(each.name, house.say(each.label)) for each in asked.choices],
        relevant=_relevant(asked),
        step={"integer": "1", "decimal": "any"}.get(asked.type, ""),
        low=_number(bounds.gte) if bounds else None,
        high=_number(bounds.lte) if bounds else None,
        faults=tuple(wrong.get(_fault_path(name), ())),
        rows=rows,
        blank=blank,
    )


def _rows(
    asked: Field, name: str, given: QueryDict | None, wrong: Mapping[str, list[str]]
) -> tuple[list[list[Question]], list[Question]]:
    inner = [each for each in asked.fields if each.answered]
    numbers = (_numbers(name, given) if given is not None else [0]) or [0]
    # Rows are shown anew without gaps, as their faults are numbered.
    rows = [
        [_question(each, f"{name}.{place}.{each.name}", f"{name}.{number}.{each.name}", given, wrong) for each in inner]
        for place, number in enumerate(numbers)
    ]
    return rows, [_question(each, f"{name}.__row__.{each.name}", "", None, {}) for each in inner]


def _fault_path(name: str) -> str:
    parts = name.split(".")
    return f"{parts[0]}[{int(parts[1]) + 1}].{parts[2]}" if len(parts) == 3 and parts[1].isdigit() else name


def _widget(asked: Field) -> str:
    if asked.fields:
        return "repeat"
    if asked.type in ("select_one", "select_multiple"):
        return asked.type if len(asked.choices) <= SHOWN or asked.type == "select_multiple" else "list"
    if asked.type == "text" and asked.longest >= LONG and not asked.pattern and not asked.personal:
        return "long"
    return {"integer": "number", "decimal": "number", "date": "date", "time": "time", "dateTime": "datetime-local"}.get(
        asked.type, "text"
    )


def _relevant(asked: Field) -> str:
    """Return the conditions a browser can follow: answers that must be equal to a word."""
    if asked.relevant and all(isinstance(each, str) for each in asked.relevant.values()):
        return json.dumps(dict(asked.relevant))
    return ""


def _number(bound: Any) -> float | None:
    return bound if isinstance(bound, int | float) else None

"""The district's words as the pages need them: the pack, and the names of the codes on a page."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import get_language

from lianfang import pack as packs
from lianfang.clock import SHANGHAI
from lianfang.pack import Form, Pack, Protocol, Text
from lianfang.registry.models import Area, Place, Unit

# The one field name the house itself knows: what was decided about a vehicle or a person.
DECISION = "decision"
TONES = ("good", "attention", "bad")


def pack() -> Pack:
    """Return the pack this house runs."""
    return packs.read(settings.PACK)


def language() -> str:
    """Return the reader's language as packs name it."""
    return get_language() or settings.LANGUAGE_CODE


def say(text: Text | None) -> str:
    """Return a text of the pack in the reader's language."""
    return text.in_(language()) if text else ""


def english() -> bool:
    """Say whether the reader reads English."""
    return language().startswith("en")


def protocol(at: datetime) -> Protocol | None:
    """Return the protocol in force at an instant, or None between editions."""
    try:
        return pack().protocols.on(at.astimezone(SHANGHAI).date())
    except LookupError:
        return None


@dataclass(frozen=True, slots=True)
class Names:
    """The names of areas, places and units by their codes, in the reader's language."""

    areas: Mapping[str, str]
    places: Mapping[str, str]
    units: Mapping[str, str]


def names(rows: Iterable[Any]) -> Names:
    """Return the names of every code on some rows that have `area`, `place` and `unit`; a code unknown names itself."""
    held = list(rows)
    return Names(
        areas=_named(Area, {row.area for row in held}),
        places=_named(Place, {row.place for row in held}),
        units=_named(Unit, {row.unit for row in held}),
    )


def place_names(codes: Iterable[str]) -> dict[str, str]:
    """Return the names of places by their codes."""
    return _named(Place, set(codes))


def unit_names(codes: Iterable[str]) -> dict[str, str]:
    """Return the names of units by their codes."""
    return _named(Unit, set(codes))


def area_names(codes: Iterable[str]) -> dict[str, str]:
    """Return the names of areas by their codes."""
    return _named(Area, set(codes))


def _named(model: type[Area] | type[Place] | type[Unit], codes: set[str]) -> dict[str, str]:
    wanted = {code for code in codes if code}
    found = {code: code for code in wanted}
    if not wanted:
        return found
    # The latest edition of a code comes last and gives the name.
    for row in model._default_manager.filter(code__in=wanted).order_by("valid_from"):
        plain = (getattr(row, "short", "") or row.name) if model is Unit else row.name
        found[row.code] = (row.name_en or plain) if english() else plain
    return found


@dataclass(frozen=True, slots=True)
class Told:
    """One answer in words."""

    label: str
    value: str
    tone: str = ""
    personal: bool = False


def kind_title(kind: str) -> str:
    """Return what an entry of a kind is called."""
    form = pack().forms.get(kind)
    return say(form.title) if form else kind


def decision(form: Form | None, answers: Mapping[str, Any]) -> Told | None:
    """Return what was decided, with the tone of its place among the choices: the first is the good one."""
    field = form.field(DECISION) if form else None
    value = answers.get(DECISION)
    if field is None or value is None:
        return None
    for place, choice in enumerate(field.choices):
        if choice.name == value:
            return Told(say(field.label), say(choice.label), TONES[min(place, len(TONES) - 1)])
    return Told(say(field.label), str(value))


def told(form: Form | None, answers: Mapping[str, Any], path: str = "") -> list[Told]:
    """Return every answer in words, in the order of the form; repeats are numbered from 1."""
    if form is None:
        return [Told(name, str(value)) for name, value in answers.items()]
    found: list[Told] = []
    for field in form.fields:
        if field.name not in answers:
            continue
        value = answers[field.name]
        if field.type == "repeat" and isinstance(value, list):
            for number, row in enumerate(value, 1):
                inner = "、".join(_value(each, row[each.name]) for each in field.fields if each.name in row)
                found.append(Told(f"{say(field.label)} {number}", inner))
        else:
            found.append(Told(say(field.label), _value(field, value)))
    return found


def summary(form: Form | None, answers: Mapping[str, Any], most: int = 4) -> str:
    """Return the telling answers in one line: not the decision, which stands beside it, nor what is as usual."""
    if form is None:
        parts = [f"{name} {value}" for name, value in answers.items()]
    else:
        kept = [each for each in form.fields if each.name in answers and each.name != DECISION]
        parts = [_brief(each, answers[each.name]) for each in kept if answers[each.name] != each.default]
    return " · ".join(parts[:most]) + (" …" if len(parts) > most else "")


def _brief(field: Any, value: Any) -> str:
    if field.type != "repeat" or not isinstance(value, list):
        return f"{say(field.label)} {_value(field, value)}"
    first = [_value(each, row[each.name]) for row in value for each in field.fields[:1] if each.name in row]
    return f"{say(field.label)} {'、'.join(first)}"


def _value(field: Any, value: Any) -> str:
    if field.type in ("select_one", "select_multiple"):
        labels = {choice.name: say(choice.label) for choice in field.choices}
        chosen = value if isinstance(value, list) else [value]
        return "、".join(labels.get(each, str(each)) for each in chosen)
    return str(value)

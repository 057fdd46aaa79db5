"""Forms: what they ask for within themselves, and whether pyxform makes an XForm of them."""

import re

from lianfang.pack.checks.paths import one_of
from lianfang.pack.forms import Field, Form
from lianfang.pack.reading import Gathered

ROW = re.compile(r"\[row : (\d+)\]")


def check(gathered: Gathered) -> None:
    """Check each form's references and let pyxform convert it."""
    kinds = gathered.parts["head"].place_kinds
    for kind, form in gathered.parts["forms"].items():
        for place in form.places:
            if place not in kinds:
                gathered.fault_at("form", kind, f"There is no kind of place {place!r}.", one_of(kinds, place))
        _relevance(gathered, form)
        _thermometers(gathered, form)
        _convert(gathered, kind)


def _relevance(gathered: Gathered, form: Form) -> None:
    names = {path for path, _ in form.walk()}
    for path, field in form.walk():
        inside = path.rpartition(".")[0]
        for name in field.relevant:
            asked = form.field(f"{inside}.{name}") if inside else None
            asked = asked or form.field(name)
            if asked is None:
                told = f"{path!r} depends on {name!r}, which is not asked."
                gathered.fault_at("field", f"{form.kind}.{path}", told, one_of(names, name))
            else:
                _possible(gathered, form, path, field, asked)


def _possible(gathered: Gathered, form: Form, path: str, field: Field, asked: Field) -> None:
    condition = field.relevant[asked.name]
    values = condition if isinstance(condition, tuple) else (condition,)
    for value in values:
        if asked.choices and isinstance(value, str) and value not in {each.name for each in asked.choices}:
            told = f"{path!r} depends on {asked.name} = {value!r}, which is no choice."
            gathered.fault_at(
                "field", f"{form.kind}.{path}", told, one_of((each.name for each in asked.choices), value)
            )


def _thermometers(gathered: Gathered, form: Form) -> None:
    """Every device class a form offers needs a threshold in every protocol."""
    for path, field in form.walk():
        if not field.name.endswith("device_class"):
            continue
        for edition in gathered.parts["protocols"].editions:
            for choice in field.choices:
                if choice.name not in edition.fever_c:
                    told = f"The protocol {edition.edition} has no fever threshold for {choice.name!r}."
                    gathered.fault_at("field", f"{form.kind}.{path}", told, one_of(edition.fever_c, choice.name))


def _convert(gathered: Gathered, kind: str) -> None:
    # Imported here: a server that only reads a pack never needs it.
    from pyxform.errors import PyXFormError
    from pyxform.xls2xform import convert

    file = f"forms/{kind}.md"
    text = (gathered.folder / file).read_text(encoding="utf-8-sig")
    try:
        convert(text)
    except PyXFormError as wrong:
        found = ROW.search(str(wrong))
        gathered.fault(file, _line(text, int(found[1])) if found else 1, f"pyxform: {wrong}", "an XLSForm")


def _line(text: str, row: int) -> int:
    """Return the line of a row that pyxform counts inside the survey, its header being row 1."""
    lines = text.splitlines()
    start = next((number for number, line in enumerate(lines, 1) if line.startswith("| survey")), 1)
    return start + row

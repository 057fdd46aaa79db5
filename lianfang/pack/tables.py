"""Reading one form from its Markdown tables, with the line of every row."""

import re
from dataclasses import dataclass, field
from typing import Any, cast

from lianfang.pack.conditions import Bounds, Where
from lianfang.pack.faults import Fault
from lianfang.pack.forms import LONGEST_TEXT, Choice, Field, FieldType, Form, VaultField
from lianfang.pack.text import Text

SHEETS = ("survey", "choices", "settings")
TYPES = ("text", "barcode", "integer", "decimal", "date", "time", "dateTime", "geopoint", "image", "note", "calculate")
VAULT = ("plate", "document", "document_kind", "name", "phone", "address")
NAME = re.compile(r"[a-z][a-z0-9_]*")
ZH = ("label::中文 (zh)", "label::zh-hans", "label::zh")
EN = ("label::English (en)", "label::en")
COLUMNS = {
    "survey": {"type", "name", "required", "relevant", "constraint", "calculation", "default", "appearance"}
    | {"bind::lf:personal", "parameters"},
    "choices": {"list_name", "name"},
    "settings": {"form_title", "form_id", "version", "default_language", "namespaces"}
    | {"title_en", "lf_quantity", "lf_subject", "lf_source", "lf_places"},
}
_BOUND = re.compile(r"\.\s*(>=|<=|>|<)\s*(-?\d+(?:\.\d+)?)")
_REGEX = re.compile(r"regex\(\s*\.\s*,\s*'([^']*)'\s*\)")
_LENGTH = re.compile(r"string-length\(\s*\.\s*\)\s*<=\s*(\d+)")
_RELEVANT = re.compile(r"\$\{(\w+)\}\s*(!=|>=|<=|=|>|<)\s*('[^']*'|-?\d+(?:\.\d+)?)")
_SELECTED = re.compile(r"selected\(\s*\$\{(\w+)\}\s*,\s*('[^']*')\s*\)")
_SIGNS = {">=": "gte", "<=": "lte", ">": "gt", "<": "lt"}


@dataclass
class Row:
    """One row of a table: its cells by column, and its line."""

    line: int
    cells: dict[str, str]

    def get(self, *names: str) -> str:
        """Return the first of some cells that is filled."""
        return next((self.cells[name] for name in names if self.cells.get(name)), "")


@dataclass
class Reading:
    """One form being read."""

    file: str
    faults: list[Fault]
    choices: dict[str, list[Choice]] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)

    def fault(self, line: int, message: str, expected: str) -> None:
        """Note a fault."""
        self.faults.append(Fault(self.file, line, message, expected))


def read(text: str, file: str, kind: str, faults: list[Fault]) -> tuple[Form | None, dict[str, int]]:
    """Return the form of a Markdown XLSForm (None where it is too broken) and the line of each of its fields.

    Args:
        text: the file's content.
        file: its name, for the faults.
        kind: the kind its name promises; `form_id` must say the same.
        faults: where every fault is added.
    """
    reading = Reading(file, faults)
    before = len(faults)
    sheets = _sheets(text, reading)
    for row in sheets["choices"]:
        _choice(row, reading)
    rows = iter(sheets["survey"])
    fields = _fields(rows, reading, inside=None)
    settings = sheets["settings"][0] if sheets["settings"] else Row(1, {})
    if not fields and len(faults) == before:
        reading.fault(1, "The form has no questions.", "a table `survey` with at least one row")
    _settings(settings, kind, fields, reading)
    if len(faults) > before:
        return None, reading.lines
    form = Form(
        kind=kind,
        title=Text.of(settings.get("form_title"), settings.get("title_en")),
        version=settings.get("version") or "1",
        fields=tuple(fields),
        quantity=settings.get("lf_quantity").replace(" ", ""),
        subject=settings.get("lf_subject"),
        places=tuple(settings.get("lf_places").split()),
        source=settings.get("lf_source"),
    )
    return form, reading.lines


def _sheets(text: str, reading: Reading) -> dict[str, list[Row]]:
    sheets: dict[str, list[Row]] = {name: [] for name in SHEETS}
    sheet = ""
    header: list[str] = []
    for line, written in enumerate(text.splitlines(), 1):
        if not written.startswith("|"):
            continue
        cells = [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", written.strip())[1:]]
        if cells and not cells[-1]:
            cells.pop()
        if cells and cells[0]:
            sheet, header = cells[0], []
            if sheet not in SHEETS:
                reading.fault(line, f"There is no table {sheet!r}.", "one of survey, choices, settings")
        elif sheet in SHEETS and not header:
            header = cells[1:]
            _header(header, sheet, line, reading)
        elif sheet in SHEETS and any(cells):
            if len(cells) - 1 > len(header):
                reading.fault(line, "The row has more cells than its table has columns.", f"{len(header)} cells")
            sheets[sheet].append(Row(line, dict(zip(header, cells[1:], strict=False))))
    return sheets


def _header(header: list[str], sheet: str, line: int, reading: Reading) -> None:
    for column in header:
        known = column in COLUMNS[sheet] or column.split("::")[0] in ("label", "hint", "constraint_message")
        if column and not known:
            allowed = ", ".join(sorted(COLUMNS[sheet]))
            reading.fault(
                line, f"The column {column!r} is not known in the table {sheet}.", f"one of {allowed}, label::…"
            )


def _text(row: Row, what: str, reading: Reading | None) -> Text | None:
    zh = row.get(*(name.replace("label", what) for name in ZH))
    en = row.get(*(name.replace("label", what) for name in EN))
    if zh and en:
        return Text.of(zh, en)
    if reading is not None or zh or en:
        assert reading is not None or zh or en
        if reading is not None:
            name = row.get("name") or row.get("type")
            reading.fault(
                row.line, f"{name!r} has no {what} in both languages.", f"{what}::中文 (zh) and {what}::English (en)"
            )
    return None


def _choice(row: Row, reading: Reading) -> None:
    listed, name = row.get("list_name"), row.get("name")
    if not listed or not name:
        reading.fault(row.line, "A choice needs a list_name and a name.", "both cells filled")
        return
    label = _text(row, "label", reading)
    if any(each.name == name for each in reading.choices.get(listed, ())):
        reading.fault(row.line, f"The choice {name!r} is listed twice in {listed!r}.", "each choice once")
    if label:
        reading.choices.setdefault(listed, []).append(Choice(name=name, label=label))


def _fields(rows: Any, reading: Reading, inside: Row | None) -> list[Field]:
    fields: list[Field] = []
    for row in rows:
        kind = row.get("type")
        if kind in ("end_repeat", "end repeat"):
            if inside is None:
                reading.fault(row.line, "end_repeat without begin_repeat.", "a begin_repeat before it")
                continue
            return fields
        field_ = _field(row, kind, rows, reading, inside)
        if field_ is None:
            continue
        if any(each.name == field_.name for each in fields):
            reading.fault(row.line, f"The question {field_.name!r} stands twice.", "a name of its own for each")
        fields.append(field_)
    if inside is not None:
        reading.fault(inside.line, f"The repeat {inside.get('name')!r} has no end.", "a row end_repeat")
    return fields


def _field(row: Row, kind: str, rows: Any, reading: Reading, inside: Row | None) -> Field | None:
    name = row.get("name")
    if not NAME.fullmatch(name):
        reading.fault(row.line, f"{name!r} cannot name a question.", "small letters, digits and _, a letter first")
        return None
    reading.lines[f"{inside.get('name')}.{name}" if inside else name] = row.line
    if kind in ("begin_repeat", "begin repeat"):
        if inside is not None:
            reading.fault(row.line, "A repeat inside a repeat cannot be kept.", "one level of repeats")
        inner = _fields(rows, reading, inside=row)
        label = _text(row, "label", reading)
        return (
            Field(
                name=name,
                type="repeat",
                label=label,
                required=_yes(row),
                relevant=_relevant(row, reading),
                fields=tuple(inner),
            )
            if label
            else None
        )
    return _question(row, name, kind, reading, inside)


def _question(row: Row, name: str, kind: str, reading: Reading, inside: Row | None) -> Field | None:
    base, _, listed = kind.partition(" ")
    choices: tuple[Choice, ...] = ()
    if base in ("select_one", "select_multiple"):
        choices = tuple(reading.choices.get(listed.strip(), ()))
        if not choices:
            reading.fault(
                row.line, f"{name!r} chooses from {listed!r}, which has no choices.", f"rows of {listed!r} in choices"
            )
    elif kind not in TYPES:
        reading.fault(
            row.line, f"{kind!r} is no type of question here.", ", ".join((*TYPES, "select_one LIST", "begin_repeat"))
        )
        return None
    personal = row.get("bind::lf:personal")
    if personal and personal not in VAULT:
        reading.fault(row.line, f"The vault has no field {personal!r}.", ", ".join(VAULT))
    if personal and inside is not None:
        reading.fault(
            row.line,
            "A repeat cannot hold personal answers: they belong to one subject.",
            "the field outside the repeat",
        )
    label = _text(row, "label", reading) if base != "calculate" else _text(row, "label", None) or Text.of(name, name)
    if label is None or (personal and personal not in VAULT):
        return None
    bounds, pattern, longest = _constraint(row, reading)
    return Field(
        name=name,
        type=cast(FieldType, base),
        label=label,
        hint=_text(row, "hint", None),
        required=_yes(row),
        choices=choices,
        bounds=bounds,
        pattern=pattern,
        longest=longest,
        message=_text(row, "constraint_message", None),
        relevant=_relevant(row, reading),
        personal=cast(VaultField, personal) if personal else None,
        default=row.get("default") or None,
        calculation=row.get("calculation") or None,
    )


def _yes(row: Row) -> bool:
    return row.get("required").lower() in ("yes", "true", "true()")


def _constraint(row: Row, reading: Reading) -> tuple[Bounds | None, str | None, int]:
    written = row.get("constraint")
    bounds: dict[str, Any] = {}
    pattern, longest = None, LONGEST_TEXT
    for part in re.split(r"\s+and\s+", written) if written else ():
        if found := _BOUND.fullmatch(part.strip()):
            bounds[_SIGNS[found[1]]] = float(found[2])
        elif found := _LENGTH.fullmatch(part.strip()):
            longest = int(found[1])
        elif (found := _REGEX.fullmatch(part.strip())) and _compiles(found[1]):
            pattern = found[1]
        else:
            reading.fault(
                row.line,
                f"The constraint {part.strip()!r} is outside what a phone can check.",
                "`. >= a and . <= b`, `string-length(.) <= n` or `regex(., '…')`",
            )
    return (Bounds(**bounds) if bounds else None), pattern, longest


def _compiles(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True


def _relevant(row: Row, reading: Reading) -> Where:
    written = row.get("relevant")
    where: dict[str, Any] = {}
    for part in re.split(r"\s+and\s+", written) if written else ():
        read_ = _condition(part.strip().strip("()") if " or " in part else part.strip())
        if read_ is None:
            reading.fault(
                row.line,
                f"The relevance {part.strip()!r} is outside what a phone can check.",
                "`${a} = 'x'`, `${a} = 'x' or ${a} = 'y'`, `${a} >= 1`, `${a} != ''`, joined by and",
            )
        else:
            where[read_[0]] = read_[1]
    return where


def _condition(part: str) -> tuple[str, Any] | None:
    alternatives = [_single(each.strip()) for each in re.split(r"\s+or\s+", part)]
    read_ = [each for each in alternatives if each is not None]
    if len(read_) != len(alternatives) or len({name for name, _ in read_}) != 1:
        return None
    if len(read_) == 1:
        return read_[0]
    if any(isinstance(each, Bounds) for _, each in read_):
        return None
    return read_[0][0], tuple(each for _, each in read_)


def _single(part: str) -> tuple[str, Any] | None:
    if found := _SELECTED.fullmatch(part):
        return found[1], found[2].strip("'")
    found = _RELEVANT.fullmatch(part)
    if not found:
        return None
    name, sign, value = found[1], found[2], found[3]
    if value == "''":
        return (name, Bounds(missing=sign == "=")) if sign in ("=", "!=") else None
    plain: Any = value.strip("'") if value.startswith("'") else float(value)
    if sign == "=":
        return name, plain
    return (name, Bounds(**{_SIGNS[sign]: plain})) if sign in _SIGNS and not isinstance(plain, str) else None


def _settings(settings: Row, kind: str, fields: list[Field], reading: Reading) -> None:
    line = settings.line
    if settings.get("form_id") != kind:
        reading.fault(line, f"form_id is {settings.get('form_id')!r}, the file is called {kind}.md.", f"form_id {kind}")
    for name in ("form_title", "title_en", "lf_source"):
        if not settings.get(name):
            reading.fault(line, f"The setting {name} is empty.", "a text (lf_source: where the record comes from)")
    by_name = {each.name: each for each in fields}
    quantity = settings.get("lf_quantity").replace(" ", "")
    if quantity and not quantity.isdigit():
        counted = re.fullmatch(r"count\((\w+)\)", quantity)
        target = by_name.get(counted[1] if counted else quantity)
        if target is None or (target.type == "repeat") != bool(counted):
            numbers = [each.name for each in fields if each.type in ("integer", "decimal")]
            expected = ", ".join([*numbers, *(f"count({each.name})" for each in fields if each.fields), "a number"])
            reading.fault(line, f"lf_quantity {quantity!r} is no number of this form.", expected)
    subject = settings.get("lf_subject")
    if subject and not (subject in by_name and by_name[subject].personal):
        personal = ", ".join(each.name for each in fields if each.personal) or "a field with bind::lf:personal"
        reading.fault(line, f"lf_subject {subject!r} is no personal field of this form.", personal)

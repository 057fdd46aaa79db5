"""Reading a pack's folder: every file into its model, every fault with file and line."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from lianfang.pack import marks, tables
from lianfang.pack.areas import Area, Place
from lianfang.pack.bulletins import Bulletin
from lianfang.pack.conditions import Bounds
from lianfang.pack.faults import BrokenPack, Fault
from lianfang.pack.figures import Figure, LedgerLine
from lianfang.pack.forms import Form
from lianfang.pack.pack import Head, Pack
from lianfang.pack.protocols import Protocol, Protocols
from lianfang.pack.reactions import DailyDue, Reaction
from lianfang.pack.roles import Demonstration, Role
from lianfang.pack.units import Units

Model = TypeVar("Model", bound=BaseModel)
# What pydantic puts into a path to say which sort of condition it read.
TAGS = ("value", "bounds", "list")


class Origin(NamedTuple):
    """Where a part is declared: file, line, and its path inside a YAML file."""

    file: str
    line: int
    path: marks.Path = ()


@dataclass
class Gathered:
    """What a folder holds, as far as it could be read, and what is wrong with it."""

    folder: Path
    faults: list[Fault] = field(default_factory=list)
    # (sort of part, name) to where it is declared
    origin: dict[tuple[str, str], "Origin"] = field(default_factory=dict)
    # file to the lines of its values, for faults found between files
    lines: dict[str, marks.Lines] = field(default_factory=dict)
    parts: dict[str, Any] = field(default_factory=dict)

    def fault(self, file: str, line: int, message: str, expected: str) -> None:
        """Note a fault."""
        self.faults.append(Fault(file, line, message, expected))

    def fault_at(self, sort: str, name: str, message: str, expected: str, *within: str | int) -> None:
        """Note a fault of a part already read, at its line or at the line of a value within it."""
        origin = self.origin.get((sort, name), Origin(sort, 1))
        lines = self.lines.get(origin.file, {})
        line = marks.line_of(lines, (*origin.path, *within)) if within and lines else origin.line
        self.fault(origin.file, max(line, origin.line), message, expected)

    def declared(self, sort: str, name: str) -> bool:
        """Say whether a part is written down at all, readable or not: a broken one has had its faults already."""
        return (sort, name) in self.origin

    def text(self, name: str) -> str | None:
        """Return a file's content, or None with a fault where it is missing or not UTF-8."""
        try:
            return (self.folder / name).read_text(encoding="utf-8-sig")
        except FileNotFoundError:
            self.fault(name, 1, "The file is missing.", f"a file {name} in the pack's folder")
        except UnicodeDecodeError as wrong:
            self.fault(name, 1, f"The file is not UTF-8 (byte {wrong.start}).", "a text file saved as UTF-8")
        return None

    def yaml(self, name: str) -> Any:
        """Return a YAML file's data, keeping its lines."""
        text = self.text(name)
        if text is None:
            return None
        data, lines = marks.read(text, name, self.faults)
        self.lines[name] = lines
        return data

    def model(self, kind: type[Model], data: Any, name: str, *path: str | int, line: int = 0) -> Model | None:
        """Return data as a model, or None with every fault of it at its line."""
        try:
            return kind.model_validate(data)
        except ValidationError as wrong:
            for each in wrong.errors(include_url=False):
                where = (*path, *(part for part in each["loc"] if part not in TAGS))
                at = line or marks.line_of(self.lines.get(name, {}), where)
                said, expected = _said(each, kind)
                self.fault(name, at, f"{'.'.join(map(str, where)) or kind.__name__}: {said}", expected)
        return None


def _said(error: Any, kind: type[BaseModel]) -> tuple[str, str]:
    told = str(error["msg"]).removeprefix("Value error, ")
    sort = error["type"]
    if sort == "missing":
        return "This key is missing.", f"a value for {error['loc'][-1]!r}"
    if sort == "extra_forbidden":
        return f"The key {error['loc'][-1]!r} is not known here.", _keys(kind, error["loc"])
    if sort == "value_error":
        return f"{_given(error)} is not allowed.", told
    return f"{_given(error)} is not allowed.", told[0].lower() + told[1:]


def _given(error: Any) -> str:
    given = json.dumps(error.get("input"), ensure_ascii=False, default=str)
    return given if len(given) <= 60 else f"{given[:57]}…"


def _keys(kind: type[BaseModel], loc: tuple[Any, ...]) -> str:
    """Return the keys that the innermost model on the way to a value knows."""
    for part in loc[:-1]:
        fields = {each.alias or name: each for name, each in kind.model_fields.items()}
        if isinstance(part, str) and part in fields:
            kind = next(_models(fields[part].annotation), kind)
        elif part == "bounds":
            kind = Bounds
    return "one of " + ", ".join(each.alias or name for name, each in kind.model_fields.items())


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)


def gather(folder: Path) -> Gathered:
    """Read every file of a pack, collecting every fault on the way."""
    gathered = Gathered(folder)
    parts = gathered.parts
    parts["head"] = _single(gathered, Head, "pack.yaml")
    parts["areas"] = tuple(_csv(gathered, Area, "areas"))
    parts["places"] = tuple(_csv(gathered, Place, "places"))
    parts["units"] = _units(gathered)
    parts["roles"] = _mapping(gathered, Role, "roles.yaml", "role")
    if (folder / "demonstration.yaml").exists():
        parts["demonstration"] = _single(gathered, Demonstration, "demonstration.yaml")
    parts["protocols"] = _protocols(gathered)
    parts["forms"] = _forms(gathered)
    parts["figures"] = {}
    for file in _files(folder, "figures", "yaml"):
        parts["figures"] |= _mapping(gathered, Figure, file, "figure", named=True, seen=parts["figures"])
    parts["dues"] = tuple(_sequence(gathered, DailyDue, "dues.yaml", "due"))
    parts["reactions"] = tuple(_sequence(gathered, Reaction, "reactions.yaml", "reaction"))
    parts["bulletins"] = dict(_bulletins(gathered))
    if (folder / "ledger.yaml").exists():
        parts["ledger"] = _mapping(gathered, LedgerLine, "ledger.yaml", "ledger", key="line")
    parts["outline"] = _outline(gathered)
    return gathered


@lru_cache(maxsize=8)
def read(path: str | Path) -> Pack:
    """Return the pack in a folder; read once, then kept.

    Raises:
        BrokenPack: it cannot be read; all faults are in the exception.
    """
    gathered = gather(Path(path))
    if gathered.faults:
        raise BrokenPack(gathered.faults)
    return Pack(path=str(path), **gathered.parts)


def _files(folder: Path, under: str, ending: str) -> list[str]:
    return sorted(f"{under}/{each.name}" for each in (folder / under).glob(f"*.{ending}"))


def _single(gathered: Gathered, kind: type[Model], file: str) -> Model | None:
    data = gathered.yaml(file)
    return gathered.model(kind, data, file) if data is not None else None


def _mapping(
    gathered: Gathered,
    kind: type[Model],
    file: str,
    sort: str,
    *,
    named: bool = False,
    key: str = "name",
    seen: dict[str, Any] | None = None,
) -> dict[str, Model]:
    data = gathered.yaml(file)
    found: dict[str, Model] = {}
    if data is None:
        return found
    if not isinstance(data, dict):
        gathered.fault(file, 1, "The file must be a mapping.", f"the name of each {sort}, then its keys")
        return found
    for name, each in data.items():
        line = marks.line_of(gathered.lines[file], (name,))
        if seen and name in seen:
            gathered.fault(file, line, f"The {sort} {name!r} is declared twice.", "a name of its own")
        given = {key: name, **each} if isinstance(each, dict) and (named or key != "name") else each
        part = gathered.model(kind, given, file, name)
        gathered.origin[sort, name] = Origin(file, line, (name,))
        if part is not None:
            found[name] = part
    return found


def _sequence(gathered: Gathered, kind: type[Model], file: str, sort: str) -> Iterator[Model]:
    if not (gathered.folder / file).exists():
        return
    data = gathered.yaml(file)
    if data is not None and not isinstance(data, list):
        gathered.fault(file, 1, "The file must be a list.", f"`- name: …` for each {sort}")
        return
    for number, each in enumerate(data or ()):
        part = gathered.model(kind, each, file, number)
        if part is not None:
            name = str(each.get("name"))
            line = marks.line_of(gathered.lines[file], (number,))
            gathered.origin[sort, name] = Origin(file, line, (number,))
            yield part


def _csv(gathered: Gathered, kind: type[Model], stem: str) -> Iterator[Model]:
    files = [f"{stem}.csv", *sorted(each.name for each in gathered.folder.glob(f"{stem}-*.csv"))]
    columns = list(kind.model_fields)
    for file in files:
        text = gathered.text(file)
        if text is None:
            continue
        reader = csv.DictReader(io.StringIO(text))
        for column in reader.fieldnames or ():
            if column not in columns:
                gathered.fault(file, 1, f"The column {column!r} is not known.", f"one of {', '.join(columns)}")
        for row in reader:
            if None in row:
                gathered.fault(file, reader.line_num, "The row has more cells than columns.", "one cell a column")
                continue
            given = {name: value for name, value in row.items() if value not in ("", None) and name in columns}
            part = gathered.model(kind, given, file, line=reader.line_num)
            if part is not None:
                gathered.origin.setdefault((stem, given["code"]), Origin(file, reader.line_num))
                yield part


def _units(gathered: Gathered) -> Units | None:
    units = _single(gathered, Units, "units.yaml")
    lines = gathered.lines.get("units.yaml", {})
    if units is None:
        return None

    def origin(sort: str, code: str, *path: str | int) -> None:
        gathered.origin[sort, code] = Origin("units.yaml", marks.line_of(lines, path), path)

    for number, unit in enumerate(units.standing):
        origin("unit", unit.code, "standing", number)
    for number, edition in enumerate(units.editions):
        origin("edition", edition.code, "editions", number)
        for place, unit in enumerate(edition.units):
            origin("unit", unit.code, "editions", number, "units", place)
    return units


def _protocols(gathered: Gathered) -> Protocols:
    editions = []
    for file in _files(gathered.folder, "protocols", "yaml"):
        edition = _single(gathered, Protocol, file)
        if edition is not None:
            gathered.origin["protocol", edition.edition] = Origin(file, 1)
            editions.append(edition)
    if not editions and not gathered.faults:
        gathered.fault("protocols", 1, "There is no protocol.", "at least one file protocols/EDITION.yaml")
    return Protocols(editions=tuple(sorted(editions, key=lambda each: each.valid_from)))


def _forms(gathered: Gathered) -> dict[str, Form]:
    forms = {}
    for file in _files(gathered.folder, "forms", "md"):
        text = gathered.text(file)
        if text is None:
            continue
        kind = Path(file).stem
        form, lines = tables.read(text, file, kind, gathered.faults)
        gathered.origin["form", kind] = Origin(file, 1)
        for name, line in lines.items():
            gathered.origin["field", f"{kind}.{name}"] = Origin(file, line)
        if form is not None:
            forms[kind] = form
    return forms


def _bulletins(gathered: Gathered) -> Iterator[tuple[str, Bulletin]]:
    for file in _files(gathered.folder, "bulletins", "md"):
        text = gathered.text(file)
        if text is None:
            continue
        head, found, body = text.removeprefix("---\n").partition("\n---\n")
        if not found:
            gathered.fault(file, 1, "The file has no head.", "keys between two lines `---`, then the items")
            continue
        data, lines = marks.read(head, file, gathered.faults)
        # The head begins on the file's second line.
        gathered.lines[file] = {path: line + 1 for path, line in lines.items()}
        name = Path(file).stem
        gathered.origin["bulletin", name] = Origin(file, 1)
        items = list(_items(body, head.count("\n") + 4, file, name, gathered))
        bulletin = gathered.model(Bulletin, {"name": name, **(data or {}), "items": items}, file)
        if bulletin is not None:
            yield name, bulletin


def _items(body: str, first: int, file: str, name: str, gathered: Gathered) -> Iterator[dict[str, Any]]:
    """Read `## Title`, then `unit: CODE` (and `lead: true`), then the text."""
    item: dict[str, Any] | None = None
    for line, written in enumerate(body.splitlines(), first):
        if written.startswith("## "):
            if item:
                yield item
            item = {"title": written[3:].strip(), "unit": "", "body": ""}
            gathered.origin["item", f"{name}.{item['title']}"] = Origin(file, line)
        elif item is not None and written.startswith(("unit:", "lead:")) and not item["body"]:
            key, _, value = written.partition(":")
            item[key] = value.strip()
        elif item is not None and written.strip():
            item["body"] = f"{item['body']}\n{written.strip()}".strip()
    if item:
        yield item


def _outline(gathered: Gathered) -> dict[str, Any] | None:
    if not (gathered.folder / "outline.geojson").exists():
        return None
    text = gathered.text("outline.geojson")
    try:
        data = json.loads(text or "")
    except json.JSONDecodeError as wrong:
        gathered.fault("outline.geojson", wrong.lineno, f"This is not JSON: {wrong.msg}.", "GeoJSON")
        return None
    if not isinstance(data, dict) or data.get("type") != "FeatureCollection":
        gathered.fault("outline.geojson", 1, "This is no FeatureCollection.", 'GeoJSON with type "FeatureCollection"')
        return None
    return data

"""Starting a pack for another district: its areas from a table of official codes, the rest like an existing pack."""

import csv
import re
import shutil
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

import yaml

from lianfang.pack.areas import above, trimmed
from lianfang.pack.reading import gather

# What does not speak of one district, and is taken over as it is.
TAKEN_OVER = ("roles.yaml", "dues.yaml", "reactions.yaml", "forms", "protocols")
COLUMNS = ("code", "official", "kind", "parent", "name", "valid_from", "source")
PLACES = "code,kind,name,area,unit,lon,lat,lanes,valid_from,valid_to,source\n"


class CanNotStart(Exception):
    """No pack can be started from what was given; the message says what is missing."""


def start(code: str, table: Path, folder: Path, like: Path, *, day: date) -> int:
    """Write a new pack and return how many areas it has.

    Args:
        code: the six digits of the district.
        table: a CSV file with a header; the first column holds official codes (6, 9 or 12 digits), the second names.
        folder: where the pack is written; must not exist.
        like: the pack whose forms, figures, roles and protocols are taken over.
        day: the first day of the areas.

    Raises:
        CanNotStart: the code, the table or the folder cannot be used.
    """
    if not (len(code) == 6 and code.isdigit()):
        raise CanNotStart(f"{code} is no code of a district: six digits are needed, such as 110101.")
    if folder.exists():
        raise CanNotStart(f"{folder} is already there; give another folder.")
    rows = _areas(code, table, day)
    if code not in rows:
        raise CanNotStart(f"{table} has no row for the district {code} (or {code}000000).")
    lost = [each for each in rows if each != code and above(each) not in rows]
    if lost:
        raise CanNotStart(f"{table} has {lost[0]} but not {above(lost[0])}, in which it lies.")
    folder.mkdir(parents=True)
    for name in TAKEN_OVER:
        source = like / name
        (shutil.copytree if source.is_dir() else shutil.copyfile)(source, folder / name)
    _write_areas(folder / "areas.csv", rows)
    (folder / "places.csv").write_text(PLACES, encoding="utf-8")
    _write_head(folder, like, code, rows)
    _write_units(folder, like, rows)
    _write_figures(folder, like)
    return len(rows)


def kind(code: str, name: str) -> str:
    """Return the kind of an official area, by its code (statistics codes of townships and villages) or its name.

    Args:
        code: the path code, 6, 9 or 12 digits.
        name: the official name.
    """
    if len(code) == 6:
        return "district"
    if len(code) == 9:
        return "subdistrict" if int(code[6:]) < 100 else "town"
    return "village" if "村" in name[-5:] or int(code[9:]) in range(200, 400) else "community"


def _areas(code: str, table: Path, day: date) -> dict[str, dict[str, str]]:
    rows: dict[str, dict[str, str]] = {}
    for line, (official, name) in _table(table):
        if not official.startswith(code):
            continue
        if not official.isdigit() or len(official) not in (6, 9, 12) or not name:
            raise CanNotStart(f"{table}:{line}: a code of 6, 9 or 12 digits and a name are needed.")
        path = trimmed(official.ljust(12, "0"))
        rows[path] = {
            "code": path,
            "official": official.ljust(12, "0"),
            "kind": kind(path, name),
            "parent": above(path) if path != code else "",
            "name": name,
            "valid_from": day.isoformat(),
            "source": table.name,
        }
    return rows


def _table(table: Path) -> Iterator[tuple[int, tuple[str, str]]]:
    try:
        text = table.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as wrong:
        raise CanNotStart(f"{table} cannot be read as UTF-8: {wrong}") from None
    for line, row in enumerate(csv.reader(text.splitlines()), 1):
        if line > 1 and len(row) >= 2:
            yield line, (row[0].strip(), row[1].strip())


def _write_areas(file: Path, rows: Mapping[str, Mapping[str, str]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows[code] for code in sorted(rows))


def _write_head(folder: Path, like: Path, code: str, rows: Mapping[str, Mapping[str, str]]) -> None:
    head = yaml.safe_load((like / "pack.yaml").read_text(encoding="utf-8"))
    name = rows[code]["name"]
    text = {"zh-hans": name, "en": _spelled(name)}
    head |= {"district": code, "name": text, "short": text, "source": rows[code]["source"]}
    head["headquarters"] = {"zh-hans": f"{name}疫情防控指挥部", "en": f"{_spelled(name)} epidemic control headquarters"}
    _write(folder / "pack.yaml", head)


def _write_units(folder: Path, like: Path, rows: Mapping[str, Mapping[str, str]]) -> None:
    """Write one unit for each subdistrict and town, and the units that reactions name."""
    gathered = gather(like)
    named = {each.unit for each in gathered.parts["reactions"] if each.unit and "." not in each.unit}
    district = min(rows)
    standing = []
    for unit in gathered.parts["units"].standing:
        if unit.code in named:
            told = {"zh-hans": unit.name.zh.replace(gathered.parts["head"].short.zh, rows[district]["name"])}
            told["en"] = unit.name.en
            standing.append({"code": unit.code, "kind": unit.kind, "name": told, "area": district, "source": "assumed"})
    for code, row in sorted(rows.items()):
        if row["kind"] in ("subdistrict", "town"):
            text = {"zh-hans": row["name"], "en": _spelled(row["name"])}
            unit_ = {"code": f"office-{code}", "kind": row["kind"], "name": text, "area": code, "source": row["source"]}
            standing.append(unit_)
    _write(folder / "units.yaml", {"standing": standing, "editions": []})


def _write_figures(folder: Path, like: Path) -> None:
    """Take over the figures, without what is another district's: ledger lines and days that were its own."""
    (folder / "figures").mkdir()
    for file in sorted((like / "figures").glob("*.yaml")):
        parts = re.split(r"^(?=\w)", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
        kept = "".join(part for part in parts if not re.search(r"^  period:", part, re.MULTILINE))
        kept = re.sub(r"^  ledger:.*\n", "", kept, flags=re.MULTILINE)
        (folder / "figures" / file.name).write_text(kept, encoding="utf-8")


def _write(file: Path, data: object) -> None:
    file.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=120), encoding="utf-8")


def _spelled(name: str) -> str:
    from pypinyin import lazy_pinyin

    return "".join(lazy_pinyin(name)).capitalize()

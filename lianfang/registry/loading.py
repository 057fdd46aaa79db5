"""What a pack changes in the registry: pure comparison of the rows a pack wants with the rows that are held."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from lianfang.pack import Pack

# The first day of what a pack gives no beginning: it was always there.
ALWAYS = date(1900, 1, 1)
Row = dict[str, Any]


@dataclass(slots=True)
class Plan:
    """What must be done to the dated rows of one table.

    Args:
        add: rows to write.
        change: rows held with the same code and first day, with what is to stand in them now.
        close: rows (code, first day) that end, with their last day.
    """

    add: list[Row] = field(default_factory=list)
    change: list[Row] = field(default_factory=list)
    close: list[tuple[str, date, date]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.add or self.change or self.close)


def plan(wanted: Iterable[Row], held: Iterable[Mapping[str, Any]], day: date) -> Plan:
    """Compare dated rows; nothing that was ever held disappears.

    A row with the same code and first day is the same edition and takes the pack's words. A new first day is a new
    edition: the one before it ends the day before. A code the pack no longer has ends the day before `day`.

    Args:
        wanted: the pack's rows, each with `code`, `valid_from` and `valid_to`.
        held: the rows in the table, with the same columns.
        day: the day of loading.
    """
    made = Plan()
    known = {(row["code"], row["valid_from"]): row for row in held}
    pack = {(row["code"], row["valid_from"]): row for row in wanted}
    starts: dict[str, list[date]] = {}
    for code, first in pack:
        starts.setdefault(code, []).append(first)
    for key, row in pack.items():
        before = known.get(key)
        if before is None:
            made.add.append(row)
        elif any(before[name] != value for name, value in row.items()):
            made.change.append(row)
    for (code, first), old in known.items():
        if (code, first) in pack or old["valid_to"] is not None:
            continue
        later = [each for each in starts.get(code, ()) if each > first]
        last = (min(later) if later else day) - timedelta(days=1)
        made.close.append((code, first, max(first, last)))
    return made


def areas(pack: Pack) -> list[Row]:
    """Return the rows of the area tree, each with its outline where the pack draws one."""
    drawn = {
        str(each["properties"].get("code", "")): each
        for each in (pack.outline or {}).get("features", ())
        if each.get("geometry")
    }
    rows = []
    for each in pack.areas:
        feature = drawn.get(each.code)
        rows.append(
            {
                "code": each.code,
                "kind": each.kind,
                "name": each.name,
                "parent": each.parent,
                "official": bool(each.official),
                "valid_from": each.valid_from,
                "valid_to": each.valid_to,
                "successor": each.successor,
                "outline": feature["geometry"] if feature else None,
                "schematic": bool(feature["properties"].get("schematic", True)) if feature else True,
            }
        )
    return rows


def units(pack: Pack) -> list[Row]:
    """Return the rows of the command structure: the standing organs and every edition."""
    rows: list[Row] = []
    edition = {unit.code: each.code for each in pack.units.editions for unit in each.units}
    for order, each in enumerate(pack.units.all):
        rows.append(
            {
                "code": each.code,
                "edition": edition.get(each.code, ""),
                "name": each.name.zh,
                "name_en": each.name.en,
                "short": each.by_line.zh,
                "kind": each.kind,
                "parent": each.parent,
                "area": each.area,
                "order": order,
                "valid_from": each.valid_from or ALWAYS,
                "valid_to": each.valid_to,
                "successor": each.successor,
            }
        )
    return rows


def places(pack: Pack) -> list[Row]:
    """Return the rows of the places."""
    names = ("code", "kind", "name", "area", "unit", "lon", "lat", "lanes", "valid_from", "valid_to")
    return [{name: getattr(each, name) for name in names} for each in pack.places]


def households(pack: Pack) -> Iterable[tuple[UUID, str, str, date]]:
    """Yield the doors (number, area, door, first day) that the pack counts in an area without listing them."""
    for each in pack.areas:
        for number in range(1, each.households + 1):
            yield uuid5(NAMESPACE_OID, f"{each.code}/{number}"), each.code, str(number), each.valid_from


def first_day(pack: Pack) -> date:
    """Return the first day the pack's district exists."""
    return min((each.valid_from for each in pack.areas), default=ALWAYS)

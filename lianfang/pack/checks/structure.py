"""Areas, places, units, roles and the people of a demonstration."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from itertools import pairwise
from typing import Any

from lianfang.pack.areas import LENGTHS, PARENTS, Area, above, trimmed
from lianfang.pack.checks.paths import one_of
from lianfang.pack.reading import Gathered
from lianfang.pack.roles import POWERS, DemoDevice, Demonstration, Role
from lianfang.pack.units import Units

# Who looks after the machine sees no names.
NOT_FOR_ADMINISTRATORS = ("names.view", "entries.view", "entries.write", "entries.correct", "fevers.receive")


def check(gathered: Gathered) -> None:
    """Check that the parts of the district's structure fit together."""
    _areas(gathered)
    _places(gathered)
    _units(gathered)
    _roles(gathered)
    demonstration = gathered.parts.get("demonstration")
    if demonstration is not None:
        _demonstration(gathered, demonstration)
    _outline(gathered)


def _twice(gathered: Gathered, sort: str, rows: Iterable[Any]) -> None:
    counts = Counter((each.code, each.valid_from) for each in rows)
    for (code, first), count in counts.items():
        if count > 1:
            gathered.fault_at(sort, code, f"{code} stands {count} times with the first day {first}.", "each code once")


def _backward(gathered: Gathered, sort: str, name: str, first: date | None, last: date | None) -> None:
    if first and last and last < first:
        gathered.fault_at(sort, name, f"{name} ends on {last}, before it begins.", f"a day from {first} on")


def _areas(gathered: Gathered) -> None:
    areas: tuple[Area, ...] = gathered.parts["areas"]
    known = {each.code: each for each in areas}
    district = gathered.parts["head"].district
    if district not in known and areas:
        gathered.fault(
            "pack.yaml", 1, f"areas.csv has no district {district}.", "a row with this code and kind district"
        )
    _twice(gathered, "areas", areas)
    for each in areas:
        _backward(gathered, "areas", each.code, each.valid_from, each.valid_to)
        _area(gathered, each, known, district)
        if each.kind not in gathered.parts["head"].area_kinds:
            gathered.fault_at("areas", each.code, f"pack.yaml has no word for {each.kind}.", "a line under area_kinds")


def _area(gathered: Gathered, area: Area, known: dict[str, Area], district: str) -> None:
    def fault(message: str, expected: str) -> None:
        gathered.fault_at("areas", area.code, message, expected)

    if len(area.code) != LENGTHS[area.kind]:
        fault(f"{area.code} is no code of a {area.kind}.", f"{LENGTHS[area.kind]} digits")
        return
    if not area.code.startswith(district):
        fault(f"{area.code} lies outside the district {district}.", f"a code that begins with {district}")
    if area.kind == "district":
        if area.parent or area.code != district:
            fault("There is one district, and it has no parent.", f"{district} with an empty parent")
    elif area.parent not in known:
        fault(f"{area.code} has no parent in the table: {area.parent or 'nothing'}.", above(area.code))
    elif not area.code.startswith(area.parent) or known[area.parent].kind not in PARENTS[area.kind]:
        fault(f"A {area.kind} cannot lie in {area.parent}.", f"{above(area.code)}, a {' or '.join(PARENTS[area.kind])}")
    official = len(area.code) <= LENGTHS["community"]
    if official and len(area.official) != 12:
        fault(f"{area.name} has no official code of 12 digits.", f"{area.code}{'0' * (12 - len(area.code))}")
    elif official and trimmed(area.official) != area.code:
        fault(f"The official code {area.official} does not belong to {area.code}.", area.code.ljust(12, "0"))
    if area.successor and area.successor not in known:
        fault(f"The successor {area.successor} is not in the table.", one_of(known, area.successor))


def _places(gathered: Gathered) -> None:
    places = gathered.parts["places"]
    areas = {each.code for each in gathered.parts["areas"]}
    units = _unit_codes(gathered)
    kinds = gathered.parts["head"].place_kinds
    _twice(gathered, "places", places)
    for each in places:
        _backward(gathered, "places", each.code, each.valid_from, each.valid_to)
        for value, allowed, word in (
            (each.kind, kinds, "kind"),
            (each.area, areas, "area"),
            (each.unit, units, "unit"),
        ):
            if value and value not in allowed:
                gathered.fault_at("places", each.code, f"There is no {word} {value!r}.", one_of(allowed, value))
        if (each.lon is None) != (each.lat is None):
            gathered.fault_at("places", each.code, "Longitude and latitude go together.", "both, or neither")
        elif each.lon is not None and each.lat is not None and not (73 < each.lon < 136 and 3 < each.lat < 54):
            gathered.fault_at("places", each.code, f"{each.lon}, {each.lat} is not in China.", "lon 73–136, lat 3–54")


def _unit_codes(gathered: Gathered) -> set[str]:
    units: Units = gathered.parts["units"]
    return {each.code for each in units.all}


def _units(gathered: Gathered) -> None:
    units: Units = gathered.parts["units"]
    head = gathered.parts["head"]
    codes, areas = _unit_codes(gathered), {each.code for each in gathered.parts["areas"]}
    for code, count in Counter(each.code for each in units.all).items():
        if count > 1:
            gathered.fault_at("unit", code, f"The unit {code} is declared {count} times.", "a code of its own for each")
    for each in units.all:
        _backward(gathered, "unit", each.code, each.valid_from, each.valid_to)
        told = ((each.parent, codes, "parent"), (each.area, areas, "area"), (each.successor, codes, "successor"))
        for value, allowed, word in (*told, (each.kind, head.unit_kinds, "kind")):
            if value and value not in allowed:
                gathered.fault_at("unit", each.code, f"There is no {word} {value!r}.", one_of(allowed, value))
    ordered = sorted(units.editions, key=lambda each: each.valid_from)
    for before, after in pairwise(ordered):
        if before.valid_to is None or before.valid_to >= after.valid_from:
            told_ = f"{before.code} still holds when {after.code} begins."
            gathered.fault_at("edition", before.code, told_, f"valid_to before {after.valid_from}")
    for edition in units.editions:
        own = {each.code for each in edition.units}
        for old in set(edition.successors) - own:
            gathered.fault_at("edition", edition.code, f"{old} is no unit of this edition.", one_of(own, old))


def _roles(gathered: Gathered) -> None:
    roles: dict[str, Role] = gathered.parts["roles"]
    for code, role in roles.items():
        for power in role.powers:
            if power not in POWERS:
                gathered.fault_at("role", code, f"There is no power {power!r}.", one_of(POWERS, power), "powers")
            elif role.administrator and power in NOT_FOR_ADMINISTRATORS:
                told = f"An administrator must not hold {power!r}."
                gathered.fault_at("role", code, told, "the power in another role", "powers")


def _demonstration(gathered: Gathered, told: Demonstration) -> None:
    codes, areas = _unit_codes(gathered), {each.code for each in gathered.parts["areas"]}
    file, lines = "demonstration.yaml", gathered.lines["demonstration.yaml"]
    names = Counter(each.username for each in told.users)
    for number, user in enumerate(told.users):
        line = lines.get(("users", number), 1)
        if names[user.username] > 1:
            gathered.fault(file, line, f"The user {user.username!r} stands twice.", "each username once")
        for grant in user.grants:
            allowed: tuple[tuple[str, Iterable[str], str], ...] = (
                (grant.role, [name for sort, name in gathered.origin if sort == "role"], "role"),
                (grant.unit, codes, "unit"),
                (grant.area, areas, "area"),
                (grant.purpose, told.purposes, "purpose"),
            )
            for value, known, word in allowed:
                if value and value not in known:
                    gathered.fault(file, line, f"{user.username}: there is no {word} {value!r}.", one_of(known, value))
    for number, device in enumerate(told.devices):
        _device(gathered, device, lines.get(("devices", number), 1), codes, areas)


def _device(gathered: Gathered, device: DemoDevice, line: int, units: set[str], areas: set[str]) -> None:
    places = {each.code: each for each in gathered.parts["places"]}
    for value, known, word in (
        (device.unit, units, "unit"),
        (device.area, areas, "area"),
        (device.place, places, "place"),
    ):
        if value and value not in known:
            told = f"{device.code}: there is no {word} {value!r}."
            gathered.fault("demonstration.yaml", line, told, one_of(known, value))
    place = places.get(device.place)
    if place is not None and not place.area.startswith(device.area):
        told = f"{device.code}: {place.code} does not lie in {device.area}."
        gathered.fault("demonstration.yaml", line, told, place.area)


def _outline(gathered: Gathered) -> None:
    areas = {each.code for each in gathered.parts["areas"]}
    for feature in (gathered.parts["outline"] or {}).get("features", ()):
        code = str((feature.get("properties") or {}).get("code"))
        if code not in areas:
            gathered.fault("outline.geojson", 1, f"The shape {code} is of no area.", one_of(areas, code))

"""The map: areas as shapes coloured by one figure, posts as marks that say how they are. Drawn on the server as SVG."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from lianfang.clock import SHANGHAI
from lianfang.doors.web import drawing, house
from lianfang.figures import reckoning
from lianfang.figures.showing import Value
from lianfang.pack import Figure
from lianfang.registry.models import Area, Place
from lianfang.registry.visibility import Scope

WIDTH, HEIGHT, MARGIN = 900.0, 900.0, 34.0
# Callouts stand this far outside the map, and this far apart.
OUT, APART = 46.0, 62.0
# An area's name keeps this far from a mark.
CLEAR_ACROSS, CLEAR_DOWN = 62.0, 28.0
# What an area's name with its number takes up.
ROOM_ACROSS, ROOM_DOWN = 112.0, 48.0
BELOW = {6: (9, "subdistrict"), 9: (12, "community"), 12: (15, "grid")}


@dataclass(frozen=True, slots=True)
class Shape:
    """One area: its outline, the middle for its name, its figure, and its shade from 1 to 5 (0: no data)."""

    code: str
    name: str
    path: str
    x: float
    y: float
    shade: int
    value: Value | None
    href: str


@dataclass(frozen=True, slots=True)
class Mark:
    """One post: where it stands, how it is (good, attention, bad, silent), and what to say beside it."""

    code: str
    name: str
    x: float
    y: float
    label_x: float
    label_y: float
    anchor: str
    leader: str
    tone: str
    number: str
    href: str


@dataclass(frozen=True, slots=True)
class Map:
    """A drawn map."""

    width: float
    height: float
    border: str
    shapes: list[Shape]
    marks: list[Mark]
    schematic: bool
    figure: Figure | None = None
    tops: list[tuple[int, str]] = field(default_factory=list)


def drawn(
    *,
    area: str,
    figure: Figure | None,
    scope: Scope,
    at: datetime,
    posts: Iterable[tuple[Place, str, str]] = (),
    width: float = WIDTH,
    height: float = HEIGHT,
    callouts: bool = False,
) -> Map | None:
    """Return the map of an area; None where the pack gives no outline of it.

    Args:
        area: the area shown.
        figure: what colours the areas below it; None for no colour.
        scope: what the reader may see.
        at: the instant.
        posts: places with their tone and the number to print beside them.
        width, height: of the picture, in its own units.
        callouts: whether the posts' names stand beside the map.
    """
    day = at.astimezone(SHANGHAI).date()
    whole = Area.objects.on(day).filter(code=area).first()
    length, level = BELOW.get(len(area), (0, ""))
    parts = [each for each in Area.objects.on(day).children(area) if each.outline and len(each.code) == length]
    outlines = [each.outline for each in (whole, *parts) if each and each.outline]
    projection = drawing.fitted(outlines, width, height, MARGIN)
    if projection is None or whole is None:
        return None
    values = reckoning.by_area(figure.name, as_of=at, level=level, area=area, scope=scope) if figure and level else {}
    marks = _marks(posts, projection, callouts)
    return Map(
        width=width,
        height=height,
        border=projection.path(whole.outline) if whole.outline else "",
        shapes=_shapes(parts, projection, values, marks),
        marks=marks,
        schematic=any(each.schematic for each in parts),
        figure=figure,
    )


def _shapes(
    parts: Iterable[Area], projection: drawing.Projection, values: Mapping[str, Value], marks: Iterable[Mark]
) -> list[Shape]:
    held = list(marks)
    numbers = [None if each.number is None else float(each.number) for each in values.values()]
    made = []
    for each in parts:
        value = values.get(each.code)
        number = None if value is None or value.number is None else float(value.number)
        middle = drawing.seat(each.outline or {}) or (0.0, 0.0)
        x, y = _beside(projection.place(*middle), held)
        name = each.name_en if house.english() and each.name_en else each.name
        shade = drawing.steps(number, numbers)
        path = projection.path(each.outline or {})
        made.append(Shape(each.code, name, path, x, y, shade, value, f"?area={each.code}"))
    moved = drawing.apart([(shape.x, shape.y) for shape in made], across=ROOM_ACROSS, down=ROOM_DOWN)
    return [replace(shape, x=x, y=y) for shape, (x, y) in zip(made, moved, strict=True)]


def _beside(point: drawing.Point, marks: Iterable[Mark]) -> drawing.Point:
    """Return where an area's name stands so that no post's mark covers it: as far to the side as is needed."""
    x, y = point
    for mark in marks:
        if abs(mark.y - y) < CLEAR_DOWN and abs(mark.x - x) < CLEAR_ACROSS:
            x = mark.x - CLEAR_ACROSS if mark.x >= x else mark.x + CLEAR_ACROSS
    return round(x, 1), y


def _marks(posts: Iterable[tuple[Place, str, str]], projection: drawing.Projection, callouts: bool) -> list[Mark]:
    """Return the posts; as callouts their names stand in two columns beside the map, each with a line to its mark."""
    placed = [
        (projection.place(place.lon, place.lat), place, tone, number)
        for place, tone, number in posts
        if place.lon is not None and place.lat is not None
    ]
    placed.sort(key=lambda each: each[0])
    half = (len(placed) + 1) // 2
    if callouts:
        return [
            *_column(placed[:half], projection, "end", projection.left - OUT),
            *_column(placed[half:], projection, "start", projection.width - projection.left + OUT),
        ]
    made: list[Mark] = []
    for point, place, tone, number in placed:
        anchor = "start" if point[0] < projection.width / 2 else "end"
        made += _column(
            [(point, place, tone, number)], projection, anchor, point[0] + (16 if anchor == "start" else -16)
        )
    return made


def _column(
    placed: list[tuple[drawing.Point, Place, str, str]], projection: drawing.Projection, anchor: str, label_x: float
) -> list[Mark]:
    made: list[Mark] = []
    label_y = -APART
    for (x, y), place, tone, number in sorted(placed, key=lambda each: each[0][1]):
        label_y = max(y, label_y + APART) if len(placed) > 1 else y
        name = place.name_en if house.english() and place.name_en else place.name
        edge = label_x + (10 if anchor == "end" else -10)
        leader = f"M{x} {y}L{edge:.1f} {label_y:.1f}" if len(placed) > 1 else ""
        where = {"x": x, "y": y, "label_x": label_x, "label_y": label_y + 6}
        made.append(
            Mark(
                place.code,
                name,
                anchor=anchor,
                leader=leader,
                tone=tone,
                number=number,
                href=f"/checkpoints/{place.code}/",
                **where,
            )
        )
    return made

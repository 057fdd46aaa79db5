"""The map: areas as shapes coloured by one figure, posts as marks that say how they are. Drawn on the server as SVG."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from lianfang.clock import SHANGHAI
from lianfang.doors.web import drawing, house
from lianfang.figures import reckoning
from lianfang.figures.showing import Value
from lianfang.pack import Figure
from lianfang.registry.models import Area, Place
from lianfang.registry.visibility import Scope

WIDTH, HEIGHT, MARGIN = 900.0, 900.0, 34.0
# Names closer together than this are moved apart.
NEAR = 26.0
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
) -> Map | None:
    """Return the map of an area; None where the pack gives no outline of it.

    Args:
        area: the area shown.
        figure: what colours the areas below it; None for no colour.
        scope: what the reader may see.
        at: the instant.
        posts: places with their tone and the number to print beside them.
        width, height: of the picture, in its own units.
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
    return Map(
        width=width,
        height=height,
        border=projection.path(whole.outline) if whole.outline else "",
        shapes=_shapes(parts, projection, values),
        marks=_marks(posts, projection),
        schematic=any(each.schematic for each in parts),
        figure=figure,
    )


def _shapes(parts: Iterable[Area], projection: drawing.Projection, values: Mapping[str, Value]) -> list[Shape]:
    numbers = [None if each.number is None else float(each.number) for each in values.values()]
    made = []
    for each in parts:
        value = values.get(each.code)
        number = None if value is None or value.number is None else float(value.number)
        middle = drawing.centre(each.outline or {}) or (0.0, 0.0)
        x, y = projection.place(*middle)
        name = each.name_en if house.english() and each.name_en else each.name
        shade = drawing.steps(number, numbers)
        path = projection.path(each.outline or {})
        made.append(Shape(each.code, name, path, x, y, shade, value, f"?area={each.code}"))
    return made


def _marks(posts: Iterable[tuple[Place, str, str]], projection: drawing.Projection) -> list[Mark]:
    made: list[Mark] = []
    for place, tone, number in posts:
        if place.lon is None or place.lat is None:
            continue
        x, y = projection.place(place.lon, place.lat)
        # The name stands towards the middle of the picture, away from a name that is already there.
        anchor = "start" if x < projection.width / 2 else "end"
        label_y = y + 5
        while any(
            abs(label_y - each.label_y) < NEAR and each.anchor == anchor and abs(each.x - x) < 190 for each in made
        ):
            label_y += NEAR
        name = place.name_en if house.english() and place.name_en else place.name
        shift = 16 if anchor == "start" else -16
        href = f"/checkpoints/{place.code}/"
        made.append(Mark(place.code, name, x, y, x + shift, label_y, anchor, tone, number, href))
    return made

"""Pictures as numbers: outlines into SVG paths, series into sparklines. Pure; no Django."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import cos, hypot, radians
from typing import Any

Point = tuple[float, float]
ROUNDS = 40
GRID = 21
Numbers = Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Projection:
    """A flat picture of a small piece of the earth: longitudes shrunk by the cosine of the middle latitude.

    Args:
        west, north: the upper left corner in degrees.
        squeeze: what a degree of longitude is worth beside one of latitude.
        scale: picture units a degree of latitude.
        width, height: of the picture, in its own units.
        left, top: the margins.
    """

    west: float
    north: float
    squeeze: float
    scale: float
    width: float
    height: float
    left: float
    top: float

    def place(self, lon: float, lat: float) -> Point:
        """Return where a longitude and latitude (WGS-84 degrees) lie in the picture."""
        x = self.left + (lon - self.west) * self.squeeze * self.scale
        y = self.top + (self.north - lat) * self.scale
        return round(x, 1), round(y, 1)

    def path(self, geometry: Mapping[str, Any]) -> str:
        """Return a GeoJSON Polygon or MultiPolygon as the `d` of an SVG path; an empty text for anything else."""
        return "".join(
            "M" + "L".join("{} {}".format(*self.place(*point[:2])) for point in ring) + "Z" for ring in rings(geometry)
        )


def fitted(geometries: Iterable[Mapping[str, Any]], width: float, height: float, margin: float) -> Projection | None:
    """Return the projection that fits all outlines into a picture; None where there is nothing to draw.

    Args:
        geometries: GeoJSON geometries in WGS-84.
        width, height: of the picture, in its own units.
        margin: kept free on every side.
    """
    points = [point for geometry in geometries for ring in rings(geometry) for point in ring]
    if not points:
        return None
    west, east = min(point[0] for point in points), max(point[0] for point in points)
    south, north = min(point[1] for point in points), max(point[1] for point in points)
    squeeze = cos(radians((south + north) / 2))
    across, down = max((east - west) * squeeze, 1e-9), max(north - south, 1e-9)
    scale = min((width - 2 * margin) / across, (height - 2 * margin) / down)
    left, top = (width - across * scale) / 2, (height - down * scale) / 2
    return Projection(west, north, squeeze, scale, width, height, left, top)


def rings(geometry: Mapping[str, Any]) -> list[list[list[float]]]:
    """Return every ring of a polygon or of several."""
    coordinates = geometry.get("coordinates", [])
    if geometry.get("type") == "Polygon":
        return list(coordinates)
    if geometry.get("type") == "MultiPolygon":
        return [ring for polygon in coordinates for ring in polygon]
    return []


def seat(geometry: Mapping[str, Any]) -> Point | None:
    """Return where an area's name belongs, in degrees: inside it, far from its border; None where there is no ring."""
    largest = max(rings(geometry), key=lambda ring: abs(_area(ring)), default=None)
    if largest is None or not _area(largest):
        return None
    return _seat(tuple((point[0], point[1]) for point in largest))


@lru_cache(maxsize=1024)
def _seat(ring: tuple[Point, ...]) -> Point:
    # The middle of a ring around something else lies outside it, so places are tried on a grid.
    west, east = min(x for x, _ in ring), max(x for x, _ in ring)
    south, north = min(y for _, y in ring), max(y for _, y in ring)
    middle = (west + east) / 2, (south + north) / 2
    steps = [(place + 0.5) / GRID for place in range(GRID)]
    tried = [(west + across * (east - west), south + up * (north - south)) for across in steps for up in steps]
    inside = [point for point in tried if _holds(ring, point)] or [middle]
    return max(inside, key=lambda point: _room(ring, point) - 0.01 * hypot(point[0] - middle[0], point[1] - middle[1]))


def _holds(ring: Sequence[Point], point: Point) -> bool:
    """Say whether a point lies inside a ring: a ray from it crosses the ring an odd number of times."""
    x, y = point
    crossed = False
    for (x0, y0), (x1, y1) in zip(ring, (*ring[1:], ring[0]), strict=True):
        if (y0 > y) != (y1 > y) and x < (x1 - x0) * (y - y0) / (y1 - y0) + x0:
            crossed = not crossed
    return crossed


def _room(ring: Sequence[Point], point: Point) -> float:
    """Return the distance from a point to the nearest side of a ring."""
    x, y = point
    nearest = float("inf")
    for (x0, y0), (x1, y1) in zip(ring, (*ring[1:], ring[0]), strict=True):
        long = (x1 - x0) ** 2 + (y1 - y0) ** 2
        along = max(0.0, min(1.0, ((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / long)) if long else 0.0
        nearest = min(nearest, hypot(x - x0 - along * (x1 - x0), y - y0 - along * (y1 - y0)))
    return nearest


def _area(ring: list[list[float]]) -> float:
    return sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in _edges(ring)) / 2


def _edges(ring: list[list[float]]) -> list[tuple[Point, Point]]:
    points = [(point[0], point[1]) for point in ring]
    return list(zip(points, points[1:] + points[:1], strict=True))


def apart(points: Sequence[Point], *, across: float, down: float) -> list[Point]:
    """Return labels' places moved up and down until none covers another, as far as a few rounds achieve that.

    Args:
        points: where they would like to stand.
        across, down: how much room one takes.
    """
    moved = [list(point) for point in points]
    for _ in range(ROUNDS):
        for one in range(len(moved)):
            for other in range(one + 1, len(moved)):
                gap = moved[other][1] - moved[one][1]
                if abs(moved[other][0] - moved[one][0]) < across and abs(gap) < down:
                    push = (down - abs(gap)) / 2 * (1 if gap >= 0 else -1)
                    moved[one][1] -= push
                    moved[other][1] += push
    return [(round(x, 1), round(y, 1)) for x, y in moved]


def spark(numbers: Numbers, width: float = 100, height: float = 24) -> str:
    """Return a series as the `d` of an SVG path, zero at the foot; a gap where there is no number.

    Args:
        numbers: the series; None where there is no data.
        width, height: of the picture, in its own units.
    """
    present = [number for number in numbers if number is not None]
    if len(present) < 2:
        return ""
    top = max(0, *present) or 1
    step = width / (len(numbers) - 1)
    parts, pen = [], "M"
    for place, number in enumerate(numbers):
        if number is None:
            pen = "M"
            continue
        parts.append(f"{pen}{place * step:.1f} {height - max(number, 0) / top * height:.1f}")
        pen = "L"
    return "".join(parts)


def steps(number: float | None, numbers: Iterable[float | None], count: int = 5) -> int:
    """Return the shade, 1 to `count`, of a number among others in equal steps from zero up; 0 for no number."""
    if number is None:
        return 0
    top = max((each for each in numbers if each is not None), default=0)
    if top <= 0 or number <= 0:
        return 1
    return min(count, 1 + int(number / top * count * 0.9999))


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a drawn chart; `number` is None where there is no data."""

    x: float
    y: float
    width: float
    height: float
    label: str
    shown: str
    number: float | None


def bars(points: Sequence[tuple[str, str, float | None]], width: float, height: float) -> list[Bar]:
    """Return bars from zero up, side by side.

    Args:
        points: for each bar its label, its number as printed, and its number.
        width, height: of the picture, in its own units.
    """
    top = max(0.0, *(number or 0.0 for _label, _shown, number in points), 0.0) or 1.0
    step = width / max(len(points), 1)
    made = []
    for place, (label, shown, number) in enumerate(points):
        tall = max(number or 0.0, 0.0) / top * height
        x, y = place * step + step * 0.18, height - tall
        made.append(Bar(round(x, 1), round(y, 1), round(step * 0.64, 1), round(tall, 1), label, shown, number))
    return made

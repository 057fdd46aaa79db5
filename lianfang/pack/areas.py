"""Areas and places as the pack lists them."""

from datetime import date
from typing import Literal

from pydantic import field_validator

from lianfang.pack.text import Part

AreaKind = Literal["district", "subdistrict", "town", "community", "village", "grid", "courtyard", "stairwell"]
LENGTHS: dict[str, int] = {
    "district": 6,
    "subdistrict": 9,
    "town": 9,
    "community": 12,
    "village": 12,
    "grid": 15,
    "courtyard": 18,
    "stairwell": 20,
}
PARENTS: dict[str, tuple[str, ...]] = {
    "district": (),
    "subdistrict": ("district",),
    "town": ("district",),
    "community": ("subdistrict", "town"),
    "village": ("subdistrict", "town"),
    "grid": ("community", "village"),
    "courtyard": ("grid",),
    "stairwell": ("courtyard",),
}


class Area(Part):
    """One area of the tree; `code` is the official 12-digit code without its trailing zero groups, longer below it."""

    code: str
    official: str = ""
    kind: AreaKind
    parent: str = ""
    name: str
    valid_from: date
    valid_to: date | None = None
    successor: str = ""
    households: int = 0
    simulated: bool = False
    source: str

    @field_validator("code", "official", "parent")
    @classmethod
    def _digits(cls, given: str) -> str:
        if given and not given.isdigit():
            raise ValueError("only digits are allowed here")
        return given

    def valid_on(self, day: date) -> bool:
        """Say whether the area exists on a day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


class Place(Part):
    """One place where things happen: a checkpoint, a clinic, a school, a shop. Longitude and latitude in WGS-84."""

    code: str
    kind: str
    name: str
    area: str
    unit: str = ""
    lon: float | None = None
    lat: float | None = None
    lanes: int = 0
    valid_from: date
    valid_to: date | None = None
    simulated: bool = False
    source: str

    def valid_on(self, day: date) -> bool:
        """Say whether the place is in use on a day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


def trimmed(official: str) -> str:
    """Return the path code of an official 12-digit code: without the trailing groups of zeros."""
    code = official
    for length in (9, 6):
        if len(code) > length and set(code[length:]) == {"0"}:
            code = code[:length]
    return code


def above(code: str) -> str:
    """Return the path code one storey up, or an empty text above the district."""
    shorter = [length for length in sorted(set(LENGTHS.values())) if length < len(code)]
    return code[: shorter[-1]] if shorter else ""

"""Units: the standing organs and the dated editions of the command structure."""

from datetime import date

from pydantic import Field

from lianfang.pack.text import Part, Text


class Unit(Part):
    """One unit that holds staff, receives grants and signs its reports."""

    code: str
    kind: str
    name: Text
    short: Text | None = None
    parent: str = ""
    area: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    successor: str = ""
    source: str = ""

    def valid_on(self, day: date) -> bool:
        """Say whether the unit exists on a day."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)

    @property
    def by_line(self) -> Text:
        """The short form a bulletin prints, or the name."""
        return self.short or self.name


class Edition(Part):
    """One command structure with the dates for which it holds."""

    code: str
    name: Text
    valid_from: date
    valid_to: date | None = None
    units: tuple[Unit, ...]
    successors: dict[str, str] = Field(default_factory=dict)
    source: str

    def dated(self) -> tuple[Unit, ...]:
        """Return its units with the edition's dates, source and successors filled in."""
        return tuple(
            unit.model_copy(
                update={
                    "valid_from": unit.valid_from or self.valid_from,
                    "valid_to": unit.valid_to or self.valid_to,
                    "successor": unit.successor or self.successors.get(unit.code, ""),
                    "source": unit.source or self.source,
                }
            )
            for unit in self.units
        )


class Units(Part):
    """All units of a pack."""

    standing: tuple[Unit, ...]
    editions: tuple[Edition, ...]

    @property
    def all(self) -> tuple[Unit, ...]:
        """Every unit of every edition, dated."""
        return (*self.standing, *(unit for edition in self.editions for unit in edition.dated()))

    def on(self, day: date) -> tuple[Unit, ...]:
        """Return the units that exist on a day."""
        return tuple(unit for unit in self.all if unit.valid_on(day))

    def get(self, code: str) -> Unit | None:
        """Return a unit by its code."""
        return next((unit for unit in self.all if unit.code == code), None)

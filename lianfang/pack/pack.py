"""A whole pack, as the rooms above see it."""

from datetime import date
from functools import cached_property
from typing import Any

from pydantic import Field

from lianfang.pack.areas import Area, Place
from lianfang.pack.bulletins import Bulletin
from lianfang.pack.figures import Figure, LedgerLine
from lianfang.pack.forms import Form
from lianfang.pack.protocols import Protocols
from lianfang.pack.reactions import DailyDue, Reaction
from lianfang.pack.roles import Demonstration, Role
from lianfang.pack.text import Part, Text
from lianfang.pack.units import Units


class Head(Part):
    """What pack.yaml says: which district this is, and the words for its vocabularies."""

    district: str
    name: Text
    short: Text
    headquarters: Text
    datum: str
    more: Text
    place_kinds: dict[str, Text]
    unit_kinds: dict[str, Text]
    area_kinds: dict[str, Text]
    screens: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    source: str


class Pack(Part):
    """One district as data; frozen, so it may be shared by every thread."""

    path: str
    head: Head
    areas: tuple[Area, ...]
    places: tuple[Place, ...]
    units: Units
    roles: dict[str, Role]
    demonstration: Demonstration | None = None
    protocols: Protocols
    forms: dict[str, Form]
    figures: dict[str, Figure]
    dues: tuple[DailyDue, ...] = ()
    reactions: tuple[Reaction, ...] = ()
    bulletins: dict[str, Bulletin] = Field(default_factory=dict)
    ledger: dict[str, LedgerLine] = Field(default_factory=dict)
    outline: dict[str, Any] | None = None

    @property
    def district(self) -> str:
        """The six-digit code of the district."""
        return self.head.district

    @cached_property
    def area(self) -> dict[str, Area]:
        """Every area by its path code."""
        return {each.code: each for each in self.areas}

    @cached_property
    def place(self) -> dict[str, Place]:
        """Every place by its code."""
        return {each.code: each for each in self.places}

    def reactions_on(self, kind: str) -> tuple[Reaction, ...]:
        """Return what follows from an entry of a kind."""
        return tuple(each for each in self.reactions if each.on == kind)

    @cached_property
    def reacting(self) -> frozenset[str]:
        """The kinds of entry that something follows from."""
        return frozenset(each.on for each in self.reactions)

    def places_on(self, day: date, *kinds: str) -> tuple[Place, ...]:
        """Return the places of some kinds (all, where none is named) that are in use on a day."""
        return tuple(each for each in self.places if each.valid_on(day) and (not kinds or each.kind in kinds))

    @staticmethod
    def text(field: Text, language: str) -> str:
        """Return a text of the pack in a language."""
        return field.in_(language)

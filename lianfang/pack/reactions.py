"""What follows from an entry, and what is expected every day."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

from pydantic import Field, model_validator

from lianfang.pack.conditions import Where, found, holds
from lianfang.pack.text import Part, Text

Act = Literal["open_due", "meet_due"]


class Reaction(Part):
    """One line of the house rule "when this is entered, do that".

    `about` says what ties a due to what meets it: a column of the entry (`id`, `subject`, `place`, `unit`) or an answer
    (`answers.NAME`). `within` is a number of minutes or the name of a limit of the protocol in force. `place` and
    `unit` say who must act: a code of the pack, or an answer; empty means the entry's own.
    """

    name: str
    on: str
    where: Where = Field(default_factory=dict)
    do: Act
    kind: str
    about: str
    within: int | str | None = None
    place: str = ""
    unit: str = ""
    title: Text
    source: str

    @model_validator(mode="after")
    def _limit(self) -> "Reaction":
        if (self.do == "open_due") != (self.within is not None):
            raise ValueError("open_due needs `within` (minutes, or a limit of the protocol); meet_due has none")
        return self

    def applies(self, entry: Mapping[str, Any], thresholds: Mapping[str, float]) -> bool:
        """Say whether it follows from an entry: its columns as a mapping with `answers` inside."""
        return entry.get("kind") == self.on and holds(self.where, entry, thresholds)

    def told(self, word: str, entry: Mapping[str, Any]) -> str | None:
        """Return what a word of this reaction stands for in an entry; a word that is no column or answer is itself."""
        if word.startswith("answers.") or word in ("id", "subject", "place", "unit", "area"):
            value = found(entry, word)
            return None if value is None else str(value)
        return word


class DailyDue(Part):
    """An entry of a kind that every unit (or place) of some kinds owes every day by a time of the protocol."""

    name: str
    kind: str
    about: Literal["unit", "place"]
    of_kinds: tuple[str, ...] = Field(min_length=1)
    every: Literal["day"] = "day"
    by: str
    valid_from: date
    valid_to: date | None = None
    title: Text
    source: str

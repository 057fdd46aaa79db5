"""A bulletin's template: what its head and tail say, who gets it, and items to begin from."""

import re
from typing import Literal

from pydantic import Field

from lianfang.pack.text import Part

REFERENCE = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")


class TailLine(Part):
    """One line of the tail: a label and who stands behind it."""

    label: str
    to: tuple[str, ...]


class Addressee(Part):
    """One addressee of the distribution list: a unit of the pack, with the number of copies."""

    unit: str
    copies: int = Field(default=1, ge=1)


class BulletinItem(Part):
    """One item: a run-in heading, its body with `{{figure}}` references, the unit that signs it."""

    title: str
    unit: str
    body: str
    lead: bool = False

    @property
    def references(self) -> tuple[str, ...]:
        """The figures named in the body."""
        return tuple(REFERENCE.findall(self.body))


class Bulletin(Part):
    """One series of bulletins."""

    name: str
    masthead: str
    issuer: str
    note: str = ""
    number: str = ""
    restarts: Literal["year", "never"] = "year"
    headline: str = ""
    tail: tuple[TailLine, ...]
    editor: str = ""
    distribution: tuple[Addressee, ...]
    items: tuple[BulletinItem, ...] = ()
    source: str

"""The token that opens the live stream: signed, short-lived, carrying what its holder may hear.

The live process reads it without a session and without the database, so nothing here may need Django's models.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.core import signing

SALT = "lianfang.live"
# Seconds; the stream ends with its token and the browser comes back with a new one, so a grant that was ended stops
# being heard within this time.
LIFE = 600


@dataclass(frozen=True, slots=True)
class Stretch:
    """Events in `area` or below it, of the units named (None: of every unit)."""

    area: str
    units: frozenset[str] | None

    def covers(self, area: str, unit: str) -> bool:
        """Say whether an event may be heard."""
        return area.startswith(self.area) and (self.units is None or unit in self.units)


def make(stretches: Iterable[Stretch]) -> str:
    """Return a token for what its holder may hear."""
    told = [[each.area, None if each.units is None else sorted(each.units)] for each in stretches]
    return signing.dumps(told, salt=SALT, compress=True)


def read(token: str) -> tuple[Stretch, ...] | None:
    """Return what a token lets be heard; None when it is not one of ours or too old."""
    try:
        told = signing.loads(token, salt=SALT, max_age=LIFE)
    except signing.BadSignature:
        return None
    return tuple(Stretch(area, None if units is None else frozenset(units)) for area, units in told)

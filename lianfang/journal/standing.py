"""Where and for whom an entry stands: the areas, places and units named in a batch, as the registry has them now.

Read afresh for every batch in one statement, so that a pack loaded a moment ago counts at once.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

import psycopg
from django.db import connection

from lianfang.registry.models import Area, Place, Unit


@dataclass(frozen=True, slots=True)
class Edition:
    """One row of the registry with its dates; for a place also its area."""

    area: str
    valid_from: date
    valid_to: date | None

    def holds(self, day: date) -> bool:
        """Say whether it was valid on a day; both its dates count."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(slots=True)
class Standing:
    """The editions of every code asked about."""

    areas: dict[str, list[Edition]] = field(default_factory=dict)
    places: dict[str, list[Edition]] = field(default_factory=dict)
    units: dict[str, list[Edition]] = field(default_factory=dict)


def of(areas: Iterable[str], places: Iterable[str], units: Iterable[str]) -> Standing:
    """Return what the registry knows of these codes."""
    found = Standing()
    kept = {"a": found.areas, "p": found.places, "u": found.units}
    connection.ensure_connection()
    # Prepared: planning the three look-ups anew would cost more than doing them.
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(QUERY, [list(areas), list(places), list(units)], prepare=True)
        for table, code, area, valid_from, valid_to in cursor:
            kept[table].setdefault(code, []).append(Edition(area, valid_from, valid_to))
    return found


def valid(editions: Iterable[Edition] | None, day: date) -> Edition | None:
    """Return the edition that held on a day."""
    for each in editions or ():
        if each.holds(day):
            return each
    return None


QUERY = f"""
select 'a', code, code, valid_from, valid_to from {Area._meta.db_table} where code = any(%b::text[])
union all select 'p', code, area, valid_from, valid_to from {Place._meta.db_table} where code = any(%b::text[])
union all select 'u', code, area, valid_from, valid_to from {Unit._meta.db_table} where code = any(%b::text[])
"""  # noqa: S608 - the names of our own tables

"""Frozen figures: what stands behind a published number, and whether it can be had again."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from lianfang.figures import reckoning
from lianfang.figures.book import Book, of_the_house
from lianfang.figures.measures import declared, definition
from lianfang.figures.models import Frozen
from lianfang.figures.showing import Value
from lianfang.journal.models import EntryQuerySet
from lianfang.pack.figures import Figure

# A rate need not end; twelve decimals are kept and compared.
DECIMALS = Decimal(1).scaleb(-12)


class NotYet(Exception):
    """A figure is frozen as of an instant that has passed."""


@dataclass(frozen=True, slots=True)
class Verified:
    """A frozen figure reckoned again from its own declaration and instant."""

    frozen: Frozen
    number: Decimal | None
    entries: int
    digest: str

    @property
    def same(self) -> bool:
        """Say whether number and entries are those that were published."""
        then = self.frozen
        return (self.number, self.entries, self.digest) == (_kept(then.number), then.entries, then.digest)

    def as_json(self) -> dict[str, Any]:
        """Return the comparison as plain JSON."""
        then = self.frozen
        numbers = {"published": _json(then.number), "computed": _json(self.number)}
        entries = {"entries_then": then.entries, "entries_now": self.entries, "shown": then.shown}
        told = {"id": then.pk, "figure": then.name, "area": then.area, "as_of": then.as_of.isoformat()}
        return {**told, **numbers, **entries, "verdict": "right" if self.same else "wrong"}


def frozen(value: Value, area: str, by: int | None, at: datetime, book: Book) -> Frozen:
    """Return a figure as it is to be kept; not yet stored."""
    entries, digest = behind(reckoning.entries(value.name, as_of=value.as_of, area=area, book=book))
    return Frozen(
        name=value.name,
        area=area,
        as_of=value.as_of,
        number=_kept(value.number),
        numerator=value.numerator,
        denominator=value.denominator,
        shown=value.shown,
        unit=value.unit,
        no_data=value.no_data,
        declaration=_declaration(value.name, book),
        definition=definition(value.name, book.figures),
        entries=entries,
        digest=digest,
        by=by,
        at=at,
    )


def verify(kept: Frozen, book: Book | None = None) -> Verified:
    """Reckon a frozen figure again as of its instant, as it was declared then, from the entries alone.

    Args:
        kept: the frozen figure.
        book: for the protocol's thresholds and the zone; None for that of the house.
    """
    book = book or of_the_house()
    figures = {name: Figure.model_validate(each) for name, each in kept.declaration.items()}
    then = Book(figures, book.thresholds, book.zone, book.more)
    areas = [kept.area] if kept.area else None
    value = reckoning.values([kept.name], as_of=kept.as_of, areas=areas, book=then, from_entries=True)[kept.name]
    entries, digest = behind(reckoning.entries(kept.name, as_of=kept.as_of, area=kept.area, book=then))
    return Verified(kept, _kept(value.number), entries, digest)


def behind(entries: EntryQuerySet) -> tuple[int, str]:
    """Return how many entries there are, and one SHA-256 over their ids and digests in the order of the ids."""
    inner, params = entries.values("id", "digest").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(DIGEST.format(entries=inner), params)
        row = cursor.fetchone()
    assert row is not None
    return int(row[0]), str(row[1])


def _declaration(name: str, book: Book) -> dict[str, Any]:
    figure = declared(name, book.figures)
    found = {name: figure.model_dump(mode="json", by_alias=True, exclude_none=True, warnings=False)}
    rate = figure.measure.rate
    return found | _declaration(rate.numerator, book) | _declaration(rate.denominator, book) if rate else found


def _kept(number: int | Decimal | None) -> Decimal | None:
    return None if number is None else Decimal(number).quantize(DECIMALS)


def _json(number: Decimal | None) -> float | None:
    return None if number is None else float(number)


# First over stretches of about a minute (the first four bytes of an id), so that no value grows with the journal.
DIGEST = """
with minutes as (
    select substr(uuid_send(id), 1, 4) as minute, count(*) as entries,
        sha256(string_agg(uuid_send(id) || digest, ''::bytea order by id)) as digest
    from ({entries}) as behind group by 1
)
select coalesce(sum(entries), 0),
    encode(sha256(coalesce(string_agg(digest, ''::bytea order by minute), ''::bytea)), 'hex')
from minutes
"""

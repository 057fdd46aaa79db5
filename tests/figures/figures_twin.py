"""A small world of entries, and every figure counted a second time in plain Python, one entry after the other."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from lianfang.figures.book import Book
from lianfang.figures.predicates import Thresholds
from lianfang.journal import actions, ids
from lianfang.journal.drafts import WITHDRAWAL, Draft
from lianfang.pack.conditions import found, holds
from lianfang.pack.figures import Count, Distinct, Figure, Sum
from lianfang.pack.text import Text
from lianfang.registry.models import Area, Place, Unit

ZONE = ZoneInfo("Asia/Shanghai")
START = datetime(2020, 2, 1, tzinfo=ZONE)
FEVER = {"ear": 37.5, "forehead": 37.3}
AREAS = {
    "district": ["990001"],
    "subdistrict": ["990001001", "990001002"],
    "community": ["990001001001", "990001001002", "990001002001"],
    "grid": ["990001001001001", "990001002001001"],
    "courtyard": ["990001001001001001", "990001001001001002", "990001002001001001"],
}
PLACES = ["gate", "door"]
LEAVES = ["990001001002", *AREAS["grid"], *AREAS["courtyard"]]


def figure(name: str, measure: dict[str, Any], **more: Any) -> Figure:
    told = {"name": name, "title": name, "unit": "x", "definition": name, "source": "test", "measure": measure}
    return Figure.model_validate(told | more)


def figures() -> dict[str, Figure]:
    turned = {"answers.decision": "back"}
    fever = {"answers.temperature": {"gte": {"fever_c": "answers.device"}}}
    inside = {"answers.people.sex": "f", "answers.people.age": {"gte": 18, "lt": 60}}
    made = [
        figure("passes", {"count": {"kinds": ["pass"]}}),
        figure("both", {"count": {"kinds": ["pass", "end"], "where": {"unit": ["a", "b"]}}}),
        figure("people", {"sum": {"kinds": ["pass"]}}),
        figure("turned", {"sum": {"kinds": ["pass"], "where": turned}}),
        figure("turned_hours", {"sum": {"kinds": ["pass"], "field": "answers.hours", "where": turned}}),
        figure("fevers", {"count": {"kinds": ["pass"], "where": fever}}),
        figure("women", {"count": {"kinds": ["pass"], "where": inside}}),
        figure("silent", {"count": {"kinds": ["pass"], "where": {"answers.temperature": {"missing": True}}}}),
        figure("late_letters", {"count": {"kinds": ["pass"], "where": {"answers.letter": {"gt": "k"}}}}),
        figure("big", {"count": {"kinds": ["pass"], "where": {"quantity": {"gte": 3}, "place": "gate"}}}),
        figure("subjects", {"distinct": {"kinds": ["pass", "end"], "by": "subject"}}),
        figure("letters", {"distinct": {"kinds": ["pass"], "by": "answers.letter", "where": turned}}),
        figure("on_duty", {"stock": {"plus": {"sum": {"kinds": ["pass"]}}, "minus": {"count": {"kinds": ["end"]}}}}),
        figure("fixed", {"count": {"kinds": ["pass"]}}, period={"from": "2020-02-02", "to": "2020-02-03"}),
        figure("since", {"sum": {"kinds": ["pass"]}}, since="2020-02-02"),
        figure("today", {"count": {"kinds": ["pass"]}}, since="day"),
        figure("this_hour", {"count": {"kinds": ["pass"]}}, since="hour"),
        figure("share", {"rate": {"numerator": "turned", "denominator": "people", "per": 100, "decimals": 1}}),
        figure("never", {"count": {"kinds": ["unheard_of"]}}),
    ]
    return {each.name: each for each in made}


def book() -> Book:
    editions = (Thresholds(None, None, tuple(FEVER.items())),)
    return Book(figures(), editions, ZONE, Text(zh="余", en=" or more"))


@dataclass
class World:
    """Entries written through the journal, and remembered."""

    drafts: list[tuple[Draft, datetime]] = field(default_factory=list)

    def write(self, draft: Draft, at: datetime) -> Draft:
        (verdict,) = actions.write(drafts=[draft], at=at)
        assert verdict.status == "stored", verdict
        self.drafts.append((draft, at))
        return draft

    def counting(self, as_of: datetime) -> list[Draft]:
        """The entries that count: recorded, no drill, not replaced by something recorded."""
        known = [draft for draft, recorded in self.drafts if recorded <= as_of]
        replaced = {draft.corrects for draft in known}
        return [draft for draft in known if not draft.exercise and draft.id not in replaced]

    def number(
        self, one: Figure, as_of: datetime, keep: Callable[[Draft], bool] = lambda draft: True
    ) -> int | Decimal | None:
        """The figure, or None without data."""
        rate = one.measure.rate
        if rate:
            over, under = (self.number(figures()[name], as_of, keep) for name in (rate.numerator, rate.denominator))
            return Decimal(over) * rate.per / Decimal(under) if over is not None and under else None
        rows = [draft for draft in self.counting(as_of) if keep(draft)]
        if not any(draft.kind in one.kinds for draft in rows):
            return None
        plus, *minus = one.measure.parts
        return tallied(one, plus, rows, as_of) - sum(tallied(one, part, rows, as_of) for part in minus)


def tallied(one: Figure, part: Count | Sum | Distinct, rows: Sequence[Draft], as_of: datetime) -> int | Decimal:
    rows = [draft for draft in rows if draft.kind in part.kinds and in_time(one, draft, as_of)]
    rows = [draft for draft in rows if holds(part.where, columns(draft), FEVER)]
    if isinstance(part, Count):
        return len(rows)
    if isinstance(part, Distinct):
        things = [found(columns(draft), part.by) for draft in rows]
        return len({each for each in things if each not in (None, "")})
    numbers = [found(columns(draft), part.field) for draft in rows]
    numbers = [each for each in numbers if isinstance(each, int | float | Decimal) and not isinstance(each, bool)]
    return sum((Decimal(str(each)) for each in numbers), Decimal(0))


def columns(draft: Draft) -> dict[str, Any]:
    told = {name: getattr(draft, name) or None for name in ("kind", "area", "place", "unit", "device", "subject")}
    return told | {"quantity": draft.quantity, "answers": draft.answers, "at": draft.at}


def in_time(one: Figure, draft: Draft, as_of: datetime) -> bool:
    day = draft.at.astimezone(ZONE).date()
    if one.since == "day":
        return day == as_of.astimezone(ZONE).date()
    if one.since == "hour":
        return as_of - timedelta(hours=1) < draft.at <= as_of
    if one.period and not one.period.from_ <= day <= one.period.to:
        return False
    return one.since is None or day >= one.since


def new(kind: str, at: datetime, **told: Any) -> Draft:
    return Draft(id=ids.make(at), kind=kind, at=at, **told)


def correction(of: Draft, kind: str | None = None, **told: Any) -> Draft:
    draft = {name: getattr(of, name) for name in ("at", "area", "place", "unit", "quantity", "answers", "subject")}
    made = draft | told | {"corrects": of.id, "exercise": of.exercise}
    return Draft(id=ids.make(of.at), kind=kind or of.kind, **made)


def withdrawal(of: Draft) -> Draft:
    return correction(of, kind=WITHDRAWAL, answers={}, quantity=None)


def settle() -> None:
    """Make the areas, units and places of the small world."""
    rows = [
        Area(code=code, kind=kind, name=code, parent=code[:-3] if len(code) > 6 else "", valid_from=START.date())
        for kind, codes in AREAS.items()
        for code in codes
    ]
    Area.objects.bulk_create(rows)
    Unit.objects.bulk_create([Unit(code=code, name=code, valid_from=START.date()) for code in "abc"])
    places = [Place(code=code, kind="gate", name=code, area=LEAVES[0], valid_from=START.date()) for code in PLACES]
    Place.objects.bulk_create(places)


def subject(number: int) -> UUID:
    return UUID(int=number)

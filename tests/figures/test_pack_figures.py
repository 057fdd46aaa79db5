"""For every figure of the district's pack: the entries it opens to, counted one by one, are the figure."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from figures_twin import LEAVES, PLACES, ZONE, World, new, settle, subject, tallied

from lianfang import pack
from lianfang.figures import actions, ledger, reckoning
from lianfang.figures.book import of_the_house
from lianfang.figures.showing import Value
from lianfang.journal.models import Entry
from lianfang.pack.conditions import Bounds
from lianfang.pack.figures import Figure, LedgerLine

AS_OF = datetime(2020, 2, 5, 17, tzinfo=ZONE)
BOOK = of_the_house()
PLAIN = [each for each in BOOK.figures.values() if each.measure.rate is None]


def fitting(condition: Any) -> Any:
    """An answer that meets a condition."""
    if isinstance(condition, Bounds):
        lowest = [each for each in (condition.gte, condition.gt) if isinstance(each, int | float)]
        return lowest[0] + 0.1 if lowest else None
    return condition[0] if isinstance(condition, tuple) else condition


def write(world: World, figure: Figure) -> None:
    """Write, for each side of a figure, entries that it counts and one that it does not."""
    day = datetime.combine(figure.period.from_, AS_OF.time(), ZONE) if figure.period else AS_OF
    for sort, part in enumerate(figure.measure.parts):
        met = {path.removeprefix("answers."): fitting(each) for path, each in part.where.items()}
        for each in range(3 - sort):
            at = day - timedelta(minutes=each + 1)
            told = {"letter": str(each)} | met | {part_name(part): each}
            more = {
                "quantity": each + 1,
                "subject": subject(each + 1),
                "place": PLACES[each % 2],
                "unit": "ab"[each % 2],
            }
            world.write(new(part.kinds[0], at, area=LEAVES[0], answers=told, **more), AS_OF - timedelta(seconds=9))
        world.write(new(part.kinds[-1], day, area=LEAVES[0], answers={}), AS_OF + timedelta(seconds=1))


def part_name(part: Any) -> str:
    return str(getattr(part, "by", "letter")).removeprefix("answers.")


@pytest.fixture
def world(db: None) -> World:
    settle()
    return World()


@pytest.mark.parametrize("figure", PLAIN, ids=lambda each: each.name)
def test_the_entries_behind_a_figure_are_the_figure(world: World, figure: Figure) -> None:
    write(world, figure)
    value = reckoning.values([figure.name], as_of=AS_OF)[figure.name]
    known = {draft.id: draft for draft, _ in world.drafts}
    rows = [known[each.id] for each in reckoning.entries(figure.name, as_of=AS_OF)]
    plus, *minus = figure.measure.parts
    assert tallied(figure, plus, rows, AS_OF) > 0
    assert value.number == tallied(figure, plus, rows, AS_OF) - sum(
        tallied(figure, each, rows, AS_OF) for each in minus
    )
    assert len(rows) == 3 + 2 * len(minus)
    actions.keep_up(at=AS_OF + timedelta(days=2))
    assert reckoning.values([figure.name], as_of=AS_OF)[figure.name] == value


@pytest.mark.parametrize("name", [name for name, each in BOOK.figures.items() if each.measure.rate])
def test_the_entries_behind_a_rate_are_those_of_both_its_sides(world: World, name: str) -> None:
    rate = BOOK.figures[name].measure.rate
    assert rate is not None
    sides = [each for each in (rate.numerator, rate.denominator) if not BOOK.figures[each].measure.rate]
    for each in sides:
        write(world, BOOK.figures[each])
    both = {row.id for each in sides for row in reckoning.entries(each, as_of=AS_OF)}
    assert {row.id for row in reckoning.entries(name, as_of=AS_OF)} == both
    assert both


def test_every_ledger_line_is_wrong_without_entries_and_no_expected_value_is_used(db: None) -> None:
    settle()
    lines = ledger.check(pack.read(settings.PACK).ledger, BOOK)
    assert lines
    assert {each.verdict for each in lines} == {"no data"}
    assert Entry.objects.count() == 0


def line(expected: float, *, lower_bound: bool = False) -> LedgerLine:
    told = {"line": "L1", "expected": expected, "lower_bound": lower_bound, "as_of": AS_OF, "about": "x", "source": "x"}
    return LedgerLine.model_validate(told)


def told(measure: dict[str, Any], **more: Any) -> Figure:
    plain = {"name": "f", "title": "f", "unit": "x", "definition": "f", "source": "x"}
    return Figure.model_validate(plain | {"measure": measure} | more)


COUNT = {"count": {"kinds": ["pass"]}}


@pytest.mark.parametrize(
    ("expected", "lower_bound", "figure", "number", "verdict"),
    [
        (7, False, told(COUNT), 7, "right"),
        (7, False, told(COUNT), 8, "wrong"),
        (7, False, told(COUNT), None, "no data"),
        (300, True, told(COUNT, lower_bound={"step": 100}), 399, "right"),
        (300, True, told(COUNT, lower_bound={"step": 100}), 400, "wrong"),
        (300, True, told(COUNT, lower_bound={"step": 100}), 299, "wrong"),
        (
            85.1,
            False,
            told({"rate": {"numerator": "a", "denominator": "b", "per": 100, "decimals": 1}}),
            85.106,
            "right",
        ),
        (85.1, False, told({"rate": {"numerator": "a", "denominator": "b", "per": 100, "decimals": 1}}), 85.2, "wrong"),
    ],
)
def test_a_line_is_right_as_its_kind_demands(
    expected: float, lower_bound: bool, figure: Figure, number: float | None, verdict: str
) -> None:
    value = Value("f", number, None, None, "", "", AS_OF, number is None)  # type: ignore[arg-type]
    assert ledger.compare(line(expected, lower_bound=lower_bound), figure, value).verdict == verdict

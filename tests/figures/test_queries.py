"""Declarations become SQL with parameters, and nothing a pack says ever becomes SQL itself."""

from datetime import datetime
from typing import Any

import pytest
from figures_twin import ZONE, figure

from lianfang.figures.measures import Unreckonable, bases, definition, sides
from lianfang.figures.predicates import Sql, predicates
from lianfang.figures.queries import Asked, Covered, Reach, Span, by_area, counting, holding, telling_apart
from lianfang.pack.figures import Count

AT = datetime(2020, 2, 5, 17, tzinfo=ZONE)
NASTY = "x'; drop table journal_entry; --"


def where(told: dict[str, Any]) -> list[Sql]:
    return predicates(Count.model_validate({"kinds": ["pass"], "where": told}).where)


def test_an_answer_is_compared_with_its_type() -> None:
    assert where({"answers.decision": "back"}) == [Sql("(e.answers -> %s) = %s::jsonb", ("decision", '"back"'))]
    assert where({"answers.flag": True})[0].params == ("flag", "true")


def test_a_list_of_values_is_one_condition() -> None:
    assert where({"place": ["gate", "door"]}) == [Sql("nullif(e.\"place\", '') = ANY(%s::text[])", (["gate", "door"],))]


def test_bounds_look_only_at_numbers() -> None:
    (found,) = where({"answers.temperature": {"gte": 37.3}})
    assert "jsonb_typeof" in found.text
    assert [str(each) for each in found.params] == ["temperature", "temperature", "37.3"]


def test_a_column_that_cannot_be_compared_is_an_error() -> None:
    with pytest.raises(Unreckonable, match="subject"):
        where({"subject": "x"})
    with pytest.raises(Unreckonable, match="threshold"):
        where({"answers.temperature": {"gte": {"fever_c": "answers.device"}}})


def test_nothing_of_the_pack_is_in_the_text() -> None:
    nasty = figure(
        NASTY, {"sum": {"kinds": [NASTY], "field": f"answers.{NASTY}", "where": {f"answers.{NASTY}": NASTY}}}
    )
    tallies = sides(nasty, AT, ZONE).tallies
    asked = Asked(((Reach(areas=(NASTY,), units=(NASTY,)),),))
    statement, _ = counting(tallies, Span(AT, base=Covered(1, 2, AT)), asked, by_area(9))
    other = figure("d", {"distinct": {"kinds": [NASTY], "by": f"answers.{NASTY}"}})
    for found in (statement, holding(tallies[0]), telling_apart(sides(other, AT, ZONE).plus, Span(AT), asked)):
        assert "drop" not in found.text
        assert found.text.count("%s") == len(found.params)


def test_a_condition_used_by_many_tallies_is_worked_out_once() -> None:
    made = [figure(name, {"count": {"kinds": ["pass"], "where": {"answers.a": "b"}}}) for name in "xyz"]
    made += [figure("sum", {"sum": {"kinds": ["pass"], "where": {"answers.a": "b"}}})]
    statement, contents = counting([sides(each, AT, ZONE).plus for each in made], Span(AT))
    assert statement.text.count("e.answers") == 1
    # Three figures that count the same are one tally.
    assert [len(held) for held in contents] == [2]


def test_a_definition_is_known_by_all_that_decides_its_number_and_by_nothing_else() -> None:
    plain = figure("a", {"count": {"kinds": ["pass"]}})
    renamed = figure("a", {"count": {"kinds": ["pass"]}}, unit="y", lower_bound={"step": 10})
    narrower = figure("a", {"count": {"kinds": ["pass"]}}, since="2020-02-02")
    rate = figure("r", {"rate": {"numerator": "a", "denominator": "a"}})
    assert definition("a", {"a": plain}) == definition("a", {"a": renamed})
    assert definition("a", {"a": plain}) != definition("a", {"a": narrower})
    assert definition("r", {"a": plain, "r": rate}) != definition("r", {"a": narrower, "r": rate})


def test_a_rate_made_of_itself_is_an_error() -> None:
    one = figure("one", {"rate": {"numerator": "two", "denominator": "two"}})
    two = figure("two", {"rate": {"numerator": "one", "denominator": "one"}})
    with pytest.raises(Unreckonable, match="made of itself"):
        bases(["one"], {"one": one, "two": two})

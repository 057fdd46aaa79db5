"""A scope reaches over an area and a unit, and rows are limited to it in one place."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from lianfang.registry import scope
from lianfang.registry.models import Area, Grant, Place, Role, Unit, User
from lianfang.registry.visibility import Reach, Scope, outermost

AT = datetime(2020, 2, 5, 4, tzinfo=UTC)
DAY = date(2020, 2, 5)
FIRST = date(2020, 1, 1)


def holding(*grants: tuple[str, str, str], powers: tuple[str, ...] = ("figures.view",)) -> User:
    user = User.objects.create(username=f"u{User.objects.count()}", name="u")
    for role, area, unit in grants:
        made, _ = Role.objects.get_or_create(
            code=role, defaults={"title": role, "powers": list(powers), "own_rows": True}
        )
        Grant.objects.create(user=user, role=made, area=area, unit=unit, valid_from=AT - timedelta(days=1))
    return user


def places(*rows: tuple[str, str, str]) -> None:
    for code, area, unit in rows:
        Place.objects.create(code=code, kind="post", name=code, area=area, unit=unit, valid_from=FIRST)


def seen(user: User, power: str = "figures.view") -> list[str]:
    return list(Place.objects.visible_to(scope.of(user, AT), power).values_list("code", flat=True))


@pytest.mark.django_db
def test_a_role_sees_its_area_and_what_lies_below_and_no_neighbour() -> None:
    places(("a", "410106001", ""), ("b", "410106001003", ""), ("c", "410106002", ""), ("d", "4101060010", ""))
    assert seen(holding(("town", "410106001", ""))) == ["a", "b", "d"]
    assert seen(holding(("community", "410106001003", ""))) == ["b"]
    assert seen(holding(("district", "410106", ""))) == ["a", "b", "c", "d"]
    assert seen(holding(("all", "", ""))) == ["a", "b", "c", "d"]


@pytest.mark.django_db
def test_a_power_that_is_not_held_shows_nothing() -> None:
    places(("a", "410106001", ""))
    assert seen(holding(("town", "410106001", "")), "names.view") == []
    assert seen(holding()) == []


@pytest.mark.django_db
def test_a_grant_for_a_unit_reaches_its_rows_its_sub_units_and_what_it_came_from() -> None:
    Unit.objects.create(code="old-health", name="o", valid_from=FIRST, valid_to=date(2020, 12, 31), successor="health")
    Unit.objects.create(code="health", name="n", valid_from=date(2021, 1, 1))
    Unit.objects.create(code="clinic", name="c", parent="health", valid_from=date(2021, 1, 1))
    places(
        ("a", "41", "old-health"), ("b", "41", "health"), ("c", "41", "clinic"), ("d", "41", "traffic"), ("e", "41", "")
    )
    assert seen(holding(("staff", "41", "health"))) == ["a", "b", "c"]
    assert seen(holding(("staff", "41", "old-health"))) == ["a"]


@pytest.mark.django_db
def test_grants_add_up_and_a_wider_one_swallows_a_narrower() -> None:
    places(("a", "41", "x"), ("b", "4101", "y"), ("c", "42", "x"))
    assert seen(holding(("staff", "4101", ""), ("staff", "42", "x"))) == ["b", "c"]
    assert seen(holding(("staff", "41", ""), ("staff", "4101", "x"))) == ["a", "b"]


@pytest.mark.django_db
def test_a_table_without_units_shows_nothing_to_a_grant_for_one_unit() -> None:
    Area.objects.create(code="41", kind="district", name="d", valid_from=FIRST)
    user = holding(("staff", "41", "x"))
    assert not Area.objects.visible_to(scope.of(user, AT), "figures.view").exists()
    assert Area.objects.visible_to(scope.of(holding(("all", "41", "")), AT), "figures.view").exists()


@pytest.mark.django_db
def test_a_grant_holds_from_its_first_instant_to_before_its_last() -> None:
    user = holding(("town", "41", ""))
    Grant.objects.update(valid_to=AT)
    assert not scope.of(user, AT).may("figures.view")
    assert scope.of(user, AT - timedelta(seconds=1)).may("figures.view")
    assert not scope.of(user, AT - timedelta(days=2)).may("figures.view")


@pytest.mark.django_db
def test_a_closed_account_and_a_stranger_may_do_nothing() -> None:
    user = holding(("town", "41", ""))
    user.is_active = False
    assert scope.of(user, AT).powers == frozenset()
    assert scope.of(object(), AT).powers == frozenset()


@pytest.mark.django_db
def test_the_narrowest_role_walks_the_index() -> None:
    places(*((f"p{number}", f"41010600{number % 5}{number:05}", "") for number in range(2000)))
    rows = Place.objects.visible_to(scope.of(holding(("grid", "41010600100011", "")), AT), "figures.view")
    with connection.cursor() as cursor:
        cursor.execute("analyze registry_place")
        cursor.execute("set local enable_seqscan = off")
    assert "Index" in rows.explain()
    assert "Index Cond" in rows.explain()


def test_may_asks_for_area_and_unit() -> None:
    held = Scope(1, AT, {"x": (Reach("4101", frozenset({"u"})), Reach("42"))})
    assert held.may("x")
    assert held.may("x", area="410106", unit="u")
    assert not held.may("x", area="410106", unit="v")
    assert held.may("x", area="42", unit="v")
    assert not held.may("x", area="4")
    assert not held.may("y")
    assert held.areas("x") == ["4101", "42"]
    assert held.units("x") is None


@given(st.lists(st.text("0123", max_size=6)), st.text("0123", max_size=8))
def test_the_outermost_areas_cover_the_same_codes(codes: list[str], code: str) -> None:
    kept = outermost(codes)
    assert any(code.startswith(each) for each in codes) == any(code.startswith(each) for each in kept)
    assert not any(a != b and a.startswith(b) for a in kept for b in kept)


@given(st.text("0123456789", max_size=8), st.text("0123456789", min_size=1, max_size=5))
def test_the_range_is_the_same_as_beginning_with(code: str, area: str) -> None:
    assert (area <= code < area + "~") == code.startswith(area)

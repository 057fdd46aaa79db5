"""The staffing proposal follows Erlang's formula and keeps the wait within the protocol's bound."""

from math import isclose

from hypothesis import given
from hypothesis import strategies as st

from lianfang.figures.staffing import Pace, day, delayed, expected, propose, waiting_minutes

PACE = Pace(vehicles_per_team_hour=60, team_size=4, waiting_minutes=15)


def test_one_team_waits_as_the_textbook_says() -> None:
    # M/M/1: the wait is load / (rate - arrivals).
    assert isclose(waiting_minutes(45, 60, 1), 0.75 / 15 * 60)


def test_erlang_c_has_the_published_value() -> None:
    # Two teams with an offered load of one erlang: a third of the vehicles wait.
    assert isclose(delayed(1.0, 2), 1 / 3)


def test_more_than_the_teams_can_check_is_an_endless_wait() -> None:
    assert waiting_minutes(120, 60, 2) == float("inf")


def test_an_empty_hour_still_has_one_team() -> None:
    found = propose(3, 0, PACE)
    assert (found.teams, found.staff, found.waiting_minutes, found.load) == (1, 4, 0, 0)


def test_those_who_wait_already_are_counted_into_the_hour() -> None:
    found = day({8: 50, 9: 50}, PACE, waiting=30, now=8)
    assert [(each.hour, each.vehicles, each.teams) for each in found] == [(8, 80, 2), (9, 50, 1)]


def test_an_hour_is_expected_to_be_the_mean_of_the_days_that_know_it() -> None:
    assert expected([{7: 10, 8: 20}, {7: 20}]) == {7: 15, 8: 20}


@given(st.floats(0, 2000), st.floats(5, 200), st.integers(1, 8), st.floats(0.5, 60))
def test_the_proposal_is_the_fewest_teams_within_the_bound(
    vehicles: float, rate: float, size: int, bound: float
) -> None:
    pace = Pace(rate, size, bound)
    found = propose(8, vehicles, pace)
    assert found.waiting_minutes <= bound
    assert found.staff == found.teams * size
    if found.teams > 1:
        assert waiting_minutes(vehicles, rate, found.teams - 1) > bound

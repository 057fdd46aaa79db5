"""Outlines, sparklines and bars as numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lianfang.doors.web import drawing

SQUARE = {
    "type": "Polygon",
    "coordinates": [[[113.0, 34.0], [113.2, 34.0], [113.2, 34.1], [113.0, 34.1], [113.0, 34.0]]],
}


def test_an_outline_fits_the_picture_and_keeps_its_proportions():
    projection = drawing.fitted([SQUARE], 800, 600, 20)
    west, north = projection.place(113.0, 34.1)
    east, south = projection.place(113.2, 34.0)
    assert (west, east) == (20, 780)
    assert 0 <= north < south <= 600
    # A degree of longitude is shorter than one of latitude by the cosine of the latitude.
    assert (east - west) / (south - north) == pytest.approx(2 * 0.8285, rel=0.01)


def test_north_is_up_and_east_is_right():
    projection = drawing.fitted([SQUARE], 800, 600, 20)
    assert projection.place(113.1, 34.08)[1] < projection.place(113.1, 34.02)[1]
    assert projection.place(113.15, 34.05)[0] > projection.place(113.05, 34.05)[0]


def test_nothing_to_draw_is_said_and_not_drawn():
    assert drawing.fitted([], 800, 600, 20) is None
    assert drawing.fitted([{"type": "Point", "coordinates": [1, 2]}], 800, 600, 20) is None


def test_a_name_stands_in_the_middle_of_a_plain_outline():
    assert drawing.seat(SQUARE) == pytest.approx((113.1, 34.05))


def test_a_name_stands_inside_an_area_that_lies_around_another():
    horseshoe = [[0, 0], [10, 0], [10, 3], [3, 3], [3, 7], [10, 7], [10, 10], [0, 10], [0, 0]]
    x, y = drawing.seat({"type": "Polygon", "coordinates": [horseshoe]})
    assert x < 3 or y < 3 or y > 7
    assert drawing.seat({"type": "Point", "coordinates": [1, 2]}) is None


def test_a_gap_in_a_series_is_a_gap_in_its_line():
    assert drawing.spark([1, 2, None, 3, 4]).count("M") == 2
    assert drawing.spark([1, None]) == ""


@given(st.lists(st.one_of(st.none(), st.floats(0, 1e9)), min_size=1, max_size=40))
def test_a_line_never_leaves_its_picture(numbers):
    path = drawing.spark(numbers, 100, 24)
    points = [point.split(" ") for point in path.replace("M", "L").split("L") if point]
    assert all(0 <= float(x) <= 100 and 0 <= float(y) <= 24 for x, y in points)


@given(st.lists(st.one_of(st.none(), st.floats(0, 1e9)), max_size=30))
def test_a_bar_stands_on_the_ground_and_is_as_high_as_its_number(numbers):
    bars = drawing.bars([("", "", number) for number in numbers], 300, 100)
    for bar in bars:
        assert bar.y + bar.height == pytest.approx(100, abs=0.11)
        assert (bar.height == 0) == (not bar.number or bar.number / (max(n or 0 for n in numbers) or 1) < 0.0006)


def test_shades_tell_nothing_from_little_and_little_from_most():
    numbers = [None, 0, 1, 50, 100]
    assert [drawing.steps(each, numbers) for each in numbers] == [0, 1, 1, 3, 5]


def test_labels_that_cover_each_other_are_moved_apart():
    moved = drawing.apart([(100, 100), (110, 105), (400, 100)], across=90, down=40)
    assert abs(moved[0][1] - moved[1][1]) >= 39
    assert moved[2] == (400, 100)

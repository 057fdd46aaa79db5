"""Figures are printed in the house style: exact, without separators, lower bounds rounded down, rates half up."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from lianfang.figures.showing import amount, plain, rate, ratio, rounded_down
from lianfang.pack.figures import Rate


def percent(decimals: int) -> Rate:
    return Rate(numerator="a", denominator="b", per=100, decimals=decimals)


def test_a_count_has_no_thousands_separator() -> None:
    assert amount(54694, None, "") == "54694"


def test_a_lower_bound_is_rounded_down_to_its_step_with_the_word_behind() -> None:
    assert amount(6512, 500, "余") == "6500余"
    assert amount(300, 100, "余") == "300余"


def test_nothing_is_a_dash_and_not_a_zero() -> None:
    assert amount(None, None, "") == "–"
    assert rate(None, percent(1)) == "–"


def test_a_rate_is_rounded_half_up() -> None:
    assert rate(ratio(40, 47, 100), percent(1)) == "85.1%"
    assert rate(Decimal("0.25"), percent(1)) == "0.3%"
    assert rate(Decimal("-0.25"), percent(1)) == "-0.3%"


def test_a_rate_over_nothing_has_no_number() -> None:
    assert ratio(3, 0, 100) is None
    assert ratio(None, 3, 100) is None


def test_sums_are_printed_without_exponent_or_trailing_zeros() -> None:
    assert [plain(each) for each in (Decimal("2.50"), Decimal("1E+3"), Decimal(7))] == ["2.5", "1000", "7"]


@given(st.integers(0, 10**9), st.integers(1, 1000))
def test_a_printed_lower_bound_is_never_above_the_number_and_less_than_a_step_below(number: int, step: int) -> None:
    printed = rounded_down(number, step)
    assert printed <= number < printed + step
    assert printed % step == 0

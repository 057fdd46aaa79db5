"""The clock: the machine's, or a demonstration's shown one."""

from datetime import datetime, timedelta

import pytest

from lianfang import clock
from lianfang.clock import SHANGHAI


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("LIANFANG_HOME", str(tmp_path))
    monkeypatch.setenv("LIANFANG_MODE", "demonstration")
    clock._read.cache_clear()
    yield
    clock._read.cache_clear()


def test_without_a_shown_time_it_is_the_machines_in_shanghai():
    assert abs(clock.now() - datetime.now(SHANGHAI)) < timedelta(seconds=2)
    assert clock.now().utcoffset() == timedelta(hours=8)


def test_a_demonstration_shows_the_time_it_was_set_to_and_lets_it_run():
    start = datetime(2020, 2, 5, 8, 0, tzinfo=SHANGHAI)
    clock.show(start, speed=3600)
    first = clock.now()
    assert start <= first < start + timedelta(hours=1)
    shown = clock.demonstration()
    assert shown is not None
    assert shown.at(shown.real + timedelta(seconds=2)) == start + timedelta(hours=2)


def test_an_installation_never_looks_at_a_shown_time(monkeypatch):
    clock.show(datetime(2020, 2, 5, 8, 0, tzinfo=SHANGHAI))
    monkeypatch.setenv("LIANFANG_MODE", "installation")
    assert abs(clock.now() - datetime.now(SHANGHAI)) < timedelta(seconds=2)

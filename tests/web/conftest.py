"""The web's house and its clock."""

import pytest
from web_house import AT, settle

from lianfang import clock


@pytest.fixture
def house(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A loaded district at half past nine on 5 February 2020."""
    monkeypatch.setattr(clock, "now", lambda: AT)
    settle()

"""A small district of its own, and a journal that begins empty."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from lianfang.journal import ids
from lianfang.journal.drafts import Draft
from lianfang.pack import Pack
from lianfang.pack.protocols import Protocols
from lianfang.registry.models import Area, Place, Unit

AT = datetime(2020, 2, 5, 9, 0, tzinfo=ids.SHANGHAI)
SINCE = date(2020, 1, 1)


@pytest.fixture
def district() -> None:
    """Two communities in two subdistricts, a gate in each, two units."""
    for code, kind in (("990101", "district"), ("990101001", "subdistrict"), ("990101001001", "community")):
        Area.objects.create(code=code, kind=kind, name=code, valid_from=SINCE)
    for code in ("990101002", "990101002001"):
        Area.objects.create(code=code, kind="area", name=code, valid_from=SINCE)
    Place.objects.create(code="north", kind="checkpoint", name="N", area="990101001001", valid_from=SINCE)
    Place.objects.create(
        code="south", kind="checkpoint", name="S", area="990101002001", valid_from=SINCE, valid_to=date(2020, 3, 1)
    )
    Unit.objects.create(code="bureau", name="B", kind="bureau", area="990101001", valid_from=SINCE)
    Unit.objects.create(code="town", name="T", kind="town", area="990101002", valid_from=SINCE)


@pytest.fixture
def pack() -> Pack:
    """Return a pack in which nothing follows from anything."""
    return Pack.model_construct(path="", protocols=Protocols(editions=()), reactions=(), dues=())


def draft(at: datetime = AT, **columns: Any) -> Draft:
    """Return a draft of a vehicle at the northern gate, unless told otherwise."""
    given: dict[str, Any] = {"id": ids.make(at), "kind": "vehicle", "at": at, "area": "", "place": "north"}
    if "area" in columns and "place" not in columns:
        given["place"] = ""
    return Draft(**given | columns)


def later(minutes: float) -> datetime:
    """Return an instant so many minutes after the tests' morning."""
    return AT + timedelta(minutes=minutes)

"""A house with its district loaded, the demonstration's people, and a few entries to count."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from lianfang import pack
from lianfang.bulletins import actions
from lianfang.bulletins.models import Issue
from lianfang.bulletins.wording import Wording
from lianfang.clock import SHANGHAI
from lianfang.journal import actions as journal
from lianfang.journal import ids
from lianfang.journal.drafts import Draft
from lianfang.pack.areas import LENGTHS
from lianfang.registry import loading
from lianfang.registry.actions import load_demonstration
from lianfang.registry.actions.structure import _load_roles
from lianfang.registry.models import Area, Place, Unit, User

AT = datetime(2020, 2, 5, 18, tzinfo=SHANGHAI)
SERIES = "information"
GATE = (
    "昼夜值守入市口",
    "截至{{@as_of}}，累计检查车辆{{vehicles_checked}}辆、人员{{persons_checked}}人，[[24]]小时不断岗。",
)


def settle() -> None:
    """Load areas down to the communities, units, places, roles and the demonstration's people."""
    read = pack.read(settings.PACK)
    areas = [each for each in loading.areas(read) if len(each["code"]) <= LENGTHS["community"]]
    for model, rows in ((Area, areas), (Unit, loading.units(read)), (Place, loading.places(read))):
        model.objects.bulk_create([model(**row) for row in rows])  # type: ignore[attr-defined]
    _load_roles(read)
    load_demonstration(pack=read, at=AT - timedelta(days=1))


def who(username: str) -> User:
    return User.objects.get(username=username)


def checks(count: int, *, at: datetime = AT - timedelta(hours=1), place: str = "cp-east", **answers: Any) -> None:
    """Record vehicle checks with two people each."""
    drafts = [
        Draft(
            id=ids.make(at),
            kind="vehicle_check",
            at=at,
            area="",
            place=place,
            quantity=2,
            answers={"decision": "pass", **answers},
        )
        for _ in range(count)
    ]
    assert {each.status for each in journal.write(drafts=drafts, at=at)} == {"stored"}


def drafted(*texts: tuple[str, str], at: datetime = AT, **more: Any) -> Issue:
    """Return a draft with items of the publicity department."""
    issue = actions.begin(by=who("editor"), at=at, series=SERIES, on=at.date(), as_of=at, **more)
    for title, body in texts or (GATE,):
        wording = Wording(title, body)
        item = actions.submit(by=who("publicity"), at=at, series=SERIES, unit="publicity", wording=wording)
        actions.select(by=who("editor"), at=at, issue=issue, item=item)
    issue.refresh_from_db()
    return issue


def signed(*texts: tuple[str, str], at: datetime = AT, **more: Any) -> Issue:
    issue = drafted(*texts, at=at, **more)
    actions.send(by=who("editor"), at=at, issue=issue)
    actions.review(by=who("reviewer"), at=at, issue=issue)
    return actions.sign(by=who("signer"), at=at, issue=issue)

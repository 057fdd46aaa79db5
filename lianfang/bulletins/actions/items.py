"""Items: handed in, taken back, declined."""

from datetime import datetime

from django.db import transaction

from lianfang.bulletins import proof
from lianfang.bulletins.actions.guards import EDIT, WrongState, reason_of, require, require_for
from lianfang.bulletins.acts import write
from lianfang.bulletins.models import Item, SignOff
from lianfang.bulletins.publishing import area_of, day_of
from lianfang.bulletins.wording import Wording
from lianfang.registry.models import User


@transaction.atomic
def submit(*, by: User, at: datetime, series: str, unit: str, wording: Wording) -> Item:
    """Hand in an item for a unit; an empty by-line is filled with the unit's short name.

    Raises:
        NotAllowed: `by` may not hand in for this unit.
        NoSeries: the pack has no such series.
        Overlong: a part of it is too long.
    """
    proof.series(series)
    wording = wording.cleaned()
    area = area_of(unit, at)
    require_for(by, at, unit, area)
    item = Item.objects.create(
        series=series,
        unit=unit,
        area=area,
        given_title=wording.title,
        given_body=wording.body,
        title=wording.title,
        body=wording.body,
        byline=wording.byline or proof.byline(unit, day_of(at)),
        leading=wording.leading,
        submitted_by=by,
        submitted_at=at,
    )
    write(SignOff.SUBMITTED, by, at, item=item)
    return item


@transaction.atomic
def take_back(*, by: User, at: datetime, item: Item) -> Item:
    """Take an item back that nobody has taken up yet.

    Raises:
        NotAllowed: it is another unit's.
        WrongState: it has been taken up or declined.
    """
    item = Item.objects.select_for_update().get(pk=item.pk)
    require_for(by, at, item.unit, item.area)
    return _close(item, Item.TAKEN_BACK, SignOff.TAKEN_BACK, by, at)


@transaction.atomic
def decline(*, by: User, at: datetime, item: Item, reason: str) -> Item:
    """Say that an item will not be printed, and why.

    Raises:
        NotAllowed, WrongState, ReasonMissing: as their names say.
    """
    require(by, at, EDIT)
    item = Item.objects.select_for_update().get(pk=item.pk)
    return _close(item, Item.DECLINED, SignOff.DECLINED, by, at, reason_of(reason))


def _close(item: Item, state: str, act: str, by: User, at: datetime, reason: str = "") -> Item:
    if item.state != Item.SUBMITTED:
        raise WrongState(item.state)
    item.state, item.reason = state, reason
    item.save(update_fields=["state", "reason"])
    write(act, by, at, item=item, reason=reason)
    return item

"""Writes an act on the bulletin down: in the room's own book and as an entry in the journal."""

from datetime import datetime
from uuid import UUID

from django.conf import settings

from lianfang import pack
from lianfang.bulletins import proof
from lianfang.bulletins.models import Issue, Item, SignOff
from lianfang.journal import actions as journal
from lianfang.journal import ids
from lianfang.journal.drafts import Draft
from lianfang.registry.models import User

ENTRY = "bulletin_act"


class NotWritten(Exception):
    """The journal refused the entry of an act; its arguments say why."""


def write(
    act: str, by: User, at: datetime, *, issue: Issue | None = None, item: Item | None = None, reason: str = ""
) -> None:
    """Write an act down.

    Args:
        act: one of `SignOff`'s words.
        by: who did it.
        at: when.
        issue: the issue it was done to.
        item: the item it was done to.
        reason: why, where the act needs one.

    Raises:
        NotWritten: the journal refused the entry.
    """
    digest = proof.digest(issue) if issue else ""
    row = SignOff(act=act, by=by, at=at, issue=issue, item=item, reason=reason, digest=digest)
    house = pack.read(settings.PACK)
    if ENTRY in house.forms:
        row.entry = _journal(row, house.district)
    row.save()


def _journal(row: SignOff, area: str) -> UUID:
    told = {"act": row.act, "issue": row.issue_id, "item": row.item_id, "digest": row.digest, "reason": row.reason}
    if row.issue and row.issue.number:
        told |= {"series": row.issue.series, "number": str(row.issue)}
    answers = {key: value for key, value in told.items() if value}
    draft = Draft(
        id=ids.make(row.at), kind=ENTRY, at=row.at, area=area, by=row.by_id, unit=row.by.unit, answers=answers
    )
    (verdict,) = journal.write(drafts=[draft], at=row.at)
    if verdict.status != "stored":
        raise NotWritten(verdict.faults)
    return verdict.id

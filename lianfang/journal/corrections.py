"""Corrections: which drafts may replace which entries. An entry is replaced at most once, by one of its own kind."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from lianfang.journal.drafts import WITHDRAWAL, Draft, Fault
from lianfang.journal.models import Correction, Entry

# Two batches that correct the same entry come one after the other.
LOCK = "select pg_advisory_xact_lock(hashtextextended(each::text, 1)) from unnest(%s::uuid[]) as each"


def settle(drafts: Sequence[Draft]) -> dict[bytes, tuple[Fault, ...]]:
    """Return the faults of the corrections among these drafts, by the bytes of the id; the others may be stored.

    Holds, until the transaction ends, everybody else who would correct the same entries.

    Args:
        drafts: a batch, no id twice; of two that correct the same entry the first may be stored.
    """
    if not any(each.corrects for each in drafts):
        return {}
    waiting = {each.id: each for each in drafts if each.corrects is not None}
    originals = sorted({draft.corrects for draft in waiting.values() if draft.corrects})
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [originals])
    # An entry may be corrected by one of the same batch, whichever comes first in it; round a circle, never.
    known: dict[UUID, Draft | Entry] = {each.id: each for each in drafts if each.id not in waiting}
    known |= Entry.objects.in_bulk(originals)
    replaced = {each.original: each.correction for each in Correction.objects.filter(original__in=originals)}
    faults: dict[UUID, tuple[Fault, ...]] = {}
    while ready := [id for id, draft in waiting.items() if draft.corrects in known]:
        for id in ready:
            draft = waiting.pop(id)
            fault = _fault(draft, known, replaced)
            if fault:
                faults[id] = (fault,)
            else:
                known.setdefault(id, draft)
                replaced.setdefault(draft.corrects or id, id)
    faults |= dict.fromkeys(waiting, (_unknown(),))
    return {id.bytes: found for id, found in faults.items()}


def note(drafts: Sequence[Draft], at: datetime) -> None:
    """Record, for entries just stored, which of them replace which."""
    made = [Correction(original=each.corrects, correction=each.id, recorded_at=at) for each in drafts if each.corrects]
    if made:
        Correction.objects.bulk_create(made)


def _fault(draft: Draft, known: Mapping[UUID, Draft | Entry], replaced: Mapping[UUID, UUID]) -> Fault | None:
    if draft.corrects is None:
        return None
    original = known[draft.corrects]
    if draft.kind not in (original.kind, WITHDRAWAL):
        message = _("A correction is of the same kind as the entry it corrects.")
        return Fault("corrects", "other_kind", message, original.kind)
    if draft.exercise != original.exercise:
        message = _("A drill cannot correct what really happened, nor the other way round.")
        return Fault("exercise", "other_exercise", message, str(original.exercise).lower())
    holder = replaced.get(draft.corrects, draft.id)
    if holder != draft.id:
        message = _("This entry has already been corrected.")
        expected = _("a correction of the latest correction, {id}").format(id=holder)
        return Fault("corrects", "already_corrected", message, expected)
    return None


def _unknown() -> Fault:
    message = _("The entry to be corrected is not in the journal.")
    return Fault("corrects", "unknown_original", message, _("the id of a stored entry"))

"""Opening the vault for a person, and closing a month of it for ever."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from lianfang.registry import keys, scope, vault
from lianfang.registry.actions.faults import NotAllowed, PurposeMissing, Unusable
from lianfang.registry.actions.notes import note, require
from lianfang.registry.models import AccessLog, User, VaultKey, VaultRecord
from lianfang.registry.visibility import Scope


@transaction.atomic
def view_names(
    *,
    by: User,
    at: datetime,
    subjects: Iterable[UUID],
    purpose: str,
    fields: Iterable[str] | None = None,
    address: str | None = None,
) -> dict[UUID, vault.Opened]:
    """Open the vault for a person and write who looked, at whom, when, for what purpose and at which fields.

    A subject whose data was recorded outside the person's reach is left out, and the attempt is noted.

    Args:
        by: who looks.
        at: the instant.
        subjects: the pseudonyms.
        purpose: one of the purposes for which names were granted.
        fields: the vault's fields wanted; None for all.
        address: where the request came from.

    Raises:
        NotAllowed: `by` may see no names.
        PurposeMissing: no purpose was given, or none that was granted.
    """
    purpose = purpose.strip()
    may = scope.of(by, at)
    if not may.may("names.view"):
        raise NotAllowed("names.view")
    held = tuple(each for each in may.reaches["names.view"] if each.purpose in ("", purpose))
    if not purpose or not held:
        raise PurposeMissing(purpose)
    wanted, asked = None if fields is None else set(fields), list(dict.fromkeys(subjects))
    records = VaultRecord.objects.visible_to(Scope(may.user, at, {"names.view": held}), "names.view")
    shown = {
        subject: vault.Opened(
            subject, {k: v for k, v in each.fields.items() if wanted is None or k in wanted}, each.closed
        )
        for subject, each in vault.open_many(asked, records).items()
    }
    AccessLog.objects.bulk_create(
        AccessLog(
            at=at, by=by, unit=by.unit, subject=subject, purpose=purpose, fields=sorted(each.fields), address=address
        )
        for subject, each in shown.items()
    )
    if len(shown) < len(asked):
        left = [str(each) for each in asked if each not in shown]
        detail = {"count": len(left), "subjects": left[:20], "purpose": purpose}
        note(by=by, at=at, verb="names.view", allowed=False, detail=detail, address=address)
    return shown


@transaction.atomic
def destroy_key(*, by: User | None, at: datetime, name: str, reason: str) -> int:
    """Destroy a month's key: everything sealed in that month can never be opened again.

    The month must be over. Copies of the keys that were put aside must be destroyed by hand.

    Args:
        by: who destroys.
        at: the instant.
        name: the month, for instance 2020-02.
        reason: the order or rule followed.

    Returns:
        How many records are closed for ever.

    Raises:
        NotAllowed: `by` may not manage keys.
        Unusable: no such key, the month is not over, or no reason is given.
    """
    require(by, at, "keys.manage")
    key = VaultKey.objects.select_for_update().filter(pk=name, destroyed_at=None).first()
    if key is None or name >= vault.month(at) or not reason.strip():
        raise Unusable("A key is destroyed once, after its month, and for a reason.")
    key.destroyed_at, key.destroyed_by, key.reason = at, by, reason.strip()[:200]
    key.save(update_fields=["destroyed_at", "destroyed_by", "reason"])
    closed = VaultRecord.objects.filter(key=name).count()
    note(by=by, at=at, verb="key.destroy", about=name, detail={"records": closed, "reason": key.reason})
    # Last: a file does not come back when the transaction is rolled back.
    transaction.on_commit(lambda: keys.destroy(keys.month_file(name)))
    return closed

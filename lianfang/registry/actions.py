"""The registry's verbs. Each takes who does it (`by`; nobody only for the installation itself) and when (`at`)."""

import re
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.db import transaction

from lianfang.registry import devices, keys, scope, separation, vault
from lianfang.registry.models import AccessLog, Act, Device, Grant, Role, User, VaultKey, VaultRecord
from lianfang.registry.visibility import Scope

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{1,39}")


class NotAllowed(Exception):
    """The power for this is not held, or not here."""


class SeparationBroken(Exception):
    """The three administrators must stay three people who see no names."""


class PurposeMissing(Exception):
    """Names are shown for a purpose, and for one that was granted."""


class Unusable(ValueError):
    """What was given cannot be used; the message says why."""


@transaction.atomic
def enrol_device(
    *,
    by: User | None,
    at: datetime,
    code: str,
    kind: str,
    name: str,
    area: str,
    unit: str = "",
    place: str = "",
    forms: Iterable[str] = (),
    user: User | None = None,
) -> tuple[Device, str]:
    """Let a device hand in entries; a known code gets a new secret, and the old one ends.

    Args:
        by: who enrols.
        at: the instant.
        code: letters, digits, `-` and `_`, 2 to 40 of them.
        kind: phone, gate, counter, replay …
        name: what people call it.
        area: the area its entries must lie in.
        unit: the unit its entries belong to.
        place: the place it stands at.
        forms: the forms it may hand in; none for all.
        user: the person whose phone it is.

    Returns:
        The device, and its secret, which is shown once and kept nowhere.

    Raises:
        NotAllowed: `by` may not manage devices there.
        Unusable: the code cannot be used.
    """
    _require(by, at, "devices.manage", area=area, unit=unit or None)
    if not CODE.fullmatch(code):
        raise Unusable("A device's code is 2 to 40 letters, digits, - and _.")
    before = Device.objects.select_for_update().filter(code=code).first()
    if before is not None:
        _require(by, at, "devices.manage", area=before.area, unit=before.unit or None)
    secret = devices.fresh_secret()
    held = {
        "kind": kind,
        "name": name,
        "area": area,
        "unit": unit,
        "place": place,
        "forms": sorted(forms),
        "user": user,
    }
    fresh = {
        "digest": devices.digest(secret),
        "enrolled_at": at,
        "enrolled_by": by,
        "revoked_at": None,
        "revoked_by": None,
    }
    device, _ = Device.objects.update_or_create(code=code, defaults=held | fresh)
    devices.forget(code)
    note(
        by=by, at=at, verb="device.enrol", about=code, detail={"kind": kind, "area": area, "unit": unit, "place": place}
    )
    return device, secret


@transaction.atomic
def revoke_device(*, by: User | None, at: datetime, device: Device, reason: str = "") -> None:
    """Shut a device out; every process follows within seconds.

    Raises:
        NotAllowed: `by` may not manage devices there.
    """
    _require(by, at, "devices.manage", area=device.area, unit=device.unit or None)
    device.revoked_at, device.revoked_by = at, by
    device.save(update_fields=["revoked_at", "revoked_by"])
    devices.forget(device.code)
    note(by=by, at=at, verb="device.revoke", about=device.code, detail={"reason": reason})


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
def make_user(
    *,
    by: User | None,
    at: datetime,
    username: str,
    name: str,
    unit: str = "",
    password: str = "",
    must_change: bool = True,
) -> User:
    """Make an account; it may do nothing until somebody else grants it a role.

    Raises:
        NotAllowed: `by` may not manage accounts.
        Unusable: the username is taken or malformed.
        ValidationError: the password breaks a rule.
    """
    _require(by, at, "users.manage")
    if not re.fullmatch(r"[\w.@+-]{2,64}", username):
        raise Unusable("A username is 2 to 64 letters, digits and . @ + - _.")
    if User.objects.filter(username__iexact=username).exists():
        raise Unusable("This username is taken.")
    user = User(username=username, name=name, unit=unit, must_change=must_change, created_at=at)
    _put_password(user, password)
    user.save()
    note(by=by, at=at, verb="user.make", about=username, detail={"name": name, "unit": unit})
    return user


@transaction.atomic
def set_password(*, by: User | None, at: datetime, user: User, password: str, must_change: bool = True) -> None:
    """Give an account a new password, to be changed at the next sign-in.

    Raises:
        NotAllowed: `by` is neither the person nor may manage accounts.
        ValidationError: the password breaks a rule.
    """
    if by != user:
        _require(by, at, "users.manage")
    _put_password(user, password)
    user.must_change = must_change and by != user
    user.save(update_fields=["password", "must_change"])
    note(by=by, at=at, verb="user.password", about=user.username)


@transaction.atomic
def set_active(*, by: User | None, at: datetime, user: User, active: bool) -> None:
    """Close an account, or open it again; its phones are shut out with it.

    Raises:
        NotAllowed: `by` may not manage accounts, or it is their own.
    """
    _require(by, at, "users.manage")
    if by == user:
        raise NotAllowed("Nobody closes their own account.")
    user.is_active = active
    user.save(update_fields=["is_active"])
    for code in user.devices.values_list("code", flat=True):
        devices.forget(code)
    note(by=by, at=at, verb="user.open" if active else "user.close", about=user.username)


@transaction.atomic
def grant(
    *,
    by: User | None,
    at: datetime,
    user: User,
    role: Role,
    area: str = "",
    unit: str = "",
    purpose: str = "",
    valid_from: datetime | None = None,
    valid_to: datetime | None = None,
) -> Grant:
    """Give a role to a user over an area, for one unit's rows or all, for a purpose.

    Raises:
        NotAllowed: `by` may not grant, or would grant to themself.
        SeparationBroken: the user would hold two of the three administrators, or one and a part in the work.
    """
    _require(by, at, "grants.manage")
    if by is not None and by == user:
        raise NotAllowed("Nobody grants to themself.")
    # One grant at a time for a person: two at once could each be right and together wrong.
    User.objects.select_for_update().get(pk=user.pk)
    begins = valid_from or at
    lasting = (
        Grant.objects.filter(user=user).exclude(valid_to__lte=begins).values_list("role__administrator", flat=True)
    )
    if not separation.may_join(lasting, role.administrator):
        note(by=by, at=at, verb="grant.give", about=user.username, allowed=False, detail={"role": role.code})
        raise SeparationBroken(f"{user.username} + {role.code}")
    given = Grant.objects.create(
        user=user, role=role, area=area, unit=unit, purpose=purpose, valid_from=begins, valid_to=valid_to, given_by=by
    )
    detail = {"grant": given.pk, "role": role.code, "area": area, "unit": unit, "purpose": purpose}
    note(by=by, at=at, verb="grant.give", about=user.username, detail=detail)
    return given


@transaction.atomic
def end_grant(*, by: User | None, at: datetime, grant: Grant) -> None:
    """End a grant now; it stays on record with its dates.

    Raises:
        NotAllowed: `by` may not grant.
    """
    _require(by, at, "grants.manage")
    grant.valid_to, grant.ended_by = at, by
    grant.save(update_fields=["valid_to", "ended_by"])
    note(by=by, at=at, verb="grant.end", about=grant.user.username, detail={"grant": grant.pk, "role": grant.role_id})


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
    _require(by, at, "keys.manage")
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


def note(
    *,
    by: User | None,
    at: datetime,
    verb: str,
    about: str = "",
    allowed: bool = True,
    detail: dict[str, object] | None = None,
    address: str | None = None,
) -> None:
    """Write an act of administration or sign-in down; nobody can change it afterwards."""
    Act.objects.create(
        by=by, at=at, verb=verb, about=about[:160], allowed=allowed, detail=detail or {}, address=address or None
    )


def _require(by: User | None, at: datetime, power: str, area: str | None = None, unit: str | None = None) -> None:
    if by is not None and not scope.of(by, at).may(power, area=area, unit=unit):
        raise NotAllowed(power)


def _put_password(user: User, password: str) -> None:
    if not password:
        user.set_unusable_password()
        return
    validate_password(password, user)
    user.set_password(password)

"""Accounts, and what they may do."""

import re
from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.db import transaction

from lianfang.registry import devices, second_factor, separation
from lianfang.registry.actions.faults import NotAllowed, SeparationBroken, Unusable
from lianfang.registry.actions.notes import note, require
from lianfang.registry.models import Grant, Role, User


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
    require(by, at, "users.manage")
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
        require(by, at, "users.manage")
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
    require(by, at, "users.manage")
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
    require(by, at, "grants.manage")
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
    require(by, at, "grants.manage")
    grant.valid_to, grant.ended_by = at, by
    grant.save(update_fields=["valid_to", "ended_by"])
    note(by=by, at=at, verb="grant.end", about=grant.user.username, detail={"grant": grant.pk, "role": grant.role_id})


@transaction.atomic
def begin_second_factor(*, by: User, at: datetime, secret: str, code: str) -> list[str]:
    """Set up one's own second factor and return the recovery codes, which are shown once.

    Raises:
        WrongCode: the code does not fit the secret.
    """
    codes = second_factor.begin(by, secret, code)
    note(by=by, at=at, verb="second-factor.begin", about=by.username)
    return codes


@transaction.atomic
def renew_recovery_codes(*, by: User, at: datetime, code: str) -> list[str]:
    """Replace one's own recovery codes.

    Raises:
        WrongCode: the code is not the one of this moment.
    """
    if not second_factor.check(by, code):
        raise second_factor.WrongCode
    note(by=by, at=at, verb="second-factor.recovery", about=by.username)
    return second_factor.fresh_recovery_codes(by)


@transaction.atomic
def end_second_factor(*, by: User | None, at: datetime, user: User) -> None:
    """Take a lost second factor away; where it is needed, the next sign-in sets up a new one before anything else.

    This is not the system administrator's: whoever gives passwords could otherwise come in as anybody, and see names.

    Raises:
        NotAllowed: `by` may not grant, or it is their own.
    """
    require(by, at, "grants.manage")
    if by == user:
        raise NotAllowed("Nobody takes their own second factor away.")
    second_factor.end(user)
    note(by=by, at=at, verb="second-factor.end", about=user.username)


def _put_password(user: User, password: str) -> None:
    if not password:
        user.set_unusable_password()
        return
    validate_password(password, user)
    user.set_password(password)

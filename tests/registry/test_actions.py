"""Names are shown for a purpose and written down; the three administrators stay apart."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction

from lianfang.registry import actions, keys, separation, vault
from lianfang.registry.models import AccessLog, Act, Grant, Role, User, VaultKey

AT = datetime(2020, 2, 5, 4, tzinfo=UTC)
LATER = datetime(2020, 4, 1, tzinfo=UTC)
ROLES = {
    "system": ("system", ["users.manage", "devices.manage", "running.view"]),
    "security": ("security", ["grants.manage", "keys.manage"]),
    "audit": ("audit", ["log.view", "seals.view"]),
    "tracer": ("", ["names.view", "entries.view"]),
    "clerk": ("", ["entries.view"]),
}


def person(role: str, area: str = "410106001", unit: str = "", purpose: str = "") -> User:
    kind, powers = ROLES[role]
    made, _ = Role.objects.get_or_create(
        code=role, defaults={"title": role, "powers": powers, "administrator": kind, "own_rows": not kind}
    )
    user = User.objects.create(username=f"{role}-{uuid4().hex[:6]}", name=role)
    at = AT - timedelta(days=1)
    actions.grant(by=None, at=at, user=user, role=made, area="" if kind else area, unit=unit, purpose=purpose)
    return user


def sealed(area: str = "410106001", unit: str = "traffic") -> UUID:
    subject = uuid4()
    vault.seal_many([vault.Personal(subject, {"name": "王小明", "phone": "13800138000"}, area, unit)], AT)
    return subject


@pytest.mark.django_db
def test_a_look_is_written_with_person_purpose_and_fields() -> None:
    subject, user = sealed(), person("tracer")
    shown = actions.view_names(
        by=user, at=AT, subjects=[subject], purpose="tracing", fields=["name"], address="10.0.0.7"
    )
    assert shown[subject].fields == {"name": "王小明"}
    row = AccessLog.objects.get()
    assert (row.by, row.subject, row.purpose, row.fields, row.at) == (user, subject, "tracing", ["name"], AT)
    assert row.address == "10.0.0.7"


@pytest.mark.django_db
def test_no_purpose_no_names() -> None:
    subject = sealed()
    with pytest.raises(actions.PurposeMissing):
        actions.view_names(by=person("tracer"), at=AT, subjects=[subject], purpose="  ")
    with pytest.raises(actions.PurposeMissing):
        actions.view_names(by=person("tracer", purpose="tracing"), at=AT, subjects=[subject], purpose="debts")
    assert not AccessLog.objects.exists()


@pytest.mark.django_db
def test_without_the_power_there_are_no_names() -> None:
    with pytest.raises(actions.NotAllowed):
        actions.view_names(by=person("clerk"), at=AT, subjects=[sealed()], purpose="tracing")


@pytest.mark.django_db
def test_what_was_recorded_elsewhere_stays_closed_and_the_attempt_is_noted() -> None:
    here, elsewhere = sealed(), sealed(area="410106002")
    other_unit = sealed(unit="health")
    user = person("tracer", unit="traffic")
    shown = actions.view_names(by=user, at=AT, subjects=[here, elsewhere, other_unit], purpose="tracing")
    assert set(shown) == {here}
    assert AccessLog.objects.count() == 1
    note = Act.objects.get(verb="names.view")
    assert not note.allowed
    assert set(note.detail["subjects"]) == {str(elsewhere), str(other_unit)}


@pytest.mark.django_db
@pytest.mark.parametrize("table", ["registry_accesslog", "registry_act"])
@pytest.mark.parametrize("statement", ["delete from {}", "update {} set at = now()"])
def test_the_logs_cannot_be_changed_even_by_hand(table: str, statement: str) -> None:
    actions.view_names(by=person("tracer"), at=AT, subjects=[sealed()], purpose="tracing")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table))


ACTS = {
    "make a user": lambda by: actions.make_user(by=by, at=AT, username="fresh", name="新人"),
    "close a user": lambda by: actions.set_active(by=by, at=AT, user=person("clerk"), active=False),
    "set a password": lambda by: actions.set_password(by=by, at=AT, user=person("clerk"), password="green-Gate-2020"),
    "take a second factor away": lambda by: actions.end_second_factor(by=by, at=AT, user=person("clerk")),
    "enrol a device": lambda by: actions.enrol_device(by=by, at=AT, code="g1", kind="gate", name="g", area="410106"),
    "grant": lambda by: actions.grant(by=by, at=AT, user=person("clerk"), role=Role.objects.get(code="clerk")),
    "end a grant": lambda by: actions.end_grant(by=by, at=AT, grant=person("clerk").grants.get()),
    "destroy a key": lambda by: actions.destroy_key(by=by, at=LATER, name="2020-02", reason="wind-down"),
    "see names": lambda by: actions.view_names(by=by, at=AT, subjects=[uuid4()], purpose="tracing"),
}
MAY = {
    "system": {"make a user", "close a user", "set a password", "enrol a device"},
    "security": {"grant", "end a grant", "take a second factor away", "destroy a key"},
    "audit": set(),
    "tracer": {"see names"},
    "clerk": set(),
}


@pytest.mark.django_db
@pytest.mark.parametrize("role", list(MAY))
@pytest.mark.parametrize("act", list(ACTS))
def test_who_may_do_what(role: str, act: str) -> None:
    sealed()
    by = person(role)
    if act in MAY[role]:
        ACTS[act](by)
    else:
        with pytest.raises(actions.NotAllowed):
            ACTS[act](by)


@pytest.mark.django_db
@pytest.mark.parametrize("first", ["system", "security", "audit"])
def test_an_administrator_gets_no_second_part(first: str) -> None:
    for second in set(ROLES) - {first}:
        user, other = person(first), person(second)
        role = other.grants.get().role
        with pytest.raises(actions.SeparationBroken):
            actions.grant(by=None, at=AT, user=user, role=role)
        with pytest.raises(actions.SeparationBroken):
            actions.grant(by=None, at=AT, user=other, role=user.grants.get().role)
    actions.end_grant(by=None, at=AT, grant=user.grants.get())
    actions.grant(by=None, at=AT, user=user, role=role)


@pytest.mark.django_db
def test_a_part_that_begins_later_does_not_slip_past_the_separation() -> None:
    user = person("system")
    Grant.objects.filter(user=user).update(valid_from=AT + timedelta(days=30))
    with pytest.raises(actions.SeparationBroken):
        actions.grant(by=None, at=AT, user=user, role=person("clerk").grants.get().role)


@pytest.mark.django_db
def test_nobody_grants_to_themself_or_closes_themself() -> None:
    security, system = person("security"), person("system")
    with pytest.raises(actions.NotAllowed):
        actions.grant(by=security, at=AT, user=security, role=security.grants.get().role)
    with pytest.raises(actions.NotAllowed):
        actions.set_active(by=system, at=AT, user=system, active=False)


def test_a_role_may_not_mix_administration_with_the_work() -> None:
    assert separation.role_faults("system", ["users.manage", "names.view"]) == ["names.view"]
    assert separation.role_faults("audit", ["log.view", "grants.manage"]) == ["grants.manage"]
    assert separation.role_faults("", ["figures.view", "log.view"]) == ["log.view"]
    assert separation.role_faults("security", ["grants.manage", "keys.manage"]) == []


@pytest.mark.django_db
def test_a_weak_password_and_a_taken_name_are_refused() -> None:
    for password in ("Short-1", "password1234", "Zhangsan-2020", "123456789012", "onlysmallletters"):
        with pytest.raises(ValidationError):
            actions.make_user(by=None, at=AT, username="zhangsan2020", name="张三", password=password)
    actions.make_user(by=None, at=AT, username="Li.si", name="李四", password="green-Gate-2020")
    with pytest.raises(actions.Unusable):
        actions.make_user(by=None, at=AT, username="li.SI", name="李四")


@pytest.mark.django_db(transaction=True)
def test_destroying_a_months_key_is_final_and_waits_for_the_months_end() -> None:
    VaultKey.objects.all().delete()
    subject = sealed()
    for name, at in (("2020-02", AT), ("2020-01", LATER), ("2020-02", AT)):
        with pytest.raises(actions.Unusable):
            actions.destroy_key(by=None, at=at, name=name, reason="wind-down")
    with pytest.raises(actions.Unusable):
        actions.destroy_key(by=None, at=LATER, name="2020-02", reason=" ")
    assert actions.destroy_key(by=None, at=LATER, name="2020-02", reason="wind-down") == 1
    assert not keys.month_file("2020-02").exists()
    assert vault.open_many([subject])[subject].fields == {}
    with pytest.raises(actions.Unusable):
        actions.destroy_key(by=None, at=LATER, name="2020-02", reason="again")
    vault._recorded.clear()
    VaultKey.objects.all().delete()

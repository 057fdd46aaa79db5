"""The administration's pages: each opens to its administrator alone, and does what it says."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from lianfang import clock
from lianfang.journal import seals
from lianfang.journal.models import Seal
from lianfang.registry import actions, devices, keys, second_factor, vault
from lianfang.registry.models import AccessLog, Act, Area, Device, Grant, Place, Role, User, VaultKey

pytestmark = pytest.mark.django_db
AT = datetime(2020, 1, 1, tzinfo=UTC)
ROLES = {
    "system": ("system", ["users.manage", "devices.manage", "running.view"]),
    "security": ("security", ["grants.manage", "keys.manage"]),
    "audit": ("audit", ["log.view", "seals.view"]),
    "post": ("", ["devices.manage"]),
    "clerk": ("", ["figures.view", "entries.view", "names.view"]),
}
OPEN = {
    "users": {"system"},
    "grants": {"security"},
    "devices": {"system", "post"},
    "keys": {"security"},
    "access-log": {"audit"},
    "acts": {"audit"},
    "seals": {"audit"},
}


def enter(role: str, area: str = "410106") -> Client:
    kind, powers = ROLES[role]
    made, _ = Role.objects.get_or_create(code=role, defaults={"title": role, "powers": powers, "administrator": kind})
    user, fresh = User.objects.get_or_create(username=role, defaults={"name": role})
    if fresh:
        actions.grant(by=None, at=AT, user=user, role=made, area=area)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def person(username: str = "zhao") -> User:
    return actions.make_user(by=None, at=AT, username=username, name="某某", password="green-Gate-2020")


@pytest.mark.parametrize("page", list(OPEN))
@pytest.mark.parametrize("role", list(ROLES))
def test_each_page_opens_to_its_administrator_alone(role: str, page: str) -> None:
    assert enter(role).get(f"/administration/{page}/").status_code == (200 if role in OPEN[page] else 403)


@pytest.mark.parametrize("role", list(ROLES))
def test_nobody_acts_through_a_page_that_is_not_theirs(role: str) -> None:
    client, user = enter(role), person()
    kept = Grant.objects.create(user=user, role=Role.objects.get(code=role), area="410106", valid_from=AT)
    posts = {
        "/administration/users/make/": "users.manage",
        "/administration/users/zhao/": "users.manage",
        "/administration/grants/give/": "grants.manage",
        f"/administration/grants/{kept.pk}/end/": "grants.manage",
        "/administration/second-factor/end/": "grants.manage",
        "/administration/devices/enrol/": "devices.manage",
        "/administration/devices/g1/revoke/": "devices.manage",
        "/administration/keys/2020-02/destroy/": "keys.manage",
    }
    for path, power in posts.items():
        refused = client.post(path, {"do": "close", "username": "zhao", "role": role}).status_code == 403
        assert refused == (power not in ROLES[role][1]), path


def test_the_first_open_section_is_where_administration_leads() -> None:
    assert enter("audit").get("/administration/")["Location"] == "/administration/access-log/"
    assert enter("security").get("/administration/")["Location"] == "/administration/grants/"
    assert enter("clerk").get("/administration/").status_code == 403


def test_a_new_account_gets_a_password_that_works_and_must_be_changed() -> None:
    page = enter("system").post("/administration/users/make/", {"username": "qian", "name": "钱某", "unit": ""})
    password = page.content.decode().split('class="mono"')[1].split(">")[1].split("<")[0]
    user = User.objects.get(username="qian")
    assert user.check_password(password)
    assert user.must_change
    assert "no-store" in page["Cache-Control"] or "private" in page["Cache-Control"]
    again = enter("system").post("/administration/users/make/", {"username": "qian", "name": "x"}, follow=True)
    assert User.objects.count() == 2
    assert "taken" in again.content.decode() or "已" in again.content.decode()


def test_closing_opening_and_a_new_password() -> None:
    client, user = enter("system"), person()
    client.post("/administration/users/zhao/", {"do": "close"})
    user.refresh_from_db()
    assert not user.is_active
    client.post("/administration/users/zhao/", {"do": "open"})
    client.post("/administration/users/zhao/", {"do": "password"})
    user.refresh_from_db()
    assert user.is_active
    assert not user.check_password("green-Gate-2020")
    client.post("/administration/users/system/", {"do": "close"})
    assert User.objects.get(username="system").is_active
    assert Act.objects.filter(about="system", allowed=False).exists()


def test_a_lost_phone() -> None:
    client, user = enter("security"), person()
    second_factor.Authenticator.objects.create(user=user, type="totp", data={"secret": "x"})
    assert "/administration/second-factor/end/" in client.get("/administration/grants/?q=zhao").content.decode()
    client.post("/administration/second-factor/end/", {"username": "zhao"})
    assert not second_factor.enabled(user)
    client.post("/administration/second-factor/end/", {"username": "security"})
    assert Act.objects.filter(verb="second-factor.end", allowed=False).exists()


def test_giving_and_ending_a_role() -> None:
    client, user = enter("security"), person()
    enter("clerk")
    until = (clock.now() + timedelta(days=30)).date()
    told = {"username": "zhao", "role": "clerk", "area": "410106", "unit": "", "purpose": "duty", "until": str(until)}
    client.post("/administration/grants/give/", told)
    given = user.grants.get()
    assert (given.area, given.purpose, given.given_by.username) == ("410106", "duty", "security")
    assert given.valid_to is not None
    client.post(f"/administration/grants/{given.pk}/end/")
    assert not user.grants.in_force(clock.now()).exists()
    for bad in ({"until": "2020-13-01"}, {"until": "2001-01-01"}, {"role": "no"}, {"username": "nobody"}):
        client.post("/administration/grants/give/", told | bad)
    assert user.grants.count() == 1


def test_a_second_administrators_part_is_refused_and_noted() -> None:
    client = enter("security")
    enter("system")
    enter("audit")
    client.post("/administration/grants/give/", {"username": "system", "role": "audit", "area": "", "purpose": ""})
    client.post("/administration/grants/give/", {"username": "security", "role": "audit", "area": "", "purpose": ""})
    assert Grant.objects.count() == 3
    assert Act.objects.filter(verb="grant.give", allowed=False).count() == 2


def test_a_device_is_enrolled_where_one_may_and_its_secret_shown_once() -> None:
    for code, area in (("here", "410106001"), ("there", "410106002")):
        Place.objects.create(code=code, kind="checkpoint", name=code, area=area, valid_from=date(2020, 1, 1))
    client = enter("post", area="410106001")
    told = {"code": "gate-9", "kind": "gate", "place": "here", "name": "九号门"}
    page = client.post("/administration/devices/enrol/", told).content.decode()
    header = page.split('class="mono">')[1].split("<")[0]
    assert devices.authenticate(header, AT).place == "here"
    assert "<svg" in page
    assert client.post("/administration/devices/enrol/", told | {"place": "there", "code": "x9"}).status_code == 403
    client.post("/administration/devices/enrol/", told | {"kind": "replay", "code": "x8"})
    assert Device.objects.count() == 1
    actions.enrol_device(by=None, at=AT, code="far", kind="gate", name="远", area="410106002")
    listed = client.get("/administration/devices/").content.decode()
    assert "gate-9" in listed
    assert "far" not in listed.split("<table")[1].split("</table")[0]
    assert client.post("/administration/devices/far/revoke/").status_code == 404
    client.post("/administration/devices/gate-9/revoke/", {"reason": "lost"})
    with pytest.raises(devices.DeviceRevoked):
        devices.authenticate(header, AT)


def test_a_key_is_destroyed_after_typing_its_month(django_capture_on_commit_callbacks: Any) -> None:
    vault.seal_many([(uuid4(), {"name": "甲"})], AT)
    client, path = enter("security"), "/administration/keys/2020-01/destroy/"
    assert "2020-01" in client.get("/administration/keys/").content.decode()
    assert client.get(path).status_code == 200
    with django_capture_on_commit_callbacks(execute=True):
        client.post(path, {"name": "2020-02", "reason": "r"})
        client.post(path, {"name": "2020-01", "reason": ""})
    assert keys.month_file("2020-01").exists()
    with django_capture_on_commit_callbacks(execute=True):
        client.post(path, {"name": "2020-01", "reason": "收尾"})
    assert not keys.month_file("2020-01").exists()
    assert VaultKey.objects.get().destroyed_by == User.objects.get(username="security")


def test_a_missing_and_a_wrong_key_are_told_apart() -> None:
    vault.seal_many([(uuid4(), {"name": "甲"})], AT)
    client, file = enter("security"), keys.month_file("2020-01")
    keys.destroy(file)
    assert "tag bad" in client.get("/administration/keys/").content.decode()
    keys.ensure(file)
    assert "tag bad" in client.get("/administration/keys/").content.decode()
    keys.destroy(file)


def test_the_logs_are_paged_and_found_by_person_and_subject() -> None:
    looker, subject = person(), uuid4()
    AccessLog.objects.bulk_create(
        AccessLog(
            at=AT + timedelta(seconds=n), by=looker, subject=subject if n == 7 else uuid4(), purpose="duty", fields=[]
        )
        for n in range(60)
    )
    client = enter("audit")
    first = client.get("/administration/access-log/").content.decode()
    assert first.count("<tr>") == 51
    further = first.split("after=")[1].split('"')[0]
    assert client.get(f"/administration/access-log/?after={further}").content.decode().count("<tr>") == 11
    assert client.get(f"/administration/access-log/?subject={subject}").content.decode().count("<tr>") == 2
    assert client.get("/administration/access-log/?by=zhao").content.decode().count("<tr>") == 51
    assert client.get("/administration/access-log/?by=nobody").content.decode().count("<tr>") == 0
    assert client.get("/administration/access-log/?subject=x").content.decode().count("<tr>") == 0
    assert client.get("/administration/acts/?verb=grant.give").content.decode().count("<tr>") == 2


def test_a_seal_that_does_not_follow_is_shown_as_such() -> None:
    before = seals.BEGINNING
    for number in range(3):
        top, first, last = bytes([number]) * 32, number * 10 + 1, number * 10 + 10
        before = seals.chained(before, top, first, last, 10)
        Seal.objects.create(first=first, last=last, count=10, root=top, chained=before, at=AT)
    client = enter("audit")
    assert client.get("/administration/seals/").content.decode().count("tag good") == 3
    Seal.objects.filter(first=11).update(root=b"x" * 32)
    page = client.get("/administration/seals/").content.decode()
    assert (page.count("tag good"), page.count("tag bad")) == (2, 1)


def test_accounts_are_paged_by_name() -> None:
    User.objects.bulk_create(User(username=f"u{n:03}", name="n", password="!") for n in range(60))
    client = enter("system")
    first = client.get("/administration/users/").content.decode()
    assert "after=u048" in first
    assert "u059" in client.get("/administration/users/?after=u048").content.decode()
    assert client.get("/administration/users/?q=u05").content.decode().count("<tr>") == 11


def test_passwords_for_slips_of_paper_obey_the_rules() -> None:
    from django.contrib.auth.password_validation import validate_password

    from lianfang.doors.web.administration import fresh_password

    told = {fresh_password() for _ in range(50)}
    assert len(told) == 50
    for each in told:
        validate_password(each)


def test_areas_to_grant_over_are_the_official_ones() -> None:
    Area.objects.create(code="410106", kind="district", name="全区", official=True, valid_from=date(2020, 1, 1))
    Area.objects.create(code="410106001001001", kind="grid", name="网格一", valid_from=date(2020, 1, 1))
    page = enter("security").get("/administration/grants/").content.decode()
    assert "全区" in page
    assert "网格一" not in page

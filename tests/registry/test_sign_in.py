"""Signing in: throttled, with a second factor where it matters, and a picker only in a demonstration."""

import time
from datetime import UTC, datetime
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client

from lianfang.doors.web import presence
from lianfang.registry import actions, second_factor
from lianfang.registry.models import Act, Role, User

pytestmark = pytest.mark.django_db
PASSWORD = "green-Gate-2020"
AT = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def installation(settings: Any) -> Any:
    settings.DEMONSTRATION = False
    return settings


def account(username: str = "zhao", *powers: str, administrator: str = "") -> User:
    user = actions.make_user(by=None, at=AT, username=username, name="某某", password=PASSWORD, must_change=False)
    if powers:
        role = Role.objects.create(code=f"r-{username}", title="r", powers=list(powers), administrator=administrator)
        actions.grant(by=None, at=AT, user=user, role=role, area="410106")
    return user


def enter(client: Client, username: str = "zhao", password: str = PASSWORD, **more: str) -> Any:
    return client.post("/sign-in/", {"username": username, "password": password, **more})


def code_of(secret: str, step: int = 1) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + step))


def with_codes(user: User) -> tuple[str, list[str]]:
    secret = second_factor.fresh_secret()
    recovery = actions.begin_second_factor(by=user, at=AT, secret=secret, code=code_of(secret, 0))
    return secret, recovery


def test_the_right_password_comes_in_and_is_written_down(client: Client) -> None:
    account("zhao", "figures.view")
    answer = enter(client, next="/account/")
    assert (answer.status_code, answer["Location"]) == (302, "/account/")
    assert client.get("/account/").status_code == 200
    assert Act.objects.filter(verb="sign-in", allowed=True, by__username="zhao").exists()


def test_a_wrong_password_and_an_unknown_name_look_the_same(client: Client) -> None:
    account()
    pages = [enter(client, "zhao", "wrong-Pass-2020"), enter(client, "nobody", "wrong-Pass-2020")]
    assert [page.status_code for page in pages] == [403, 403]
    texts = [page.content.decode().split('role="alert"')[1].split("</div>")[0] for page in pages]
    assert texts[0] == texts[1]
    assert [act.about for act in Act.objects.filter(allowed=False).order_by("id")] == ["zhao", ""]


def test_five_failures_lock_for_half_an_hour_even_for_the_right_password(client: Client, settings: Any) -> None:
    account("zhao", "figures.view")
    for _ in range(4):
        assert enter(client, "zhao", "wrong-Pass-2020").status_code == 403
    assert enter(client, "zhao", "wrong-Pass-2020").status_code == 429
    locked = enter(client)
    assert locked.status_code == 429
    assert "30" in locked.content.decode()
    assert "_auth_user_id" not in client.session
    assert Act.objects.filter(verb="sign-in.locked", about="zhao").exists()
    settings.AXES_COOLOFF_TIME = 0.0
    assert enter(client).status_code == 302


def test_the_way_back_never_leads_to_another_house(client: Client) -> None:
    account()
    assert enter(client, next="https://elsewhere.example/")["Location"] == "/"
    client.logout()
    assert enter(client, next="//elsewhere.example/")["Location"] == "/"


def test_with_a_second_factor_the_password_alone_opens_nothing(client: Client) -> None:
    secret, _ = with_codes(account("zhao", "names.view"))
    assert enter(client)["Location"] == "/sign-in/code/"
    assert client.get("/account/").status_code == 302
    assert client.post("/sign-in/code/", {"code": "000000"}).status_code == 403
    assert client.post("/sign-in/code/", {"code": code_of(secret)}).status_code == 302
    assert client.get("/account/").status_code == 200
    assert client.session[presence.STRONG]


def test_a_code_counts_once(client: Client) -> None:
    secret, _ = with_codes(account())
    now = code_of(secret)
    enter(client)
    assert client.post("/sign-in/code/", {"code": now}).status_code == 302
    client.post("/sign-out/")
    enter(client)
    assert client.post("/sign-in/code/", {"code": now}).status_code == 403


def test_guessing_codes_locks_like_guessing_passwords(client: Client) -> None:
    secret, _ = with_codes(account())
    for _ in range(4):
        enter(client)
        assert client.post("/sign-in/code/", {"code": "123"}).status_code == 403
    assert client.post("/sign-in/code/", {"code": "123"}).status_code == 429
    assert client.post("/sign-in/code/", {"code": code_of(secret)}).status_code == 429


def test_a_recovery_code_opens_once(client: Client) -> None:
    _, recovery = with_codes(account())
    assert len(set(recovery)) == 10
    enter(client)
    assert client.post("/sign-in/code/", {"code": recovery[3]}).status_code == 302
    client.post("/sign-out/")
    enter(client)
    assert client.post("/sign-in/code/", {"code": recovery[3]}).status_code == 403


def test_the_second_step_waits_five_minutes_and_no_longer(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    secret, _ = with_codes(account())
    enter(client)
    now = time.time()
    right = code_of(secret)
    monkeypatch.setattr(time, "time", lambda: now + 301)
    answer = client.post("/sign-in/code/", {"code": right})
    assert answer["Location"] == "/sign-in/"
    assert "_auth_user_id" not in client.session


def test_what_is_kept_of_the_second_factor_is_closed() -> None:
    secret, recovery = with_codes(account())
    kept = str(list(Authenticator.objects.values()))
    assert secret not in kept
    assert not any(each in kept for each in recovery)


@pytest.mark.parametrize("power", sorted(second_factor.NEEDED_FOR))
def test_in_an_installation_such_powers_open_nothing_without_a_second_factor(
    client: Client, installation: Any, power: str
) -> None:
    account("zhao", power)
    enter(client)
    for path in ("/", "/administration/", "/entries/", "/field/"):
        answer = client.get(path)
        assert (answer.status_code, answer["Location"]) == (302, "/account/second-factor/"), path
    assert client.post("/api/entries", b"{}", content_type="application/json").status_code in (401, 403)
    assert client.get("/api/openapi.json", headers={"accept": "application/json"}).status_code == 403
    page = client.get("/account/second-factor/")
    secret = second_factor.opened(client.session["second_factor_secret"])
    assert page.status_code == 200
    assert client.post("/account/second-factor/", {"code": "1"}).status_code == 400
    shown = client.post("/account/second-factor/", {"code": code_of(secret)})
    assert shown.content.decode().count("<li>") == 10
    assert client.get("/account/").status_code == 200
    assert client.get("/administration/").get("Location") != "/account/second-factor/"


def test_work_without_names_needs_no_second_factor(client: Client, installation: Any) -> None:
    account("zhao", "figures.view")
    enter(client)
    assert client.get("/account/").status_code == 200
    assert client.get("/figures/").get("Location") != "/account/second-factor/"


def test_a_given_password_is_changed_first(client: Client) -> None:
    user = account("zhao", "figures.view")
    actions.set_password(by=None, at=AT, user=user, password=PASSWORD)
    enter(client)
    assert client.get("/figures/")["Location"] == "/account/password/"
    told = {"old": PASSWORD, "new": "blue-Gate-2021", "again": "blue-Gate-2021"}
    assert client.post("/account/password/", told | {"old": "no-Such-1234"}).status_code == 400
    assert client.post("/account/password/", told | {"again": "blue-Gate-2022"}).status_code == 400
    assert client.post("/account/password/", told | {"new": "short", "again": "short"}).status_code == 400
    assert client.post("/account/password/", told | {"new": PASSWORD, "again": PASSWORD}).status_code == 400
    assert client.post("/account/password/", told)["Location"] == "/account/"
    assert client.get("/figures/").get("Location") != "/account/password/"
    client.post("/sign-out/")
    assert enter(client, password="blue-Gate-2021").status_code == 302


def test_a_changed_password_ends_the_other_sessions() -> None:
    account("zhao", "figures.view")
    here, there = Client(), Client()
    enter(here)
    enter(there)
    here.post("/account/password/", {"old": PASSWORD, "new": "blue-Gate-2021", "again": "blue-Gate-2021"})
    assert here.get("/account/").status_code == 200
    assert there.get("/account/").status_code == 302


def test_half_an_hour_without_a_sign_of_life_signs_out(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    account()
    enter(client)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 29 * 60)
    assert client.get("/account/").status_code == 200
    monkeypatch.setattr(time, "time", lambda: now + 29 * 60 + 31 * 60)
    answer = client.get("/account/")
    assert answer["Location"].startswith("/sign-in/?idle=1")
    assert "_auth_user_id" not in client.session


def test_what_a_page_asks_by_itself_is_no_sign_of_life(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    account("zhao", "figures.view")
    enter(client)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 20 * 60)
    client.get("/live/token/")
    monkeypatch.setattr(time, "time", lambda: now + 31 * 60)
    assert client.get("/account/").status_code == 302


def test_a_closed_account_is_out_at_the_next_request(client: Client) -> None:
    user = account()
    enter(client)
    actions.set_active(by=None, at=AT, user=user, active=False)
    assert client.get("/account/").status_code == 302
    assert enter(client).status_code == 403


def test_signing_out_takes_a_post(client: Client) -> None:
    account()
    enter(client)
    assert client.get("/sign-out/").status_code == 405
    client.post("/sign-out/")
    assert client.get("/account/").status_code == 302


def test_in_a_demonstration_a_role_is_picked_with_one_click(client: Client) -> None:
    user = account("leader", "figures.view")
    User.objects.filter(pk=user.pk).update(demonstration=True)
    assert 'value="leader"' in client.get("/sign-in/").content.decode()
    assert client.post("/sign-in/as/", {"username": "leader"}).status_code == 302
    assert client.get("/account/").status_code == 200


def test_only_a_demonstrations_people_can_be_picked(client: Client) -> None:
    account("zhao", "figures.view")
    assert client.post("/sign-in/as/", {"username": "zhao"}).status_code == 404


@pytest.mark.parametrize(
    "where", [{"REMOTE_ADDR": "10.0.0.7"}, {"REMOTE_ADDR": ""}, {"HTTP_HOST": "lianfang.example"}], ids=str
)
def test_the_picker_answers_this_machine_only(client: Client, settings: Any, where: dict[str, str]) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    user = account("leader", "figures.view")
    User.objects.filter(pk=user.pk).update(demonstration=True)
    assert client.post("/sign-in/as/", {"username": "leader"}, **where).status_code == 404
    assert 'value="leader"' not in client.get("/sign-in/", **where).content.decode()


def test_there_is_no_picker_in_an_installation(client: Client, installation: Any) -> None:
    user = account("leader", "figures.view")
    User.objects.filter(pk=user.pk).update(demonstration=True)
    assert client.post("/sign-in/as/", {"username": "leader"}).status_code == 404
    assert 'value="leader"' not in client.get("/sign-in/").content.decode()


def test_a_lost_phone_is_answered_by_the_security_administrator_alone(client: Client) -> None:
    user = account("zhao", "names.view")
    with_codes(user)
    system = account("sys", "users.manage", administrator="system")
    security = account("sec", "grants.manage", administrator="security")
    with_codes(security)
    clerk = account("clerk", "figures.view")
    with pytest.raises(actions.NotAllowed):
        actions.end_second_factor(by=clerk, at=AT, user=user)
    with pytest.raises(actions.NotAllowed):
        actions.end_second_factor(by=system, at=AT, user=user)
    with pytest.raises(actions.NotAllowed):
        actions.end_second_factor(by=security, at=AT, user=security)
    actions.end_second_factor(by=security, at=AT, user=user)
    assert not second_factor.enabled(user)


def test_whoever_gives_passwords_can_not_come_in_as_somebody_who_sees_names(client: Client, installation: Any) -> None:
    user = account("zhao", "names.view")
    with_codes(user)
    system = account("sys", "users.manage", administrator="system")
    actions.set_password(by=system, at=AT, user=user, password="blue-Gate-2021")
    assert enter(client, password="blue-Gate-2021")["Location"] == "/sign-in/code/"
    assert "_auth_user_id" not in client.session


def test_new_recovery_codes_end_the_old_ones(client: Client) -> None:
    user = account()
    secret, old = with_codes(user)
    enter(client)
    client.post("/sign-in/code/", {"code": code_of(secret)})
    assert client.post("/account/recovery-codes/", {"code": "000000"}).status_code == 302
    shown = client.post("/account/recovery-codes/", {"code": old[0]}).content.decode()
    assert shown.count("<li>") == 10
    assert not any(each in shown for each in old)
    assert not second_factor.check(user, old[1])

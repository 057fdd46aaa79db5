"""Devices come in by a secret, quickly, and are out within seconds of being revoked."""

import time
from datetime import UTC, datetime

import pytest

from lianfang.registry import actions, devices
from lianfang.registry.models import Act, Device, Role, User

pytestmark = pytest.mark.django_db
AT = datetime(2020, 2, 5, 4, tzinfo=UTC)


def enrolled(code: str = "gate-1", **more: object) -> tuple[Device, str]:
    given = {"kind": "phone", "name": "一号卡口", "area": "410106001", "unit": "traffic", "place": "gate-1"} | more
    return actions.enrol_device(by=None, at=AT, code=code, **given)


def test_the_right_secret_comes_in_with_what_the_device_may_do() -> None:
    device, secret = enrolled(forms=["vehicle"])
    came = devices.authenticate(f"Device gate-1.{secret}", AT)
    assert (came.device.pk, came.unit, came.area, came.place) == (device.pk, "traffic", "410106001", "gate-1")
    assert came.may_hand_in("vehicle")
    assert not came.may_hand_in("stock")


@pytest.mark.parametrize(
    "header", [None, "", "Bearer x", "Device", "Device gate-1", "Device .x", "Device gate-1.", "Device 卡口.x"]
)
def test_a_malformed_header_is_unknown(header: str | None) -> None:
    enrolled()
    with pytest.raises(devices.DeviceUnknown):
        devices.authenticate(header, AT)


def test_a_wrong_secret_and_an_unknown_device_are_told_the_same() -> None:
    _, secret = enrolled()
    told = set()
    for header in (f"Device gate-1.{secret}x", f"Device gate-2.{secret}"):
        with pytest.raises(devices.DeviceUnknown) as fault:
            devices.authenticate(header, AT)
        told.add(str(fault.value))
    assert len(told) == 1


def test_a_revoked_device_is_out_at_once_here_and_within_seconds_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    device, secret = enrolled()
    header = f"Device gate-1.{secret}"
    devices.authenticate(header, AT)
    # Another process revokes: only the row changes.
    Device.objects.filter(pk=device.pk).update(revoked_at=AT)
    monkeypatch.setattr(devices, "REMEMBERED", 0.0)
    assert devices.authenticate(header, AT)
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + 3.1)
    with pytest.raises(devices.DeviceRevoked):
        devices.authenticate(header, AT)
    Device.objects.filter(pk=device.pk).update(revoked_at=None)
    devices.forget("gate-1")
    devices.authenticate(header, AT)
    actions.revoke_device(by=None, at=AT, device=device)
    with pytest.raises(devices.DeviceRevoked):
        devices.authenticate(header, AT)
    assert list(Act.objects.values_list("verb", flat=True)) == ["device.revoke", "device.enrol"]


def test_enrolling_again_gives_a_new_secret_and_ends_the_old_one() -> None:
    _, old = enrolled()
    devices.authenticate(f"Device gate-1.{old}", AT)
    _, new = enrolled()
    assert devices.authenticate(f"Device gate-1.{new}", AT)
    with pytest.raises(devices.DeviceUnknown):
        devices.authenticate(f"Device gate-1.{old}", AT)
    assert Device.objects.count() == 1


def test_a_persons_phone_goes_out_with_their_account() -> None:
    user = User.objects.create(username="post", name="卡口组长")
    _, secret = enrolled(user=user)
    assert devices.authenticate(f"Device gate-1.{secret}", AT).user == user
    actions.set_active(by=None, at=AT, user=user, active=False)
    with pytest.raises(devices.DeviceRevoked):
        devices.authenticate(f"Device gate-1.{secret}", AT)


def test_a_code_that_would_break_the_header_is_refused() -> None:
    for code in ("a.b", "a b", "", "-x", "x" * 41, "卡口"):
        with pytest.raises(actions.Unusable):
            enrolled(code)


def test_the_secret_is_kept_nowhere() -> None:
    _, secret = enrolled()
    row = Device.objects.values().get()
    assert secret not in str(row)
    assert len(secret) >= 43


def test_coming_in_again_asks_the_database_nothing(django_assert_num_queries: object) -> None:
    _, secret = enrolled()
    devices.authenticate(f"Device gate-1.{secret}", AT)
    with django_assert_num_queries(0):  # type: ignore[operator]
        begun = time.perf_counter()
        for _ in range(200):
            devices.authenticate(f"Device gate-1.{secret}", AT)
    assert time.perf_counter() - begun < 0.2


def test_a_phone_enrolled_by_its_owner_ends_with_their_grant() -> None:
    user = User.objects.create(username="post", name="登记员")
    role = Role.objects.create(code="worker", title="w", powers=["entries.write"])
    given = actions.grant(by=None, at=AT, user=user, role=role, area="410106001")
    with pytest.raises(actions.NotAllowed):
        actions.enrol_device(by=user, at=AT, code="p1", kind="phone", name="p", area="410106002", user=user)
    with pytest.raises(actions.NotAllowed):
        actions.enrol_device(by=user, at=AT, code="p1", kind="gate", name="p", area="410106001", user=user)
    _, secret = actions.enrol_device(by=user, at=AT, code="p1", kind="phone", name="p", area="410106001", user=user)
    assert devices.authenticate(f"Device p1.{secret}", AT).user == user
    actions.end_grant(by=None, at=AT, grant=given)
    devices.forget("p1")
    with pytest.raises(devices.DeviceRevoked):
        devices.authenticate(f"Device p1.{secret}", AT)

"""Loading a pack brings the registry to what it says, again changes nothing, and nothing that was is lost."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.conf import settings

from lianfang.pack import Area as PackArea
from lianfang.pack import (
    DemoDevice,
    DemoGrant,
    Demonstration,
    DemoUser,
    Edition,
    Pack,
    Place,
    Role,
    Text,
    Unit,
    Units,
    read,
)
from lianfang.registry import actions, devices, loading, scope
from lianfang.registry import models as held

pytestmark = pytest.mark.django_db
AT = datetime(2020, 2, 5, 4, tzinfo=UTC)
FIRST = date(2020, 1, 1)


def text(word: str) -> Text:
    return Text.model_validate(word)


def unit(code: str, **more: object) -> Unit:
    return Unit(code=code, kind="bureau", name=text(code), area="99", **more)


def area(code: str, kind: str = "district", **more: object) -> PackArea:
    given = {"code": code, "kind": kind, "name": code, "valid_from": FIRST, "source": "test"} | more
    return PackArea.model_validate(given)


def edition(code: str, first: date, last: date | None, unit_codes: list[str], **successors: str) -> Edition:
    units = tuple(unit(each) for each in unit_codes)
    return Edition(
        code=code, name=text(code), valid_from=first, valid_to=last, units=units, successors=successors, source="test"
    )


def small(**changes: object) -> Pack:
    role = Role(label=text("信息员"), powers=("entries.view", "reports.submit"), rows="unit", source="test")
    parts = {
        "areas": (area("990001"), area("990001001", "subdistrict", parent="990001", households=7)),
        "places": (
            Place(code="gate", kind="checkpoint", name="门", area="990001001", valid_from=FIRST, source="test"),
        ),
        "units": Units(
            standing=(unit("office", valid_from=FIRST),),
            editions=(
                edition(
                    "one", date(2020, 2, 3), date(2020, 12, 31), ["health-1", "traffic-1"], **{"health-1": "health-2"}
                ),
                edition("two", date(2021, 1, 1), None, ["health-2"]),
            ),
        ),
        "roles": {"reporter": role},
        "outline": None,
        "demonstration": Demonstration(
            purposes={},
            users=(
                DemoUser(
                    username="rep",
                    name=text("信息员"),
                    grants=(DemoGrant(role="reporter", unit="health-1", area="990001", purpose="duty"),),
                ),
            ),
            devices=(
                DemoDevice(code="d1", kind="gate", name=text("门"), unit="office", area="990001001", place="gate"),
            ),
            source="test",
        ),
    }
    return read(Path(settings.PACK)).model_copy(update=parts | changes)


def test_everything_is_there_and_loading_again_changes_nothing() -> None:
    assert actions.load(pack=small(), by=None, at=AT)["add"] == 2 + 1 + 4 + 7
    assert held.Household.objects.inside("990001").count() == 7
    assert actions.load(pack=small(), by=None, at=AT) == {"add": 0, "change": 0, "close": 0}
    assert held.Act.objects.filter(verb="pack.load").count() == 1


def test_who_answered_on_a_past_day_and_who_carries_on_is_known() -> None:
    actions.load(pack=small(), by=None, at=AT)
    answering = held.Unit.objects.answering_for
    assert [each.code for each in answering("health-2", date(2020, 3, 1))] == ["health-1"]
    assert [each.code for each in answering("health-1", date(2021, 3, 1))] == ["health-2"]
    assert [each.code for each in answering("traffic-1", date(2020, 12, 31))] == ["traffic-1"]
    assert not answering("traffic-1", date(2021, 1, 1)).exists()


def test_a_new_edition_of_an_area_closes_the_one_before() -> None:
    actions.load(pack=small(), by=None, at=AT)
    renamed = area("990001001", "subdistrict", parent="990001", name="新名", valid_from=date(2021, 6, 1))
    done = actions.load(pack=small(areas=(area("990001"), renamed)), by=None, at=AT)
    assert done == {"add": 1, "change": 0, "close": 1}
    names = {
        day: held.Area.objects.on(day).get(code="990001001").name
        for day in (FIRST, date(2021, 5, 31), date(2021, 6, 1))
    }
    assert list(names.values()) == ["990001001", "990001001", "新名"]


def test_what_the_pack_drops_ends_and_stays_on_record() -> None:
    actions.load(pack=small(), by=None, at=AT)
    actions.load(pack=small(places=(), roles={}), by=None, at=AT)
    gate = held.Place.objects.get(code="gate")
    assert gate.valid_to == date(2020, 2, 4)
    assert held.Role.objects.get(code="reporter").powers == []


def test_a_correction_of_the_same_edition_takes_the_packs_words() -> None:
    actions.load(pack=small(), by=None, at=AT)
    moved = Place(code="gate", kind="checkpoint", name="东门", area="990001", valid_from=FIRST, source="test")
    assert actions.load(pack=small(places=(moved,)), by=None, at=AT) == {"add": 0, "change": 1, "close": 0}
    assert held.Place.objects.get().name == "东门"


def test_a_pack_that_mixes_administration_with_names_is_not_loaded() -> None:
    mixed = Role(label=text("x"), powers=("users.manage", "names.view"), administrator="system", source="test")
    with pytest.raises(actions.SeparationBroken, match=r"names\.view"):
        actions.load(pack=small(roles={"mixed": mixed}), by=None, at=AT)


def test_a_demonstrations_people_and_devices_come_with_their_reach_and_secrets() -> None:
    pack = small()
    actions.load(pack=pack, by=None, at=AT)
    assert actions.load_demonstration(pack=pack, at=AT) == {"users": 1, "devices": 1}
    user = held.User.objects.get(username="rep")
    assert user.demonstration
    assert not user.has_usable_password()
    assert user.unit == "health-1"
    assert scope.of(user, AT).units("entries.view") == ["health-1"]
    assert scope.of(user, datetime(2020, 1, 2, tzinfo=UTC)).may("reports.submit", unit="health-1")


def test_the_replay_finds_the_devices_secrets(django_capture_on_commit_callbacks: object) -> None:
    pack = small()
    actions.load(pack=pack, by=None, at=AT)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        actions.load_demonstration(pack=pack, at=AT)
    secret = devices.demonstration_secrets()["d1"]
    assert devices.authenticate(f"Device d1.{secret}", AT).place == "gate"
    assert actions.load_demonstration(pack=pack, at=AT) == {"users": 1, "devices": 0}


def test_a_grant_the_pack_drops_ends() -> None:
    pack = small()
    actions.load(pack=pack, by=None, at=AT)
    actions.load_demonstration(pack=pack, at=AT)
    assert pack.demonstration is not None
    without = pack.demonstration.users[0].model_copy(update={"grants": ()})
    changed = pack.demonstration.model_copy(update={"users": (without,), "devices": ()})
    actions.load_demonstration(pack=small(demonstration=changed), at=AT)
    assert not scope.of(held.User.objects.get(username="rep"), AT).powers


def test_an_installation_gets_no_demonstration(settings: object) -> None:
    settings.DEMONSTRATION = False  # type: ignore[attr-defined]
    with pytest.raises(actions.NotAllowed):
        actions.load_demonstration(pack=small(), at=AT)


def test_the_districts_own_pack_loads_whole() -> None:
    pack = read(Path(settings.PACK))
    actions.load(pack=pack, by=None, at=AT)
    assert held.Area.objects.count() == len(pack.areas)
    assert held.Household.objects.count() == sum(each.households for each in pack.areas)
    day = date(2020, 2, 5)
    assert {each.code for each in held.Unit.objects.on(day)} == {each.code for each in pack.units.on(day)}


def test_the_first_day_of_a_pack_is_that_of_its_oldest_area() -> None:
    assert loading.first_day(small()) == FIRST

"""What a pack gives to the rooms above it."""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from lianfang import pack
from lianfang.pack import POWERS
from lianfang.pack.areas import LENGTHS, above, trimmed

TINY = pack.read(Path(__file__).parent / "tiny")
SHANGJIE = pack.read(Path(__file__).parents[2] / "packs" / "shangjie")


def test_the_district_has_its_official_subdistricts_towns_and_communities() -> None:
    official = [each for each in SHANGJIE.areas if each.official]
    assert Counter(len(each.code) for each in official) == {6: 1, 9: 6, 12: 64}
    below = Counter(each.parent for each in official if len(each.code) == 12)
    assert [below[each.code] for each in official if len(each.code) == 9] == [11, 14, 5, 3, 1, 30]


def test_what_is_simulated_is_marked() -> None:
    for each in SHANGJIE.areas:
        assert each.simulated == (each.kind in ("grid", "courtyard", "stairwell"))
    assert {each.source for each in SHANGJIE.places if each.simulated} == {"simulated"}


def test_inside_is_a_range_of_codes() -> None:
    for each in SHANGJIE.areas:
        if each.parent:
            assert each.parent <= each.code < each.parent + "~"
            assert above(each.code) == each.parent


@pytest.mark.parametrize(
    ("official", "path"),
    [
        ("410106000000", "410106"),
        ("410106001000", "410106001"),
        ("410106100000", "410106100"),
        ("410106001003", "410106001003"),
        ("410106001100", "410106001100"),
    ],
)
def test_an_official_code_loses_only_its_trailing_groups_of_zeros(official: str, path: str) -> None:
    assert trimmed(official) == path
    assert len(path) in LENGTHS.values()


@pytest.mark.parametrize(
    ("day", "kinds"),
    [
        (date(2020, 2, 2), {}),
        (date(2020, 2, 3), {"hq_office": 1, "hq_department": 7}),
        (date(2020, 12, 31), {"hq_office": 1, "hq_department": 7}),
        (date(2021, 1, 1), {"hq_office": 1, "hq_department": 5, "hq_task_force": 8, "hq_group": 1}),
    ],
)
def test_the_command_structure_is_the_edition_of_the_day(day: date, kinds: dict[str, int]) -> None:
    found = Counter(each.kind for each in SHANGJIE.units.on(day) if each.kind.startswith("hq_"))
    assert found == kinds


def test_every_department_has_a_successor_in_the_next_edition() -> None:
    first, second = SHANGJIE.units.editions
    after = {each.code for each in second.units}
    assert {each.successor for each in first.dated()} <= after


def test_three_administrators_are_three_roles_of_three_people() -> None:
    roles = {code: role.administrator for code, role in SHANGJIE.roles.items() if role.administrator}
    assert sorted(roles.values()) == ["audit", "security", "system"]
    assert SHANGJIE.demonstration is not None
    holders = [user.username for user in SHANGJIE.demonstration.users if {g.role for g in user.grants} & set(roles)]
    assert len(holders) == len(set(holders)) == 3


def test_every_role_of_the_demonstration_has_someone_and_every_power_someone_who_holds_it() -> None:
    assert SHANGJIE.demonstration is not None
    held = {grant.role for user in SHANGJIE.demonstration.users for grant in user.grants}
    assert held == set(SHANGJIE.roles)
    assert {power for role in SHANGJIE.roles.values() for power in role.powers} == set(POWERS)


def test_eight_checkpoints_stand_at_the_edge_of_the_outline() -> None:
    assert SHANGJIE.outline is not None
    ring = SHANGJIE.outline["features"][0]["geometry"]["coordinates"][0]
    posts = SHANGJIE.places_on(date(2020, 2, 5), "checkpoint")
    assert len(posts) == 8
    for post in posts:
        assert post.lon is not None
        assert post.lat is not None
        nearest = min((post.lon - lon) ** 2 + (post.lat - lat) ** 2 for lon, lat in ring) ** 0.5
        assert nearest < 0.01, post.name


def test_shapes_inside_the_district_are_marked_schematic_and_in_wgs_84() -> None:
    assert SHANGJIE.outline is not None
    marks = [
        (each["properties"]["kind"] == "district", each["properties"]["schematic"])
        for each in SHANGJIE.outline["features"]
    ]
    assert all(district != schematic for district, schematic in marks)
    assert {each["properties"]["datum"] for each in SHANGJIE.outline["features"]} == {"WGS-84"}
    assert {each["properties"]["code"] for each in SHANGJIE.outline["features"]} == {
        each.code for each in SHANGJIE.areas if each.official
    }


def test_a_pack_is_read_once_and_can_not_be_changed() -> None:
    assert pack.read(TINY.path) is pack.read(TINY.path)
    with pytest.raises(ValueError, match="frozen"):
        TINY.head.district = "1"  # type: ignore[misc]


def test_texts_come_in_both_languages() -> None:
    assert TINY.text(TINY.figures["rounds"].title, "en") == "Rounds"
    assert TINY.figures["rounds"].title.in_("zh-hans") == "巡堤次数"


def test_reactions_name_who_must_act() -> None:
    (opens,) = SHANGJIE.reactions_on("fever_handover")
    entry = {"kind": "fever_handover", "id": "e1", "place": "cp-east", "unit": "u", "answers": {"clinic": "clinic-1"}}
    assert opens.applies(entry, {})
    assert (opens.told(opens.about, entry), opens.told(opens.place, entry)) == ("e1", "clinic-1")
    assert opens.told(opens.unit, entry) == "fever-clinic"
    assert SHANGJIE.reacting >= {"fever_handover", "fever_receipt", "unit_report"}


def test_a_reaction_asks_the_thermometers_own_threshold() -> None:
    alarm, *_ = SHANGJIE.reactions_on("gate_reading")
    entry = {"kind": "gate_reading", "answers": {"device_class": "gate", "temperature": 37.1}}
    assert alarm.applies(entry, {"gate": 37.0, "axillary": 37.3})
    assert not alarm.applies(entry, {"gate": 37.2, "axillary": 37.3})

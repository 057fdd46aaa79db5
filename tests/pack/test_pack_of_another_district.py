"""Another district's pack runs the same house: nothing of one district is in the code."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from lianfang import clock, pack
from lianfang.figures import reckoning
from lianfang.journal import ids
from lianfang.journal.models import Entry
from lianfang.registry import actions, devices
from lianfang.registry.models import Area, Place, Unit, User

TINY = Path(__file__).parent / "tiny"
ROOT = Path(__file__).parents[2]
AT = datetime(2020, 7, 1, 12, tzinfo=clock.SHANGHAI)
pytestmark = pytest.mark.django_db


@pytest.fixture
def dykes(
    settings: Any, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Callable[..., Any]
) -> pack.Pack:
    """The house with the tiny pack: a district that walks its dykes, at noon on 1 July 2020."""
    settings.PACK = TINY
    monkeypatch.setattr(clock, "now", lambda: AT)
    tiny = pack.read(TINY)
    actions.load(pack=tiny, by=None, at=AT)
    with django_capture_on_commit_callbacks(execute=True):
        actions.load_demonstration(pack=tiny, at=AT)
    return tiny


def hand_in(*rows: dict[str, Any]) -> list[dict[str, Any]]:
    secret = devices.demonstration_secrets()["replay-dyke"]
    entries = [
        {"id": str(ids.make(AT)), "form": "dyke_round", "at": (AT - timedelta(minutes=5)).isoformat(), "answers": row}
        for row in rows
    ]
    answer = Client().post(
        "/api/entries",
        {"sent_at": AT.isoformat(), "entries": entries},
        content_type="application/json",
        headers={"Authorization": f"Device replay-dyke.{secret}", "Accept-Language": "en"},
    )
    assert answer.status_code == 200, answer.content
    results: list[dict[str, Any]] = answer.json()["results"]
    return results


def test_its_structure_is_loaded(dykes: pack.Pack) -> None:
    assert set(Area.objects.values_list("code", flat=True)) == {each.code for each in dykes.areas}
    assert Unit.objects.get(code="post-1").parent == "flood-office"
    assert Place.objects.get().kind == "dyke"


def test_its_entries_are_checked_stored_and_counted_by_its_own_rules(dykes: pack.Pack) -> None:
    first, second, third = hand_in(
        {"walker": "张三", "seepage": "yes", "bags": 73, "decision": "reinforce", "cracks": [{"length": 0.4}]},
        {"seepage": "no", "decision": "walk_on"},
        {"seepage": "yes", "bags": 900, "decision": "reinforce"},
    )
    assert (first["status"], second["status"], third["status"]) == ("stored", "stored", "refused")
    assert third["faults"][0]["field"] == "answers.bags"
    assert third["faults"][0]["expected"] == "A number ≥ 0, ≤ 500."
    found = reckoning.values(["rounds", "sandbags", "bags_a_round"], as_of=AT)
    assert (found["rounds"].number, found["sandbags"].number, found["bags_a_round"].number) == (2, 73, 36.5)
    assert found["sandbags"].shown == "50多"
    assert not any("walker" in each.answers for each in Entry.objects.all())
    # What followed from the seepage is told at once.
    assert [each["code"] for each in first["notices"]] == ["due"]
    assert second["notices"] == []


def test_its_people_see_its_pages(dykes: pack.Pack) -> None:
    hand_in({"seepage": "no", "decision": "walk_on"})
    client = Client()
    client.force_login(User.objects.get(username="walker"), "django.contrib.auth.backends.ModelBackend")
    page = client.get("/figures/", follow=True)
    assert page.status_code == 200
    assert "沙袋" in page.content.decode()


def test_no_name_or_code_of_a_district_stands_in_the_code() -> None:
    head = pack.read(ROOT / "packs" / "shangjie")
    words = {each.name for each in head.areas if each.official} | {head.district, head.head.short.en}
    words |= {each.name for each in head.places} | {head.head.short.zh}
    named = re.compile("|".join(map(re.escape, sorted(words))))
    # The folder of the pack that runs where nothing else is said is a setting, not a word of the code.
    allowed = re.compile(r"packs/shangjie")
    for file in (ROOT / "lianfang").rglob("*.*"):
        if file.suffix in (".py", ".html", ".js", ".css", ".typ"):
            found = named.search(allowed.sub("", file.read_text(encoding="utf-8")))
            assert found is None, f"{file}: {found and found[0]}"

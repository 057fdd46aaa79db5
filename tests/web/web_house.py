"""A house with its district loaded and the demonstration's people, at one instant of February 2020."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.test import Client

from lianfang import clock, pack
from lianfang.journal import actions as journal
from lianfang.journal import ids
from lianfang.journal.drafts import Draft
from lianfang.registry import index, loading
from lianfang.registry.actions import load_demonstration
from lianfang.registry.actions.structure import _load_roles
from lianfang.registry.models import Area, Place, Unit, User
from lianfang.registry.vault import Personal

AT = datetime(2020, 2, 5, 9, 30, tzinfo=clock.SHANGHAI)
EAST, EAST_AREA = "cp-east", "410106004003"


def settle() -> None:
    """Load areas, units, places, roles and people; households are not needed here."""
    read = pack.read(settings.PACK)
    for model, rows in ((Area, loading.areas(read)), (Unit, loading.units(read)), (Place, loading.places(read))):
        model.objects.bulk_create([model(**row) for row in rows])  # type: ignore[attr-defined]
    _load_roles(read)
    load_demonstration(pack=read, at=AT - timedelta(days=30))


def browser(username: str, language: str = "en") -> Client:
    """Return a browser in which somebody of the demonstration has signed in."""
    client = Client(SERVER_NAME="127.0.0.1")
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    client.force_login(User.objects.get(username=username), backend="django.contrib.auth.backends.ModelBackend")
    return client


def write(*drafts: Draft, at: datetime = AT - timedelta(minutes=1)) -> list[UUID]:
    """Write entries and return their ids."""
    verdicts = journal.write(drafts=drafts, at=at)
    assert {each.status for each in verdicts} == {"stored"}, verdicts
    return [each.id for each in verdicts]


def check(
    minutes: float = 30, *, place: str = EAST, plate: str = "豫A12345", decision: str = "admit", **more: Any
) -> Draft:
    """Return a vehicle with two people in it, checked some minutes before the tests' instant."""
    at = AT - timedelta(minutes=minutes)
    subject = index.pseudonym("plate", plate)
    answers = {
        "direction": "in",
        "device_class": "forehead",
        "occupants": [{"temperature": 36.5}, {"temperature": 36.6}],
    }
    answers |= {"origin": "district", "resident": "yes", "decision": decision} | more
    return Draft(
        id=ids.make(at), kind="vehicle_check", at=at, area="", place=place, unit="traffic-group", subject=subject,
        quantity=2, answers=answers, personal=(Personal(subject, {"plate": plate}),),
    )  # fmt: skip


def count(hour: int, number: int, *, place: str = EAST, until: int = 59) -> Draft:
    """Return what a camera counted in an hour of the tests' day, up to a minute of it."""
    begins = AT.replace(hour=hour, minute=0)
    at = begins + timedelta(minutes=until)
    answers = {
        "counter": "camera",
        "counted": "vehicles",
        "from": begins.isoformat(),
        "to": at.isoformat(),
        "count": number,
    }
    return Draft(id=ids.make(at), kind="traffic_count", at=at, area="", place=place, quantity=number, answers=answers)

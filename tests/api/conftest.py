"""A house with its district loaded, a clock that stands still, and devices that hand in."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from api_rows import GATE, NOW
from django.conf import settings
from django.test import Client

from lianfang import clock, pack
from lianfang.doors.api import access, entries
from lianfang.registry import actions, devices, loading
from lianfang.registry.models import Area, Place, Unit


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> datetime:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return NOW


@pytest.fixture
def district(db: None, at: datetime) -> pack.Pack:
    """The pack's areas, units and places in the registry; the simulated households are not needed here."""
    read = pack.read(settings.PACK)
    for model, rows in ((Area, loading.areas(read)), (Unit, loading.units(read)), (Place, loading.places(read))):
        model.objects.bulk_create([model(**row) for row in rows])  # type: ignore[attr-defined]
    for remembered in (devices._remembered, access._scopes, entries._places):
        remembered.clear()
    return read


class Phone:
    """A device with its key, and how it talks to the door."""

    def __init__(self, code: str, secret: str) -> None:
        self.code, self.secret = code, secret
        self.client = Client()
        self.language = "en"

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Device {self.code}.{self.secret}", "Accept-Language": self.language}

    def send(self, *rows: Any, sent_at: Any = NOW) -> Any:
        written = sent_at.isoformat() if isinstance(sent_at, datetime) else sent_at
        return self.post("/api/entries", {"sent_at": written, "entries": list(rows)})

    def results(self, *rows: Any, **more: Any) -> list[dict[str, Any]]:
        answer = self.send(*rows, **more)
        assert answer.status_code == 200, answer.content
        return answer.json()["results"]

    def post(self, path: str, body: Any, **more: Any) -> Any:
        raw = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        headers = {**self.headers, **more.pop("headers", {})}
        return self.client.generic(
            "POST", path, raw, content_type=more.pop("content_type", "application/json"), headers=headers, **more
        )

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(path, headers={**self.headers, **headers})


@pytest.fixture
def enrol(district: pack.Pack) -> Callable[..., Phone]:
    def enrolled(code: str = "phone-1", kind: str = "phone", place: str = GATE, **more: Any) -> Phone:
        where = district.place.get(place)
        area = more.pop("area", where.area if where else district.district)
        unit = more.pop("unit", where.unit if where else "")
        device, secret = actions.enrol_device(
            by=None,
            at=NOW - timedelta(days=1),
            code=code,
            kind=kind,
            name=code,
            area=area,
            unit=unit,
            place=place,
            **more,
        )
        return Phone(device.code, secret)

    return enrolled


@pytest.fixture
def phone(enrol: Callable[..., Phone]) -> Phone:
    return enrol()

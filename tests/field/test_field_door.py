"""The door behind the phone app: its files, who may open what, the key of a phone, what became of a hand-over."""

import ast
import hashlib
import json
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po
from django.conf import settings
from django.test import Client
from django.urls import URLPattern

from lianfang import clock, pack
from lianfang.doors.api import access as wire
from lianfang.doors.api import entries
from lianfang.doors.field import access, precache, urls, words
from lianfang.journal import ids
from lianfang.registry import actions, devices, loading
from lianfang.registry.models import Area, Device, Place, Role, Unit, User

DOOR = Path(access.__file__).parent
STATIC = DOOR / "static" / "field"
NOW = datetime(2020, 2, 5, 9, 30, tzinfo=clock.SHANGHAI)


@pytest.fixture
def district(db: None, monkeypatch: pytest.MonkeyPatch) -> pack.Pack:
    """The demonstration's district with its people, at half past nine."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    read = pack.read(settings.PACK)
    tables = (Area, loading.areas(read)), (Unit, loading.units(read)), (Place, loading.places(read))
    roles = [
        {"code": code, "title": role.label.zh, "powers": list(role.powers), "own_rows": role.rows == "unit"}
        for code, role in read.roles.items()
    ]
    for model, rows in (*tables, (Role, roles)):
        model.objects.bulk_create([model(**row) for row in rows])  # type: ignore[attr-defined]
    actions.load_demonstration(pack=read, at=NOW - timedelta(days=1))
    for remembered in (devices._remembered, wire._scopes, entries._places):
        remembered.clear()
    return read


def signed_in(username: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(username=username), backend=settings.AUTHENTICATION_BACKENDS[1])
    return client


def enrol(client: Client, place: str, **more: Any) -> Any:
    return client.post("/field/enrol", json.dumps({"place": place, **more}), content_type="application/json")


def key(client: Client, place: str) -> dict[str, str]:
    device = enrol(client, place).json()["device"]
    return {"Authorization": f"Device {device['code']}.{device['secret']}"}


def entry(form: str, at: datetime, **answers: Any) -> dict[str, Any]:
    return {"id": str(ids.make(at)), "form": form, "at": at.isoformat(), "answers": answers}


def send(headers: dict[str, str], *rows: dict[str, Any]) -> list[dict[str, Any]]:
    body = json.dumps({"sent_at": NOW.isoformat(), "entries": rows})
    answer = Client().post("/api/entries", body, content_type="application/json", headers=headers)
    assert answer.status_code == 200, answer.content
    return list(answer.json()["results"])


def test_every_path_says_who_may_open_it() -> None:
    for pattern in urls.urlpatterns:
        assert isinstance(pattern, URLPattern)
        assert pattern.callback.who in ("open", "person", "device")  # type: ignore[attr-defined]
        assert (pattern.callback.who == "open") == (pattern.callback.power == "")  # type: ignore[attr-defined]


def test_a_person_sees_the_posts_of_the_own_scope_only(district: pack.Pack) -> None:
    told = signed_in("gate-worker").get("/field/who").json()
    assert [each["code"] for each in told["places"]] == ["cp-east", "cp-kexue"]
    assert signed_in("clinic").get("/field/who").json()["places"][0]["code"] == "clinic-1", "the own unit's comes first"
    assert signed_in("leader").get("/field/who").json()["places"] == []


def test_a_stranger_is_told_to_sign_in_and_a_stranger_phone_that_it_is_not_known(db: None) -> None:
    assert Client().get("/field/who").status_code == 401
    assert enrol(Client(), "cp-east").status_code == 401
    assert Client().get("/field/handovers").status_code == 401
    wrong = Client().get("/field/handovers", headers={"Authorization": "Device x.y"})
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (401, "unknown-key")


def test_a_phone_gets_the_forms_of_its_kind_of_place_and_a_key_that_works(district: pack.Pack) -> None:
    client = signed_in("gate-worker")
    headers = key(client, "cp-east")
    device = Device.objects.get(kind=Device.PHONE, place="cp-east")
    assert {"vehicle_check", "person_check", "fever_handover"} <= set(device.forms)
    assert "fever_receipt" not in device.forms
    assert (device.area, device.unit) == ("410106004003", "traffic-group")
    post = Client().get("/api/post", headers=headers)
    assert post.status_code == 200
    assert post.json()["device"]["place"] == "cp-east"


def test_nobody_enrols_at_a_place_outside_the_own_scope(district: pack.Pack) -> None:
    for place in ("cp-jinhua", "clinic-1", "nowhere", ""):
        assert enrol(signed_in("gate-worker"), place).status_code == 403
    assert not Device.objects.filter(kind=Device.PHONE).exists()


@pytest.mark.parametrize("body", [b"", b"[1]", b"{", b"\xff", b"x" * 5000])
def test_a_request_that_cannot_be_read_is_refused_in_words(district: pack.Pack, body: bytes) -> None:
    answer = signed_in("gate-worker").post("/field/enrol", body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["error"]["message"]


def test_the_same_phone_gets_its_code_again_but_never_another_persons(district: pack.Pack) -> None:
    first = enrol(signed_in("gate-worker"), "cp-east").json()["device"]["code"]
    assert enrol(signed_in("gate-worker"), "cp-kexue", phone=first).json()["device"]["code"] == first
    assert enrol(signed_in("shift-leader"), "cp-east", phone=first).json()["device"]["code"] != first


def test_a_phone_that_was_shut_out_does_not_come_back_under_its_old_code(district: pack.Pack) -> None:
    client = signed_in("gate-worker")
    first = enrol(client, "cp-east").json()["device"]["code"]
    actions.revoke_device(by=None, at=NOW, device=Device.objects.get(code=first))
    assert enrol(client, "cp-east", phone=first).json()["device"]["code"] != first
    own = User.objects.get(username="gate-worker")
    held = {"code": first, "kind": "phone", "name": "x", "area": "410106004003", "unit": "traffic-group"}
    with pytest.raises(actions.NotAllowed):
        actions.enrol_device(by=own, at=NOW, user=own, **held)


def test_people_enrol_phones_of_their_own_and_no_other_device(district: pack.Pack) -> None:
    own, other = User.objects.get(username="gate-worker"), User.objects.get(username="shift-leader")
    held = {"name": "x", "area": "410106004003", "unit": "traffic-group"}
    for kind, user in (("gate", own), ("phone", other), ("phone", None)):
        with pytest.raises(actions.NotAllowed):
            actions.enrol_device(by=own, at=NOW, code="mine", kind=kind, user=user, **held)


def test_a_shut_out_phone_is_told_so(district: pack.Pack) -> None:
    headers = key(signed_in("gate-worker"), "cp-east")
    actions.revoke_device(by=None, at=NOW, device=Device.objects.get(kind=Device.PHONE, place="cp-east"))
    answer = Client().get("/field/handovers", headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "revoked")


def test_a_hand_over_is_told_to_post_and_clinic_and_closed_by_the_receipt(district: pack.Pack) -> None:
    post, clinic = key(signed_in("gate-worker"), "cp-east"), key(signed_in("clinic"), "clinic-1")
    left = entry(
        "fever_handover",
        NOW - timedelta(minutes=20),
        temperature=38.4,
        device_class="axillary",
        clinic="clinic-1",
        transport="ambulance",
        name="张三",
    )
    assert [each["status"] for each in send(post, left)] == ["stored"]

    def told(headers: dict[str, str]) -> dict[str, Any]:
        return dict(Client().get("/field/handovers", headers=headers).json())

    (sent,) = told(post)["sent"]
    assert (sent["id"], sent["temperature"], sent["received"]) == (left["id"], 38.4, None)
    (coming,) = told(clinic)["coming"]
    assert coming["place"] == "cp-east"
    assert "张三" not in json.dumps(told(clinic), ensure_ascii=False)
    assert told(post)["coming"] == []
    receipt = entry("fever_receipt", NOW - timedelta(minutes=1), handover=left["id"], outcome="observed")
    assert [each["status"] for each in send(clinic, receipt)] == ["stored"]
    assert told(post)["sent"][0]["received"]["outcome"] == "observed"
    assert told(clinic)["places"]["cp-east"] == "东入市口检测点"


def test_the_worker_lists_every_file_with_its_digest_and_the_page_holds_no_persons_data() -> None:
    client = Client()
    text = client.get("/field/sw.js").content.decode()
    told = json.loads(text.split("\n", 1)[0].removeprefix("const PRECACHE = ").removesuffix(";"))
    files = dict(told["files"])
    for path in ("/field/", "/field/manifest.webmanifest", "/field/words/zh-hans.json", "/field/words/en.json"):
        assert files[path] == precache.integrity(client.get(path).content)
    scripts = {f"/static/field/js/{each.relative_to(STATIC / 'js').as_posix()}" for each in STATIC.glob("js/**/*.js")}
    assert scripts <= set(files)
    assert files["/static/field/app.css"] == precache.integrity((STATIC / "app.css").read_bytes())
    assert not any("LICENSE" in path or path.endswith("sw.js") for path in files)


def test_the_version_changes_with_any_file() -> None:
    one = precache.of({"/field/": b"one"}, "/static/")
    assert one == precache.of({"/field/": b"one"}, "/static/")
    assert one.version != precache.of({"/field/": b"two"}, "/static/").version


def test_the_app_can_be_installed() -> None:
    about = Client().get("/field/manifest.webmanifest").json()
    assert (about["scope"], about["start_url"], about["display"]) == ("/field/", "/field/", "standalone")
    for icon in about["icons"]:
        assert (STATIC / icon["src"].removeprefix("/static/field/")).exists()
    assert {each["sizes"] for each in about["icons"]} == {"192x192", "512x512"}


def spoken() -> set[str]:
    """Every sentence of the scripts and of the door's Python."""
    found: set[str] = set()
    for script in STATIC.glob("js/**/*.js"):
        found |= set(re.findall(r'\bt\(\s*"((?:[^"\\]|\\.)+)"', script.read_text(encoding="utf-8")))
    for source in DOOR.glob("*.py"):
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_":
                found.add(str(ast.literal_eval(node.args[0])))
    return found


def test_every_sentence_is_chinese_too_and_none_is_left_over() -> None:
    chinese = words.catalogue("zh-hans")
    assert spoken() == set(chinese)
    for english, said in chinese.items():
        assert set(re.findall(r"\{\w+\}", english)) == set(re.findall(r"\{\w+\}", said)), english
    with (words.LOCALE / "zh_Hans/LC_MESSAGES/django.po").open("rb") as stream:
        assert not any(each.fuzzy for each in read_po(stream))


def test_what_was_taken_from_others_is_unchanged_and_licensed() -> None:
    folder = STATIC / "vendor"
    listed = json.loads((folder / "VENDOR.json").read_text())
    files = {name: digest for each in listed.values() for name, digest in each["files"].items()}
    assert set(files) | {"VENDOR.json"} == {each.name for each in folder.iterdir()}
    for name, digest in files.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    for each in listed.values():
        assert each["version"]
        assert each["licence_file"] in each["files"]


def test_the_first_visit_is_light() -> None:
    sizes = [each.stat().st_size for each in STATIC.rglob("*") if each.is_file() and each.suffix in (".js", ".css")]
    assert max(sizes) < 200_000
    assert sum(sizes) < 300_000

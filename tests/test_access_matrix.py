"""Every URL × role × area: who may open what, read from the marks the views carry."""

import json
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings
from django.test import Client, TestCase
from django.urls import URLPattern, URLResolver, get_resolver

from lianfang import clock, pack
from lianfang.journal import actions as journal
from lianfang.journal import ids
from lianfang.journal.drafts import Draft
from lianfang.registry import actions as registry
from lianfang.registry.models import Grant, Role, User

AT = datetime(2020, 2, 5, 9, 0, tzinfo=clock.SHANGHAI)
MARKER = "秘密标记𫖯"
ESCAPED = json.dumps(MARKER)[1:-1].encode()
INSIDE, OUTSIDE = "410106004", "410106001"
PUBLIC, SIGNED_IN = "", "signed in"
# A page may ask for more than its mark: one of these powers too. Less than its mark it may never ask for.
ALSO = {
    "administration/": {"users.manage", "devices.manage", "grants.manage", "keys.manage", "log.view", "seals.view"},
    "figures/<slug:name>/entries/": {"entries.view"},
}
# Open to strangers, and sends one without a password behind them back to the beginning.
SECOND_STEP = "sign-in/code/"


@dataclass(frozen=True)
class Path_:
    """One path with the mark of its view."""

    route: str
    power: str | None
    who: str


def walk(patterns: list[URLPattern | URLResolver], before: str = "") -> Iterator[tuple[str, URLPattern]]:
    for each in patterns:
        if isinstance(each, URLResolver):
            yield from walk(each.url_patterns, before + str(each.pattern))
        else:
            yield before + str(each.pattern), each


@cache
def paths() -> list[Path_]:
    found = []
    for route, each in walk(get_resolver().url_patterns):
        view = each.callback
        found.append(Path_(route, getattr(view, "power", None), getattr(view, "who", "person")))
    return found


def test_every_view_says_which_power_opens_it():
    unmarked = [each.route for each in paths() if each.power is None]
    assert not unmarked


def test_every_power_a_view_asks_for_is_held_by_some_role():
    held = {power for role in pack.read(settings.PACK).roles.values() for power in role.powers}
    lost = {each.power for each in paths() if each.power not in (None, PUBLIC, SIGNED_IN)} - held
    assert not lost


class Matrix(TestCase):
    """A row with a secret in one subdistrict; every role there, elsewhere, and nowhere."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        # Thousands of refusals are the point here; their log lines are not.
        logging.disable(logging.WARNING)
        cls.addClassCleanup(logging.disable, logging.NOTSET)

    @classmethod
    def setUpTestData(cls) -> None:
        district = pack.read(settings.PACK)
        registry.load(pack=district, by=None, at=AT)
        cls.entry = ids.make(AT)
        answers = {"channel": "hotline", "topic": "food", "epidemic": "yes", "content": MARKER}
        draft = Draft(
            id=cls.entry, kind="complaint_received", at=AT, area=INSIDE + "003", unit="market-supervision", quantity=1,
            answers=answers,
        )  # fmt: skip
        assert [each.status for each in journal.write(drafts=[draft], at=AT + timedelta(minutes=1))] == ["stored"]
        cls.users, cls.seen = {}, {}
        for role in Role.objects.all():
            for where in (INSIDE, OUTSIDE):
                user = User.objects.create(username=f"{role.code}-{where}", name=role.code)
                Grant.objects.create(
                    user=user, role=role, area=where, purpose="duty", valid_from=AT - timedelta(days=900)
                )
                cls.users[role.code, where] = user
        cls.powers = {role.code: set(role.powers) for role in Role.objects.all()}

    def client_of(self, role: str, where: str) -> Client:
        client = Client()
        client.force_login(self.users[role, where], backend="django.contrib.auth.backends.ModelBackend")
        return client

    def urls(self) -> Iterator[tuple[Path_, str]]:
        for each in paths():
            yield each, "/" + fill(each.route, self.entry)

    def test_a_stranger_reaches_only_what_is_open_to_everybody(self) -> None:
        wrong = []
        for path, url in self.urls():
            answer = Client().get(url)
            if path.route == SECOND_STEP:
                continue
            away = answer.status_code in (401, 403, 405) or (
                answer.status_code == 302 and "/sign-in/" in answer["Location"]
            )
            if away == (path.power == PUBLIC and answer.status_code != 405):
                wrong.append((url, path.power, answer.status_code))
        assert not wrong

    def got(self, role: str, where: str) -> Iterator[tuple[Path_, str, int, bool]]:
        """Every path as this role there sees it: the status, and whether the secret is on the page."""
        if (role, where) not in self.seen:
            client, self.seen[role, where] = self.client_of(role, where), []
            for path, url in self.urls():
                answer = client.get(url)
                body = b"".join(answer) if answer.streaming else answer.content
                marked = any(each in body for each in (MARKER.encode(), ESCAPED))
                self.seen[role, where].append((path, url, answer.status_code, marked))
        yield from self.seen[role, where]

    def test_each_role_opens_what_its_powers_open_and_nothing_else(self) -> None:
        wrong = []
        for role, powers in self.powers.items():
            for path, url, status, _marked in self.got(role, INSIDE):
                if path.power in (None, PUBLIC) or path.who == "device":
                    continue
                may = path.power == SIGNED_IN or path.power in powers
                may = may and bool(ALSO.get(path.route, powers) & powers)
                if status >= 500 or (status == 403) == may:
                    wrong.append((role, url, path.power, status))
        assert not wrong, "\n".join(str(each) for each in wrong)

    def test_without_the_power_nothing_can_be_sent_either(self) -> None:
        wrong = []
        for role, powers in self.powers.items():
            client = self.client_of(role, INSIDE)
            for path, url in self.urls():
                if path.power in (None, PUBLIC, SIGNED_IN) or path.power in powers or path.who == "device":
                    continue
                status = client.post(url).status_code
                if status not in (401, 403, 405):
                    wrong.append((role, url, path.power, status))
        assert not wrong, "\n".join(str(each) for each in wrong)

    def test_what_lies_outside_ones_area_is_on_no_page(self) -> None:
        inside = [url for role in self.powers for _path, url, _status, marked in self.got(role, INSIDE) if marked]
        outside = [(role, url) for role in self.powers for _path, url, _s, marked in self.got(role, OUTSIDE) if marked]
        assert not outside
        assert inside, "the secret is nowhere to be seen, so this test could not fail"


def fill(route: str, entry: UUID) -> str:
    """Return the route with every part filled by something that exists."""
    district = pack.read(settings.PACK)
    place = next(each.code for each in district.places if each.kind == "checkpoint" and each.area.startswith(INSIDE))
    given = {"entry": str(entry), "due": str(entry), "place": place, "name": "vehicles_checked", "language": "en"}
    given["form"] = "complaint_received"
    filled = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: given.get(found[1], "1"), route)
    filled = re.sub(r"\(\?P<(\w+)>[^)]*\)", lambda found: given.get(found[1], "1"), filled)
    return filled.replace("^", "").replace("$", "").replace("\\", "")


assert Path(settings.PACK).exists()
pytestmark = pytest.mark.django_db

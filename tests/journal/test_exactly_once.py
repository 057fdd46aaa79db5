"""However batches, duplicates, lost replies and corrections interleave: each entry once, and every count right."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from threading import Barrier
from uuid import UUID

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_district import AT, draft, later

from lianfang.journal import actions, ids
from lianfang.journal.drafts import Draft, Verdict
from lianfang.journal.models import Correction, Entry
from lianfang.pack import Pack
from lianfang.registry import index
from lianfang.registry.models import Subject, VaultRecord
from lianfang.registry.vault import Personal


@dataclass
class Twin:
    """The journal in plain Python, one draft after the other, with nothing clever in it."""

    stored: dict[UUID, tuple[Draft, datetime]] = field(default_factory=dict)

    def write(self, draft: Draft, at: datetime) -> str:
        if draft.id in self.stored:
            return "already" if self._same(self.stored[draft.id][0], draft) else "refused"
        if draft.corrects is not None:
            original = self.stored.get(draft.corrects)
            taken = any(each.corrects == draft.corrects for each, _ in self.stored.values())
            if original is None or taken or original[0].kind != draft.kind:
                return "refused"
        self.stored[draft.id] = (draft, at)
        return "stored"

    def counted(self, kind: str, at: datetime) -> tuple[int, int]:
        known = [draft for draft, recorded in self.stored.values() if recorded <= at]
        replaced = {draft.corrects for draft in known}
        kept = [each for each in known if each.id not in replaced and each.kind == kind and not each.exercise]
        return len(kept), sum(int(each.quantity or 0) for each in kept)

    @staticmethod
    def _same(one: Draft, other: Draft) -> bool:
        return (one.kind, one.quantity, one.corrects) == (other.kind, other.quantity, other.corrects)


# One draft of a story: which id, its kind, its quantity, which id it corrects (None: none).
steps = st.tuples(
    st.integers(0, 7), st.sampled_from(["vehicle", "person"]), st.integers(0, 2), st.none() | st.integers(0, 7)
)
stories = st.lists(
    # A batch, when it is recorded (replays are not in order), and whether its reply is lost so that it comes again.
    st.tuples(st.lists(steps, min_size=1, max_size=4), st.integers(0, 30), st.booleans()),
    min_size=1,
    max_size=8,
)


@pytest.mark.django_db
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(story=stories)
def test_any_story_ends_as_its_plain_twin_does(
    story: list[tuple[list[tuple[int, str, int, int | None]], int, bool]], district: None, pack: Pack
) -> None:
    known = [ids.make(AT) for _ in range(8)]
    twin = Twin()
    for batch, minute, lost in story:
        drafts = [_told(known, *step) for step in batch]
        # In a batch an entry may correct one that comes after it; the twin takes them one by one.
        sent = [[each] for each in drafts] if any(each.corrects for each in drafts) else [drafts]
        for part in sent * (2 if lost else 1):
            _agree(twin, part, later(minute), pack)
    assert set(Entry.objects.filter(pk__in=known).values_list("pk", flat=True)) == set(twin.stored)
    for minute in range(0, 32, 3):
        for kind in ("vehicle", "person"):
            counted = Entry.objects.filter(pk__in=known).of(kind).recorded_by(later(minute)).effective(later(minute))
            quantities = [int(each.quantity or 0) for each in counted]
            assert (len(quantities), sum(quantities)) == twin.counted(kind, later(minute))


def _told(known: list[UUID], which: int, kind: str, quantity: int, corrects: int | None) -> Draft:
    replaced = None if corrects is None or corrects == which else known[corrects]
    return draft(id=known[which], kind=kind, quantity=quantity, corrects=replaced)


def _agree(twin: Twin, drafts: list[Draft], at: datetime, pack: Pack) -> None:
    verdicts = actions.write(drafts=drafts, at=at, pack=pack)
    assert [each.status for each in verdicts] == [twin.write(each, at) for each in drafts]


def _together(calls: list[Callable[[], list[Verdict]]]) -> list[list[Verdict]]:
    start = Barrier(len(calls))

    def run(call: Callable[[], list[Verdict]]) -> list[Verdict]:
        start.wait()
        try:
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))


@pytest.mark.django_db(transaction=True)
def test_the_same_entries_from_several_connections_at_once_are_stored_once(district: None, pack: Pack) -> None:
    rows = [draft(quantity=number) for number in range(60)]
    orders = [rows, rows[::-1], rows[20:] + rows[:20], rows[::2] + rows[1::2]]
    told = _together([lambda each=each: actions.write(drafts=each, at=AT, pack=pack) for each in orders])
    statuses = [verdict.status for verdicts in told for verdict in verdicts]
    assert (statuses.count("stored"), statuses.count("already")) == (60, 180)
    assert Entry.objects.count() == 60
    assert Entry.objects.values("seq").distinct().count() == 60


@pytest.mark.django_db(transaction=True)
def test_batches_about_the_same_vehicles_at_once_never_wait_in_a_circle(district: None, pack: Pack) -> None:
    plates = [f"豫A{number:05d}" for number in range(12)]
    known = {plate: index.pseudonym("plate", plate) for plate in plates}

    def batch(shift: int) -> list[Draft]:
        order = plates[shift:] + plates[:shift]
        return [
            draft(subject=known[each], personal=(Personal(known[each], {"plate": each, "phone": f"138{shift:08d}"}),))
            for each in order * 3
        ]

    batches = [batch(shift) for shift in (0, 3, 6, 9)]
    told = _together([lambda each=each: actions.write(drafts=each, at=AT, pack=pack) for each in batches])
    assert {verdict.status for verdicts in told for verdict in verdicts} == {"stored"}
    assert Subject.objects.count() == 12
    assert VaultRecord.objects.count() == 48


@pytest.mark.django_db(transaction=True)
def test_of_two_contents_under_one_id_at_once_one_is_stored_and_one_refused(district: None, pack: Pack) -> None:
    id = ids.make(AT)
    rows = [draft(id=id, quantity=number) for number in range(4)]
    told = _together([lambda each=each: actions.write(drafts=[each], at=AT, pack=pack) for each in rows])
    assert sorted(verdicts[0].status for verdicts in told) == ["refused", "refused", "refused", "stored"]


@pytest.mark.django_db(transaction=True)
def test_of_several_corrections_at_once_one_counts(district: None, pack: Pack) -> None:
    one = draft()
    actions.write(drafts=[one], at=AT, pack=pack)
    rows = [draft(corrects=one.id, quantity=number) for number in range(4)]
    told = _together([lambda each=each: actions.write(drafts=[each], at=AT, pack=pack) for each in rows])
    assert sorted(verdicts[0].status for verdicts in told) == ["refused", "refused", "refused", "stored"]
    assert Correction.objects.count() == 1
    assert Entry.objects.effective(AT).count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_first_entries_of_a_day_from_several_connections_make_its_partition_once(
    district: None, pack: Pack
) -> None:
    day = datetime(2020, 2, 25, 9, tzinfo=ids.SHANGHAI)
    with connection.cursor() as cursor:
        cursor.execute("drop table if exists journal_entry_20200225")
    rows = [draft(at=day) for _ in range(4)]
    _together([lambda each=each: actions.write(drafts=[each], at=day, pack=pack) for each in rows])
    assert Entry.objects.happened(day, ids.midnight(day.date().replace(day=26))).count() == 4

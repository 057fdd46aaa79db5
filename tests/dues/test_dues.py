"""A due is open until it is met, waived or revoked, and late when its time passes first."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_district import AT, draft, later

from lianfang.dues import actions
from lianfang.dues.actions import DueClosed, Expected
from lianfang.dues.models import Due, Outcome
from lianfang.journal import actions as journal
from lianfang.journal.models import Entry
from lianfang.pack import Pack
from lianfang.registry.visibility import Reach, Scope

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("district")]


def expected(about: str = "x", minutes: int = 30, **columns: object) -> Expected:
    given: dict[str, object] = {"name": "handover", "kind": "receipt", "about": about}
    given |= {"due_by": later(minutes), "opened_at": AT, "opened_by": uuid4(), "area": "990101001"}
    return Expected(**given | columns)  # type: ignore[arg-type]


def test_a_due_is_open_then_overdue_then_met() -> None:
    one = expected()
    actions.expect(expected=[one])
    assert not Due.objects.open(AT - timedelta(seconds=1)).exists()
    assert Due.objects.open(AT).get().id == one.id
    assert not Due.objects.overdue(later(30)).exists()
    assert Due.objects.overdue(later(31)).get().id == one.id
    entry = uuid4()
    assert actions.meet(kind="receipt", about="x", entry=entry, met_at=later(40), at=later(41)) == 1
    assert Due.objects.overdue(later(40)).exists()
    assert not Due.objects.open(later(41)).exists()
    due = Due.objects.get()
    assert (due.outcome, due.closed_by, due.closed_at, due.met_at) == (Outcome.MET, entry, later(41), later(40))
    assert Due.objects.late(later(41)).exists()


def test_one_met_in_time_is_not_late_though_it_was_heard_of_later() -> None:
    actions.expect(expected=[expected()])
    actions.meet(kind="receipt", about="x", entry=uuid4(), met_at=later(20), at=later(90))
    assert not Due.objects.late(later(90)).exists()


def test_opening_the_same_due_again_changes_nothing_even_when_it_was_met() -> None:
    one = expected()
    actions.expect(expected=[one])
    actions.meet(kind="receipt", about="x", entry=uuid4(), met_at=later(1), at=later(1))
    actions.expect(expected=[one])
    assert Due.objects.get().outcome == Outcome.MET


def test_only_what_it_is_about_meets_it() -> None:
    actions.expect(expected=[expected("x"), expected("y")])
    assert actions.meet(kind="receipt", about="z", entry=uuid4(), met_at=AT, at=AT) == 0
    assert actions.meet(kind="other", about="x", entry=uuid4(), met_at=AT, at=AT) == 0
    assert actions.meet(kind="receipt", about="x", entry=uuid4(), met_at=AT, at=AT) == 1
    assert Due.objects.open(AT).get().about == "y"


def test_waiving_writes_who_decided_and_why_into_the_journal() -> None:
    one = expected()
    actions.expect(expected=[one])
    id = actions.waive(due=one.id, reason="went home by himself", by=7, at=later(5))
    entry = Entry.objects.get(pk=id)
    assert (entry.kind, entry.by, entry.answers["reason"]) == (actions.WAIVED, 7, "went home by himself")
    due = Due.objects.get()
    assert (due.outcome, due.closed_by, due.closed_at) == (Outcome.WAIVED, id, later(5))
    with pytest.raises(DueClosed):
        actions.waive(due=one.id, reason="again", by=7, at=later(6))
    assert Entry.objects.count() == 1


def test_a_due_that_cannot_be_written_into_the_journal_is_not_waived() -> None:
    one = expected(area="nowhere")
    actions.expect(expected=[one])
    with pytest.raises(actions.NotWritten, match="nowhere"):
        actions.waive(due=one.id, reason="x", by=7, at=later(5))
    assert Due.objects.open(later(5)).exists()


def test_an_overdue_due_is_called_out_once() -> None:
    one = expected()
    actions.expect(expected=[one])
    Due.objects.update(made_at=AT)
    assert actions.call_out(at=later(30)) == 0
    assert actions.call_out(at=later(31)) == 1
    assert actions.call_out(at=later(32)) == 0
    entry = Entry.objects.get(kind=actions.OVERDUE)
    assert (entry.at, entry.recorded_at, entry.answers["due"]) == (later(30), later(31), str(one.id))


def test_what_came_to_light_a_moment_ago_or_days_late_is_not_called_out() -> None:
    actions.expect(expected=[expected()])
    assert actions.call_out(at=later(31)) == 0
    Due.objects.update(made_at=AT)
    assert actions.call_out(at=later(31) + timedelta(days=2)) == 0


def test_a_due_cannot_be_half_closed() -> None:
    actions.expect(expected=[expected()])
    with pytest.raises(IntegrityError), transaction.atomic():
        Due.objects.update(closed_at=AT)


def test_a_reader_sees_only_the_dues_in_reach() -> None:
    actions.expect(
        expected=[
            expected("a", area="990101001", unit="bureau"),
            expected("b", area="990101002", unit="town"),
            expected("c", area="990101001", unit="town"),
        ]
    )

    def seen(*reaches: Reach) -> str:
        held = Scope(user=1, at=AT, reaches={"dues.view": reaches})
        return "".join(sorted(each.about for each in Due.objects.open(AT).visible_to(held, "dues.view")))

    assert seen() == ""
    assert seen(Reach("990101")) == "abc"
    assert seen(Reach("990101002")) == "b"
    assert seen(Reach("990101001", frozenset({"town"}))) == "c"


def test_the_act_of_waiving_can_be_read_where_the_due_lies(pack: Pack) -> None:
    opened = draft()
    journal.write(drafts=[opened], at=AT, pack=pack)
    one = expected(opened_by=opened.id, place="south", area="990101002001")
    actions.expect(expected=[one])
    actions.waive(due=one.id, reason="x", by=7, at=later(5))
    assert Entry.objects.inside("990101002").get().kind == actions.WAIVED


steps = st.lists(st.sampled_from(["expect", "meet", "revoke", "reopen", "waive"]), max_size=8)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps)
def test_any_sequence_of_acts_moves_as_the_state_machine_says(steps: list[str]) -> None:
    one, entry = expected(about=str(uuid4())), uuid4()
    state: str | None = None
    for minute, step in enumerate(steps):
        at = later(minute)
        if step == "expect":
            actions.expect(expected=[one])
            state = "" if state in (None, "revoked") else state
        elif step == "meet":
            actions.meet(kind="receipt", about=one.about, entry=entry, met_at=at, at=at)
            state = "met" if state == "" else state
        elif step == "revoke":
            actions.revoke(opened_by=one.opened_by or entry, entry=uuid4(), at=at)
            state = "revoked" if state == "" else state
        elif step == "reopen":
            actions.reopen(closed_by=entry)
            state = "" if state == "met" else state
        elif state == "":
            actions.waive(due=one.id, reason="x", by=1, at=at)
            state = "waived"
        assert Due.objects.filter(pk=one.id).values_list("outcome", flat=True).first() == state

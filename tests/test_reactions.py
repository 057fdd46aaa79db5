"""What follows from an entry is carried out once, in any order of arrival, again after a fault, never at its cost."""

from datetime import date, datetime, time, timedelta
from itertools import permutations
from typing import Any

import pytest
import small_district
from django.db import connection
from small_district import AT, draft, later

from lianfang import reactions
from lianfang.dues import actions as dues
from lianfang.dues import daily
from lianfang.dues.models import Due, Outcome
from lianfang.journal import actions, ids
from lianfang.journal.drafts import Draft
from lianfang.journal.models import Entry, Pending
from lianfang.pack import DailyDue, Pack, Reaction

district, pack = small_district.district, small_district.pack
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("district")]


class Rules:
    """A protocol of which the minutes matter."""

    report_time = time(17, 0)
    future_minutes = 2
    fever_c = {"forehead": 36.8}

    def on(self, day: date) -> "Rules":
        return self

    def minutes(self, name: str) -> int:
        return {"handover_minutes": 30}[name]


def _reaction(name: str, **said: Any) -> Reaction:
    return Reaction.model_validate({"name": name, "title": name, "source": "test"} | said)


@pytest.fixture
def lively(pack: Pack) -> Pack:
    """Return a pack in which a hand-over expects a receipt, a hot reading a second one, and a bureau a daily report."""
    follows = (
        _reaction(
            "expects",
            on="handover",
            do="open_due",
            kind="receipt",
            about="id",
            within="handover_minutes",
            place="south",
        ),
        _reaction("received", on="receipt", do="meet_due", kind="receipt", about="answers.handover"),
        _reaction(
            "measure_again",
            on="reading",
            where={"answers.temperature": {"gte": {"fever_c": "answers.device"}}},
            do="open_due",
            kind="check",
            about="subject",
            within=10,
        ),
        _reaction("measured", on="check", do="meet_due", kind="check", about="subject"),
        _reaction("reported", on="report", do="meet_due", kind="report", about="unit"),
    )
    owed = DailyDue.model_validate(
        {
            "name": "daily_report",
            "kind": "report",
            "about": "unit",
            "of_kinds": ["bureau"],
            "by": "report_time",
            "valid_from": "2020-02-01",
            "title": "r",
            "source": "test",
        }
    )
    return pack.model_copy(update={"reactions": follows, "dues": (owed,), "protocols": Rules()})


def _sent(pack: Pack, *rows: Draft, at: datetime = AT) -> None:
    assert [each.status for each in actions.write(drafts=rows, at=at, pack=pack)] == ["stored"] * len(rows)


def _handover(**columns: Any) -> Draft:
    return draft(kind="handover", unit="bureau", **columns)


def _receipt(of: Draft, at: datetime = AT, **columns: Any) -> Draft:
    return draft(at=at, kind="receipt", place="south", answers={"handover": str(of.id)}, **columns)


def test_a_handover_is_open_until_the_receipt_and_overdue_after_the_protocols_minutes(lively: Pack) -> None:
    one = _handover()
    _sent(lively, one, at=later(2))
    assert reactions.run(pack=lively) == (1, 0)
    due = Due.objects.get()
    assert (due.opened_by, due.opened_at, due.by) == (one.id, later(2), later(30))
    assert (due.place, due.area, due.origin, due.unit) == ("south", "990101002001", "north", "bureau")
    assert Due.objects.overdue(later(31)).exists()
    receipt = _receipt(one, at=later(40))
    _sent(lively, receipt, at=later(41))
    assert Due.objects.overdue(later(41)).exists()
    reactions.run(pack=lively)
    assert not Due.objects.open(later(41)).exists()
    assert Due.objects.late(later(41)).get().closed_by == receipt.id
    assert not Pending.objects.exists()


def test_carried_out_again_nothing_changes(lively: Pack) -> None:
    one = _handover()
    receipt = _receipt(one, at=later(5))
    _sent(lively, one, receipt, at=later(6))
    reactions.run(pack=lively)
    before = list(Due.objects.values())
    for each in (one, receipt, one):
        reactions.carry_out(entry=Entry.objects.get(pk=each.id), pack=lively)
    assert list(Due.objects.values()) == before


def test_the_receipt_may_arrive_before_the_handover(lively: Pack) -> None:
    one = _handover()
    receipt = _receipt(one, at=later(10))
    _sent(lively, receipt, at=later(11))
    reactions.run(pack=lively)
    _sent(lively, one, at=later(600))
    reactions.run(pack=lively)
    due = Due.objects.get()
    assert (due.outcome, due.closed_by, due.met_at) == (Outcome.MET, receipt.id, later(10))
    assert due.closed_at == due.opened_at == later(600)
    assert not Due.objects.late(later(600)).exists()


def test_where_no_fever_is_nothing_follows(lively: Pack) -> None:
    cool = draft(kind="reading", answers={"temperature": 36.7, "device": "forehead"})
    _sent(lively, cool)
    assert not Pending.objects.exists()


def test_a_due_about_a_subject_is_met_by_an_entry_about_the_same_subject(lively: Pack) -> None:
    someone, other = ids.make(AT), ids.make(AT)
    _sent(lively, draft(kind="reading", subject=someone, answers={"temperature": 36.8, "device": "forehead"}))
    _sent(lively, draft(kind="check", subject=other), draft(kind="check", subject=someone))
    reactions.run(pack=lively)
    assert Due.objects.get().outcome == Outcome.MET


def test_a_due_about_nobody_known_is_not_opened(lively: Pack) -> None:
    _sent(lively, draft(kind="reading", answers={"temperature": 39.0, "device": "forehead"}))
    assert reactions.run(pack=lively) == (1, 0)
    assert not Due.objects.exists()


def test_a_report_meets_the_due_of_its_own_day_only(lively: Pack) -> None:
    yesterday = AT - timedelta(days=1)
    _sent(lively, draft(at=yesterday), at=yesterday)
    daily.open_days(pack=lively, at=AT)
    assert Due.objects.count() == 2
    _sent(lively, draft(kind="report", unit="bureau", area="990101001"))
    reactions.run(pack=lively)
    assert Due.objects.open(AT).get().by < AT


class TestCorrections:
    """A correction takes the place of what it corrects, in what follows from it too."""

    def test_of_the_time_moves_the_deadline(self, lively: Pack) -> None:
        one = _handover()
        _sent(lively, one)
        reactions.run(pack=lively)
        _sent(lively, _handover(at=later(20), id=ids.make(later(20)), corrects=one.id), at=later(25))
        reactions.run(pack=lively)
        assert Due.objects.get().by == later(50)

    def test_withdrawing_the_opening_entry_revokes_the_due(self, lively: Pack) -> None:
        one = _handover()
        _sent(lively, one)
        reactions.run(pack=lively)
        gone = draft(kind="withdrawal", corrects=one.id)
        _sent(lively, gone, at=later(3))
        reactions.run(pack=lively)
        due = Due.objects.get()
        assert (due.outcome, due.closed_by, due.closed_at) == (Outcome.REVOKED, gone.id, later(3))

    def test_a_correction_that_calls_for_nothing_revokes_and_the_next_that_does_restores(self, lively: Pack) -> None:
        someone = ids.make(AT)
        hot = draft(kind="reading", subject=someone, answers={"temperature": 38.0, "device": "forehead"})
        cool = draft(kind="reading", subject=someone, corrects=hot.id, answers={"temperature": 36.0})
        hot_again = draft(kind="reading", subject=someone, corrects=cool.id, answers={"temperature": 38.0})
        states = []
        for each in (hot, cool, hot_again):
            _sent(lively, each)
            reactions.run(pack=lively)
            states.append(Due.objects.get().outcome)
        assert states == ["", Outcome.REVOKED, ""]

    def test_withdrawing_the_receipt_opens_the_due_again(self, lively: Pack) -> None:
        one = _handover()
        receipt = _receipt(one, at=later(5))
        _sent(lively, one, receipt, at=later(6))
        reactions.run(pack=lively)
        _sent(lively, draft(kind="withdrawal", corrects=receipt.id), at=later(7))
        reactions.run(pack=lively)
        assert Due.objects.open(later(7)).exists()

    def test_a_corrected_receipt_goes_on_meeting_without_a_gap(self, lively: Pack) -> None:
        one = _handover()
        receipt = _receipt(one, at=later(5))
        _sent(lively, one, receipt, at=later(6))
        reactions.run(pack=lively)
        mended = _receipt(one, at=later(9), corrects=receipt.id)
        _sent(lively, mended, at=later(60))
        reactions.run(pack=lively)
        due = Due.objects.get()
        assert (due.closed_by, due.met_at, due.closed_at) == (mended.id, later(9), later(6))

    def test_a_receipt_for_the_corrected_handover_meets_the_same_due(self, lively: Pack) -> None:
        one = _handover()
        mended = _handover(corrects=one.id, answers={"note": "x"})
        _sent(lively, one, mended)
        reactions.run(pack=lively)
        _sent(lively, _receipt(mended, at=later(5)), at=later(5))
        reactions.run(pack=lively)
        assert Due.objects.get().outcome == Outcome.MET

    @pytest.mark.parametrize("order", list(permutations(range(4))))
    def test_in_whatever_order_the_worker_comes_to_them(self, order: tuple[int, ...], lively: Pack) -> None:
        one = _handover()
        mended = _handover(corrects=one.id, answers={"note": "x"})
        receipt = _receipt(one, at=later(5))
        better = _receipt(mended, at=later(6), corrects=receipt.id)
        rows = [one, mended, receipt, better]
        _sent(lively, *rows, at=later(7))
        for place in order:
            reactions.carry_out(entry=Entry.objects.get(pk=rows[place].id), pack=lively)
        due = Due.objects.get()
        assert (due.outcome, due.closed_by, due.opened_by) == (Outcome.MET, better.id, one.id)


class TestFaults:
    """A reaction that fails costs no entry, is tried again later and later, and is shown when given up."""

    @pytest.fixture
    def broken(self, lively: Pack, monkeypatch: pytest.MonkeyPatch) -> Pack:
        def fail(**_: object) -> int:
            raise RuntimeError("the clinic does not exist")

        monkeypatch.setattr(dues, "expect", fail)
        return lively

    def test_the_entry_stays_and_the_reaction_waits(self, broken: Pack) -> None:
        one = _handover()
        _sent(broken, one)
        assert reactions.run(pack=broken) == (0, 1)
        assert reactions.run(pack=broken) == (0, 0)
        assert Entry.objects.filter(pk=one.id).exists()
        pending = Pending.objects.get()
        assert (pending.attempts, pending.failed) == (1, False)
        assert "the clinic does not exist" in pending.fault

    def test_what_it_had_done_before_it_failed_is_undone(self, lively: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(*_: object) -> None:
            raise RuntimeError("half way")

        monkeypatch.setattr(reactions, "_meet_at_once", fail)
        _sent(lively, _handover())
        assert reactions.run(pack=lively) == (0, 1)
        assert not Due.objects.exists()

    def test_the_others_are_carried_out(self, broken: Pack) -> None:
        _sent(broken, _handover(), draft(kind="check", subject=ids.make(AT)), _handover())
        assert reactions.run(pack=broken) == (1, 2)

    def test_pauses_grow_and_an_end_is_made(self, broken: Pack) -> None:
        _sent(broken, _handover())
        pauses = []
        for _ in range(reactions.ATTEMPTS):
            Pending.objects.update(next_at=AT)
            reactions.run(pack=broken)
            with connection.cursor() as cursor:
                cursor.execute("select extract(epoch from next_at - statement_timestamp()) / 60 from journal_pending")
                pauses.append(round(float(cursor.fetchone()[0])))  # type: ignore[index]
        assert pauses == [1, 2, 4, 8, 16, 32, 60, 60]
        assert Pending.objects.failed().count() == 1
        Pending.objects.update(next_at=AT)
        assert reactions.run(pack=broken) == (0, 0)

    def test_after_the_cause_is_mended_it_can_be_tried_again(
        self, broken: Pack, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        one = _handover()
        _sent(broken, one)
        Pending.objects.update(failed=True, attempts=reactions.ATTEMPTS)
        monkeypatch.undo()
        reactions.again(entry=one.id)
        assert reactions.run(pack=broken) == (1, 0)
        assert Due.objects.open(AT).exists()

    def test_when_told_to_stop_it_stops_between_entries(self, lively: Pack) -> None:
        _sent(lively, *[_handover() for _ in range(5)])
        answers = iter([True, True, False])
        assert reactions.run(pack=lively, going=lambda: next(answers)) == (2, 0)
        assert Pending.objects.count() == 3

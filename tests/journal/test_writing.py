"""Each entry is stored once, refused with reasons, or known for what is already there."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_district import AT, draft, later

from lianfang.journal import actions, ids, partitions, verification
from lianfang.journal.models import Correction, Entry, Pending
from lianfang.pack import Pack, Reaction
from lianfang.registry import index, scope
from lianfang.registry.models import Place, Subject, VaultRecord
from lianfang.registry.vault import Personal
from lianfang.registry.visibility import Reach, Scope

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("district")]


def test_an_entry_is_stored_with_all_it_says(pack: Pack) -> None:
    subject = uuid4()
    one = draft(
        answers={"temperature": 36.5, "说": "𫖯"}, subject=subject, quantity=4, unit="bureau", device="d-1", by=7
    )
    (verdict,) = actions.write(drafts=[one], at=later(1), pack=pack)
    assert (verdict.id, verdict.status, verdict.faults) == (one.id, "stored", ())
    entry = Entry.objects.get(pk=one.id)
    assert entry.answers == {"temperature": 36.5, "说": "𫖯"}
    assert (entry.area, entry.place, entry.unit, entry.device, entry.by) == (
        "990101001001",
        "north",
        "bureau",
        "d-1",
        7,
    )
    assert (entry.at, entry.recorded_at, entry.subject, entry.quantity) == (AT, later(1), subject, Decimal(4))
    assert entry.seq == verdict.seq


def test_the_same_entry_sent_again_is_already_there_whoever_carries_it(pack: Pack) -> None:
    one = draft(answers={"b": 1, "a": [1, 2]}, device="phone-1")
    actions.write(drafts=[one], at=AT, pack=pack)
    again = draft(id=one.id, answers={"a": [1, 2], "b": 1}, device="phone-2", by=9)
    verdicts = actions.write(drafts=[again, draft()], at=later(60), pack=pack)
    assert [each.status for each in verdicts] == ["already", "stored"]
    assert Entry.objects.get(pk=one.id).device == "phone-1"


def test_the_same_id_with_other_content_is_refused_and_nothing_overwritten(pack: Pack) -> None:
    one = draft(answers={"a": 1}, device="phone-1")
    actions.write(drafts=[one], at=AT, pack=pack)
    (verdict,) = actions.write(drafts=[draft(id=one.id, answers={"a": 2})], at=later(5), pack=pack)
    assert verdict.status == "refused"
    assert verdict.faults[0].code == "other_content"
    assert "2020-02-05 09:00:00" in verdict.faults[0].message
    assert "phone-1" in verdict.faults[0].message
    assert Entry.objects.get(pk=one.id).answers == {"a": 1}


def test_duplicates_inside_one_batch_are_judged_alike(pack: Pack) -> None:
    one = draft(answers={"a": 1})
    same, other = draft(id=one.id, answers={"a": 1}), draft(id=one.id, answers={"a": 2})
    verdicts = actions.write(drafts=[one, same, other], at=AT, pack=pack)
    assert [each.status for each in verdicts] == ["stored", "already", "refused"]
    assert Entry.objects.count() == 1


def test_other_personal_answers_are_other_content(pack: Pack) -> None:
    plate = index.pseudonym("plate", "豫A12345")
    one = draft(subject=plate, personal=(Personal(plate, {"plate": "豫A12345", "phone": "13800138000"}),))
    actions.write(drafts=[one], at=AT, pack=pack)
    other = draft(id=one.id, subject=plate, personal=(Personal(plate, {"plate": "豫A12345", "phone": "13900139000"}),))
    assert [each.status for each in actions.write(drafts=[other, one], at=AT, pack=pack)] == ["refused", "already"]


def test_personal_answers_go_to_the_vault_with_the_entry_and_nowhere_else(pack: Pack) -> None:
    plate = index.pseudonym("plate", "豫A12345")
    one = draft(subject=plate, personal=(Personal(plate, {"plate": "豫A12345"}),), answers={"type": "car"})
    actions.write(drafts=[one, one], at=AT, pack=pack)
    assert Subject.objects.filter(pk=plate).count() == 1
    record = VaultRecord.objects.get(subject=plate)
    assert record.area == "990101001001"
    with connection.cursor() as cursor:
        cursor.execute("select row_to_json(e)::text from journal_entry e where id = %s", [one.id])
        assert "12345" not in str(cursor.fetchone())


def test_a_refused_entry_leaves_nothing_in_the_vault(pack: Pack) -> None:
    plate = index.pseudonym("plate", "豫A99999")
    bad = draft(place="nowhere", area="990101", subject=plate, personal=(Personal(plate, {"plate": "豫A99999"}),))
    assert actions.write(drafts=[bad], at=AT, pack=pack)[0].status == "refused"
    assert not VaultRecord.objects.filter(subject=plate).exists()


@pytest.mark.parametrize(
    ("columns", "field", "code"),
    [
        ({"id": uuid4()}, "id", "not_uuid7"),
        ({"id": ids.make(AT - timedelta(days=2))}, "id", "id_time"),
        ({"at": later(10)}, "at", "future"),
        ({"at": AT - timedelta(days=500), "id": ids.make(AT - timedelta(days=500))}, "at", "too_old"),
        ({"place": "nowhere", "area": "990101"}, "place", "unknown_place"),
        ({"area": "990101002001", "place": "north"}, "area", "wrong_area"),
        ({"area": "990199"}, "area", "unknown_area"),
        ({"area": "", "place": ""}, "area", "required"),
        ({"unit": "nobody"}, "unit", "unknown_unit"),
        ({"quantity": -1}, "quantity", "out_of_range"),
        ({"quantity": 1.00001}, "quantity", "out_of_range"),
        ({"quantity": float("nan")}, "quantity", "out_of_range"),
        ({"answers": {"a": 10**18}}, "answers", "unstorable"),
        ({"answers": {"a": [{"b": 1e300}]}}, "answers", "unstorable"),
        ({"answers": {"a": -0.0}}, "answers", "unstorable"),
        ({"answers": {"a": "b\0c"}}, "answers", "unstorable"),
        ({"answers": {"a": "\ud800"}}, "answers", "unreadable"),
        ({"answers": {"a": object()}}, "answers", "unreadable"),
        ({"kind": "a,b"}, "kind", "malformed"),
    ],
)
def test_each_fault_is_named_and_costs_the_others_nothing(
    columns: dict[str, object], field: str, code: str, pack: Pack
) -> None:
    verdicts = actions.write(drafts=[draft(), draft(**columns), draft()], at=AT, pack=pack)
    assert [each.status for each in verdicts] == ["stored", "refused", "stored"]
    assert (field, code) in [(each.field, each.code) for each in verdicts[1].faults]
    assert all(each.message for each in verdicts[1].faults)


def test_a_clock_a_little_ahead_is_forgiven(pack: Pack) -> None:
    assert actions.write(drafts=[draft(at=later(1.5))], at=AT, pack=pack)[0].status == "stored"


def test_a_place_counts_only_while_it_is_in_use_and_a_new_pack_counts_at_once(pack: Pack) -> None:
    march = datetime(2020, 3, 2, 9, tzinfo=ids.SHANGHAI)
    closed = draft(at=march, place="south")
    assert actions.write(drafts=[closed], at=march, pack=pack)[0].faults[0].code == "unknown_place"
    Place.objects.create(code="south", kind="checkpoint", name="S", area="990101002", valid_from=date(2020, 3, 2))
    assert actions.write(drafts=[closed], at=march, pack=pack)[0].status == "stored"


def test_a_fault_of_the_database_comes_out_as_djangos(pack: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "INSERT", "select nothing from nowhere where %b = %b" + " and %b is null" * 14)
    with pytest.raises(DatabaseError), transaction.atomic():
        actions.write(drafts=[draft()], at=AT, pack=pack)
    assert not Entry.objects.exists()


def test_entries_on_both_sides_of_midnight_lie_in_two_partitions(pack: Pack) -> None:
    midnight = ids.midnight(date(2020, 2, 6))
    rows = [draft(at=midnight - timedelta(milliseconds=1)), draft(at=midnight)]
    actions.write(drafts=rows, at=midnight, pack=pack)
    with connection.cursor() as cursor:
        cursor.execute("select tableoid::regclass::text from journal_entry order by id")
        assert [name for (name,) in cursor.fetchall()] == ["journal_entry_20200205", "journal_entry_20200206"]


def test_without_its_partition_an_entry_is_an_error_and_not_lost_in_a_corner() -> None:
    with pytest.raises(DatabaseError, match="no partition"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "insert into journal_entry (id, at, recorded_at, exercise, digest, kind, area, place, unit, device,"
            " answers) values (%s, now(), now(), false, '', '', '', '', '', '', '{}')",
            [ids.make(datetime(1999, 1, 1, tzinfo=ids.SHANGHAI))],
        )


@pytest.mark.parametrize(
    "statement",
    [
        "update journal_entry set quantity = 1",
        "delete from journal_entry",
        "truncate journal_entry",
        "update journal_entry_20200205 set quantity = 1",
        "delete from journal_entry_20200205",
        "truncate journal_entry_20200205",
    ],
)
def test_nothing_is_ever_changed_or_deleted(statement: str, pack: Pack) -> None:
    actions.write(drafts=[draft()], at=AT, pack=pack)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert Entry.objects.count() == 1


def test_a_correction_replaces_its_original_as_of_its_recording(pack: Pack) -> None:
    one = draft(quantity=4)
    actions.write(drafts=[one], at=AT, pack=pack)
    two = draft(quantity=5, corrects=one.id)
    assert actions.write(drafts=[two], at=later(30), pack=pack)[0].status == "stored"

    def known(at: datetime) -> list[UUID]:
        return list(Entry.objects.recorded_by(at).effective(at).values_list("id", flat=True))

    assert known(later(29)) == [one.id]
    assert known(later(30)) == [two.id]


def test_corrections_that_make_no_sense_are_refused_by_name(pack: Pack) -> None:
    one, drill = draft(), draft(exercise=True)
    actions.write(drafts=[one, drill], at=AT, pack=pack)
    first = draft(corrects=one.id)
    verdicts = actions.write(
        drafts=[
            draft(corrects=one.id, kind="person"),
            draft(corrects=uuid4()),
            draft(corrects=drill.id),
            first,
            draft(corrects=one.id, id=ids.make(later(1)), at=later(1)),
        ],
        at=later(2),
        pack=pack,
    )
    told = [each.faults[0].code if each.faults else each.status for each in verdicts]
    assert told[:3] == ["other_kind", "unknown_original", "other_exercise"]
    assert sorted(told[3:]) == ["already_corrected", "stored"]
    assert Correction.objects.count() == 1


def test_a_correction_sent_again_is_already_there(pack: Pack) -> None:
    one = draft()
    actions.write(drafts=[one], at=AT, pack=pack)
    two = draft(corrects=one.id, answers={"a": 1})
    statuses = [actions.write(drafts=[two], at=later(each), pack=pack)[0].status for each in (1, 2)]
    assert statuses == ["stored", "already"]


def test_an_entry_and_the_chain_of_its_corrections_may_come_in_one_batch_in_any_order(pack: Pack) -> None:
    one = draft()
    two = draft(corrects=one.id, answers={"a": 2})
    three = draft(corrects=two.id, answers={"a": 3})
    verdicts = actions.write(drafts=[three, one, two], at=AT, pack=pack)
    assert [each.status for each in verdicts] == ["stored"] * 3
    assert list(Entry.objects.effective(AT)) == [Entry.objects.get(pk=three.id)]


def test_of_two_corrections_in_one_batch_the_first_counts(pack: Pack) -> None:
    one = draft()
    actions.write(drafts=[one], at=AT, pack=pack)
    for _ in range(4):
        rows = [draft(corrects=one.id, quantity=number) for number in range(2)]
        with transaction.atomic():
            told = [each.status for each in actions.write(drafts=rows, at=AT, pack=pack)]
            transaction.set_rollback(True)
        assert told == ["stored", "refused"]


def test_corrections_round_a_circle_are_refused(pack: Pack) -> None:
    one, two = draft(), draft()
    one.corrects, two.corrects = two.id, one.id
    assert [each.status for each in actions.write(drafts=[one, two], at=AT, pack=pack)] == ["refused"] * 2


def test_a_withdrawal_takes_an_entry_out_without_putting_another_in(pack: Pack) -> None:
    one = draft()
    actions.write(drafts=[one], at=AT, pack=pack)
    gone = draft(kind="withdrawal", corrects=one.id, answers={"why": "registered twice"})
    assert actions.write(drafts=[gone], at=later(1), pack=pack)[0].status == "stored"
    assert not Entry.objects.of("vehicle").effective(later(1)).exists()
    assert Entry.objects.of("vehicle").effective(AT).exists()


def test_a_drill_never_counts(pack: Pack) -> None:
    actions.write(drafts=[draft(exercise=True), draft()], at=AT, pack=pack)
    assert Entry.objects.effective(AT).count() == 1


def test_the_journal_is_narrowed_by_kind_area_time_and_recording(pack: Pack) -> None:
    rows = [draft(), draft(kind="person"), draft(place="south"), draft(at=later(-90)), draft(area="990101002")]
    actions.write(drafts=rows[:4], at=AT, pack=pack)
    actions.write(drafts=rows[4:], at=later(10), pack=pack)

    def found(query: object) -> list[int]:
        kept = {each.id for each in query}  # type: ignore[attr-defined]
        return [place for place, each in enumerate(rows) if each.id in kept]

    entries = Entry.objects.all()
    assert found(entries.of("person", "vehicle")) == [0, 1, 2, 3, 4]
    assert found(entries.of("person")) == [1]
    assert found(entries.inside("990101001")) == [0, 1, 3]
    assert found(entries.inside("990101002001")) == [2]
    assert found(entries.happened(AT, later(1))) == [0, 1, 2, 4]
    assert found(entries.happened(later(-90), AT)) == [3]
    assert found(entries.recorded_by(later(9))) == [0, 1, 2, 3]


def test_a_reader_sees_only_what_lies_in_reach(pack: Pack) -> None:
    rows = [draft(unit="bureau"), draft(place="south", unit="town"), draft(unit="town")]
    actions.write(drafts=rows, at=AT, pack=pack)

    def seen(*reaches: Reach) -> set[int]:
        held = Scope(user=1, at=AT, reaches={"journal.view": reaches})
        kept = {each.id for each in Entry.objects.visible_to(held, "journal.view")}
        return {place for place, each in enumerate(rows) if each.id in kept}

    assert seen() == set()
    assert seen(Reach("990101")) == {0, 1, 2}
    assert seen(Reach("990101001")) == {0, 2}
    assert seen(Reach("990101001", frozenset({"town"}))) == {2}
    assert seen(Reach("990101002"), Reach("990101001", frozenset({"bureau"}))) == {0, 1}
    assert not Entry.objects.visible_to(scope.of(None, AT), "journal.view").exists()


def test_a_narrow_time_reads_only_the_partitions_near_it(pack: Pack) -> None:
    partitions.ensure({date(2020, 2, day) for day in range(1, 12)})
    plan = Entry.objects.happened(AT, later(60)).explain()
    assert "journal_entry_20200205" in plan
    assert "journal_entry_20200202" not in plan
    assert "journal_entry_20200209" not in plan


def test_only_what_something_follows_from_waits_for_a_reaction(pack: Pack) -> None:
    reaction = Reaction.model_validate(
        {
            "name": "r",
            "on": "vehicle",
            "where": {"answers.fever": True},
            "do": "open_due",
            "kind": "receipt",
            "about": "id",
            "within": 30,
            "title": "r",
            "source": "test",
        }
    )
    lively = pack.model_copy(update={"reactions": (reaction,), "protocols": FakeProtocols()})
    hot, cold, drill = draft(answers={"fever": True}), draft(), draft(answers={"fever": True}, exercise=True)
    actions.write(drafts=[hot, cold, drill, hot], at=AT, pack=lively)
    assert list(Pending.objects.values_list("entry", flat=True)) == [hot.id]
    mended = draft(corrects=hot.id, answers={"fever": False})
    actions.write(drafts=[mended], at=AT, pack=lively)
    assert set(Pending.objects.values_list("entry", flat=True)) == {hot.id, mended.id}


class FakeProtocols:
    """Stands for protocols of which only two numbers matter."""

    future_minutes = 2
    fever_c: dict[str, float] = {}

    def on(self, day: date) -> "FakeProtocols":
        return self


scalars = st.none() | st.booleans() | st.integers(-(10**14), 10**14) | st.text(max_size=12)
numbers = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e14, max_value=1e14)
contents = st.dictionaries(
    st.text(max_size=8),
    st.recursive(
        scalars | numbers, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner)
    ),
    max_size=4,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(many=st.lists(contents, min_size=1, max_size=8))
def test_whatever_the_answers_each_is_stored_whole_or_refused(many: list[dict[str, object]], pack: Pack) -> None:
    rows = [draft(answers=each) for each in many]
    verdicts = actions.write(drafts=rows, at=AT, pack=pack)
    for row, verdict in zip(rows, verdicts, strict=True):
        if verdict.status == "stored":
            entry = Entry.objects.get(pk=row.id)
            assert entry.answers == row.answers
            assert verification.content(entry) == bytes(entry.digest)
        else:
            assert verdict.faults[0].code in ("unstorable", "unreadable")

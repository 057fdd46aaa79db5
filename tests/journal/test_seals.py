"""Whatever is done to the rows behind the house's back, the seals tell, and say where."""

import json
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from hashlib import sha256

import pytest
from click.testing import CliRunner
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st
from small_district import AT, draft, later

from lianfang.commands import journal as commands
from lianfang.journal import actions, ids, sealing, seals, verification
from lianfang.journal.drafts import Draft
from lianfang.journal.horizon import Horizon
from lianfang.journal.models import DayDigest, Entry, Seal
from lianfang.pack import Pack


@given(st.lists(st.binary(min_size=32, max_size=32), unique=True, max_size=20), st.data())
def test_a_root_changes_with_every_leaf_its_place_and_its_absence(leaves: list[bytes], data: st.DataObject) -> None:
    root = seals.root(leaves)
    if leaves:
        place = data.draw(st.integers(0, len(leaves) - 1))
        assert seals.root(leaves[:place] + leaves[place + 1 :]) != root
        assert seals.root([*leaves[:place], sha256(leaves[place]).digest(), *leaves[place + 1 :]]) != root
    if len(leaves) > 1:
        assert seals.root(leaves[::-1]) != root
    assert seals.root([*leaves, bytes(32)]) != root or bytes(32) in leaves


def test_a_root_is_reckoned_as_rfc_6962_has_it() -> None:
    a, b, c = (bytes([each]) * 32 for each in b"abc")
    assert seals.root([a]) == a
    assert seals.root([a, b, c]) == sha256(b"\1" + sha256(b"\1" + a + b).digest() + c).digest()


@pytest.fixture
def sealed(district: None, pack: Pack, monkeypatch: pytest.MonkeyPatch) -> list[Draft]:
    """Write thirty entries under seals of at most ten numbers each, and two after them."""
    monkeypatch.setattr(sealing, "RANGE", 10)
    rows = [draft(answers={"n": number}, quantity=number, by=number) for number in range(32)]
    actions.write(drafts=rows[:30], at=AT, pack=pack)
    newest = Entry.objects.order_by("-seq").values_list("seq", flat=True)[0]
    made = sealing.seal(until=newest, at=later(1))
    assert sum(each.count for each in made) == 30
    actions.write(drafts=rows[30:], at=later(2), pack=pack)
    return rows


def _tamper(statement: str, values: Sequence[object] = ()) -> None:
    """Do what only somebody with all rights over the database can do."""
    with connection.cursor() as cursor:
        cursor.execute("set local session_replication_role = replica")
        cursor.execute(statement, values)
        assert cursor.rowcount == 1
        cursor.execute("set local session_replication_role = origin")


@pytest.mark.django_db
class TestTampering:
    """One change each; the report names the seal, and the entry where it can."""

    def test_nothing_done_nothing_found(self, sealed: list[Draft]) -> None:
        report = verification.verify()
        assert report.disagreements == []
        assert (report.sealed, report.unsealed) == (30, 2)

    @pytest.mark.parametrize(
        "change",
        [
            "answers = '{}'",
            "at = at + interval '1 minute'",
            "area = '990101'",
            "kind = 'person'",
            "quantity = 99",
            "exercise = true",
            "subject = gen_random_uuid()",
            "place = ''",
            "personal = 'x'",
        ],
    )
    def test_a_changed_entry_is_named(self, change: str, sealed: list[Draft]) -> None:
        id = sealed[17].id
        _tamper(f"update journal_entry set {change} where id = %s", [id])
        found = verification.verify().disagreements
        assert (found[0].what, found[0].entry) == ("entry", id)
        assert found[1].what == "range"
        assert found[0].seal == found[1].seal

    @pytest.mark.parametrize("change", ["recorded_at = recorded_at - interval '1 day'", "by = 1000", "device = 'x'"])
    def test_what_only_the_seal_covers_is_found_by_its_range(self, change: str, sealed: list[Draft]) -> None:
        seq = Entry.objects.get(pk=sealed[17].id).seq
        _tamper(f"update journal_entry set {change} where seq = %s", [seq])
        (found,) = verification.verify().disagreements
        seal = Seal.objects.get(first__lte=seq, last__gte=seq)
        assert (found.what, found.seal) == ("range", str(seal))

    def test_an_entry_changed_together_with_its_digest_is_found_by_its_range(self, sealed: list[Draft]) -> None:
        entry = Entry.objects.get(pk=sealed[5].id)
        entry.quantity = 77
        _tamper(
            "update journal_entry set quantity = 77, digest = %s where id = %s", [verification.content(entry), entry.id]
        )
        assert [each.what for each in verification.verify().disagreements] == ["range"]

    def test_a_deleted_entry_is_found(self, sealed: list[Draft]) -> None:
        seq = Entry.objects.get(pk=sealed[12].id).seq
        _tamper("delete from journal_entry where seq = %s", [seq])
        (found,) = verification.verify().disagreements
        assert found.what == "range"
        assert found.seal == str(Seal.objects.get(first__lte=seq, last__gte=seq))

    def test_an_entry_slipped_into_a_sealed_range_is_found(self, sealed: list[Draft], pack: Pack) -> None:
        gap = Entry.objects.order_by("seq").values_list("seq", flat=True)[3]
        late = draft()
        actions.write(drafts=[late], at=AT, pack=pack)
        _tamper("update journal_entry set seq = %s where id = %s", [gap, late.id])
        assert "range" in [each.what for each in verification.verify().disagreements]

    def test_a_change_after_the_last_seal_is_found_too(self, sealed: list[Draft]) -> None:
        _tamper("update journal_entry set quantity = 98 where id = %s", [sealed[31].id])
        (found,) = verification.verify().disagreements
        assert (found.what, found.entry, found.seal) == ("entry", sealed[31].id, "")

    def test_a_seal_made_again_over_changed_entries_breaks_the_chain(self, sealed: list[Draft]) -> None:
        second = Seal.objects.order_by("last")[1]
        Seal.objects.filter(pk=second.pk).update(root=bytes(32))
        whats = [each.what for each in verification.verify().disagreements]
        assert whats == ["range", "chain"]

    def test_a_seal_taken_away_is_found(self, sealed: list[Draft]) -> None:
        Seal.objects.order_by("last")[1].delete()
        assert {each.what for each in verification.verify().disagreements} == {"chain"}

    def test_the_command_names_what_it_found_and_fails(self, sealed: list[Draft]) -> None:
        id = sealed[17].id
        assert CliRunner().invoke(commands.verify, []).exit_code == 0
        _tamper("update journal_entry set quantity = 99 where id = %s", [id])
        told = CliRunner().invoke(commands.verify, ["--json"])
        assert told.exit_code == 1
        assert json.loads(told.stdout)["disagreements"][0]["entry"] == str(id)


@pytest.mark.django_db
def test_sealing_twice_seals_nothing_twice(sealed: list[Draft]) -> None:
    count = Seal.objects.count()
    assert sealing.seal(until=Seal.objects.order_by("-last")[0].last, at=later(3)) == []
    assert Seal.objects.count() == count


@pytest.mark.django_db
def test_a_day_gets_one_digest_when_it_has_ended(sealed: list[Draft]) -> None:
    morrow = datetime(2020, 2, 6, 0, 5, tzinfo=ids.SHANGHAI)
    assert sealing.digest_days(at=later(60)) == []
    (made,) = sealing.digest_days(at=morrow)
    assert (made.day, made.count) == (date(2020, 2, 5), 30)
    assert sealing.digest_days(at=morrow + timedelta(hours=1)) == []
    told = CliRunner().invoke(commands.digest, ["--day", "2020-02-05"])
    assert bytes(made.chained).hex() in told.stdout
    DayDigest.objects.update(chained=bytes(32))
    assert [each.what for each in verification.verify().disagreements] == ["day"]


@pytest.mark.django_db
def test_days_that_nobody_closed_are_closed_later_with_what_was_sealed_by_then(sealed: list[Draft]) -> None:
    sealing.seal(until=Entry.objects.order_by("-seq")[0].seq, at=later(60 * 24 * 2))
    made = sealing.digest_days(at=later(60 * 24 * 4))
    assert [(each.day.day, each.count) for each in made] == [(5, 30), (6, 30), (7, 32), (8, 32)]


@pytest.mark.django_db(transaction=True)
def test_the_command_seals_up_to_the_horizon(district: None, pack: Pack) -> None:
    actions.write(drafts=[draft() for _ in range(3)], at=AT, pack=pack)
    told = CliRunner().invoke(commands.seal, [])
    assert "over 3 entries" in told.stdout
    assert Seal.objects.order_by("-last")[0].last == Horizon().advance()

"""The horizon never passes an entry that is still being written."""

from collections.abc import Iterator
from datetime import date

import psycopg
import pytest
from django.db import connection, transaction
from small_district import AT, draft

from lianfang.journal import actions, ids, partitions
from lianfang.journal.horizon import Horizon
from lianfang.journal.models import Entry
from lianfang.pack import Pack

pytestmark = pytest.mark.django_db(transaction=True)
INSERT = """
insert into journal_entry (id, at, recorded_at, exercise, digest, kind, area, place, unit, device, answers)
values (%s, %s, %s, false, '', 'k', 'a', '', '', '', '{}') returning seq
"""


@pytest.fixture
def writer() -> Iterator[psycopg.Connection]:
    """Return a connection of its own, in a transaction."""
    partitions.ensure({AT.date()})
    told = connection.settings_dict
    with psycopg.connect(
        dbname=told["NAME"], user=told["USER"], password=told["PASSWORD"], host=told["HOST"], port=told["PORT"] or None
    ) as made:
        yield made
        made.rollback()


def _insert(writer: psycopg.Connection) -> int:
    row = writer.execute(INSERT, [ids.make(AT), AT, AT]).fetchone()
    assert row is not None
    return int(row[0])


def test_it_reaches_the_newest_number_when_nobody_writes(district: None, pack: Pack) -> None:
    (verdict,) = actions.write(drafts=[draft()], at=AT, pack=pack)
    assert Horizon().advance() == verdict.seq


def test_it_waits_for_a_transaction_that_holds_a_number(district: None, pack: Pack, writer: psycopg.Connection) -> None:
    held = _insert(writer)
    (verdict,) = actions.write(drafts=[draft()], at=AT, pack=pack)
    assert verdict.seq is not None
    assert verdict.seq > held
    horizon = Horizon()
    assert [horizon.advance() for _ in range(3)] == [0, 0, 0]
    writer.commit()
    assert horizon.advance() >= verdict.seq
    assert Entry.objects.after(0, horizon.safe).count() == 2


def test_it_waits_for_the_newest_transaction_too(district: None, writer: psycopg.Connection) -> None:
    # Nothing has been committed after it: a snapshot's own upper end would already call it past.
    held = _insert(writer)
    horizon = Horizon()
    assert horizon.advance() < held
    writer.commit()
    assert horizon.advance() >= held


def test_a_number_given_up_is_passed(district: None, pack: Pack, writer: psycopg.Connection) -> None:
    held = _insert(writer)
    horizon = Horizon()
    horizon.advance()
    writer.rollback()
    assert horizon.advance() >= held
    assert not Entry.objects.filter(seq=held).exists()


def test_a_transaction_has_its_id_before_it_takes_a_number(district: None, writer: psycopg.Connection) -> None:
    # The function that stands for a slow insert sees, while numbers are handed out, whether the id is there.
    row = writer.execute(
        INSERT.replace("'{}'", "to_jsonb(pg_current_xact_id_if_assigned()::text)").replace("seq", "answers"),
        [ids.make(AT), AT, AT],
    ).fetchone()
    assert row is not None
    assert row[0] is not None


def test_it_moves_on_while_somebody_is_always_writing(district: None, pack: Pack, writer: psycopg.Connection) -> None:
    horizon, reached = Horizon(), []
    for _ in range(4):
        held = _insert(writer)
        horizon.advance()
        writer.commit()
        _insert(writer)
        reached.append(horizon.advance() >= held)
        writer.commit()
    assert reached == [True] * 4


def test_asking_when_nothing_is_new_uses_up_no_transaction_ids(district: None, pack: Pack) -> None:
    actions.write(drafts=[draft()], at=AT, pack=pack)
    horizon = Horizon()
    horizon.advance()

    def ids_used() -> int:
        with connection.cursor() as cursor:
            cursor.execute("select pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
            return int(cursor.fetchone()[0])  # type: ignore[index]

    before = ids_used()
    for _ in range(5):
        horizon.advance()
    assert ids_used() == before


def test_a_new_day_is_opened_while_others_write(district: None, writer: psycopg.Connection) -> None:
    day = date(2020, 2, 26)
    with connection.cursor() as cursor:
        cursor.execute("drop table if exists journal_entry_20200226")
        _insert(writer)
        cursor.execute("set lock_timeout = '3s'")
        partitions.ensure({day})
        cursor.execute("reset lock_timeout")
        cursor.execute("select to_regclass('journal_entry_20200226') is not null")
        assert cursor.fetchone() == (True,)
    _insert(writer)


def test_inside_a_writing_transaction_it_says_nothing_while_another_writes(
    district: None, pack: Pack, writer: psycopg.Connection
) -> None:
    _insert(writer)
    with transaction.atomic():
        actions.write(drafts=[draft()], at=AT, pack=pack)
        assert Horizon().advance() == 0
        writer.commit()
        assert Horizon().advance() > 0

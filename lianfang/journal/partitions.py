"""The day partitions of the journal, made when a day is first written to.

There is no default partition: an entry whose day has none is an error, never a row in a corner.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from django.db import connection, transaction
from psycopg import sql

from lianfang.journal import ids

# Any number, as long as nobody else in the house locks by it.
LOCK = 0x4C46_0001
_open: set[date] = set()


def name(day: date) -> str:
    """Return the table of a day."""
    return f"journal_entry_{day:%Y%m%d}"


def ensure(days: Iterable[date]) -> None:
    """Make the partitions of these days that are missing; costs nothing once a day is known.

    A partition is made aside and attached, which lets others go on reading and writing; made in place it would
    wait for, and hold up, every other transaction on the journal.

    Args:
        days: Shanghai days.
    """
    missing = {each for each in days if each not in _open}
    if not missing:
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [LOCK])
        for each in sorted(missing):
            cursor.execute("select to_regclass(%s) is null", [name(each)])
            (absent,) = cursor.fetchone() or (True,)
            if absent:
                for statement in _making(each):
                    cursor.execute(statement)
        # Known only once it is committed: a partition made in a transaction that fails is not there.
        transaction.on_commit(lambda: _open.update(missing))


def _making(day: date) -> list[sql.Composed]:
    low, high = (str(ids.floor(ids.midnight(each))) for each in (day, day + timedelta(days=1)))
    words = {
        "table": sql.Identifier(name(day)),
        "low": sql.Literal(low),
        "high": sql.Literal(high),
        "bounds": sql.Identifier(f"{name(day)}_bounds"),
    }
    statements = [
        "create table {table} (like journal_entry including defaults including constraints including storage)",
        "alter table {table} add constraint {bounds} check (id >= {low}::uuid and id < {high}::uuid)",
        "alter table journal_entry attach partition {table} for values from ({low}) to ({high})",
        "create trigger refuse_truncate before truncate on {table} execute function journal_refuse()",
    ]
    return [sql.SQL(each).format(**words) for each in statements]

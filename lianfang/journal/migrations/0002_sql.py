"""The journal's table: partitioned by the day inside the id, append-only, numbered, with the closed-range mark.

Django cannot declare any of this; `Entry` is therefore an unmanaged model over what is made here.
"""

from django.db import migrations

TABLE = """
create sequence journal_entry_seq as bigint;

create table journal_entry (
    id uuid not null primary key,
    at timestamptz not null,
    recorded_at timestamptz not null,
    seq bigint not null default nextval('journal_entry_seq'),
    by bigint,
    subject uuid,
    corrects uuid,
    exercise boolean not null,
    digest bytea not null,
    kind text collate "C" not null,
    area text collate "C" not null,
    place text collate "C" not null,
    unit text collate "C" not null,
    device text collate "C" not null,
    quantity numeric,
    personal bytea,
    answers jsonb not null
) partition by range (id);
"""

# Measured in batches of 100: the four together cost 6 of the 32 microseconds of an entry.
INDEXES = """
create index journal_entry_number on journal_entry (seq);
create index journal_entry_kind on journal_entry (kind, at);
create index journal_entry_area on journal_entry (area, at);
create index journal_entry_subject on journal_entry (subject, at) where subject is not null;
"""

APPEND_ONLY = """
create function journal_refuse() returns trigger language plpgsql as $$
begin
    raise exception 'the journal is append-only: % refused; write a correction instead', lower(tg_op)
        using errcode = 'restrict_violation';
end $$;

create trigger refuse_change before update or delete on journal_entry for each row execute function journal_refuse();
create trigger refuse_truncate before truncate on journal_entry for each statement execute function journal_refuse();
"""

# A number is taken before the row is written. Without this trigger a transaction could hold a number and not yet a
# transaction id, and the horizon below would not wait for it.
NUMBERED = """
create function journal_enlist() returns trigger language plpgsql as $$
begin
    perform pg_current_xact_id();
    return null;
end $$;

create trigger enlist before insert on journal_entry for each statement execute function journal_enlist();
"""

# Everything numbered up to `noted` was taken by transactions older than `xact`, an id of our own taken afterwards
# (a snapshot's xmax would not do: it may be the id of a transaction still under way). Once no transaction older
# than `xact` runs, every number up to `noted` is visible or will never be. Inside a transaction that has written, our
# own id is too old for that; then nobody else may be writing at all.
HORIZON = """
create function journal_horizon(inout noted bigint, inout xact xid8, out safe bigint) language plpgsql volatile as $$
declare
    latest bigint;
begin
    if pg_current_xact_id_if_assigned() is not null then
        select case when is_called then last_value else 0 end into noted from journal_entry_seq;
        xact := null;
        perform pg_stat_clear_snapshot();
        if not exists (select from pg_stat_activity where backend_xid is not null and pid <> pg_backend_pid()) then
            safe := noted;
        end if;
        return;
    end if;
    if xact is not null and pg_snapshot_xmin(pg_current_snapshot()) >= xact then
        safe := noted;
    end if;
    select case when is_called then last_value else 0 end into latest from journal_entry_seq;
    if noted is null or latest > noted and (safe is not null or xact is null) then
        noted := latest;
        xact := pg_current_xact_id();
        if pg_snapshot_xmin(pg_current_snapshot()) >= xact then
            safe := noted;
        end if;
    end if;
end $$;
"""

BACK = """
drop function journal_horizon(bigint, xid8);
drop table journal_entry;
drop function journal_enlist();
drop function journal_refuse();
drop sequence journal_entry_seq;
"""


class Migration(migrations.Migration):
    dependencies = [("journal", "0001_initial")]
    operations = [migrations.RunSQL(TABLE + INDEXES + APPEND_ONLY + NUMBERED + HORIZON, BACK)]

"""What was published stays as it was: a frozen figure is neither changed nor deleted."""

from django.db import migrations

# Databases made before the numbers were packed throw their snapshots away; the worker makes them anew.
PACKED = """
delete from figures_total;
delete from figures_snapshot;
alter table figures_total alter column numbers type bytea using ''::bytea;
"""
FORWARD = """
create function figures_refuse() returns trigger language plpgsql as $$
begin
    raise exception 'a frozen figure is kept as it was published: % refused', lower(tg_op)
        using errcode = 'restrict_violation';
end $$;

create trigger refuse_change before update or delete on figures_frozen
    for each row execute function figures_refuse();
"""
BACK = """
drop trigger refuse_change on figures_frozen;
drop function figures_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("figures", "0001_initial")]
    operations = [migrations.RunSQL(PACKED + FORWARD, BACK)]

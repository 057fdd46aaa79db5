"""What was published stays as it was: a frozen figure is neither changed nor deleted."""

from django.db import migrations

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
    operations = [migrations.RunSQL(FORWARD, BACK)]

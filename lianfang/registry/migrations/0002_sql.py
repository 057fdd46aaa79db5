"""The two logs can only grow: the database itself refuses to change, delete or empty them."""

from django.db import migrations

REFUSE = """
create function registry_refuse() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only: % refused', tg_table_name, lower(tg_op) using errcode = 'restrict_violation';
end $$;
create trigger refuse_change before update or delete on registry_accesslog
    for each statement execute function registry_refuse();
create trigger refuse_truncate before truncate on registry_accesslog
    for each statement execute function registry_refuse();
create trigger refuse_change before update or delete on registry_act
    for each statement execute function registry_refuse();
create trigger refuse_truncate before truncate on registry_act
    for each statement execute function registry_refuse();
"""
ALLOW = """
drop trigger refuse_change on registry_accesslog;
drop trigger refuse_truncate on registry_accesslog;
drop trigger refuse_change on registry_act;
drop trigger refuse_truncate on registry_act;
drop function registry_refuse();
"""


class Migration(migrations.Migration):
    """Append-only triggers."""

    dependencies = [("registry", "0001_initial")]
    operations = [migrations.RunSQL(REFUSE, ALLOW)]

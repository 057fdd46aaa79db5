"""Acts, prints and citations can only grow: the database itself refuses to change, delete or empty them."""

from django.db import migrations

TABLES = ("bulletins_signoff", "bulletins_print", "bulletins_citation")
FUNCTION = """
create function bulletins_refuse() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only: % refused', tg_table_name, lower(tg_op) using errcode = 'restrict_violation';
end $$;
"""
REFUSE = FUNCTION + "".join(
    f"""
create trigger refuse_change before update or delete on {table}
    for each statement execute function bulletins_refuse();
create trigger refuse_truncate before truncate on {table}
    for each statement execute function bulletins_refuse();
"""
    for table in TABLES
)
ALLOW = (
    "".join(f"drop trigger refuse_change on {each}; drop trigger refuse_truncate on {each};" for each in TABLES)
    + "drop function bulletins_refuse();"
)


class Migration(migrations.Migration):
    """Append-only triggers."""

    dependencies = [("bulletins", "0001_initial")]
    operations = [migrations.RunSQL(REFUSE, ALLOW)]

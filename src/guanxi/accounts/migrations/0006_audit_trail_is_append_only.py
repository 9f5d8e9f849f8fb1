from django.db import migrations

TABLE = 'accounts_auditentry'
SQLITE = """
    create trigger audit_no_{act} before {act} on {table} when old.mac is not null
    begin select raise(abort, 'the audit trail is append-only'); end
"""
POSTGRES = """
    create function audit_append_only() returns trigger language plpgsql as $$
    begin raise exception 'the audit trail is append-only'; end $$;
    create trigger audit_no_change before update or delete on accounts_auditentry
    for each row when (old.mac is not null) execute function audit_append_only();
"""


def close(apps, schema_editor):
    """Have the database itself refuse to change or remove what is linked. SQLite loses triggers when a table is made anew."""
    if schema_editor.connection.vendor == 'postgresql':
        schema_editor.execute(POSTGRES)
    else:
        for act in ('update', 'delete'):
            schema_editor.execute(SQLITE.format(act=act, table=TABLE))


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0005_audit_trail_roles_and_invitations'),
    ]

    operations = [migrations.RunPython(close, migrations.RunPython.noop)]

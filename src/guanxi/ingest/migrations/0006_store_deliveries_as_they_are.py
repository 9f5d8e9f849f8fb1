from django.db import migrations


def store_as_they_are(apps, schema_editor):
    """Have PostgreSQL not try to compress what is sealed: it never becomes smaller."""
    if schema_editor.connection.vendor == 'postgresql':
        schema_editor.execute('alter table ingest_delivery alter column sealed set storage external')


class Migration(migrations.Migration):

    dependencies = [
        ('ingest', '0005_webhooks'),
    ]

    operations = [
        migrations.RunPython(store_as_they_are, migrations.RunPython.noop, elidable=False),
    ]

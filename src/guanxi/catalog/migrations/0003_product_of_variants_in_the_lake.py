from django.db import migrations
from django.db.models import F


def export_again(apps, schema_editor):
    """The lake's products name the product of each variant from now on."""
    apps.get_model("catalog", "Variant").objects.update(version=F("version") + 1, lake_batch=None)


class Migration(migrations.Migration):
    dependencies = [("catalog", "0002_spell_names_for_search")]

    operations = [migrations.RunPython(export_again, migrations.RunPython.noop)]

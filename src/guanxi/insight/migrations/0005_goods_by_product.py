"""The figures of goods count by product now. Without a run they are computed anew at once."""

from typing import Any

from django.db import migrations


def forget(apps: Any, _schema: Any) -> None:
    apps.get_model("insight", "GoodsRun").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("insight", "0004_rfm_cells_and_past")]
    operations = [migrations.RunPython(forget, migrations.RunPython.noop)]

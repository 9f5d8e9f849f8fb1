"""Two indexes of events less to keep for what is nobody's, which is most of what happens.

The index of the foreign key goes by its name: as an alteration of the field it would write all events anew on SQLite.
"""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

NAME = "customers_event_customer_id_85be2d97"
ONES = models.Q(customer__isnull=False)
STORY = ["customer", "-occurred_at", "-id", "name"]


class Migration(migrations.Migration):
    dependencies: ClassVar = [("customers", "0023_what_has_left_the_book")]

    operations: ClassVar = [
        migrations.RemoveIndex(model_name="event", name="event_story"),
        migrations.AddIndex(
            model_name="event", index=models.Index(fields=STORY, condition=ONES, name="event_story")
        ),
        migrations.SeparateDatabaseAndState(
            [
                migrations.RunSQL(
                    f"drop index if exists {NAME}", f"create index {NAME} on customers_event (customer_id)"
                )
            ],
            [
                migrations.AlterField(
                    model_name="event",
                    name="customer",
                    field=models.ForeignKey(
                        "customers.customer", django.db.models.deletion.PROTECT, null=True, blank=True,
                        related_name="events", db_index=False,
                    ),
                )
            ],
        ),
    ]  # fmt: skip

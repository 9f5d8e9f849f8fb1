"""What each customer bought and paid, added up from the orders there are."""

import django.db.models.deletion
from django.db import migrations, models

# The plus keeps SQLite from going through the orders by an index: all of them are read where they lie.
FILL = """
    insert into orders_purchases (customer_id, orders, net_minor, priced, first_on, last_on)
    select +customer_id, count(*), coalesce(sum(net_base_minor), 0), count(net_base_minor), min(placed_on), max(placed_on)
    from orders_order where paid_at is not null and +customer_id > 0 group by +customer_id order by +customer_id
"""


class Migration(migrations.Migration):

    dependencies = [
        ('customers', '0008_find_consents_by_channel'),
        ('orders', '0005_find_orders_by_their_states'),
    ]

    operations = [
        migrations.CreateModel(
            name='Uncounted',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('first_id', models.BigIntegerField()),
                ('last_id', models.BigIntegerField()),
            ],
            options={
                'verbose_name_plural': 'uncounted',
            },
        ),
        migrations.CreateModel(
            name='Purchases',
            fields=[
                ('customer', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='purchases', serialize=False, to='customers.customer')),
                ('orders', models.PositiveIntegerField()),
                ('net_minor', models.BigIntegerField()),
                ('priced', models.PositiveIntegerField()),
                ('first_on', models.DateField()),
                ('last_on', models.DateField()),
            ],
            options={
                'verbose_name_plural': 'purchases',
                'indexes': [models.Index(fields=['net_minor', 'customer'], name='purchases_by_net'), models.Index(fields=['orders', 'customer'], name='purchases_by_orders'), models.Index(fields=['last_on', 'customer'], name='purchases_by_last')],
            },
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),  # the indexes are made after it, of all rows at once
        migrations.RemoveIndex(model_name='order', name='order_figures'),
    ]

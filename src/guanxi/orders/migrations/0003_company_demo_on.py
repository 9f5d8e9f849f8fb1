from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0002_open_orders_by_payment'),
    ]

    operations = [
        migrations.AddField(
            model_name='company',
            name='demo_on',
            field=models.DateField(blank=True, null=True),
        ),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('customers', '0018_wordings'),
    ]

    operations = [
        migrations.AddField(
            model_name='sourceprofile',
            name='told',
            field=models.JSONField(blank=True, editable=False, null=True),
        ),
    ]

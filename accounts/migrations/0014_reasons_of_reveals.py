"""A look at a personal field says why; those of before have no reason."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0013_news"),
    ]

    operations = [
        migrations.AddField(
            model_name="auditentry",
            name="reason",
            field=models.CharField(blank=True, default="", max_length=200),
            preserve_default=False,
        ),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0003_cancel_reason")]

    operations = [
        migrations.AddField("orderevent", "code", models.CharField(blank=True, default="", max_length=32), False),
        migrations.AddField("orderevent", "params", models.JSONField(default=dict)),
    ]

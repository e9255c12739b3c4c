from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0007_money_for_people")]

    operations = [migrations.AddField("payment", "ask_at", models.DateTimeField(blank=True, null=True))]

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0008_payment_ask_at")]

    operations = [migrations.AddField("orderline", "may_contain", models.CharField(blank=True, default="", max_length=255), False)]

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("checkout", "0003_cart_without_shop"),
    ]

    operations = [
        migrations.AddField(
            model_name="cart",
            name="presses",
            field=models.JSONField(blank=True, default=list),
        ),
    ]

from django.db import migrations, models

import stock.models.shop


class Migration(migrations.Migration):
    dependencies = [
        ("stock", "0004_shop_bounds"),
    ]

    operations = [
        migrations.AlterField(
            model_name="shop",
            name="letter",
            field=models.CharField(
                max_length=2, validators=[stock.models.shop.check_letter], verbose_name="marker letter"
            ),
        ),
    ]

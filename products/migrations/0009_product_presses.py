from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("products", "0008_plain_words_for_alt")]

    operations = [
        migrations.AddField(
            model_name="product",
            name="presses",
            field=models.JSONField(blank=True, default=list),
        ),
    ]

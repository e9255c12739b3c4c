"""The shop of a cart is the one of the visitor's cookie: the column was never read."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("checkout", "0002_initial")]

    operations = [migrations.RemoveField(model_name="cart", name="shop")]

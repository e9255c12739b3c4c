"""The price lists sort and filter by is the one they print: of 100 g or ml, no more of one."""

from decimal import Decimal

from django.db import migrations
from django.db.models import Q

HUNDRED, MOST = Decimal(100), Decimal(99_999_999)


def as_printed(apps, schema_editor):
    """Set the from-price of the products that have a variant sold by the gram or millilitre on sale."""
    Product, Sku = apps.get_model("products", "Product"), apps.get_model("products", "Sku")
    on_sale = Sku.objects.filter(Q(supplier=None) | Q(supplier__is_active=True), is_active=True, price_now__isnull=False)
    small = on_sale.filter(unit__in=("g", "ml")).order_by().values_list("product_id", flat=True).distinct()
    for product_id in small.iterator():
        prices = on_sale.filter(product_id=product_id).values_list("unit", "price_now")
        printed = [min(price * HUNDRED, MOST) if unit in ("g", "ml") else price for unit, price in prices]
        Product.objects.filter(pk=product_id).update(from_price=min(printed))


class Migration(migrations.Migration):
    dependencies = [("products", "0003_names_are_no_keys")]

    operations = [migrations.RunPython(as_printed, migrations.RunPython.noop)]

"""Begin the history of each SKU that exists with the terms it has; older changes stay in the audit."""

from django.db import migrations
from django.utils import timezone

QUANTITIES = ("step", "min_quantity", "max_quantity", "net_amount")
OTHERS = ("code", "unit", "net_unit", "barcode", "supplier_id", "sort_order", "is_active")
CHUNK = 1000


def spell(quantity):
    return None if quantity is None else f"{quantity.normalize():f}"


def params_of(sku):
    options = {str(row.attribute_id): row.value_id for row in sku.options.all()}
    quantities = {name: spell(getattr(sku, name)) for name in QUANTITIES}
    terms = {name: getattr(sku, name) for name in OTHERS} | quantities | {"options": options}
    return {"before": {}, "after": terms}


def record_terms(apps, schema_editor):
    events = apps.get_model("products", "SkuEvent").objects
    skus = apps.get_model("products", "Sku").objects.prefetch_related("options")
    ids = list(skus.filter(events=None).order_by("pk").values_list("pk", flat=True))
    now = timezone.now()
    for start in range(0, len(ids), CHUNK):
        events.bulk_create(
            events.model(sku_id=sku.pk, code="recorded", params=params_of(sku), actor_label="setup", at=now)
            for sku in skus.filter(pk__in=ids[start : start + CHUNK]).order_by("pk")
        )


class Migration(migrations.Migration):
    dependencies = [("products", "0006_sku_events")]

    operations = [migrations.RunPython(record_terms, migrations.RunPython.noop)]

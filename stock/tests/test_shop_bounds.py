"""The limits of a shop's settings: in the form, in the database, and for settings saved before they existed."""

from importlib import import_module

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from stock.models import Shop
from stock.models.shop import BOUNDS
from stock.tests.factories import make_shop

pytestmark = pytest.mark.django_db
clamp = import_module("stock.migrations.0004_shop_bounds").clamp

OUTSIDE = [
    (field, value) for field, (lowest, highest) in BOUNDS.items() for value in (lowest - 1, highest + 1) if value >= 0
]


@pytest.mark.parametrize(("field", "value"), OUTSIDE)
def test_a_value_out_of_range_is_refused_by_the_form_and_by_the_database(field, value):
    shop = make_shop()
    before = getattr(shop, field)
    setattr(shop, field, value)

    with pytest.raises(ValidationError) as refusal:
        shop.clean_fields()
    with pytest.raises(IntegrityError), transaction.atomic():
        Shop.objects.filter(pk=shop.pk).update(**{field: value})

    assert list(refusal.value.message_dict) == [field]
    assert getattr(Shop.objects.get(), field) == before


@pytest.mark.parametrize(("field", "value"), [(field, bound) for field in BOUNDS for bound in BOUNDS[field]])
def test_a_value_on_the_limit_is_accepted(field, value):
    shop = make_shop()
    setattr(shop, field, value)

    shop.full_clean(exclude=["name", "address"])
    shop.save()

    assert getattr(Shop.objects.get(), field) == value


def test_an_older_value_out_of_range_is_moved_to_the_nearest_limit():
    low, high, kept = make_shop("low"), make_shop("high"), make_shop("kept", hold_days=3)
    with connection.cursor() as cursor:
        for field in BOUNDS:
            cursor.execute(f"ALTER TABLE stock_shop DROP CONSTRAINT shop_{field}")
    Shop.objects.filter(pk=low.pk).update(hold_minutes=0, hold_days=0)
    Shop.objects.filter(pk=high.pk).update(hold_minutes=32767, hold_days=32767, due_soon_minutes=32767)

    clamp(apps, None)

    low.refresh_from_db()
    high.refresh_from_db()
    kept.refresh_from_db()
    assert (low.hold_minutes, low.hold_days) == (5, 1)
    assert (high.hold_minutes, high.hold_days, high.due_soon_minutes) == (1440, 60, 1440)
    assert (kept.hold_minutes, kept.hold_days) == (30, 3)

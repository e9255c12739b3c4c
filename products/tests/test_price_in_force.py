"""The database and Python agree about the price in force."""

import datetime as dt
from decimal import Decimal
from random import Random

import pytest

from products.models import Price, Sku
from products.prices import amount_in_force, in_force, price_in_force, price_to_come, prices_of
from products.tests.factories import make_price, make_sku

pytestmark = [pytest.mark.django_db, pytest.mark.violates]
HOUR = dt.timedelta(hours=1)


@pytest.mark.parametrize("seed", range(5))
def test_sql_and_python_find_the_same_price_among_random_rows(at, seed):
    random = Random(seed)
    skus = [make_sku(code=f"S{number}", price=None) for number in range(8)]
    for sku in skus:
        for _price in range(random.randrange(7)):
            # Few start times, so that many rows share one; the later row is not always the dearer.
            make_price(sku, random.randrange(1, 900), starts_at=at + random.randrange(-3, 4) * HOUR)
    moments = [at + hours * HOUR for hours in (-4, -1, 0, 2, 5)]

    for moment in moments:
        by_sql = dict(Sku.objects.annotate(amount=amount_in_force(moment)).values_list("pk", "amount"))
        for sku in skus:
            rows = list(Price.objects.filter(sku=sku))
            random.shuffle(rows)
            found = price_in_force(rows, moment)
            assert found == in_force(sku.pk, moment).first()
            assert by_sql[sku.pk] == (found.amount if found else None)
            coming = price_to_come(rows, moment)
            assert coming == (in_force(sku.pk, coming.starts_at).first() if coming else None)
            assert bool(coming) == Price.objects.filter(sku=sku, starts_at__gt=moment).exists()


def test_of_two_prices_with_the_same_start_the_later_row_is_in_force(at):
    sku = make_sku(price="5.00")
    for amount in ("6.00", "7.00"):
        make_price(sku, amount, starts_at=at + HOUR)
    make_price(sku, "8.00", starts_at=at + 2 * HOUR)

    coming = price_to_come(prices_of([sku.pk]), at)

    assert coming.amount == Decimal("7.00")

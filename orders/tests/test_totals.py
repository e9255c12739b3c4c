"""An order's total is the sum of its parts on both databases, also where floats are a little off."""

import random
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from orders.models import Order
from orders.tests.factories import make_order

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite, pytest.mark.violates]


def cents(rng: random.Random, most: int) -> Decimal:
    return Decimal(rng.randint(0, most)) / 100


def test_any_total_that_adds_up_is_kept_and_no_other(at):
    order, rng = make_order(at), random.Random("totals")
    figures = [(Decimal("27.17"), Decimal("0.52"), Decimal(0))]
    figures += [(cents(rng, 10**6), cents(rng, 100), cents(rng, 1000)) for _ in range(300)]

    for goods, discount, delivery in figures:
        parts = {"goods_total": goods + 1, "discount_total": discount, "delivery_total": delivery}
        total = goods + 1 - discount + delivery
        Order.objects.filter(pk=order.pk).update(**parts, total=total)
        for wrong in (total - Decimal("0.01"), total + Decimal("0.01")):
            with pytest.raises(IntegrityError), transaction.atomic():
                Order.objects.filter(pk=order.pk).update(total=wrong)

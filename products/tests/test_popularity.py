"""Popularity: hand-overs of the last ninety days, and the initial order of a shop that has sold nothing."""

import datetime as dt
from decimal import Decimal

import pytest

from common.actors import WORKER
from products.models import Product, Sku
from products.services import rows
from products.services.popularity import count_popularity
from products.tests.factories import make_product
from stock.services.issue import issue
from stock.services.reserve import reserve
from stock.tests.factories import make_shop

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def shelf():
    shop = make_shop()
    for code in ("LOAF", "BUN", "TART"):
        make_product(code.title(), codes=(code,), stock={shop: 90})
    return shop


def sell(shop, code: str, times: int, at: dt.datetime) -> None:
    for number in range(times):
        reference = f"{code}-{at:%j}-{number}"
        wanted = {Sku.objects.get(code=code).pk: Decimal(1)}
        reserve(shop_id=shop.pk, wanted=wanted, reference=reference, expires_at=None, at=at)
        issue(reference=reference, actor=WORKER, at=at)


def popularity() -> dict[str, int]:
    return dict(Product.objects.values_list("skus__code", "popularity"))


def test_hand_overs_of_ninety_days_count(shelf, at):
    Product.objects.filter(skus__code="TART").update(popularity=7)
    sell(shelf, "LOAF", 2, at - DAY)
    sell(shelf, "LOAF", 3, at - 91 * DAY)
    sell(shelf, "BUN", 1, at)

    assert count_popularity(at=at) == 3
    assert popularity() == {"LOAF": 2, "BUN": 1, "TART": 0}
    assert count_popularity(at=at) == 0


def test_a_shop_that_has_sold_nothing_keeps_its_order(shelf, at):
    Product.objects.filter(skus__code="TART").update(popularity=7)
    rows.refresh(Product.objects.values_list("pk", flat=True))

    assert count_popularity(at=at) == 0
    assert popularity() == {"LOAF": 0, "BUN": 0, "TART": 7}

"""Each invariant of products finds its planted violation."""

import datetime as dt
from decimal import Decimal

import pytest

from common.actors import WORKER
from common.outbox.services import deliver_due, enqueue
from products import invariants
from products.models import Attribute, AttributeValue, Price, Product, ProductPage, Sku
from products.services.skus import create_sku, update_sku
from products.tests.factories import make_level, make_price, make_product
from stock.models import StockLevel
from stock.tests.factories import make_shop

pytestmark = [pytest.mark.django_db, pytest.mark.violates]


def found(check, at):
    return list(check(at))


def test_a_consistent_product_violates_nothing(at):
    make_product(stock={make_shop(): 5})

    for check in (
        invariants.published_products_have_a_price,
        invariants.sorted_by_price_in_force,
        invariants.product_rows_agree,
        invariants.pages_name_their_product,
        invariants.skus_without_page_are_archived,
        invariants.terms_agree_with_their_history,
    ):
        assert found(check, at) == []


def test_a_published_product_without_a_price_in_force_is_found(at):
    page = make_product(price=None)
    make_price(Sku.objects.get(), "4", starts_at=at + dt.timedelta(days=1))

    assert [row["id"] for row in found(invariants.published_products_have_a_price, at)] == [page.pk]


def test_a_price_that_did_not_come_into_force_is_found_after_two_minutes(at):
    make_product(price="3.00")
    make_price(Sku.objects.get(), "4.00", starts_at=at)

    assert found(invariants.sorted_by_price_in_force, at + dt.timedelta(minutes=1)) == []
    late = found(invariants.sorted_by_price_in_force, at + dt.timedelta(minutes=2))
    assert [(row["price_now"], row["in_force"]) for row in late] == [(Decimal("3"), Decimal("4"))]


@pytest.mark.parametrize("column", [{"from_price": Decimal("1")}, {"from_price": None}, {"best_band": 0}], ids=str)
def test_columns_that_differ_from_their_rows_are_found(at, column):
    page = make_product(stock={make_shop(): 50})
    Product.objects.filter(pk=page.product_id).update(**column)

    assert [row["id"] for row in found(invariants.product_rows_agree, at)] == [page.product_id]


def test_a_band_still_in_the_outbox_is_not_a_violation(at):
    page = make_product()
    sku, shop = Sku.objects.get(), make_shop()
    make_level(sku, shop, 50)
    enqueue(event="stock.band_changed", key="b1", payload={"sku_id": sku.pk, "shop_id": shop.pk}, at=at)

    assert found(invariants.product_rows_agree, at) == []
    assert deliver_due(at=at) >= 1
    assert Product.objects.get(pk=page.product_id).best_band == 2
    assert found(invariants.product_rows_agree, at) == []


def test_closing_a_shop_reaches_the_products_through_the_outbox(at):
    shop = make_shop()
    page = make_product(stock={shop: 50})
    shop.is_active = False
    shop.save()
    assert len(found(invariants.product_rows_agree, at)) == 1

    enqueue(event="stock.shop_changed", key="s1", payload={"shop_id": shop.pk}, at=at)
    deliver_due(at=at)

    assert Product.objects.get(pk=page.product_id).best_band == 0
    assert StockLevel.objects.get().band == 2


def test_a_page_without_product_is_found(at):
    page = make_product()
    ProductPage.objects.filter(pk=page.pk).update(product=None)

    assert [row["id"] for row in found(invariants.pages_name_their_product, at)] == [page.pk]


def test_a_sku_on_sale_without_a_page_is_found(at):
    make_product(codes=("GONE",)).delete()

    assert [row["code"] for row in found(invariants.skus_without_page_are_archived, at)] == ["GONE"]
    assert Price.objects.count() == 1


def test_a_published_product_without_tax_class_is_found(at):
    page = make_product()
    Product.objects.filter(pk=page.product_id).update(tax_class=None)

    assert [row["id"] for row in found(invariants.published_products_have_a_tax_class, at)] == [page.pk]


@pytest.mark.parametrize(
    ("change", "row"),
    [
        ({"code": "RYE-2"}, {"term": "code", "in_row": "RYE-2", "in_history": "RYE"}),
        ({"min_quantity": Decimal(3)}, {"term": "min_quantity", "in_row": "3", "in_history": "1"}),
        ({"max_quantity": Decimal(9)}, {"term": "max_quantity", "in_row": "9", "in_history": "5"}),
        ({"is_active": False}, {"term": "is_active", "in_row": False, "in_history": True}),
    ],
    ids=["article", "minimum", "maximum", "archived"],
)
def test_terms_changed_without_an_event_are_found(at, change, row):
    sku = create_sku(product_id=make_product(codes=()).product_id, code="RYE", actor=WORKER, at=at)
    update_sku(sku_id=sku.pk, max_quantity=Decimal(5), actor=WORKER, at=at)
    assert found(invariants.terms_agree_with_their_history, at) == []

    Sku.objects.filter(pk=sku.pk).update(**change)

    assert found(invariants.terms_agree_with_their_history, at) == [{"sku_id": sku.pk, **row}]


def test_options_changed_without_an_event_are_found(at):
    sku = create_sku(product_id=make_product(codes=()).product_id, code="RYE", actor=WORKER, at=at)
    size = Attribute.objects.create(code="size", name={"en": "Size"})

    sku.options.create(attribute=size, value=AttributeValue.objects.create(attribute=size, code="s"))

    assert [row["term"] for row in found(invariants.terms_agree_with_their_history, at)] == ["options"]

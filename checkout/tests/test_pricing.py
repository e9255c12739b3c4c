"""Pricing: a cart's lines contain everything a promotion may need."""

from decimal import Decimal as D

import pytest

from checkout.services import pricing
from checkout.services.pricing import price_lines
from checkout.services.quote import ANYBODY, QuoteInput
from checkout.tests.factories import make_cart
from products.models import Attribute, AttributeValue, ProductAttribute, Sku, SkuOption
from products.offers import offers_for
from products.tests.factories import make_category, make_product

pytestmark = pytest.mark.django_db


def make_value(attribute, code):
    return AttributeValue.objects.create(attribute=attribute, code=code, label={"en": code.title()})


def test_a_line_names_product_categories_and_the_values_of_product_and_variant(shop, at, monkeypatch):
    bread, rye = make_category("Bread"), make_category("Rye")
    flour, size = (Attribute.objects.create(code=code, kind="choice") for code in ("flour", "size"))
    of_page, of_variant, _other = make_value(flour, "rye"), make_value(size, "l"), make_value(size, "s")
    page = make_product("Miche", price="5.20", codes=("MICHE",), categories=[bread, rye], stock={shop: "9"})
    sku = Sku.objects.get()
    ProductAttribute.objects.create(page=page, attribute=flour, value=of_page)
    SkuOption.objects.create(sku=sku, attribute=size, value=of_variant)
    cart = make_cart(at, MICHE="2")
    offers = offers_for([sku.pk], at)
    seen = []
    monkeypatch.setattr(pricing, "quote", lambda lines, **extra: seen.append((lines, extra)))

    price_lines(list(cart.lines.all()), offers)

    line = QuoteInput(
        sku_id=sku.pk,
        quantity=D(2),
        unit_price=D("5.20"),
        tax_rate=D("0.20"),
        product_id=page.product_id,
        category_ids=frozenset({bread.pk, rye.pk}),
        value_ids=frozenset({of_page.pk, of_variant.pk}),
    )
    assert seen == [([line], {"customer": ANYBODY, "currency": "EUR"})]

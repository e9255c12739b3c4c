"""Offers: price in force, unit price, bands per shop, reasons not to sell; as many queries for forty as for one."""

import datetime as dt
from dataclasses import fields
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from wagtail.models import Locale, PageViewRestriction

from products.models import (
    Attribute,
    AttributeValue,
    ProductAllergen,
    ProductAttribute,
    Sku,
    SkuOption,
    Supplier,
    TaxRate,
)
from products.offers import Offer, figures_by_code, figures_for, offers_for, price_to_pay, product_offers
from products.tests.factories import LONG_AGO, make_category, make_price, make_product, make_sku
from stock.models import Band
from stock.tests.factories import make_shop

pytestmark = pytest.mark.django_db
WITHOUT_FIGURES = {"page", "facts", "name"}
FIGURES = [field.name for field in fields(Offer) if field.name not in WITHOUT_FIGURES]


def offer_of(code: str, at: dt.datetime):
    sku = Sku.objects.get(code=code)
    offer = offers_for([sku.pk], at)[sku.pk]
    figures = figures_for([sku.pk], at)[sku.pk]
    to_pay = Sku.objects.annotate(to_pay=price_to_pay(at, "pk")).get(pk=sku.pk).to_pay
    assert to_pay == (offer.price if offer.buyable else None)
    assert [getattr(figures, name) for name in FIGURES] == [getattr(offer, name) for name in FIGURES]
    assert not offer.is_shown or figures.name == offer.name
    return offer


def test_the_price_in_force_is_the_latest_that_has_started(at):
    make_product(codes=("RYE",), price="3.90")
    sku = Sku.objects.get(code="RYE")
    make_price(sku, "4.20", at - dt.timedelta(hours=1))
    make_price(sku, "9.99", at + dt.timedelta(hours=1))
    Sku.objects.filter(pk=sku.pk).update(price_now=Decimal("4.20"))
    sku.product.from_price = Decimal("4.20")
    sku.product.save()

    assert offer_of("RYE", at).price == Decimal("4.20")
    assert offer_of("RYE", at + dt.timedelta(hours=2)).price == Decimal("9.99")
    assert offer_of("RYE", LONG_AGO - dt.timedelta(days=1)).why_not == "This has no price yet."


@pytest.mark.parametrize(
    ("fields", "price", "unit_price", "label"),
    [
        ({"unit": "kg", "step": "0.1"}, "9.80", "9.80", "kg"),
        ({"net_amount": Decimal(250), "net_unit": "g"}, "9.80", "39.20", "kg"),
        ({"net_amount": Decimal(500), "net_unit": "ml"}, "2.00", "4.00", "l"),
        ({"unit": "g", "step": "100"}, "0.0098", "9.80", "kg"),
        ({}, "9.80", None, ""),
        ({"unit": "m", "step": "0.5"}, "3.00", None, ""),
    ],
)
def test_the_unit_price_follows_the_unit_or_the_net_content(at, fields, price, unit_price, label):
    make_sku(code="X", price=price, **fields)

    offer = offer_of("X", at)

    assert offer.unit_price == (Decimal(unit_price) if unit_price else None)
    assert offer.unit_price_label == label
    assert isinstance(offer.price, Decimal)


def test_bands_and_quantities_are_given_for_each_active_shop(at):
    canal, market = make_shop("canal"), make_shop("market")
    closed = make_shop("station", is_active=False)
    make_product(codes=("RYE",), stock={canal: 10, market: 2, closed: 9})

    offer = offer_of("RYE", at)

    assert offer.bands == {canal.pk: Band.IN_STOCK, market.pk: Band.FEW}
    assert offer.available == {canal.pk: Decimal(10), market.pk: Decimal(2)}
    assert offer.best_band == Band.IN_STOCK


def test_a_sku_on_sale_is_buyable_even_when_sold_out(at):
    make_product(codes=("RYE",), stock={make_shop(): 0})

    offer = offer_of("RYE", at)

    assert offer.buyable
    assert offer.why_not == ""
    assert offer.best_band == Band.SOLD_OUT


def unpublish(page, sku):
    page.unpublish()


def archive(page, sku):
    Sku.objects.filter(pk=sku.pk).update(is_active=False)
    type(page.product).objects.filter(pk=page.product_id).update(from_price=None)


def stop_supplier(page, sku):
    Sku.objects.filter(pk=sku.pk).update(supplier=Supplier.objects.create(code="mill", name="Mill", is_active=False))
    type(page.product).objects.filter(pk=page.product_id).update(from_price=None)


def restrict(page, sku):
    PageViewRestriction.objects.create(page=page, restriction_type="login")


def restrict_parent(page, sku):
    PageViewRestriction.objects.create(page=page.get_parent(), restriction_type="login")


@pytest.mark.parametrize("break_it", [unpublish, archive, stop_supplier, restrict, restrict_parent])
def test_a_sku_needs_to_be_active_with_a_supplier_and_a_public_page(at, break_it):
    page = make_product(codes=("RYE",))
    break_it(page, Sku.objects.get(code="RYE"))

    offer = offer_of("RYE", at)

    assert not offer.buyable
    assert offer.why_not == "This is not on sale any more."


def test_a_page_in_any_language_is_enough(at):
    page = make_product("Rye loaf", codes=("RYE",))
    russian = Locale.objects.get_or_create(language_code="ru")[0]
    page.get_parent().specific.get_parent().copy_for_translation(russian)
    page.get_parent().copy_for_translation(russian)
    twin = page.copy_for_translation(russian)
    twin.title = "Ржаной"
    twin.save_revision().publish()
    page.unpublish()

    assert offer_of("RYE", at).name == "Ржаной"
    assert offer_of("RYE", at).buyable

    page.refresh_from_db()
    page.save_revision().publish()
    assert offer_of("RYE", at).name == "Rye loaf"
    with translation.override("ru"):
        assert offer_of("RYE", at).name == "Ржаной"


def test_offers_of_a_product_leave_out_archived_skus(at):
    page = make_product(codes=("RYE-1", "RYE-2"))
    Sku.objects.filter(code="RYE-1").update(is_active=False)

    assert [offer.code for offer in product_offers([page.product_id], at)[page.product_id]] == ["RYE-2"]


def count_queries(call) -> int:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        call()
    return len(queries)


def test_the_number_of_queries_does_not_grow(at):
    shops = {make_shop("canal"): 5, make_shop("market"): 0}
    first = make_product(codes=("ONE",), stock=shops)
    one = count_queries(lambda: product_offers([first.product_id], at))
    more = [make_product(f"Loaf {n}", codes=(f"L{n}A", f"L{n}B"), stock=shops) for n in range(8)]

    many = count_queries(lambda: product_offers([page.product_id for page in more], at))

    # SKUs with price, tax, options and levels, pages with covers. Renditions when there are pictures.
    assert one == many == 2


@pytest.mark.parametrize("code", ["", "NONE", "\x00", "RYE\x00", "\ud800", "x" * 5000])
def test_an_unknown_article_has_no_offer(at, code):
    make_product(codes=("RYE",))

    assert figures_by_code("RYE", at).code == "RYE"
    assert figures_by_code(code, at) is None


@pytest.mark.parametrize(
    ("moment", "rate"),
    [
        (dt.datetime(2026, 3, 31, 21, 59, tzinfo=dt.UTC), "0.2"),
        (dt.datetime(2026, 3, 31, 22, 1, tzinfo=dt.UTC), "0.21"),
    ],
)
def test_a_tax_rate_starts_at_midnight_in_the_sites_time_zone(settings, moment, rate):
    settings.TIME_ZONE = "Europe/Amsterdam"
    make_product(codes=("RYE",))
    sku = Sku.objects.get(code="RYE")
    TaxRate.objects.create(tax_class=sku.product.tax_class, rate=Decimal("0.21"), since=dt.date(2026, 4, 1))

    assert offer_of("RYE", moment).tax_rate == Decimal(rate)


def test_a_withdrawn_product_keeps_its_name(at):
    page = make_product("Rye loaf", codes=("RYE",))
    type(page).objects.filter(pk=page.pk).update(first_published_at=at)
    page.refresh_from_db()

    page.unpublish()

    assert offer_of("RYE", at).name == "Rye loaf"


@pytest.mark.parametrize("hide", [lambda page: None, lambda page: restrict(page, None)], ids=["never live", "private"])
def test_a_product_never_visible_is_named_by_its_article(at, hide):
    page = make_product("Secret loaf", codes=("RYE",), live=False)
    hide(page)

    assert offer_of("RYE", at).name == "RYE"


@pytest.mark.sqlite
def test_an_offer_says_all_that_its_rows_say_on_either_database(at):
    size = Attribute.objects.create(code="size", name={"en": "Size", "ru": "Размер"}, sort_order=2)
    cut = Attribute.objects.create(code="cut", name={}, sort_order=1)
    small = AttributeValue.objects.create(attribute=size, code="s", label={"en": "Small", "ru": "Малый"})
    thick = AttributeValue.objects.create(attribute=cut, code="thick", label={})
    canal, market = make_shop("canal"), make_shop("market")
    category = make_category("Bread")
    page = make_product(codes=("RYE",), unit="kg", step="0.1", stock={canal: "0.3", market: "7"}, categories=[category])
    sku = Sku.objects.get()
    SkuOption.objects.create(sku=sku, attribute=size, value=small)
    SkuOption.objects.create(sku=sku, attribute=cut, value=thick)
    for number, (allergen, level) in enumerate([("milk", "contains"), ("gluten", "contains"), ("nuts", "may_contain")]):
        ProductAllergen.objects.create(page=page, allergen=allergen, level=level, sort_order=number)
    ProductAttribute.objects.create(page=page, attribute=size, value=small)
    ProductAttribute.objects.create(page=page, attribute=cut, text="by hand")

    with translation.override("ru"):
        in_russian = offers_for([sku.pk], at)[sku.pk]
    offer = offers_for([sku.pk], at)[sku.pk]

    assert (offer.options_text, in_russian.options_text) == ("thick, Small", "thick, Малый")
    assert list(offer.option_names.values()) == ["cut", "Size"]
    assert offer.option_values == {cut.pk: thick.pk, size.pk: small.pk}
    assert offer.available == {canal.pk: Decimal("0.3"), market.pk: Decimal(7)}
    assert all(isinstance(amount, Decimal) for amount in offer.available.values())
    assert (offer.allergens_text, offer.may_contain_text) == ("Milk, Gluten", "Nuts")
    assert (offer.category_ids, offer.value_ids) == ({category.pk}, {small.pk, thick.pk})


def test_facts_that_are_not_loaded_are_never_taken_for_none(at):
    make_product(codes=("RYE",))

    for name in ("allergens_text", "may_contain_text", "category_ids", "value_ids"):
        with pytest.raises(ValueError, match="RYE are not loaded"):
            getattr(figures_by_code("RYE", at), name)

"""Writers of products wait at the product's row, and buyers are not held up by them."""

from decimal import Decimal

import pytest
from django.db import connection

from checkout.models import Cart
from common.actors import SETUP, WORKER
from products.models import Product, Sku
from products.services import rows
from products.services.prices import apply_due, set_price
from products.services.skus import Terms, archive_orphans, archive_sku, create_sku, update_sku
from products.services.variants import CountEdit, VariantEdit, save_variants
from products.tests.factories import make_price, make_product
from products.versions import version_of
from stock.models import StockLevel
from stock.tests.factories import make_shop
from tests.sessions import Beside, free_rows, holding, open_transaction

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def page():
    return make_product(codes=("A", "B"), stock={make_shop(): 9})


def edits(page, at, **changed):
    found = []
    for sku in Sku.objects.filter(product=page.product_id).order_by("pk"):
        level = StockLevel.objects.get(sku=sku)
        found.append(
            VariantEdit(
                key=str(sku.pk),
                sku_id=sku.pk,
                version=version_of(sku, {}, sku.prices.all()),
                terms=Terms(code=f"{sku.code}-NEW"),
                options={},
                counts=[CountEdit(level.shop_id, Decimal(8), level.on_hand)],
                **changed,
            )
        )
    return found


def save(page, at):
    return save_variants(product_id=page.product_id, edits=edits(page, at), actor=SETUP, at=at)


def due(page, at):
    make_price(page.product.skus.first(), "4.20", starts_at=at)
    return lambda: apply_due(at=at)


WRITERS = {
    "the variants tab": lambda page, at: lambda: save(page, at),
    "a new variant": lambda page, at: lambda: create_sku(product_id=page.product_id, code="C", actor=SETUP, at=at),
    "a new article": lambda page, at: lambda: update_sku(sku_id=first(page), code="C", actor=SETUP, at=at),
    "archiving": lambda page, at: lambda: archive_sku(sku_id=first(page), actor=SETUP, at=at),
    "a price": lambda page, at: (
        lambda: set_price(sku_id=first(page), amount=Decimal(5), starts_at=None, source="test", actor=SETUP, at=at)
    ),
    "prices that fall due": due,
    "columns of lists": lambda page, at: lambda: rows.refresh([page.product_id]),
}


def first(page):
    return Sku.objects.filter(product=page.product_id).order_by("pk").values_list("pk", flat=True)[0]


@pytest.mark.parametrize("writer", WRITERS.values(), ids=WRITERS)
def test_a_writer_waits_for_the_product_before_it_locks_a_variant_or_stock(page, at, writer):
    skus = set(Sku.objects.values_list("pk", flat=True))
    levels = set(StockLevel.objects.values_list("pk", flat=True))
    work = writer(page, at)

    with holding(page.product):
        rival = Beside(work)
        rival.wait_until_blocked()
        held = skus - free_rows(Sku, skus), levels - free_rows(StockLevel, levels)

    rival.join()
    assert held == (set(), set())


def test_archiving_orphans_waits_for_the_product_before_it_locks_a_variant(page, at):
    product, sku = page.product, first(page)
    page.delete()

    with holding(product):
        rival = Beside(lambda: archive_orphans(actor=WORKER, at=at))
        rival.wait_until_blocked()
        free = free_rows(Sku, [sku])

    assert free == {sku}
    assert rival.join() == 2


def test_several_products_are_locked_in_ascending_order(at):
    # The newest row first, as in a table after many updates.
    ids = [make_product(title=f"P{number}", codes=(f"P{number}",)).product_id for number in range(4)]
    for pk in reversed(ids):
        Product.objects.filter(pk=pk).update(popularity=1)

    with holding(Product.objects.get(pk=ids[1])):
        rival = Beside(lambda: rows.refresh(reversed(ids)))
        rival.wait_until_blocked()
        free = free_rows(Product, ids)

    rival.join()
    assert free == set(ids[2:])


@pytest.mark.violates("I41")  # the price is moved by hand
def test_columns_of_lists_follow_rows_committed_while_they_waited(page):
    with holding(page.product) as rival_price:
        waiting = Beside(lambda: rows.refresh([page.product_id]))
        waiting.wait_until_blocked()
        rival_price.execute("UPDATE products_sku SET price_now = 2.5")
        rival_price.connection.commit()

    waiting.join()
    assert Product.objects.get(pk=page.product_id).from_price == Decimal("2.5")


def test_a_buyer_of_the_variant_does_not_hold_up_a_change_of_its_article(page, at):
    sku, cart = first(page), Cart.objects.create(created_at=at, updated_at=at)

    with open_transaction() as buyer:
        buyer.execute("SET CONSTRAINTS ALL IMMEDIATE")
        buyer.execute(
            "INSERT INTO checkout_cartline (cart_id, sku_id, quantity, added_at) VALUES (%s, %s, 1, %s)",
            [cart.pk, sku, at],
        )
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '100ms'")
        try:
            saved = save(page, at)
        finally:
            with connection.cursor() as cursor:
                cursor.execute("RESET lock_timeout")

    assert [sku.code for sku in saved] == ["A-NEW", "B-NEW"]


def test_an_editor_renaming_and_archiving_does_not_hold_up_a_buyer(page, at):
    sku, cart = first(page), Cart.objects.create(created_at=at, updated_at=at)
    with open_transaction() as editor:
        editor.execute("UPDATE products_product SET tax_class_id = NULL")
        editor.execute("UPDATE products_sku SET code = code || '-NEW', barcode = code, is_active = false")
        with open_transaction() as buyer:
            buyer.execute("SET LOCAL lock_timeout = '100ms'")
            buyer.execute("SET CONSTRAINTS ALL IMMEDIATE")
            buyer.execute(
                "INSERT INTO checkout_cartline (cart_id, sku_id, quantity, added_at) VALUES (%s, %s, 1, %s)",
                [cart.pk, sku, at],
            )
            inserted = buyer.rowcount

    assert inserted == 1

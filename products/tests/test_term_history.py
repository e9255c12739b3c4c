"""The tab says in words who changed the terms of a variant."""

import re
from decimal import Decimal

import pytest

from common.actors import WORKER, Actor
from products.editing.variants_table import HISTORY, variant_table
from products.models import Attribute, AttributeValue, SkuEvent, Supplier
from products.services.skus import archive_sku, create_sku, restore_sku, update_sku
from products.tests.factories import make_product
from products.tests.test_panel import loaf, manager, row, send, shop, terms
from tests.markup import squeezed

pytestmark = pytest.mark.django_db
__all__ = ["loaf", "manager", "shop"]
ANNA = Actor("Anna")


@pytest.fixture
def rye(at):
    draft = make_product(codes=(), live=False)
    return create_sku(product_id=draft.product_id, code="rye", actor=WORKER, at=at)


def history_of(sku, at):
    [row] = variant_table(sku.product_id, at).rows
    return [(change.text, change.by) for change in row.changes]


def test_each_change_is_a_line_with_its_author_newest_first(rye, at):
    update_sku(sku_id=rye.pk, code="rye-2", step=Decimal("0.5"), unit="kg", actor=ANNA, at=at)
    archive_sku(sku_id=rye.pk, actor=ANNA, at=at)
    restore_sku(sku_id=rye.pk, actor=WORKER, at=at)

    assert history_of(rye, at) == [
        ("Restored", "worker"),
        ("Archived", "Anna"),
        ("Article: RYE → RYE-2; Sold by: pc → kg; Step: 1 → 0.5; Minimum: 1 → 0.5", "Anna"),
        ("Added", "worker"),
    ]


def test_options_supplier_and_position_are_shown_by_name(rye, at):
    size = Attribute.objects.create(code="size", name={"en": "Size"})
    small = AttributeValue.objects.create(attribute=size, code="s", label={"en": "Small"})
    mill = Supplier.objects.create(code="mill", name="Mill")
    update_sku(
        sku_id=rye.pk, options={size.pk: small.pk}, supplier_id=mill.pk, sort_order=2, barcode="4006", actor=ANNA, at=at
    )

    text = "Barcode: none → 4006; Supplier: none → Mill; Position: 1 → 3; Size: none → Small"
    assert history_of(rye, at)[0] == (text, "Anna")


def test_a_name_deleted_since_is_shown_as_deleted(rye, at):
    size = Attribute.objects.create(code="size", name={"en": "Size"})
    small = AttributeValue.objects.create(attribute=size, code="s", label={"en": "Small"})
    mill = Supplier.objects.create(code="mill", name="Mill")
    update_sku(sku_id=rye.pk, options={size.pk: small.pk}, supplier_id=mill.pk, actor=ANNA, at=at)
    update_sku(sku_id=rye.pk, options={}, supplier_id=None, actor=ANNA, at=at)
    size.delete()
    mill.delete()

    assert (
        history_of(rye, at)[0][0] == "Supplier: a deleted supplier → none; a deleted attribute: a deleted value → none"
    )


def test_a_freed_article_is_shown_with_both_names(rye, at):
    SkuEvent.objects.create(
        sku=rye, code="article_freed", params={"before": {"code": "A"}, "after": {"code": "RYE"}}, at=at
    )

    assert history_of(rye, at)[0][0] == "Article: A → RYE"


def test_only_the_latest_lines_are_shown(rye, at):
    for number in range(HISTORY + 3):
        update_sku(sku_id=rye.pk, code=f"R{number}", actor=ANNA, at=at)

    assert len(history_of(rye, at)) == HISTORY
    assert history_of(rye, at)[0][0] == "Article: R11 → R12"


def test_the_tab_shows_its_own_saves(manager, loaf):
    html = send(manager, loaf, row(loaf, "A", **terms(max_quantity="7"))).json()["html"]

    assert re.findall(r"<li><b>([^<]+)</b>, [^<]+, by (\w+)</li>", squeezed(html)) == [("Maximum: none → 7", "Anna")]

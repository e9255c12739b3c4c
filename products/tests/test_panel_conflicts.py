"""Two editors on the variants tab: nothing is overwritten, and each is shown the stored figures."""

import datetime as dt
from dataclasses import fields
from decimal import Decimal

import pytest

from common.actors import WORKER
from products.editing.variants_table import variant_table
from products.models import Price, Product, Sku
from products.services.prices import set_price
from products.services.skus import Terms, archive_sku
from products.tests.factories import make_tax_class
from products.tests.test_panel import loaf, manager, row, send, shop
from stock.models import StockLevel
from stock.services.count import count

pytestmark = pytest.mark.django_db
__all__ = ["loaf", "manager", "shop"]


def test_a_conflict_returns_the_stored_figures_so_that_saving_again_works(manager, loaf, shop, at):
    stale = row(loaf, "A", price="1.00", stock={str(shop.pk): {"counted": "8", "seen": "9"}})
    sku = Sku.objects.get(code="A")
    set_price(sku_id=sku.pk, amount=Decimal("8"), starts_at=None, source="grid", actor=WORKER, at=at)
    count(shop_id=shop.pk, sku_id=sku.pk, counted=Decimal("5"), actor=WORKER, at=at)

    now = send(manager, loaf, stale, row(loaf, "B", price="4")).json()["now"]

    assert list(now) == [stale["key"]]
    shown = now[stale["key"]]["fields"]
    assert (shown["price"], shown[f"stock_{shop.pk}"], shown["code"], shown["archived"]) == ("8.00", "5", "A", "")
    again = stale | {"version": now[stale["key"]]["version"], "stock": {str(shop.pk): {"counted": "8", "seen": "5"}}}
    assert send(manager, loaf, again).status_code == 200
    assert Sku.objects.get(code="A").price_now == Decimal("1")
    assert StockLevel.objects.get(sku=sku).on_hand == Decimal("8")


def test_a_conflict_reports_a_future_price_and_archiving(manager, loaf, at, stopped_clock):
    stale = row(loaf, "A", price="1.00")
    sku = Sku.objects.get(code="A")
    friday = at + dt.timedelta(days=3)
    set_price(sku_id=sku.pk, amount=Decimal("8"), starts_at=friday, source="grid", actor=WORKER, at=at)
    archive_sku(sku_id=sku.pk, actor=WORKER, at=at)

    shown = send(manager, loaf, stale).json()["now"][stale["key"]]["fields"]

    assert shown["planned"].startswith("8.00 from ") and shown["archived"] == "on"


def test_a_conflict_returns_every_figure_an_editor_may_change(loaf):
    stored = next(iter(variant_table(loaf.product_id, Price.objects.latest("pk").created_at).rows)).stored

    assert {field.name for field in fields(Terms)} - {"sort_order", "supplier_id"} <= set(stored)


@pytest.mark.parametrize("seen", ["first", None], ids=["saw the first class", "saw none"])
def test_a_tax_class_chosen_by_somebody_else_is_not_overwritten(manager, loaf, seen):
    first, second, third = loaf.product.tax_class, make_tax_class("zero", "0.0000"), make_tax_class("full", "0.2100")
    assert send(manager, loaf, tax_class=second.pk, tax_seen=first.pk).status_code == 200

    response = send(manager, loaf, tax_class=third.pk, tax_seen=first.pk if seen else "")
    again = send(manager, loaf, tax_class=third.pk, tax_seen=response.json()["tax_class"])

    assert (response.status_code, response.json()["tax_class"]) == (409, second.pk)
    assert "Somebody chose another tax class meanwhile" in response.json()["message"]
    assert (again.status_code, Product.objects.get(pk=loaf.product_id).tax_class) == (200, third)

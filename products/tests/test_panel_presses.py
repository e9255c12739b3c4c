"""A save of the variants tab whose answer was lost is repeated with its key, and counts once."""

from decimal import Decimal

import pytest

from products.models import Price, Product, Sku
from products.models.product import MAX_PRESSES
from products.tests.factories import make_product
from products.tests.test_panel import loaf, manager, row, send, shop, terms
from stock.models import StockMovement

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped_clock")]
__all__ = ["loaf", "manager", "shop"]
KEY, OTHER = "a" * 32, "b" * 32


def test_a_repeated_press_changes_prices_and_counts_once(manager, loaf, shop):
    sent = row(loaf, "A", price="4.25", stock={str(shop.pk): {"counted": "7", "seen": "9"}})

    first, second = (send(manager, loaf, sent, press=KEY) for _press in range(2))

    assert (first.status_code, second.status_code) == (200, 200)
    assert second.json()["message"] == "Variants saved."
    assert second.json()["html"] == first.json()["html"]
    assert Price.objects.filter(sku__code="A").count() == 2
    assert list(StockMovement.objects.filter(kind="count").values_list("quantity", flat=True)) == [Decimal(-2)]


def test_a_repeated_press_adds_a_variant_once(manager, loaf):
    archived = [row(loaf, article, archived=True) for article in ("A", "B")]
    new = {"key": "new-1", "version": "", **terms(code="c"), "price": "5"}

    answers = [send(manager, loaf, new, *archived, press=KEY) for _press in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert sorted(Sku.objects.values_list("code", flat=True)) == ["A", "B", "C"]


def test_without_its_key_the_same_save_is_a_conflict(manager, loaf):
    sent = row(loaf, "A", price="4.25")
    send(manager, loaf, sent, press=KEY)

    assert send(manager, loaf, sent).status_code == 409
    assert send(manager, loaf, sent, press=OTHER).status_code == 409
    assert Price.objects.filter(sku__code="A").count() == 2


def test_a_refused_press_can_be_corrected_and_sent_again(manager, loaf):
    refused = send(manager, loaf, row(loaf, "A", price="0"), press=KEY)
    saved = send(manager, loaf, row(loaf, "A", price="4.25"), press=KEY)

    assert (refused.status_code, saved.status_code) == (422, 200)
    assert Sku.objects.get(code="A").price_now == Decimal("4.25")


def test_a_press_counts_for_its_own_product_only(manager, loaf):
    send(manager, loaf, row(loaf, "A", price="4.25"), press=KEY)
    bun = make_product("Bun", codes=("BUN",))

    send(manager, bun, row(bun, "BUN", price="1.50"), press=KEY)

    assert Sku.objects.get(code="BUN").price_now == Decimal("1.50")


def test_a_product_remembers_the_latest_presses_only(manager, loaf):
    Product.objects.filter(pk=loaf.product_id).update(presses=[f"{number:032x}" for number in range(MAX_PRESSES)])

    send(manager, loaf, row(loaf, "A", price="4.25"), press=KEY)

    presses = Product.objects.get(pk=loaf.product_id).presses
    assert (len(presses), presses[0], presses[-1]) == (MAX_PRESSES, f"{1:032x}", KEY)


@pytest.mark.parametrize("press", ["A" * 32, "a" * 33, "x", 5, ["a"], None], ids=str)
def test_an_invalid_key_is_not_remembered(manager, loaf, press):
    assert send(manager, loaf, row(loaf, "A", price="4.25"), press=press).status_code == 200

    assert Product.objects.get(pk=loaf.product_id).presses == []

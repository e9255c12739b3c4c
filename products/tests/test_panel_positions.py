"""The order of variants, and one price for all of them, in the variants tab."""

import pytest

from products.editing.variants_table import variant_table
from products.models import Sku
from products.tests.test_panel import loaf, manager, row, send, shop, terms

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped_clock")]
__all__ = ["loaf", "manager", "shop"]


def order(page, at):
    return [(row.sku.code, row.position_text) for row in variant_table(page.product_id, at).rows]


@pytest.mark.parametrize("typed", ["3", " 3 ", "٣", "３"])
def test_a_variant_moves_to_the_typed_position(manager, loaf, at, typed):
    assert order(loaf, at) == [("A", "1"), ("B", "2")]

    answer = send(manager, loaf, row(loaf, "A", **terms(position=typed)))

    assert answer.status_code == 200, answer.json()
    assert order(loaf, at) == [("B", "2"), ("A", "3")]


@pytest.mark.parametrize("typed", ["0", "-1", "1.5", "first", "99999999", "1e3"])
def test_an_invalid_position_is_refused_at_its_field(manager, loaf, at, typed):
    answer = send(manager, loaf, row(loaf, "A", **terms(position=typed)))

    assert answer.status_code == 422
    assert [list(fields) for fields in answer.json()["rows"].values()] == [["position"]]
    assert order(loaf, at) == [("A", "1"), ("B", "2")]


def test_a_row_without_a_position_keeps_the_place_given_by_the_script(manager, loaf):
    send(manager, loaf, row(loaf, "A", **terms(position="", sort_order="4")))

    assert Sku.objects.get(code="A").sort_order == 4


def test_one_price_for_all_is_offered_for_several_variants_only(manager, loaf):
    html = send(manager, loaf, row(loaf, "B", price="4")).json()["html"]
    alone = send(manager, loaf, row(loaf, "B", archived=True)).json()["html"]

    assert "Same price for all" in html and "data-price-all-fill" in html
    assert "Same price for all" not in alone

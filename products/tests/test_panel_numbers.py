"""Figures in the variants tab and in quick add: read as they are meant, or refused."""

import datetime as dt
import json
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import User
from common.actors import WORKER
from products.editing.variants_table import variant_table
from products.models import Price, Sku
from products.prices import HORIZON, BadStart
from products.services.prices import set_price
from products.tests.factories import make_product
from stock.models import StockLevel
from stock.tests.factories import make_shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(stopped_clock):
    client = Client()
    client.force_login(User.objects.create_superuser("root@example.com", "secret"))
    return client


def save(client, page, at, **changed):
    shown = variant_table(page.product_id, at).rows[0]
    row = {"key": "a", "id": str(shown.sku.pk), "version": shown.version, **changed}
    address = reverse("products_admin:variants", args=[page.pk])
    return client.post(address, json.dumps({"rows": [row]}), "application/json")


@pytest.mark.parametrize(
    ("unit", "step", "counted", "status"),
    [
        ("pc", "1", "12.5", 422),
        ("pack", "6", "12.5", 422),
        ("pack", "6", "13", 200),
        ("pc", "0.5", "12.5", 200),
        ("pc", "0.5", "12.25", 422),
        ("kg", "0.1", "12.3450", 200),
    ],
)
def test_pieces_are_counted_in_whole_numbers(admin, at, unit, step, counted, status):
    shop = make_shop()
    page = make_product(stock={shop: 9}, unit=unit, step=step)

    response = save(admin, page, at, stock={str(shop.pk): {"counted": counted, "seen": "9"}})

    assert response.status_code == status
    assert StockLevel.objects.get().on_hand == (Decimal(counted) if status == 200 else 9)
    if status == 422:
        assert response.json()["rows"] == {"a": {f"stock_{shop.pk}": "Count whole pieces: this is not sold in parts."}}


@pytest.mark.parametrize(
    "starts",
    [
        "9999-12-31T23:59",
        "0001-01-01T00:00",
        "9999-12-31T23:59:59.999999-12:00",
        "2036-03-20T09:00",
        "2026-02-30T09:00",
    ],
)
def test_a_price_cannot_start_at_an_implausible_time(admin, at, starts):
    page = make_product()

    response = save(admin, page, at, price="4", price_starts=starts)

    assert response.status_code == 422
    assert list(response.json()["rows"]["a"]) == ["price_starts"]
    assert Price.objects.count() == 1


def test_a_price_cannot_start_in_the_far_future(at):
    sku = make_product().product.skus.get()

    with pytest.raises(BadStart, match=r"^A price can begin within the next ten years\.$"):
        set_price(sku_id=sku.pk, amount=Decimal(4), starts_at=HORIZON, source="test", actor=WORKER, at=at)

    assert Price.objects.count() == 1


def test_a_stored_time_out_of_range_does_not_break_the_tab(admin, at):
    page = make_product()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO products_price (sku_id, amount, starts_at, source, actor_label, created_at)"
                " SELECT id, 5, '10000-01-01 00:00+00', 'panel', 'test', now() FROM products_sku"
            )

    response = admin.get(reverse("products_admin:variants", args=[page.pk]))

    assert response.status_code == 200
    assert save(admin, page, at, price="4").status_code == 200


@pytest.mark.parametrize("position", ["32768", "99999999999"])
def test_a_position_beyond_the_column_is_refused(admin, at, position):
    page = make_product()

    response = save(admin, page, at, code="LOAF", unit="pc", step="1", sort_order=position)

    assert response.status_code == 400
    assert Sku.objects.get().sort_order == 0


@pytest.mark.parametrize("name", ["step", "min_quantity", "max_quantity", "net_amount"])
def test_zero_is_not_a_quantity(admin, at, name):
    page = make_product()

    response = save(admin, page, at, **{"code": "LOAF", "unit": "pc", "step": "1", "net_unit": "g", name: "0"})

    assert response.status_code == 422
    assert Sku.objects.get().step == 1


def test_figures_shown_by_the_tab_are_read_as_the_same(admin, at):
    shop = make_shop()
    page = make_product(stock={shop: Decimal("1.255")}, unit="kg", step="0.005", price="1.255")

    shown = variant_table(page.product_id, at).rows[0]
    response = save(
        admin,
        page,
        at,
        code="CHEESE",
        unit="kg",
        price=shown.price_text,
        stock={str(shop.pk): {"counted": shown.cells[0].counted_text, "seen": shown.cells[0].counted_text}},
        **shown.quantities,
    )

    assert (shown.price_text, shown.cells[0].counted_text) == ("1.2550", "1.2550")
    assert response.status_code == 200
    assert StockLevel.objects.get().on_hand == Decimal("1.255")
    assert Sku.objects.get().price_now == Decimal("1.255")
    assert dt.timedelta(0) == Price.objects.latest("pk").created_at - at


def test_the_answer_repeats_the_saved_figures(admin, at):
    shop = make_shop("canal")
    page = make_product(codes=("RYE",), stock={shop: 9}, unit="kg", step="0.1")
    count = {str(shop.pk): {"counted": "7,5", "seen": "9"}}

    now = save(admin, page, at, price="4,25", stock=count)
    later = save(admin, page, at, price="5", price_starts="2026-03-12T09:00")
    other = save(admin, page, at, archived=True)

    assert now.json()["message"] == "Saved. RYE: €4.25 per kg, 7.5 kg in Canal."
    assert later.json()["message"] == "Saved. RYE: €5.00 per kg from 12 March 2026, 09:00."
    assert other.json()["message"] == "Variants saved."


def test_the_answer_names_five_variants_and_counts_the_rest(admin, at):
    page = make_product(codes=tuple("ABCDEFG"))
    rows = [
        {"key": str(n), "id": str(row.sku.pk), "version": row.version, "price": "4"}
        for n, row in enumerate(variant_table(page.product_id, at).rows)
    ]

    address = reverse("products_admin:variants", args=[page.pk])
    response = admin.post(address, json.dumps({"rows": rows}), "application/json")

    named = " ".join(f"{code}: €4.00 each." for code in "ABCDE")
    assert response.json()["message"] == f"Saved. {named} 2 more variants."

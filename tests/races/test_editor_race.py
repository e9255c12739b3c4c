"""Races of the desk against the counter and the worker: articles, counts and prices while people buy; real HTTP."""

import datetime as dt
import json
import time
from dataclasses import dataclass

import pytest
from django.contrib.auth.models import Permission
from django.db import connection, transaction
from django.urls import reverse

from orders.models import Order
from products.editing.variants_table import variant_table
from products.models import ProductPage, Sku
from products.services.prices import apply_due
from products.tests.factories import make_price, make_product, make_tree
from staff.tests.factories import make_employee, sign_in
from stock.models import Shop as Place
from stock.models import StockLevel
from stock.tests.factories import make_shop
from tests.races.hands import Hands, hired, outcomes
from tests.races.harness import PRICE, ROUNDS, Buyer, Shop, broken, deadlocks, deadlocks_come_up, fill, running

pytestmark = pytest.mark.django_db(transaction=True)
SAVES = max(3, ROUNDS // 20)
BUYERS = 12
VARIANTS = 4
PRODUCTS = 12
TOKEN = "t" * 32


@pytest.fixture
def point():
    """The shop whose shelf is counted while it is sold from."""
    assert connection.vendor == "postgresql", "a race on SQLite proves nothing"
    make_tree()
    return make_shop("canal")


@pytest.fixture
def page(point):
    codes = [f"ROAST-{number}" for number in range(VARIANTS)]
    return make_product(title="Roast", price=str(PRICE), codes=codes, stock={point: 1000})


@pytest.fixture
def pages(point):
    """Products enough for the worker to lock many at once."""
    return [make_product(title=f"P{number}", codes=(f"P{number}-A", f"P{number}-B")) for number in range(PRODUCTS)]


@dataclass
class Editor:
    """A price manager's browser with the variants tab of one product open."""

    site: Shop
    page: ProductPage
    session: str

    def saving(self, rows: list[dict]) -> bytes:
        """Return the bytes of the tab's own Save."""
        headers = {
            "Cookie": f"sessionid={self.session}; csrftoken={TOKEN}",
            "Content-Type": "application/json",
            "X-CSRFToken": TOKEN,
        }
        address = reverse("products_admin:variants", args=[self.page.pk])
        return self.site.request("POST", address, headers, json.dumps({"rows": rows}).encode())

    def pricing(self, amount: str) -> bytes:
        """Return the bytes of one Save that gives every variant a price at once."""
        rows = variant_table(self.page.product_id, self.site.now()).rows
        return self.saving(
            [{"key": str(r.sku.pk), "id": str(r.sku.pk), "version": r.version, "price": amount} for r in rows]
        )

    def renaming_and_counting(self, point: Place, number: int) -> bytes:
        """Return the bytes of one Save that gives every variant a new article and counts its shelf."""
        rows = []
        for row in variant_table(self.page.product_id, self.site.now()).rows:
            on_hand = StockLevel.objects.get(shop=point, sku=row.sku).on_hand
            counted = {"counted": str(1000 + number), "seen": f"{on_hand:f}"}
            code = f"ROAST-{row.sku.sort_order}-{number}"
            rows.append(
                {"key": str(row.sku.pk), "id": str(row.sku.pk), "version": row.version, "code": code,
                 "sort_order": str(row.sku.sort_order), "stock": {str(point.pk): counted}}
            )  # fmt: skip
        return self.saving(rows)


def make_editor(site: Shop, page: ProductPage) -> Editor:
    person = make_employee(role="price_manager", name="Ida Berg")
    person.groups.get().permissions.set(Permission.objects.filter(codename__in=["access_admin", "change_sku"]))
    return Editor(site, page, sign_in(person).cookies["sessionid"].value)


def rename_while_buying(site: Shop, editor: Editor, point: Place, number: int) -> tuple[list[int], int]:
    """Race one round; return the buyers' answers and the editor's."""
    buyers = [Buyer(site, str(VARIANTS * PRICE)) for _ in range(BUYERS)]
    for code in Sku.objects.filter(product=editor.page.product_id).order_by("-pk").values_list("code", flat=True):
        fill(buyers, code)
    orders = [buyer.checkout(point.code) for buyer in buyers]

    saved, *bought = site.at_once([editor.renaming_and_counting(point, number), *orders])

    return [answer.status for answer in bought], saved.status


def test_nobody_waits_in_a_circle_while_articles_are_renamed_and_counted(point, page, tmp_path):
    began = time.monotonic()
    with running(tmp_path) as site:
        before = deadlocks()
        editor = make_editor(site, page)
        for number in range(SAVES):
            bought, saved = rename_while_buying(site, editor, point, number)

            assert (bought, saved) == ([303] * BUYERS, 200), f"round {number}"
        assert deadlocks() == before
        assert broken(site) == {}

    print(f"Editor against buyers: {SAVES} rounds in {time.monotonic() - began:.0f} s")  # noqa: T201
    assert Order.objects.count() == SAVES * BUYERS


@pytest.mark.violates
def test_a_full_unique_index_on_articles_is_seen(point, page, tmp_path):
    """PostgreSQL takes the columns of such an index for keys: changing one locks out the rows that name the SKU."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE UNIQUE INDEX control_of_the_race ON products_sku (code)")
    try:
        with running(tmp_path, locks_off=True) as site:
            editor = make_editor(site, page)
            seen = deadlocks_come_up(lambda number: rename_while_buying(site, editor, point, number))
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP INDEX control_of_the_race")

    assert seen


def price_everything(site: Shop, hands: Hands, editors: list[Editor], due_work, number: int) -> tuple[list[int], list]:
    """Race one round: a price of every product falls due while every product's tab is saved."""
    for sku in Sku.objects.order_by("-pk"):
        make_price(sku, 4 + number, starts_at=site.now())
    requests = [editor.pricing(str(5 + number)) for editor in editors]
    work = []

    answers = site.at_once(requests, beside=lambda: work.extend(hands.submit(due_work, at=site.now()) for _ in "12"))

    return [answer.status for answer in answers], outcomes(work)[1]


@pytest.mark.violates("I41")  # the prices are of the shop's moment, which is past the tests'
def test_prices_fall_due_while_their_products_are_saved(pages, tmp_path):
    with running(tmp_path) as site, hired(2, site.environment) as hands:
        before = deadlocks()
        editors = [make_editor(site, page) for page in pages]
        for number in range(SAVES):
            assert price_everything(site, hands, editors, apply_due, number) == ([200] * PRODUCTS, []), number
        assert deadlocks() == before
        assert broken(site) == {}


@pytest.mark.violates
def test_variants_locked_before_their_products_are_seen(pages, tmp_path):
    with running(tmp_path, locks_off=True) as site, hired(2, site.environment) as hands:
        editors = [make_editor(site, page) for page in pages]

        assert deadlocks_come_up(lambda number: price_everything(site, hands, editors, variants_first, number))


def variants_first(*, at: dt.datetime) -> None:
    """Move the prices of all variants, then the columns of their products, in one transaction: the wrong order.

    Between the two it waits for the editors: on a quick machine it would be through before the first of them begins.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE products_sku SET price_now = price_now + 1")
        cursor.execute("SELECT pg_sleep(0.3)")
        cursor.execute("UPDATE products_product SET from_price = from_price + 1")

"""The tab "Variants, prices and stock": its own save, its own refusals, never part of the page's form."""

import datetime as dt
import json
import re
from decimal import Decimal

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse
from wagtail.models import GroupPagePermission

from accounts.models import User
from common.actors import WORKER
from products.editing.variants_table import variant_table
from products.models import Attribute, AttributeValue, Price, Sku
from products.services.prices import set_price
from products.tests.factories import make_product, make_tax_class, make_tree
from stock.models import StockLevel
from stock.services.count import count
from stock.services.reserve import reserve
from stock.tests.factories import make_shop
from tests.markup import squeezed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped_clock")]


@pytest.fixture
def shop():
    return make_shop(name={"en": "Canal"})


@pytest.fixture
def loaf(shop):
    return make_product("Loaf", codes=("A", "B"), price="3.90", stock={shop: 9})


def person(role, *permissions, edits=False):
    """Return a client signed in as a person with `role` and only these rights in the CMS."""
    user = User.objects.create_user(f"{role}@example.com", "secret", name="Anna")
    group = Group.objects.get_or_create(name=role)[0]
    group.permissions.set(Permission.objects.filter(codename__in=["access_admin", *permissions]))
    if edits:
        change = Permission.objects.get(content_type__app_label="wagtailcore", codename="change_page")
        GroupPagePermission.objects.create(group=group, page=make_tree().home, permission=change)
    user.groups.add(group)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def manager():
    return person("owner", "change_sku", "view_sku", "add_sku", edits=True)


def send(client, page, *rows, **more):
    address = reverse("products_admin:variants", args=[page.pk])
    return client.post(address, json.dumps({"rows": list(rows), **more}), content_type="application/json")


def row(page, article, **changed):
    shown = {row.sku.code: row for row in variant_table(page.product_id, Price.objects.latest("pk").created_at).rows}[
        article
    ]
    return {"key": str(shown.sku.pk), "id": str(shown.sku.pk), "version": shown.version, **changed}


def terms(**changed):
    return {"code": "A", "unit": "pc", "step": "1", "min_quantity": "1", "max_quantity": "", **changed}


def test_every_input_of_the_tab_belongs_to_its_own_form(manager, loaf):
    html = manager.get(reverse("wagtailadmin_pages:edit", args=[loaf.pk])).content.decode()

    tab = html[html.index("data-variants-slot") : html.index("</template>", html.index("data-variants-slot"))]
    controls = re.findall(r"<(?:input|select)[^>]*>", tab)
    assert len(controls) > 20
    assert all('form="sku-form"' in control and " name=" not in control for control in controls)
    assert 'type="submit" class="button" form="sku-form"' in html
    assert "<form" not in tab
    assert "products/variants.js" in html


def test_autosave_and_publish_with_the_tabs_fields_change_no_price(manager, loaf):
    """Even fields added to the page's own post are ignored."""
    data = {"title": "Loaf", "price": "0.01", "stock_1": "0", "code": "X", "action-publish": "1"}

    manager.post(reverse("wagtailadmin_pages:edit", args=[loaf.pk]), data)

    assert set(Sku.objects.values_list("price_now", flat=True)) == {Decimal("3.9")}


def test_the_create_view_asks_to_save_the_page_first():
    client = Client()
    client.force_login(User.objects.create_superuser("root@example.com", "secret"))
    index = make_tree().index

    html = client.get(reverse("wagtailadmin_pages:add", args=["products", "productpage", index.pk])).content.decode()

    assert "Save the page first" in html
    assert f'data-address="{reverse("products_admin:variants", args=[0])}"' in html


def test_after_the_first_save_the_tab_is_fetched_separately(manager, loaf):
    response = manager.get(reverse("products_admin:variants", args=[loaf.pk]) + "?fragment=1")

    html = response.content.decode()
    assert response.status_code == 200
    assert "<html" not in html
    assert "data-variants" in html
    assert "no-store" in response["Cache-Control"]


def test_the_tab_has_its_own_address_for_aliases_and_price_managers(loaf):
    client = person("price_manager", "change_sku")
    alias = loaf.create_alias(update_slug="alias")

    response = client.get(reverse("products_admin:variants", args=[alias.pk]))

    assert response.status_code == 200
    assert "data-variants-slot" in response.content.decode()


def test_prices_are_entered_in_the_shops_currency(manager, loaf, settings):
    settings.SHOP_CURRENCY = "SEK"

    html = squeezed(manager.get(reverse("products_admin:variants", args=[loaf.pk]) + "?fragment=1"))

    assert "Price in SEK" in html and "Same price for all in SEK" in html
    assert "EUR" not in html and "€" not in html


def test_the_script_is_told_which_fields_are_sent_together(manager, loaf):
    html = squeezed(manager.get(reverse("products_admin:variants", args=[loaf.pk]) + "?fragment=1"))

    terms = re.search(r'data-terms="([^"]*)"', html)[1].split()
    assert {"code", "step", "barcode", "position"} <= set(terms)
    assert [name for name in terms if f'data-field="{name}"' not in html] == []


def test_the_tab_makes_as_many_queries_for_many_variants_as_for_one(loaf, at, django_assert_max_num_queries):
    with django_assert_max_num_queries(10) as few:
        variant_table(loaf.product_id, at)
    for number in range(20):
        Sku.objects.create(product=loaf.product, code=f"X{number}", price_now=1, is_active=False)

    with django_assert_max_num_queries(len(few)):
        assert len(variant_table(loaf.product_id, at).rows) == 22


def test_a_price_is_changed_at_once(manager, loaf):
    response = send(manager, loaf, row(loaf, "A", price="4,25"))

    assert response.status_code == 200
    assert response.json()["message"] == "Saved. A: €4.25 each."
    price = Price.objects.latest("pk")
    assert (price.amount, price.source, price.actor_label) == (Decimal("4.25"), "panel", "Anna")
    assert Sku.objects.get(code="A").price_now == Decimal("4.25")
    assert "4.25" in response.json()["html"]


def test_the_tab_shows_the_history_of_a_price(manager, loaf):
    send(manager, loaf, row(loaf, "A", price="4,25"))

    html = send(manager, loaf, row(loaf, "A", price="4.40")).json()["html"]

    told = re.findall(r"<li><b>([0-9.]+)</b>from [^<]+, by (\w+)</li>", squeezed(html))
    assert told[:3] == [("4.40", "Anna"), ("4.25", "Anna"), ("3.90", "test")]


def test_a_price_with_a_start_date_waits(manager, loaf, at):
    later = (at + dt.timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")

    response = send(manager, loaf, row(loaf, "A", price="4.25", price_starts=later))

    assert response.status_code == 200
    assert Sku.objects.get(code="A").price_now == Decimal("3.9")
    assert Price.objects.latest("pk").starts_at == at + dt.timedelta(days=1)
    assert "4.25" in response.json()["html"]


def test_a_variant_is_added_with_price_and_opening_stock(manager, loaf, shop):
    size = Attribute.objects.create(code="size", name={"en": "Size"})
    large = AttributeValue.objects.create(attribute=size, code="l", label={"en": "Large"})
    new = terms(code="c", options={str(size.pk): str(large.pk)}, price="5", stock={str(shop.pk): {"counted": "7"}})
    archived = [row(loaf, article, archived=True) for article in ("A", "B")]

    response = send(manager, loaf, {"key": "new-1", "version": "", **new}, *archived)

    assert response.status_code == 200, response.json()
    sku = Sku.objects.get(code="C")
    assert (sku.product_id, sku.price_now) == (loaf.product_id, Decimal("5"))
    assert sku.options.get().value == large
    assert StockLevel.objects.get(sku=sku).on_hand == Decimal("7")


@pytest.mark.violates  # the reservation has no order
def test_stock_can_be_counted_and_shows_reservations(manager, loaf, shop, at):
    sku = Sku.objects.get(code="A")
    reserve(shop_id=shop.pk, wanted={sku.pk: Decimal("2")}, reference="R1", expires_at=None, at=at)

    response = send(manager, loaf, row(loaf, "A", stock={str(shop.pk): {"counted": "6", "seen": "9"}}))

    level = StockLevel.objects.get(sku=sku)
    assert (response.status_code, level.on_hand, level.reserved) == (200, Decimal("6"), Decimal("2"))
    assert re.findall(r">\s*(\d+) reserved\s*<", response.json()["html"]) == ["2"]


@pytest.mark.violates  # the reservation has no order
def test_a_count_below_what_is_reserved_is_refused_with_the_orders(manager, loaf, shop, at):
    sku = Sku.objects.get(code="A")
    reserve(shop_id=shop.pk, wanted={sku.pk: Decimal("5")}, reference="R1", expires_at=None, at=at)

    response = send(manager, loaf, row(loaf, "A", stock={str(shop.pk): {"counted": "4", "seen": "9"}}))

    assert response.status_code == 422
    assert "R1" in response.json()["rows"][str(sku.pk)][f"stock_{shop.pk}"]
    assert StockLevel.objects.get(sku=sku).on_hand == Decimal("9")


def test_a_variant_is_archived_and_restored(manager, loaf):
    assert send(manager, loaf, row(loaf, "A", archived=True)).status_code == 200
    assert not Sku.objects.get(code="A").is_active

    assert send(manager, loaf, row(loaf, "A", archived=False)).status_code == 200
    assert Sku.objects.get(code="A").is_active


def test_terms_and_tax_class_are_changed(manager, loaf):
    zero = make_tax_class("zero", "0.0000")

    response = send(
        manager,
        loaf,
        row(loaf, "A", **terms(code="a-1", step="0.5", min_quantity="", max_quantity="4")),
        tax_class=zero.pk,
        tax_seen=loaf.product.tax_class_id,
    )

    sku = Sku.objects.select_related("product").get(code="A-1")
    assert response.status_code == 200
    assert (sku.step, sku.min_quantity, sku.max_quantity) == (Decimal("0.5"), Decimal("0.5"), Decimal("4"))
    assert sku.product.tax_class == zero


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"price": "0"}, "price"),
        ({"price": "NaN"}, "price"),
        ({"price": "-3"}, "price"),
        ({"price": "99999999"}, "price"),
        ({"price": "4", "price_starts": "soon"}, "price_starts"),
        (terms(code="B"), "code"),
        (terms(code="Ж"), "code"),
        (terms(step="x"), "step"),
        (terms(unit="kg"), "unit"),
        (terms(max_quantity="0.5"), "max_quantity"),
        (terms(supplier="999"), "supplier"),
    ],
    ids=str,
)
def test_a_wrong_field_is_refused_by_name_and_nothing_is_saved(manager, loaf, changed, field):
    wrong, right = row(loaf, "A", **changed), row(loaf, "B", price="9.99")

    response = send(manager, loaf, right, wrong)

    assert response.status_code == 422
    assert list(response.json()["rows"][wrong["key"]]) == [field]
    assert set(Sku.objects.values_list("price_now", flat=True)) == {Decimal("3.9")}
    assert Price.objects.count() == 2


def test_somebody_elses_change_is_a_conflict_and_is_not_overwritten(manager, loaf, at):
    stale = row(loaf, "A", price="1.00")
    set_price(
        sku_id=Sku.objects.get(code="A").pk, amount=Decimal("8"), starts_at=None, source="grid", actor=WORKER, at=at
    )

    response = send(manager, loaf, stale)

    answer = response.json()
    assert (response.status_code, answer["code"]) == (409, "conflict")
    assert answer["rows"] == {
        stale["key"]: {"row": "Somebody changed this variant meanwhile. Compare with the new figures, then save again."}
    }
    assert Sku.objects.get(code="A").price_now == Decimal("8")


def test_a_refusal_other_than_a_conflict_reveals_no_figures(manager, loaf):
    response = send(manager, loaf, row(loaf, "A", price="0"))

    assert (response.status_code, response.json()["now"]) == (422, {})


def test_stock_sold_while_counting_is_a_conflict(manager, loaf, shop, at):
    sku = Sku.objects.get(code="A")
    stale = row(loaf, "A", stock={str(shop.pk): {"counted": "9", "seen": "9"}})
    count(shop_id=shop.pk, sku_id=sku.pk, counted=Decimal("5"), actor=WORKER, at=at)

    response = send(manager, loaf, stale)

    assert response.status_code == 409
    assert StockLevel.objects.get(sku=sku).on_hand == Decimal("5")


@pytest.mark.parametrize(
    "body",
    ["", "[]", "{", '{"rows": 1}', '{"rows": [1]}', '{"rows": [{"key": "1", "evil": 1}]}', '{"x": 1, "rows": []}'],
)
def test_an_invalid_body_is_refused(manager, loaf, body):
    address = reverse("products_admin:variants", args=[loaf.pk])

    response = manager.post(address, body, content_type="application/json")

    assert response.status_code == 400
    assert response.json()["message"].endswith(".")


def test_a_variant_of_another_product_cannot_be_changed_here(manager, loaf):
    other = make_product("Other", codes=("O",))

    response = send(manager, loaf, row(other, "O", price="1"))

    assert response.status_code == 409
    assert Sku.objects.get(code="O").price_now == Decimal("3.9")


@pytest.mark.parametrize("permissions", [(), ("view_sku",)], ids=["editor", "viewer"])
def test_a_role_without_the_right_can_read_but_not_write(loaf, permissions):
    client = person("editor", *permissions, edits=True)

    shown = client.get(reverse("products_admin:variants", args=[loaf.pk])).content.decode()
    refused = send(client, loaf, row(loaf, "A", price="1"))

    assert 'form="sku-form"' not in shown
    assert "3.90" in shown
    assert (refused.status_code, refused["Content-Type"]) == (403, "application/json")
    assert set(Sku.objects.values_list("price_now", flat=True)) == {Decimal("3.9")}


def test_a_person_without_the_right_is_led_to_the_overview_with_a_sentence(loaf):
    manager = person("shop_manager")

    shown = manager.get(reverse("products_admin:variants", args=[loaf.pk]), follow=True)

    assert shown.redirect_chain == [(reverse("wagtailadmin_home"), 302)]
    assert "you do not have permission" in shown.content.decode()


def test_outsiders_see_nothing(loaf, client):
    address = reverse("products_admin:variants", args=[loaf.pk])
    signed_in = person("employee")

    assert client.get(address).status_code == 302
    assert signed_in.get(address, {"fragment": "1"}).status_code == 403
    assert send(signed_in, loaf, row(loaf, "A", price="1")).status_code == 403


def test_a_post_without_a_token_is_refused(loaf):
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.force_login(User.objects.create_superuser("root@example.com", "secret"))

    assert send(client, loaf, row(loaf, "A", price="1")).status_code == 403
    assert Sku.objects.get(code="A").price_now == Decimal("3.9")


def test_an_unknown_page_is_404(manager):
    assert manager.get(reverse("products_admin:variants", args=[999999])).status_code == 404


def test_listing_and_editor_link_to_the_variants(loaf):
    client = person("price_manager", "change_sku", "view_sku", edits=True)
    address = reverse("products_admin:variants", args=[loaf.pk])

    for shown in ("wagtailadmin_pages:edit", "wagtailadmin_explore"):
        page = loaf if shown.endswith("edit") else loaf.get_parent()
        assert address in client.get(reverse(shown, args=[page.pk])).content.decode(), shown


def test_a_long_table_shows_a_warning(manager, loaf, monkeypatch):
    address = reverse("products_admin:variants", args=[loaf.pk]) + "?fragment=1"
    warning = re.compile(r"<p [^>]*data-variants-long[^>]*>")

    assert warning.search(squeezed(manager.get(address).content.decode())).group().endswith(" hidden>")
    monkeypatch.setattr("products.editing.variants_table.MANY", 2)
    html = squeezed(manager.get(address).content.decode())
    assert not warning.search(html).group().endswith(" hidden>")
    assert "There are 2 variants." in html

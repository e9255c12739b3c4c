"""The page's form and the Shop group: saving, publishing and deleting, allowed and refused."""

import datetime as dt
import re
import string
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from wagtail.test.utils.form_data import inline_formset, nested_form_data, rich_text

from accounts.models import User
from accounts.tests.factories import make_staff
from common.models import OutboxMessage
from products.models import Attribute, AttributeValue, Product, ProductPage, Sku, SkuOption, Supplier, TaxClass
from products.tests.factories import make_category, make_product, make_tax_class, make_tree
from stock.models import Shop, ShopStaff
from stock.tests.factories import make_shop
from storefront.services.role_groups import make_groups

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(stopped_clock):
    client = Client()
    client.force_login(User.objects.create_superuser("root@example.com", "secret"))
    return client


def page_data(*, allergens=(), categories=(), badges=(), **changed):
    data = {
        "title": "Plum cake",
        "slug": "plum-cake",
        "description": rich_text("<p>Good.</p>"),
        "allergen_status": "",
        "gallery": inline_formset([]),
        "categories": inline_formset([{"category": one.pk} for one in categories]),
        "attributes": inline_formset([]),
        "allergens": inline_formset([{"allergen": code, "level": "contains"} for code in allergens]),
        "comments": inline_formset([]),
        "nutrition_0": "968 kJ / 229 kcal",
    }
    return {**nested_form_data({**data, **changed}), "badges": list(badges)}


def add_page(admin, **changed):
    address = reverse("wagtailadmin_pages:add", args=["products", "productpage", make_tree().index.pk])
    return admin.post(address, page_data(**changed))


def test_a_draft_need_not_declare_allergens(admin):
    response = add_page(admin, badges=["new"])

    page = ProductPage.objects.get()
    assert response.status_code == 302
    assert (page.live, page.allergen_status, page.badges) == (False, "", ["new"])
    assert page.nutrition == ["968 kJ / 229 kcal"]
    assert page.nutrition_rows() == [("Energy", "968 kJ / 229 kcal")]
    assert page.product_id


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"allergen_status": "declared"},
        {"allergen_status": "none", "allergens": ["milk"]},
        {"allergen_status": "declared", "allergens": ["milk", "milk"]},
        {"allergen_status": "none", "badges": ["new", "vegan", "seasonal"]},
    ],
    ids=["not declared", "declared and none named", "none and one named", "named twice", "three badges"],
)
def test_publishing_is_refused_and_nothing_is_created(admin, changed):
    response = add_page(admin, **changed, **{"action-publish": "1"})

    assert response.status_code == 200
    assert response.context["form"].errors
    assert ProductPage.objects.count() == 0


def test_a_declared_product_is_published(admin):
    category = make_category()
    draft = make_product(live=False)
    data = page_data(allergen_status="declared", allergens=["milk", "nuts"], categories=[category])

    admin.post(reverse("wagtailadmin_pages:edit", args=[draft.pk]), {**data, "action-publish": "1"})

    page = ProductPage.objects.get()
    assert page.live
    assert [row.allergen for row in page.allergens.all()] == ["milk", "nuts"]
    assert [row.category_id for row in page.categories.all()] == [category.pk]


def test_publishing_many_drafts_at_once_refuses_incomplete_ones_with_a_sentence(admin):
    add_page(admin)
    draft = ProductPage.objects.get()

    address = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "publish"])
    response = admin.post(
        f"{address}?id={draft.pk}&next={reverse('wagtailadmin_home')}", {"include_descendants": ""}, follow=True
    )

    assert response.status_code == 200
    assert not ProductPage.objects.get().live
    assert any("allergen" in str(message) for message in response.context["messages"])


def test_the_previews_of_a_page_are_shown(admin):
    page = make_product(intro="Crisp crust")
    address = reverse("wagtailadmin_pages:preview_on_edit", args=[page.pk])
    assert admin.post(address, page_data(allergen_status="none")).json()["is_valid"]

    response = admin.get(address + "?mode=search")

    assert response.status_code == 200
    assert "Plum cake" in response.content.decode()


def shop_data(**changed):
    data = {
        "name_0": "Canal",
        "name_1": "Канал",
        "address_0": "1 Canal Street",
        "address_1": "",
        "code": "canal",
        "letter": "C",
        "timezone": "Europe/Amsterdam",
        "is_active": "on",
        "sort_order": "0",
        "lead_minutes": "15",
        "hold_minutes": "30",
        "hold_days": "1",
        "due_soon_minutes": "5",
        "hours": inline_formset([{"weekday": "0", "opens": "08:00", "closes": "18:00"}]),
        "days": inline_formset([]),
        "staff": inline_formset([]),
    }
    return nested_form_data({**data, **changed})


def test_a_shop_is_created_with_names_in_both_languages_and_hours(admin):
    response = admin.post(reverse("shops:add"), shop_data())

    assert response.status_code == 302
    shop = Shop.objects.get()
    assert (shop.name, shop.address) == ({"en": "Canal", "ru": "Канал"}, {"en": "1 Canal Street"})
    assert list(shop.hours.values_list("weekday", "opens")) == [(0, dt.time(8))]


def test_two_letters_are_suggested_for_the_twenty_seventh_shop(admin):
    for letter in string.ascii_uppercase:
        make_shop(code=f"shop-{letter.lower()}", letter=letter, timezone="Europe/Amsterdam")

    html = admin.get(reverse("shops:add")).content.decode()
    response = admin.post(reverse("shops:add"), shop_data(code="", name_0="Harbour", letter="AA"))

    assert 'name="letter" value="AA"' in html
    assert response.status_code == 302
    assert Shop.objects.get(letter="AA").code == "harbour"


@pytest.mark.parametrize("letter", ["Ж", "Ö", "Ω", "あ", "AB", "ЩЯ"])
def test_a_shop_may_have_letters_of_any_alphabet(admin, letter):
    response = admin.post(reverse("shops:add"), shop_data(letter=letter))

    assert response.status_code == 302
    assert Shop.objects.get().letter == letter


@pytest.mark.parametrize("letter", ["", "a", "7", "-", "ABC", "A1", "ß", "A\u200d"])
def test_anything_but_capital_letters_is_refused(admin, letter):
    response = admin.post(reverse("shops:add"), shop_data(letter=letter))

    assert response.status_code == 200
    assert not Shop.objects.exists()


def test_a_letter_a_time_zone_and_a_week_are_suggested_for_a_new_shop(admin):
    make_shop(letter="A", timezone="Europe/Amsterdam")

    html = admin.get(reverse("shops:add")).content.decode()
    week = [{"id": "", "weekday": str(day), "opens": "09:00", "closes": "18:00"} for day in range(6)]
    response = admin.post(
        reverse("shops:add"),
        shop_data(code="", name_0="Brot & Käse", letter="B", hours=inline_formset(week, initial=6)),
    )

    assert 'name="hours-INITIAL_FORMS" value="6"' in html
    assert 'name="letter" value="B"' in html
    assert '<option value="Europe/Amsterdam" selected>' in html
    assert response.status_code == 302
    shop = Shop.objects.get(letter="B")
    assert shop.code == "brot-kase"
    assert list(shop.hours.values_list("weekday", flat=True)) == list(range(6))


def test_the_first_shop_is_asked_for_its_time_zone_without_a_suggestion(admin, settings):
    settings.TIME_ZONE = "UTC"

    html = admin.get(reverse("shops:add")).content.decode()
    response = admin.post(reverse("shops:add"), shop_data(timezone=""))

    assert '<option value="" selected>Choose a time zone</option>' in html
    assert 'data-text-now="It is 00:00 there now."' in html
    assert re.search(r'<script src="[^"]*stock/time_zone[^"]*js" type="module"></script>', html)
    form = response.context["form"]
    assert form.errors["timezone"] == ["Choose the time zone of this shop: its opening hours are in it."]
    assert form["name"].value() == ["Canal", "Канал"]
    assert Shop.objects.count() == 0


def test_the_first_shop_is_suggested_the_time_zone_of_the_installation(admin, settings):
    settings.TIME_ZONE = "Europe/Amsterdam"

    html = admin.get(reverse("shops:add")).content.decode()

    assert '<option value="Europe/Amsterdam" selected>' in html


def test_a_code_derived_from_a_name_is_unique(admin):
    make_shop(code="canal", letter="A")

    admin.post(reverse("shops:add"), shop_data(code=""))

    assert Shop.objects.get(letter="C").code == "canal-2"


def test_a_special_day_has_both_times_or_neither(admin):
    half = inline_formset([{"date": "2026-12-25", "opens": "10:00", "closes": "", "note_0": "Christmas", "note_1": ""}])

    response = admin.post(reverse("shops:add"), shop_data(days=half))

    assert response.status_code == 200
    assert Shop.objects.count() == 0


def test_customers_cannot_be_chosen_as_staff(admin):
    customer = User.objects.create_user("mira@example.com", "secret", name="Mira Customer")

    html = admin.get(reverse("shops:add")).content.decode()
    response = admin.post(reverse("shops:add"), shop_data(staff=inline_formset([{"user": customer.pk}])))

    assert "Mira" not in html
    assert response.status_code == 200
    assert Shop.objects.count() == 0


def test_closing_a_shop_updates_the_products(admin):
    shop = make_shop(code="canal", letter="C")
    make_product(stock={shop: 9})

    admin.post(reverse("shops:edit", args=[shop.pk]), shop_data(is_active="", hours=inline_formset([])))

    assert not Shop.objects.get().is_active
    assert OutboxMessage.objects.get(event="stock.shop_changed").payload == {"shop_id": shop.pk}


def test_rows_in_use_cannot_be_deleted(admin):
    shop = make_shop()
    page = make_product(stock={shop: 9})

    for name, row in (("shops", shop), ("tax-classes", page.product.tax_class)):
        response = admin.post(reverse(f"{name}:delete", args=[row.pk]))
        assert response.status_code == 200, name
        assert any("in use" in str(message) for message in response.context["messages"])
    assert (Shop.objects.count(), TaxClass.objects.count()) == (1, 1)


def test_a_value_used_by_variants_cannot_be_removed(admin):
    make_product()
    size = Attribute.objects.create(code="size", name={"en": "Size"})
    large = AttributeValue.objects.create(attribute=size, code="l", label={"en": "Large"})
    SkuOption.objects.create(sku=Sku.objects.get(), attribute=size, value=large)
    values = inline_formset(
        [{"id": large.pk, "code": "l", "label_0": "Large", "label_1": "", "DELETE": "1"}], initial=1
    )
    data = {"name_0": "Size", "name_1": "", "code": "size", "kind": "choice", "unit": "", "sort_order": "0"}

    response = admin.post(reverse("attributes:edit", args=[size.pk]), nested_form_data({**data, "values": values}))

    assert response.status_code == 200
    assert AttributeValue.objects.count() == 1


def test_products_of_a_deactivated_supplier_are_in_no_list(admin):
    supplier = Supplier.objects.create(code="mill", name="The mill")
    page = make_product(codes=("A",), stock={make_shop(): 9})
    page.product.skus.update(supplier=supplier)

    response = admin.post(reverse("suppliers:edit", args=[supplier.pk]), {"name": "The mill", "code": "mill"})

    assert response.status_code == 302
    product = Product.objects.get(pk=page.product_id)
    assert (product.from_price, product.best_band) == (None, 0)


@pytest.mark.parametrize("name", ["shops", "attributes", "tax-classes", "suppliers"])
def test_the_listings_of_the_shop_group_are_shown(admin, name):
    make_product(stock={make_shop(): 1})

    assert admin.get(reverse(f"{name}:index")).status_code == 200


@pytest.fixture
def manager(at):
    make_groups()
    make_staff("owner")
    return make_staff("shop_manager")


def test_a_shop_manager_can_edit_their_own_shops_only(manager, client):
    mine, other = make_shop("canal"), make_shop("market")
    ShopStaff.objects.create(user=manager, shop=mine)
    client.force_login(manager)

    html = client.get(reverse("shops:index")).content.decode()
    answers = [client.get(reverse("shops:edit", args=[shop.pk])).status_code for shop in (mine, other)]
    refused = client.post(reverse("shops:edit", args=[other.pk]), shop_data(letter="Z"))

    assert reverse("shops:edit", args=[mine.pk]) in html
    assert reverse("shops:edit", args=[other.pk]) not in html
    assert answers == [200, 404]
    assert refused.status_code == 404
    assert Shop.objects.get(pk=other.pk).letter != "Z"


@pytest.mark.parametrize("view", ["edit", "history", "usage", "delete"])
def test_another_shop_is_not_found_for_a_shop_manager(manager, client, view):
    ShopStaff.objects.create(user=manager, shop=make_shop("canal"))
    other = make_shop("market")
    client.force_login(manager)

    assert client.get(reverse(f"shops:{view}", args=[other.pk])).status_code == 404


def test_a_shop_manager_cannot_assign_staff(manager, client):
    mine = make_shop("canal")
    ShopStaff.objects.create(user=manager, shop=mine)
    friend = make_staff("employee")
    client.force_login(manager)
    address = reverse("shops:edit", args=[mine.pk])

    html = client.get(address).content.decode()
    client.post(address, shop_data(lead_minutes="25", staff=inline_formset([{"user": friend.pk}])))

    assert 'name="staff-' not in html
    assert Shop.objects.get(pk=mine.pk).lead_minutes == 25
    assert list(ShopStaff.objects.values_list("user_id", flat=True)) == [manager.pk]


def test_an_owner_assigns_staff_to_shops(manager, client):
    shop = make_shop("canal")
    client.force_login(User.objects.get(groups__name="owner"))

    client.post(
        reverse("shops:edit", args=[shop.pk]),
        shop_data(staff=inline_formset([{"user": manager.pk}]), hours=inline_formset([])),
    )

    assert list(shop.staff.values_list("user_id", flat=True)) == [manager.pk]


@pytest.mark.parametrize(("typed", "rate"), [("9", "0.09"), ("9,5 %", "0.095"), ("21%", "0.21"), ("0", "0")])
def test_a_tax_rate_is_entered_as_a_percentage(admin, typed, rate):
    admin.post(reverse("tax-classes:add"), tax_class_data(typed))

    assert TaxClass.objects.get().rates.get().rate == Decimal(rate)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("0.21", "Is it 0.21 % or 21 %? Type one of these."),
        ("1,250", "Is it 1.25 or 1250? Type one of these."),
        ("100", "Enter at most 99.99."),
        ("-9", "Enter a number, for example 12."),
    ],
)
def test_an_ambiguous_rate_is_questioned(admin, typed, sentence):
    response = admin.post(reverse("tax-classes:add"), tax_class_data(typed))

    assert sentence in response.content.decode()
    assert TaxClass.objects.count() == 0


def test_a_saved_rate_is_shown_as_a_percentage(admin):
    tax_class = make_tax_class()

    content = admin.get(reverse("tax-classes:edit", args=[tax_class.pk])).content.decode()

    assert 'value="20 %"' in content


def tax_class_data(rate):
    rates = inline_formset([{"rate": rate, "since": "2026-01-01"}])
    return nested_form_data({"name_0": "Food", "code": "food", "rates": rates})

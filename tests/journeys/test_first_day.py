"""An owner's first day: from an empty installation to an order handed over, with few inputs."""

import pytest
from django.test import Client
from django.urls import reverse
from wagtail.test.utils.form_data import inline_formset, nested_form_data

from accounts.tests.factories import make_staff
from common.actors import SETUP
from orders.models import Order
from products.models import Sku
from stock.models import Shop
from storefront.first_steps import first_steps
from storefront.services.setup import set_up

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

NAME = {"name": "Corner Bakery"}
POINT_OF_SALE = {"name_0": "Corner", "address_0": "1 Corner Street"}
# The browser suggests its own.
ZONE = {"timezone": "Europe/Amsterdam"}
PRODUCT = {
    "name": "Rye cake", "new_category": "Cakes", "price": "18.50", "unit": "kg", "tax_class": "reduced",
    "allergen_status": "none",
}  # fmt: skip
STOCK = "4"
BUYER = {"name": "Mila Berg", "phone": "020 555 0142", "email": "mila@example.com"}


def shown(form) -> dict[str, str]:
    """Return the data that an untouched form would send."""
    values = {field.html_name: field.value() for field in form}
    return {
        name: str(value)
        for name, value in values.items()
        if not (value is None or value is False or isinstance(value, dict | list))
    }


@pytest.fixture
def owner(at, stopped_clock):
    set_up(owners=[], actor=SETUP, at=at)
    client = Client()
    client.force_login(make_staff(role="owner"))
    return client


def test_a_shop_can_open_after_few_inputs(owner):
    assert sum(len(form) for form in (NAME, POINT_OF_SALE, PRODUCT, BUYER)) + 1 <= 25

    settings_page = owner.get(reverse("wagtailsettings:edit", args=["storefront", "identity"]), follow=True)
    identity = settings_page.context["form"]
    assert owner.post(settings_page.redirect_chain[-1][0], {**shown(identity), **NAME}).status_code == 302

    offered = owner.get(reverse("shops:add")).context["form"]
    week = [shown_row(form) for form in offered.formsets["hours"].initial_forms]
    empty = inline_formset([])
    inlines = {"hours": inline_formset(week, initial=len(week)), "days": empty, "staff": empty}
    typed = {**shown(offered), **ZONE, **POINT_OF_SALE}
    answer = owner.post(reverse("shops:add"), nested_form_data({**typed, **inlines}))
    assert answer.status_code == 302, answer.context["form"].errors
    shop = Shop.objects.get()

    assert owner.post(reverse("products_admin:quick-add"), {**PRODUCT, f"stock_{shop.pk}": STOCK}).status_code == 302
    assert [step.done for step in first_steps()] == [True, True, True, True, False, False, False]

    order = buy(Client(), Sku.objects.get(), shop)
    assert str(order.total) == "5.55"
    assert [step.title for step in first_steps() if not step.done] == [
        "Write a page for your shop",
        "Write the legal pages",
    ]

    board = owner.get(reverse("staff:board")).content.decode()
    assert order.number[:4] in board


def shown_row(form) -> dict[str, str]:
    return {name: form[name].value() for name in ("weekday", "opens", "closes")} | {"id": ""}


def buy(visitor: Client, sku: Sku, shop: Shop) -> Order:
    """Buy 300 g, as a guest who finds it on the home page."""
    assert "Rye cake" in visitor.get("/").content.decode()
    ours = {"Sec-Fetch-Site": "same-origin"}
    assert visitor.post(reverse("cart:add"), {"code": sku.code, "quantity": "0.3"}, headers=ours).status_code == 303
    page = visitor.get(reverse("checkout:page"))
    form = {**shown(page.context["form"]), **BUYER, "shop": shop.code, "payment_method": "on_collection"}
    answer = visitor.post(reverse("checkout:page"), form, headers=ours)
    assert answer.status_code == 303, answer.content.decode()[:2000]
    return Order.objects.get()

"""Each right in the table is checked somewhere, and revoking it changes an answer; the CMS table gives no more."""

import datetime as dt
import io
import re

import pytest
from django.contrib.auth.models import Permission
from django.core.files.base import ContentFile
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from PIL import Image

from accounts import roles
from accounts.models import User
from accounts.tests.factories import AT, make_staff
from common import clock
from common.models import Picture
from orders.tests.factories import make_shop
from products.models import ProductPage
from products.tests.factories import make_category, make_tax_class
from products.tests.test_quick_add import form_data
from staff.tests.factories import make_cancelled, make_employee, make_open_order, sign_in
from storefront.services.role_groups import MEANINGS, MODELS, make_groups
from tests.sources import sources

pytestmark = pytest.mark.django_db


def asked_by_view(name: str, method: str = "get", *, of_an_order: bool = False):
    def ask(shop) -> object:
        client = sign_in(make_employee(shop, role="owner"))
        order = make_open_order("placed", shop=shop) if of_an_order else None
        return getattr(client, method)(reverse(name, args=[order.number] if order else [])).status_code == 404

    return ask


def first_steps_are_missing(shop) -> bool:
    html = sign_in(make_staff("owner")).get("/admin/").content.decode()
    return "first-steps" not in html and "First steps" not in html


def nothing_new_is_on_sale(shop) -> bool:
    bread = make_category("Bread")
    make_tax_class()
    client = sign_in(make_staff("price_manager"))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(clock, "now", lambda: AT)
        client.post(reverse("products_admin:quick-add"), form_data(bread))
    return not ProductPage.objects.live().exists()


def an_old_order_is_a_missing_page(shop) -> bool:
    order = make_cancelled(timezone.now() - dt.timedelta(days=30), shop=shop)
    client = sign_in(make_employee(shop, role="shop_manager"))
    return client.get(reverse("staff:order", args=[order.number])).status_code == 404


# The refusal a person gets without the right.
REFUSED = {
    "orders.view_board": asked_by_view("staff:board"),
    "orders.view_past": an_old_order_is_a_missing_page,
    "orders.change_status": asked_by_view("staff:step", "post", of_an_order=True),
    "orders.hand_over": asked_by_view("staff:scan"),
    "orders.cancel": asked_by_view("staff:cancel", "post", of_an_order=True),
    "orders.reveal": asked_by_view("staff:show-phone", "post", of_an_order=True),
    "orders.refund": asked_by_view("staff:attention"),
    "orders.make_refund": asked_by_view("staff:refund", of_an_order=True),
    "orders.close_cash": asked_by_view("staff:cash"),
    "customers.register": asked_by_view("staff:register-customer"),
    "customers.verify_phone": asked_by_view("staff:verify-phone"),
    "shop.pause": asked_by_view("staff:pause", "post"),
    "prices.change": nothing_new_is_on_sale,
    "staff.manage": first_steps_are_missing,
}


def test_every_right_in_the_table_is_tested_here():
    assert set(REFUSED) == set(roles.RIGHTS)


@pytest.mark.parametrize("right", REFUSED)
@pytest.mark.parametrize("is_given", [True, False], ids=["given", "taken"])
def test_granting_or_revoking_a_right_changes_an_answer(monkeypatch, right, is_given):
    holders = frozenset(roles.ROLES) if is_given else frozenset()
    monkeypatch.setitem(roles.RIGHTS, right, roles.Right(holders, "", ""))
    make_groups()
    make_staff("owner")

    assert REFUSED[right](make_shop()) is not is_given


@pytest.mark.parametrize("right", REFUSED)
def test_every_right_is_named_where_it_is_checked(right):
    asking = [source.name for source in sources() if f'"{right}"' in source.text and source.name != "accounts/roles.py"]

    assert asking


@pytest.mark.parametrize("right", REFUSED)
def test_every_right_has_a_screen_that_exists(right):
    screen = roles.RIGHTS[right].screen

    assert any(is_reversible(screen, args) for args in ([], ["X"], [1]))


def is_reversible(name: str, args: list) -> bool:
    try:
        reverse(name, args=args)
    except NoReverseMatch:
        return False
    return True


def test_a_right_granted_to_a_role_reaches_its_group(monkeypatch):
    monkeypatch.setitem(roles.RIGHTS, "staff.manage", roles.Right(frozenset({"owner", "shop_manager"}), "", ""))

    group = make_groups()["shop_manager"]

    assert group.permissions.filter(codename="change_user").exists()


def test_the_cms_table_names_no_model_without_a_screen():
    screens = {model for rows in [*MODELS.values(), *(one.models for one in MEANINGS.values())] for model in rows}

    ours = r"stock\.stock|orders\.(?!(order|seller)settings$)|checkout\."
    assert not {model for model in screens if re.match(ours, model)}


# Price managers and pictures


@pytest.fixture
def picture():
    file = io.BytesIO()
    Image.new("RGB", (8, 8), "#fff").save(file, "JPEG")
    return Picture.objects.create(title="Loaf", file=ContentFile(file.getvalue(), name="loaf.jpg"))


@pytest.mark.parametrize("path", ["/admin/images/{pk}/", "/admin/images/{pk}/delete/"])
def test_a_price_manager_cannot_change_or_delete_pictures_of_others(picture, path):
    make_groups()
    make_staff("owner")
    client = sign_in(make_staff("price_manager"))

    client.post(path.format(pk=picture.pk), {"title": "Mine", "collection": picture.collection_id})
    client.post(f"/admin/bulk/common/picture/delete/?next=/admin/images/&id={picture.pk}")

    picture.refresh_from_db()
    assert picture.title == "Loaf"


def test_a_price_manager_can_add_and_choose_pictures(picture):
    make_groups()
    make_staff("owner")
    client = sign_in(make_staff("price_manager"))

    assert client.get("/admin/images/add/").status_code == 200
    assert "Loaf" in client.get("/admin/images/chooser/results/").content.decode()


def test_groups_have_exactly_the_rights_in_the_table_after_a_second_run():
    groups = make_groups()
    stray = Permission.objects.get(codename="change_stocklevel")
    groups["shop_manager"].permissions.add(stray)

    make_groups()

    assert not groups["shop_manager"].permissions.filter(pk=stray.pk).exists()
    assert not User.objects.exists()

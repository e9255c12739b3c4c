"""Each right of the one table is asked somewhere, and taking it changes an answer; the CMS table gives no more."""

import io
import re
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import Permission
from django.core.files.base import ContentFile
from django.urls import reverse
from PIL import Image

from accounts import roles
from accounts.models import User
from accounts.tests.factories import make_staff
from common.models import Picture
from orders.tests.factories import make_shop
from products.editing.views import _may_publish_new
from staff.tests.factories import make_employee, make_open_order, sign_in
from storefront.services.role_groups import MODELS, make_groups
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


def new_things_stay_drafts(shop) -> bool:
    request = SimpleNamespace(user=make_staff("price_manager"))
    return not _may_publish_new(request, SimpleNamespace(can_publish_subpage=lambda: False))


# What a person meets without the right.
REFUSED = {
    "orders.view_board": asked_by_view("staff:board"),
    "orders.change_status": asked_by_view("staff:step", "post", of_an_order=True),
    "orders.hand_over": asked_by_view("staff:scan"),
    "orders.cancel": asked_by_view("staff:cancel", "post", of_an_order=True),
    "orders.reveal": asked_by_view("staff:show-phone", "post", of_an_order=True),
    "orders.refund": asked_by_view("staff:attention"),
    "shop.pause": asked_by_view("staff:pause", "post"),
    "prices.change": new_things_stay_drafts,
    "staff.manage": first_steps_are_missing,
}


def test_every_right_of_the_table_is_tried_here():
    assert set(REFUSED) == set(roles._ACTIONS)


@pytest.mark.parametrize("right", REFUSED)
@pytest.mark.parametrize("is_given", [True, False], ids=["given", "taken"])
def test_giving_or_taking_a_right_changes_an_answer(monkeypatch, right, is_given):
    make_groups()
    make_staff("owner")
    monkeypatch.setitem(roles._ACTIONS, right, frozenset(roles.ROLES) if is_given else frozenset())

    assert REFUSED[right](make_shop()) is not is_given


@pytest.mark.parametrize("right", REFUSED)
def test_every_right_is_named_where_it_is_asked(right):
    asking = [source.name for source in sources() if f'"{right}"' in source.text and source.name != "accounts/roles.py"]

    assert asking


def test_the_cms_table_names_no_model_without_a_screen():
    screens = {f"{model}" for rows in MODELS.values() for model in rows}

    assert not {model for model in screens if re.match(r"stock\.stock|orders\.|checkout\.", model)}


# Price managers and pictures


@pytest.fixture
def picture():
    file = io.BytesIO()
    Image.new("RGB", (8, 8), "#fff").save(file, "JPEG")
    return Picture.objects.create(title="Loaf", file=ContentFile(file.getvalue(), name="loaf.jpg"))


@pytest.mark.parametrize("path", ["/admin/images/{pk}/", "/admin/images/{pk}/delete/"])
def test_a_price_manager_changes_and_deletes_no_picture_of_others(picture, path):
    make_groups()
    make_staff("owner")
    client = sign_in(make_staff("price_manager"))

    client.post(path.format(pk=picture.pk), {"title": "Mine", "collection": picture.collection_id})
    client.post(f"/admin/bulk/common/picture/delete/?next=/admin/images/&id={picture.pk}")

    picture.refresh_from_db()
    assert picture.title == "Loaf"


def test_a_price_manager_adds_and_chooses_pictures(picture):
    make_groups()
    make_staff("owner")
    client = sign_in(make_staff("price_manager"))

    assert client.get("/admin/images/add/").status_code == 200
    assert "Loaf" in client.get("/admin/images/chooser/results/").content.decode()


def test_groups_hold_exactly_the_rights_of_the_table_after_a_second_run():
    groups = make_groups()
    stray = Permission.objects.get(codename="change_stocklevel")
    groups["shop_manager"].permissions.add(stray)

    make_groups()

    assert not groups["shop_manager"].permissions.filter(pk=stray.pk).exists()
    assert not User.objects.exists()

"""The shell around every page: built with few queries, cached, dropped on a change, in the page's language."""

import datetime as dt
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from wagtail.models import Locale, PageViewRestriction, Site

from common.actors import SETUP
from products.tests.factories import make_category, make_product, make_tree
from stock.hours import DayHours
from stock.models import ShopDay
from stock.services.shops import pause
from stock.tests.factories import make_shop
from storefront.models import ContentPage, Identity, ShopPage
from storefront.shell import load_shell
from storefront.templatetags.shell_tags import day_groups

pytestmark = pytest.mark.django_db(transaction=False)


def queries() -> int:
    with CaptureQueriesContext(connection) as found:
        load_shell()
    return len(found)


def menu() -> list[str]:
    return [link.title for link in load_shell().menu]


def test_the_second_page_asks_only_what_has_changed():
    make_tree()
    Identity.load()
    make_category("Bread")
    make_shop()

    load_shell()
    assert queries() == 1
    make_category("Tea")
    first = queries()
    for number in range(4):
        make_category(f"Shelf {number}")
        make_shop(f"shop-{number}", letter="WXYZ"[number])
    assert queries() == first <= 18


def test_saving_anything_it_shows_drops_it():
    tree = make_tree()
    bread = make_category("Bread")
    shop = make_shop("canal")
    assert menu() == ["Bread"]

    bread.title = "Loaves"
    bread.save_revision().publish()
    assert menu() == ["Loaves"]
    make_category("Tea")
    assert menu() == ["Loaves", "Tea"]
    bread.unpublish()
    assert menu() == ["Tea"]
    shop.name = {"en": "Quay"}
    shop.save()
    assert load_shell().shops[0].shop.name_text == "Quay"
    about = tree.home.add_child(instance=ContentPage(title="About", in_footer=True))
    assert [link.title for link in load_shell().footer_pages] == ["About"]
    about.delete()
    assert load_shell().footer_pages == ()
    identity = Identity.load()
    identity.name = "Zerno"
    identity.save()
    assert load_shell().identity.name == "Zerno"


def test_hidden_categories_are_in_no_menu():
    make_tree()
    secret = make_category("Secret")
    make_category("Draft", live=False)
    make_category("Under", parent=secret)
    PageViewRestriction.objects.create(page=secret, restriction_type="login")

    assert menu() == []


def test_the_menu_is_in_the_language_of_the_page():
    tree = make_tree()
    bread = make_category("Bread")
    make_category("Tea")
    russian = Locale.objects.get_or_create(language_code="ru")[0]
    tree.home.copy_for_translation(russian)
    tree.catalogue.copy_for_translation(russian)
    twin = bread.copy_for_translation(russian)
    twin.title = "Хлеб"
    twin.save_revision().publish()

    with translation.override("ru"):
        assert menu() == ["Хлеб", "Tea"]
        assert load_shell().menu[0].url.startswith("/ru/")
        assert load_shell().categories.find(twin.pk).id == bread.pk
    assert menu() == ["Bread", "Tea"]


def test_hours_are_printed_and_readable_by_scripts():
    tree = make_tree()
    shop = make_shop("canal", open_all_week=False)
    shop.hours.create(weekday=0, opens=dt.time(7, 30), closes=dt.time(20))
    shop.save()
    ShopDay.objects.create(shop=shop, date=dt.date(2026, 12, 25))
    page = tree.home.add_child(instance=ShopPage(title="Canal", shop=shop))

    card = load_shell().shops[0]

    assert card.machine_hours == "0730-2000,,,,,,"
    assert card.special_days == "2026-12-25="
    assert card.days[0].text == "7:30–20:00"
    assert card.url == page.url
    assert load_shell().codes == "canal"


def test_a_pause_is_on_every_page_for_scripts_to_show(client, at):
    tree = make_tree()
    shop = make_shop("canal")
    assert 'data-paused=""' in client.get(tree.home.url).content.decode()

    pause(shop_id=shop.pk, until=at + dt.timedelta(minutes=33), actor=SETUP, at=at)

    html = client.get(tree.home.url).content.decode()
    assert set(re.findall(r'data-paused="([^"]*)"', html)) == {(at + dt.timedelta(minutes=33)).isoformat()}


def test_saving_products_does_not_drop_the_shell():
    make_tree()
    before = load_shell()
    make_product("Loaf")

    assert load_shell().menu == before.menu


def test_emails_are_signed_with_the_name_of_the_shop():
    make_tree()
    identity = Identity.load()
    identity.name = "Kruimel"
    identity.save()

    assert Site.objects.get(is_default_site=True).site_name == "Kruimel"


def test_consecutive_days_with_equal_hours_are_grouped():
    nine, ten = "9:00–18:00", "10:00–16:00"
    texts = [nine, nine, nine, nine, ten, "closed", nine]
    days = [DayHours(number, "", text) for number, text in enumerate(texts)]

    assert day_groups(days) == [
        "Mon–Thu\u00a09:00–18:00",
        "Fri\u00a010:00–16:00",
        "Sat\u00a0closed",
        "Sun\u00a09:00–18:00",
    ]

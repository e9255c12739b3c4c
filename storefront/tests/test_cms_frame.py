"""The frame of the CMS: the shop's own name and logo, a page's buttons, the link to change one's password."""

import re

import pytest
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.images import ImageFile
from django.urls import reverse

from accounts.tests.factories import make_staff
from common.actors import SETUP
from common.models import Picture
from common.tests.pictures import file_of, noise
from products.models import ProductPage
from products.tests.factories import make_product
from storefront.models import HomePage, Identity
from storefront.services.setup import set_up

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(client, at):
    cache.clear()
    set_up(owners=[], actor=SETUP, at=at)
    client.force_login(make_staff("owner"))
    yield client
    cache.clear()


def brand(**fields):
    identity = Identity.load()
    for name, value in fields.items():
        setattr(identity, name, value)
    identity.save()


def screen(client, name="wagtailadmin_home", *args):
    return client.get(reverse(name, args=args)).content.decode()


def buttons_of(client, page):
    html = screen(client, "wagtailadmin_pages:edit", page.pk)
    footer = html[html.index('<footer class="footer') :]
    return re.findall(r">\s*(Save draft|Publish|Unpublish)\s*<", footer)


@pytest.mark.parametrize("name", ["wagtailadmin_home", "attributes:index", "wagtailadmin_account"])
def test_every_screen_bears_the_name_of_the_shop_and_not_wagtails(owner, name):
    brand(name="Óm & Sons")

    html = screen(owner, name)

    assert "Óm &amp; Sons</title>" in re.sub(r"\s+<", "<", html)
    logo = html[html.index("data-wagtail-sidebar-branding-logo") :].partition("</template>")[0]
    assert re.search(r'aria-label="Óm &amp; Sons">\s*Ó\s*<', logo)
    assert "Vitrine" not in html
    assert "ditor guide" not in html.lower() and "What's new in Wagtail" not in html
    assert "favicon.ico" not in html and "img/shop.svg" in html
    assert "Keyboard shortcuts" in html


def test_a_missing_screen_bears_the_shops_logo_and_leads_to_its_overview(owner):
    brand(name="Óm & Sons")

    response = owner.get("/admin/none/")

    html = response.content.decode()
    assert response.status_code == 404
    assert re.search(r'aria-label="Óm &amp; Sons">\s*Ó\s*<', html)
    assert f'href="{reverse("wagtailadmin_home")}">Overview</a>' in html
    assert "sidebar-wagtail-branding" not in html and "Wagtail admin" not in html


@pytest.mark.parametrize(
    ("name", "overview"), [("wagtailadmin_home", "/admin/"), ("products_admin:quick-add", "/admin/?")]
)
def test_the_overview_is_current_on_the_overview_only_and_the_shop_nowhere(owner, name, overview):
    html = screen(owner, name)

    sidebar = html[html.index('id="wagtail-sidebar-props"') :].partition("</script>")[0]
    items = dict(re.findall(r'"name": "(overview|view-shop)".*?"url": "([^"]*)"', sidebar))
    assert items == {"overview": overview, "view-shop": "/?"}


def test_the_empty_name_of_a_new_product_says_what_to_enter(owner):
    parent = ProductPage.objects.get(pk=make_product("Loaf").pk).get_parent()

    html = screen(owner, "wagtailadmin_pages:add", "products", "productpage", parent.pk)

    assert 'placeholder="Product name*"' in html
    assert "Page title" not in html


def test_the_heading_of_the_overview_is_the_shops_name(owner):
    brand(name="Corner Bakery")

    assert re.search(r"<h1[^>]*>\s*Corner Bakery\s*</h1>", screen(owner))


def test_the_logo_is_at_the_top_of_the_sidebar(owner):
    picture = Picture.objects.create(title="Own", file=ImageFile(ContentFile(file_of(noise((200, 100)))), "own.png"))
    brand(name="Corner Bakery", logo=picture)

    html = screen(owner)

    logo = html[html.index("data-wagtail-sidebar-branding-logo") :].partition("</template>")[0]
    assert re.search(r'<img class="z-brand" src="[^"]+" alt="Corner Bakery">', logo)


def test_the_name_to_type_before_a_large_deletion_is_the_shops(owner, settings):
    brand(name="Corner Bakery")
    settings.WAGTAILADMIN_UNSAFE_PAGE_DELETION_LIMIT = 0

    html = screen(owner, "wagtailadmin_pages:delete", make_product("Loaf").pk)

    assert "Please type <b>Corner Bakery</b> to confirm" in html


def test_publish_is_the_main_button_of_a_live_page(owner):
    loaf = make_product("Loaf")

    assert buttons_of(owner, loaf)[:2] == ["Publish", "Save draft"]
    assert buttons_of(owner, HomePage.objects.get(locale__language_code="en"))[0] == "Publish"


def test_save_is_the_main_button_of_a_draft(owner):
    loaf = make_product("Loaf")
    ProductPage.objects.filter(pk=loaf.pk).update(live=False)

    assert buttons_of(owner, loaf)[0] == "Save draft"


def test_the_account_page_links_to_the_password(owner):
    address = reverse("account_change_password")

    assert f'href="{address}"' in screen(owner, "wagtailadmin_account")


@pytest.mark.parametrize(
    ("target", "is_for_work"),
    [
        ("/accounts/login/", False),
        ("/accounts/login/?next=/", False),
        ("/accounts/login/?next=/administration", False),
        ("/accounts/login/?next=/admin/pages/3/", True),
        ("/accounts/login/?next=/staff/", True),
        ("/admin/login/", True),
        ("/admin/login/?next=/admin/", True),
    ],
)
def test_the_sign_in_page_speaks_to_staff_when_they_come_to_work(client, target, is_for_work):
    html = client.get(target).content.decode()

    assert ("See your orders." in html) is not is_for_work
    assert ("For people who work here" in html) is is_for_work

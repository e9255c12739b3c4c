"""The header fragment, the shop picker, sitemap, robots, content and shop pages."""

import re
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.core.signing import get_cookie_signer
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from wagtail.models import Locale

from accounts.models import User
from accounts.services.staff import create_staff
from checkout.services.cart import add
from common import clock
from common.actors import SETUP
from products.tests.factories import make_category, make_product, make_tree
from stock.tests.factories import make_shop
from storefront.models import ContentPage, ShopPage
from storefront.public_views import media
from storefront.services.role_groups import make_groups
from storefront.services.root_pages import make_root_pages
from tests.markup import squeezed

pytestmark = pytest.mark.django_db
OWN = {"sec-fetch-site": "same-origin"}


@pytest.fixture(autouse=True)
def fresh_cache():
    cache.clear()
    yield
    cache.clear()


def test_the_fragment_of_an_unknown_visitor_is_empty_and_not_cached(client):
    response = client.get("/fragments/header/")

    html = response.content.decode()
    assert 'data-count="0"' in html
    assert "data-name" not in html and "<template" not in html and "data-messages" not in html
    assert "no-store" in response.headers["Cache-Control"]
    assert not response.cookies


def test_the_fragment_names_the_visitor_and_counts_the_cart(client):
    make_product("Loaf", codes=("LOAF",), price="3.90", stock={make_shop(): 9})
    added = add(token=None, user=None, code="LOAF", quantity=Decimal(2), at=clock.now())
    client.cookies["cart"] = get_cookie_signer(salt="cartcart").sign(added.cart.token)

    as_guest = client.get("/fragments/header/").content.decode()
    client.force_login(User.objects.create_user("anna@example.com", "a long password", name="Anna Maria"))
    signed_in = client.get("/fragments/header/")

    assert 'data-count="1"' in as_guest and "7.80" in as_guest and "data-name" not in as_guest
    assert 'data-amounts="{&quot;LOAF&quot;: &quot;2&quot;}"' in as_guest
    html = signed_in.content.decode()
    assert 'data-name="Account of Anna"' in html and 'data-count="1"' in html
    assert signed_in.cookies["cart"]["max-age"] == 0


def test_the_header_and_the_drawer_show_both_carts_at_once_after_signing_in(client):
    shop = make_shop()
    make_product("Loaf", codes=("LOAF",), price="3.90", stock={shop: 9})
    make_product("Bun", codes=("BUN",), price="1.00", stock={shop: 9})
    anna = User.objects.create_user("anna@example.com", "a long password", name="Anna Maria")
    add(token=None, user=anna, code="LOAF", quantity=Decimal(1), at=clock.now())
    guests = add(token=None, user=None, code="BUN", quantity=Decimal(1), at=clock.now())
    client.cookies["cart"] = get_cookie_signer(salt="cartcart").sign(guests.cart.token)
    client.force_login(anna)

    drawer = client.get("/cart/drawer/").content.decode()
    header = client.get("/fragments/header/").content.decode()
    checkout = client.get("/checkout/").content.decode()

    assert "Loaf" in drawer and "Bun" in drawer
    assert 'data-count="2"' in header
    assert "We added 1 item from your cart on this device." in checkout
    assert "We added" not in client.get("/checkout/").content.decode()


def test_only_people_who_may_edit_get_the_userbar(client):
    make_groups()
    home = make_tree().home
    for role, has in (("owner", True), ("editor", True), ("employee", False)):
        user = create_staff(email=f"{role}@example.com", name=role, role=role, actor=SETUP, at=clock.now())
        client.force_login(user)

        html = client.get(f"/fragments/header/?page={home.pk}").content.decode()

        assert ("data-userbar-html" in html) == has, role
        assert (f"/admin/pages/{home.pk}/edit/" in html) == has, role


@pytest.mark.parametrize("page", ["", "0", "-1", "x", "9" * 40, "1;drop", "²", "99999"])
def test_there_is_no_userbar_for_an_unknown_page(client, page):
    client.force_login(User.objects.create_user("root@example.com", "a long password", is_superuser=True))

    response = client.get("/fragments/header/", {"page": page})

    assert response.status_code == 200
    assert "data-userbar-html" not in response.content.decode()


def test_a_chosen_shop_is_remembered_and_the_visitor_returns(client):
    make_shop("canal")

    response = client.post("/choose-shop/", {"shop": "canal"}, headers={**OWN, "referer": "http://testserver/x/?a=1"})

    assert response.status_code == 303
    assert response.headers["Location"] == "http://testserver/x/?a=1"
    assert response.cookies["shop"].value == "canal"
    assert not response.cookies["shop"]["httponly"]


@pytest.mark.parametrize("referer", ["https://elsewhere.example/", "javascript:alert(1)", "//elsewhere.example", ""])
def test_choosing_a_shop_never_redirects_to_another_site(client, referer):
    make_shop("canal")

    response = client.post("/choose-shop/", {"shop": "canal"}, headers={**OWN, "referer": referer})

    assert response.headers["Location"] == "/"


@pytest.mark.parametrize("shop", ["", "nowhere", "x" * 5000])
def test_an_unknown_shop_cannot_be_chosen(client, shop):
    assert client.post("/choose-shop/", {"shop": shop}, headers=OWN).status_code == 404


def test_another_site_cannot_choose_a_shop(client):
    make_shop("canal")

    response = client.post("/choose-shop/", {"shop": "canal"}, headers={"sec-fetch-site": "cross-site"})

    assert response.status_code == 403
    assert "shop" not in response.cookies


def test_the_sitemap_lists_public_pages(client):
    page = make_product("Loaf", categories=[make_category()])
    make_product("Draft", codes=("D",), live=False)

    xml = client.get("/sitemap.xml").content.decode()

    assert page.full_url in xml
    assert "draft" not in xml


def test_robots_are_kept_away_from_personal_pages(client):
    text = client.get("/robots.txt").content.decode()

    assert "Disallow: /cart/" in text
    assert re.search(r"^Sitemap: http\S+/sitemap.xml$", text, re.MULTILINE)


def test_the_style_guide_is_for_developers_and_the_demo(client, settings):
    make_tree()
    settings.DEBUG = settings.DEMO = False
    assert client.get("/styleguide/").status_code == 404
    settings.DEMO = True
    assert client.get("/styleguide/").status_code == 200


def test_the_style_guide_draws_the_components_themselves(client, settings):
    make_tree()
    make_shop()
    settings.DEMO = True

    drawn = {template.name for template in client.get("/styleguide/").templates}

    assert {
        "components/crumbs.html",
        "components/errors.html",
        "components/field.html",
        "components/notice.html",
        "components/picture.html",
        "components/stock.html",
        "components/timeline.html",
        "checkout/_line.html",
        "checkout/_totals.html",
        "checkout/_undo.html",
        "products/_card.html",
    } <= drawn


def test_a_content_page_shows_its_blocks(client):
    body = [
        {"type": "heading", "value": "How we bake"},
        {"type": "text", "value": "<p>Slowly.</p>"},
        {"type": "questions", "value": {"heading": "Asked", "items": [{"question": "When?", "answer": "<p>At 4</p>"}]}},
        {"type": "shop_hours", "value": None},
        {"type": "picture_band", "value": {"heading": "Mill", "text": "", "image": None}},
    ]
    make_shop("canal", address={"en": "12 Canal Quay"})
    page = make_tree().home.add_child(instance=ContentPage(title="About", lead="Since 1901", body=body))

    html = client.get(page.url).content.decode()

    for text in ("How we bake", "Slowly.", "When?", "At 4", "12 Canal Quay", "Mill", "Since 1901"):
        assert text in html


def test_a_shop_page_prints_the_week(client):
    shop = make_shop("canal", address={"en": "12 Canal Quay"}, phone="+31 20 555 0100")
    page = make_tree().home.add_child(instance=ShopPage(title="Canal", shop=shop))

    html = client.get(page.url).content.decode()

    assert "12 Canal Quay" in html
    assert 'href="tel:+31205550100"' in html
    assert html.count("open 24 hours") >= 7
    assert "Sunday" in html


@pytest.mark.usefixtures("pages_drawn_anew")
def test_plain_pages_make_few_queries(client):
    shop = make_shop("canal")
    page = make_tree().home.add_child(instance=ShopPage(title="Canal", shop=shop))
    client.get(page.url)

    with CaptureQueriesContext(connection) as queries:
        client.get(page.url)

    assert len(queries) <= 9 + 2


def language_links(client, url: str) -> dict[str, str]:
    found = re.findall(
        r'<a class="switch__opt" href="([^"]*)" lang="(\w+)"', squeezed(client.get(url).content.decode())
    )
    return {code: address for address, code in found}


def test_the_language_switch_leads_to_the_same_page_if_it_is_translated(client):
    make_tree()
    bread, tea = make_category("Bread"), make_category("Tea")
    make_root_pages()
    tea.get_translation(Locale.objects.get(language_code="ru")).unpublish()

    assert language_links(client, bread.url) == {"en": "/catalogue/bread/", "ru": "/ru/catalogue/bread/"}
    assert language_links(client, "/ru/catalogue/bread/") == language_links(client, bread.url)
    assert language_links(client, tea.url) == {"en": "/catalogue/tea/", "ru": "/ru/"}


def test_the_language_switch_keeps_the_query(client):
    make_tree()

    assert language_links(client, "/ru/search/?q=rye") == {"en": "/search/?q=rye", "ru": "/ru/search/?q=rye"}
    assert language_links(client, "/cart/") == {"en": "/cart/", "ru": "/ru/cart/"}
    assert language_links(client, "/nope/") == {"en": "/", "ru": "/ru/"}


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("images/loaf.fill-280x280.webp", "public, max-age=31536000, immutable"),
        ("original_images/loaf.jpg", "public, max-age=3600"),
    ],
)
def test_browsers_keep_cut_pictures_for_a_year_and_originals_for_an_hour(client, settings, tmp_path, path, kept):
    settings.MEDIA_ROOT = tmp_path
    file = tmp_path / path
    file.parent.mkdir()
    file.write_bytes(b"picture")

    response = media(RequestFactory().get("/"), path)

    assert response.headers["Cache-Control"] == kept
    assert b"".join(response.streaming_content) == b"picture"

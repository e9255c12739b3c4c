"""Whole pages kept as bytes: what is kept, for whom, for how long; the same bytes as without."""

import datetime as dt
import gzip
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from wagtail.models import PageViewRestriction

from accounts.models import User
from common.kept_pages import accepts_gzip, store
from common.page_changes import feed as reading
from common.page_changes.parts import forget_parts
from products.models import Attribute, AttributeValue, ProductAttribute, Sku
from products.tests.factories import make_category, make_price, make_product
from stock.models import StockLevel
from stock.tests.factories import make_shop
from storefront.look import Look, look_of
from storefront.models import ContentPage, HomePage, Identity

pytestmark = [pytest.mark.django_db, pytest.mark.violates("I04b", "I42", "I44")]
GZIP = {"HTTP_ACCEPT_ENCODING": "gzip"}


def queries(client, url: str, **headers: str) -> int:
    with CaptureQueriesContext(connection) as seen:
        client.get(url, **headers)
    return len(seen)


def is_drawn(client, url: str) -> bool:
    """Return whether it takes more than asking what has changed."""
    forget_parts()
    return queries(client, url) > 1


@pytest.mark.parametrize("name", ["home", "category", "product", "search", "suggest", "content"])
def test_a_page_is_drawn_once(site, client, name):
    first = client.get(site[name])

    assert queries(client, site[name]) == 1
    assert client.get(site[name]).content == first.content
    assert client.get(site[name]).headers == first.headers


@pytest.mark.parametrize("name", ["home", "category", "product", "search", "content"])
def test_kept_or_not_the_bytes_are_the_same(site, client, settings, name):
    asked = [{}, GZIP, {"HTTP_COOKIE": f"sessionid={'x' * 32}"}]
    client.get(site[name])
    kept = [client.get(site[name], **headers) for headers in asked]

    settings.PAGES_KEPT = False

    plain = [client.get(site[name], **headers) for headers in asked]
    assert [answer.content for answer in kept] == [answer.content for answer in plain]
    assert [answer.headers for answer in kept] == [answer.headers for answer in plain]


def test_what_changes_drops_the_pages_that_show_it_and_no_others(site, client):
    other = make_product(
        "Oat biscuit", codes=("OAT",), categories=[make_category("Biscuits")], stock={make_shop("b"): 7}
    )
    pages = {**site, "other": other.url}
    for url in pages.values():
        client.get(url)

    StockLevel.objects.filter(sku__code="RYE").update(band=1)

    drawn = {name for name, url in pages.items() if is_drawn(client, url)}
    assert drawn == set(pages) - {"other", "content", "nothing"}


def test_a_title_is_new_at_once(site, client):
    client.get(site["home"])
    page = Sku.objects.get(code="RYE").product.pages.get()
    page.title = "Rye, sliced"
    page.save_revision().publish()

    assert "Rye, sliced" in client.get(site["home"]).content.decode()


def test_a_link_to_a_page_follows_its_address_and_its_title(site, client):
    loaf = Sku.objects.get(code="RYE").product.pages.get()
    about = ContentPage.objects.get(title="About")
    about.body = [("text", f'<p><a linktype="page" id="{loaf.pk}">Our loaf</a></p>')]
    about.save_revision().publish()
    home = HomePage.objects.get()
    home.hero_link_page = loaf
    home.save_revision().publish()
    assert 'href="/products/rye-loaf/"' in client.get(site["content"]).content.decode()
    assert "Rye loaf" in client.get(site["home"]).content.decode()

    loaf.slug, loaf.title = "dark-rye", "Dark rye"
    loaf.save_revision().publish()

    assert 'href="/products/dark-rye/"' in client.get(site["content"]).content.decode()
    assert "Rye loaf" not in client.get(site["home"]).content.decode()


def test_a_price_is_new_when_its_moment_comes(site, client, stopped_clock, at):
    make_price(Sku.objects.get(code="RYE"), 9, starts_at=at + dt.timedelta(minutes=5))
    assert "€9.00" not in client.get(site["product"]).content.decode()

    stopped_clock(at + dt.timedelta(minutes=5))

    assert "€9.00" in client.get(site["product"]).content.decode()


@pytest.mark.parametrize(
    "hide",
    [
        lambda page: page.unpublish(),
        lambda page: PageViewRestriction.objects.create(page=page, restriction_type="login"),
        lambda page: page.delete(),
    ],
    ids=["unpublished", "restricted", "deleted"],
)
def test_a_page_that_is_hidden_is_not_shown_from_what_was_kept(site, client, hide):
    assert client.get(site["product"]).status_code == 200

    hide(Sku.objects.get(code="RYE").product.pages.get())

    assert client.get(site["product"]).status_code in (302, 404)


def test_a_preview_shows_the_draft_although_the_live_page_is_kept(site, client):
    """Wagtail sends previews through the middleware as requests for the address of the live page."""
    for name, draft in {
        "product": Sku.objects.get(code="RYE").product.pages.get(),
        "content": ContentPage.objects.get(title="About"),
    }.items():
        # Kept under the very host and path that the preview asks for.
        host = urlsplit(draft.full_url).netloc
        assert client.get(site[name], HTTP_HOST=host).status_code == 200
        draft.title = "Nobody has seen this"

        preview = draft.make_preview_request().content.decode()

        assert "Nobody has seen this" in preview, name
        assert "Nobody has seen this" not in client.get(site[name], HTTP_HOST=host).content.decode(), name


def test_what_a_member_may_see_is_kept_for_nobody_else(site, client):
    PageViewRestriction.objects.create(page=ContentPage.objects.get(title="About"), restriction_type="login")
    member = Client()
    member.force_login(User.objects.create_user("member@example.com", "a long password"))

    assert member.get(site["content"]).status_code == 200
    assert len(store) == 0
    assert client.get(site["content"]).status_code == 302


@pytest.mark.parametrize(
    "path", ["/cart/", "/accounts/login/", "/nothing-here/", "/search/suggest/nothing/", "/staff/"]
)
def test_private_and_failed_answers_are_never_kept(site, client, path):
    answer = client.get(path)

    assert answer.headers["Cache-Control"] == "private, no-store" or "no-store" in answer.headers["Cache-Control"]
    assert len(store) == 0


def test_parameters_that_no_page_reads_make_no_page_of_their_own(site, client):
    client.get(site["category"])
    for number in range(20):
        assert queries(client, f"{site['category']}?utm_source=letter{number}&fbclid={number}&a_rubbish={number}") == 1

    assert len(store) == 1


def test_a_parameter_that_a_page_reads_makes_its_own(site, client):
    roast = Attribute.objects.create(code="roast", name={"en": "Roast"}, kind="choice", is_filter=True)
    dark = AttributeValue.objects.create(attribute=roast, code="dark", label={"en": "Dark"})
    page = Sku.objects.get(code="RYE").product.pages.get()
    ProductAttribute.objects.create(page=page, attribute=roast, value=dark)
    make_product("Oat loaf", codes=("OAT",), categories=[page.categories.get().category], stock={make_shop("b"): 7})

    both = client.get(site["category"]).content.decode()
    one = client.get(f"{site['category']}?a_roast=dark").content.decode()

    assert ("Oat loaf" in both, "Oat loaf" in one) == (True, False)


@pytest.mark.parametrize("query", ["q=%ff", "q=%00", "x" * 2000, "&".join(f"p{n}=1" for n in range(200))])
def test_what_cannot_be_read_is_left_to_those_who_refuse_it(site, client, settings, query):
    url = f"{site['category']}?{query}"
    client.get(site["category"])
    kept = client.get(url)

    settings.PAGES_KEPT = False

    assert (client.get(url).status_code, client.get(url).content) == (kept.status_code, kept.content)


def test_another_host_or_scheme_is_another_page(site, client):
    client.get(site["home"])
    client.get(site["home"], HTTP_HOST="other.example")
    client.get(site["home"], secure=True)
    client.get(site["home"], HTTP_X_FORWARDED_HOST="evil.example")

    assert {key[:3] for key in [*store._trial, *store._proven]} == {
        ("http", "", ""),
        ("http", "other.example", ""),
        ("https", "", ""),
    }


def test_head_and_304_have_no_body(site, client):
    tag = client.get(site["home"]).headers["ETag"]
    for _ in range(2):
        head = client.head(site["home"], **GZIP)
        same = client.get(site["home"], HTTP_IF_NONE_MATCH=f'"other", {tag}')
        star = client.get(site["home"], HTTP_IF_NONE_MATCH="*")
        assert (head.status_code, head.content, same.status_code, star.status_code) == (200, b"", 304, 304)
        assert same.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
        store.clear()


def test_the_etag_is_the_same_compressed_or_plain(site, client):
    plain, packed = client.get(site["home"]), client.get(site["home"], **GZIP)

    assert packed.headers["ETag"] == plain.headers["ETag"]
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == plain.content
    assert int(packed.headers["Content-Length"]) == len(packed.content)
    assert int(plain.headers["Content-Length"]) == len(plain.content)


@pytest.mark.parametrize(
    ("header", "allowed"),
    [
        ("", False),
        ("gzip", True),
        ("br, GZIP;q=0.5", True),
        ("gzip;q=0", False),
        ("gzip; q=0.000", False),
        ("*", True),
        ("*;q=0", False),
        ("identity", False),
        ("gzip;q=0, *", False),
        ("x-gzip2", False),
    ],
)
def test_gzip_is_sent_to_those_who_accept_it(header, allowed):
    assert accepts_gzip(header) is allowed


def test_a_range_gets_the_whole_page(site, client):
    assert client.get(site["home"], HTTP_RANGE="bytes=0-9").status_code == 200


def test_the_bytes_are_bounded_and_what_is_read_often_stays(site, client, settings):
    settings.PAGES_KEPT_BYTES = 120_000
    for _ in range(2):
        client.get(site["product"])

    for number in range(200):
        client.get(f"/search/?q=rye{number}")

    assert store.size <= settings.PAGES_KEPT_BYTES
    assert queries(client, site["product"]) == 1


def test_pages_go_on_while_the_database_is_gone(site, client, monkeypatch):
    client.get(site["home"])

    def fail(position):
        raise reading.DatabaseError("gone")

    monkeypatch.setattr(reading, "_changes", fail)

    assert client.get(site["home"]).status_code == 200


def test_a_cdn_asks_each_time_unless_the_owner_allows_more(site, client, settings):
    headers = client.get(site["home"]).headers
    assert headers["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert "Cache-Tag" not in headers
    store.clear()
    settings.PAGE_SHARED_SECONDS = 30

    headers = client.get(site["product"]).headers
    assert "s-maxage=30" in headers["Cache-Control"]
    assert {"all", f"p{Sku.objects.get(code='RYE').product_id}"} <= set(headers["Cache-Tag"].split(","))


def test_a_picture_that_cannot_be_cut_is_tried_again(site, client, monkeypatch):
    client.get(site["home"])
    store.clear()

    def uncut(identity: Identity) -> Look:
        reading.do_not_keep()
        return look_of(identity)

    monkeypatch.setattr("storefront.shell.look_of", uncut)
    Identity.objects.create(name="Zerno")

    client.get(site["home"])

    assert len(store) == 0

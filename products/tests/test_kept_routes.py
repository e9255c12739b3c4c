"""Pages that were found once: asked for again without a query, and never shown to those who may not see them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.models import Page, PageViewRestriction, Site

from accounts.tests.factories import make_customer
from products.models import ProductIndexPage, ProductPage
from storefront.models import HomePage

pytestmark = [pytest.mark.django_db, pytest.mark.violates("I04b", "I42", "I44")]


@pytest.fixture(autouse=True)
def _whole_pages_are_not_kept(settings):
    settings.PAGES_KEPT_BYTES = 0


@pytest.mark.parametrize("name", ["home", "category", "catalogue", "product", "variant", "content"])
def test_a_page_is_looked_for_once(site, client, name):
    client.get(site[name])

    with CaptureQueriesContext(connection) as seen:
        answer = client.get(site[name])

    assert answer.status_code == 200
    # The other one asks what has changed.
    assert [query["sql"][:40] for query in seen if "common_pagechange" not in query["sql"]] == []


@pytest.mark.parametrize("name", ["home", "category", "product", "content"])
def test_every_request_has_a_page_of_its_own(site, client, name):
    """What is read while a page is drawn stays with the request: the next one reads it again."""
    first, second = (client.get(site[name]).context["page"] for _ in range(2))

    assert first == second
    assert first is not second
    if hasattr(first, "body"):
        assert first.body is not second.body


def test_a_restricted_home_page_is_read_for_each_request(site, client):
    """Every kept site leads to it: those who may see it see what it says now."""
    home = HomePage.objects.get()
    PageViewRestriction.objects.create(page=home, restriction_type="login")
    client.force_login(make_customer())
    for words in ("Fresh at seven", "Closed in August"):
        home.hero_title = words
        home.save_revision().publish()

        assert words in client.get(site["home"]).content.decode()


@pytest.mark.parametrize("kind", ["login", "password", "groups"])
@pytest.mark.parametrize("name", ["home", "category", "product", "content"])
def test_a_page_that_is_restricted_is_not_shown_from_what_was_found(site, client, name, kind):
    page = client.get(site[name]).context["page"]
    client.get(site[name])

    PageViewRestriction.objects.create(page_id=page.pk, restriction_type=kind, password="secret")
    answer = client.get(site[name])

    assert (answer.status_code, "page" in (answer.context or {})) in ((302, False), (200, True))
    assert "no-store" in answer.headers["Cache-Control"]
    assert 'class="display"' not in answer.content.decode()


def test_a_restriction_on_a_page_above_counts(site, client):
    client.get(site["product"])

    PageViewRestriction.objects.create(page_id=ProductIndexPage.objects.get().pk, restriction_type="login")

    assert client.get(site["product"]).status_code == 302


def test_a_restriction_that_is_lifted_shows_the_page_again(site, client):
    restriction = PageViewRestriction.objects.create(page=ProductPage.objects.get(), restriction_type="login")
    assert client.get(site["product"]).status_code == 302

    restriction.delete()

    assert client.get(site["product"]).status_code == 200


def test_another_host_has_the_pages_of_its_own_site(site, client):
    client.get(site["content"])
    other = HomePage(title="Other", slug="other")
    Page.get_first_root_node().add_child(instance=other)
    Site.objects.create(hostname="other.example", root_page=other)

    assert client.get(site["content"]).status_code == 200
    assert client.get(site["content"], HTTP_HOST="other.example").status_code == 404
    assert client.get("/", HTTP_HOST="other.example").context["page"].pk == other.pk


def test_a_route_inside_a_page_is_asked_each_time(site, client, monkeypatch):
    asked = []
    usual = HomePage.route

    def route(page, request, rest):
        if rest == ["today"]:
            asked.append(rest)
            rest = []
        return usual(page, request, rest)

    monkeypatch.setattr(HomePage, "route", route)

    assert [client.get("/today/").status_code for _ in range(2)] == [200, 200]
    assert len(asked) == 2

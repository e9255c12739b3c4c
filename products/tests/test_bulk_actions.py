"""Bulk actions on pages: limited, one transaction a page, each refusal reported, the rest carried out."""

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.urls import reverse
from wagtail.models import Page

from products.editing import bulk_views as bulk
from products.models import ProductPage, Sku
from products.services import pages as page_services
from products.tests.factories import make_category, make_product, make_tree

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def three(editor):
    """Return three products of one index."""
    return [make_product(title, codes=(title.upper(),)) for title in ("Rye", "Bun", "Bap")]


def act(client, action, pages, **data):
    """Confirm a bulk action; return its messages by level."""
    chosen = "&".join(f"id={page if isinstance(page, str) else page.pk}" for page in pages)
    index = make_tree().index
    listing = reverse("wagtailadmin_explore", args=[index.pk])
    address = reverse("wagtail_bulk_action", args=["wagtailcore", "page", action])
    response = client.post(f"{address}?{chosen}&childOf={index.pk}&next={listing}", data, follow=True)
    assert response.redirect_chain == [(listing, 302)]
    return [(message.level_tag, message.message.strip()) for message in response.context["messages"]]


@pytest.mark.parametrize(
    ("action", "said"),
    [
        ("unpublish", "3 pages have been unpublished"),
        ("delete", "3 pages have been deleted"),
    ],
)
def test_pages_are_changed_together(editor, three, action, said):
    messages = act(editor, action, three)

    assert ("success", said) in messages
    assert not ProductPage.objects.live().exists()


def test_drafts_below_a_page_are_published_with_it_on_request(editor, three):
    make_product("Draft", codes=("D",), live=False)
    index = make_tree().index

    messages = act(editor, "publish", [index], include_descendants="on")

    assert messages == [("success", "1 page and 1 child page have been published")]
    assert ProductPage.objects.get(title="Draft").live


def test_pages_are_moved(editor):
    bread, rolls = make_category("Bread"), make_category("Rolls")

    messages = act(editor, "move", [rolls], chooser=bread.pk)

    assert messages == [("success", "1 page has been moved")]
    assert Page.objects.get(pk=rolls.pk).get_parent().pk == bread.pk


def test_each_page_has_a_transaction_of_its_own(editor, three, monkeypatch):
    depths = []
    plain = Page.unpublish

    def watched(page, *args, **kwargs):
        depths.append(len(connection.savepoint_ids))
        return plain(page, *args, **kwargs)

    begun = []
    enter = transaction.Atomic.__enter__

    def counted(block):
        if not connection.in_atomic_block:
            begun.append(block)
        return enter(block)

    monkeypatch.setattr(ProductPage, "unpublish", watched)
    monkeypatch.setattr(transaction.Atomic, "__enter__", counted)
    act(editor, "unpublish", three)

    assert depths == [0, 0, 0]
    assert len(begun) >= 3


def test_refusals_are_reported_by_page_and_the_rest_is_carried_out(editor, three, monkeypatch):
    plain = page_services.unpublish_page

    def unpublish_page(*, page_id, **more):
        if page_id == three[1].pk:
            raise ValidationError("It is needed today.")
        plain(page_id=page_id, **more)

    monkeypatch.setattr(bulk, "unpublish_page", unpublish_page)
    messages = act(editor, "unpublish", three)

    assert messages == [
        ("error", "1 page was left as it was. Bun: It is needed today."),
        ("success", "2 pages have been unpublished"),
    ]
    assert list(ProductPage.objects.live().values_list("title", flat=True)) == ["Bun"]


@pytest.mark.parametrize("action", ["publish", "unpublish", "delete", "move"])
def test_too_many_pages_are_refused_before_any_is_listed(editor, three, action, monkeypatch):
    monkeypatch.setattr(bulk, "MOST_PAGES", 2)

    for chosen in (three, ["all"]):
        messages = act(editor, action, chosen)

        text = "At most 2 pages are changed at once, those below them included: choose fewer."
        assert messages == [("error", text)]
    assert ProductPage.objects.live().count() == 3


@pytest.mark.parametrize(("action", "data"), [("unpublish", {"include_descendants": "on"}), ("delete", {})])
def test_pages_below_count_too(editor, action, data, monkeypatch):
    bread = make_category("Bread")
    for title in ("Rye", "White"):
        make_category(title, parent=bread)
    monkeypatch.setattr(bulk, "MOST_PAGES", 2)

    messages = act(editor, action, [bread], **data)

    assert messages == [("error", "At most 2 pages are changed at once, those below them included: choose fewer.")]
    assert Page.objects.live().filter(path__startswith=bread.path).count() == 3


def test_a_page_is_deleted_with_its_descendants_even_if_they_are_chosen_too(editor):
    bread = make_category("Bread")
    rye = make_category("Rye", parent=bread)

    messages = act(editor, "delete", [bread, rye])

    assert messages == [("success", "1 page and 1 child page have been deleted")]


def test_variants_of_deleted_products_are_archived(editor, three):
    messages = act(editor, "delete", three[:2])

    assert messages[0][0] == "warning"
    assert list(Sku.objects.filter(is_active=True).values_list("code", flat=True)) == ["BAP"]


@pytest.mark.parametrize("chosen", ["id=all&childOf=999999999", "id=²", "id=-1", "id=", "id=x&id=99999999999999999999"])
def test_a_choice_without_a_page_is_refused(editor, three, chosen):
    address = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "unpublish"])

    answer = editor.get(f"{address}?{chosen}&next=/admin/")

    assert answer.status_code in (200, 302, 400, 404)
    assert ProductPage.objects.live().count() == 3

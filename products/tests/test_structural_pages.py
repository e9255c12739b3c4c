"""Home, catalogue and product index cannot be unpublished, moved or deleted by any route in the CMS."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from wagtail.actions.delete_page import DeletePageAction
from wagtail.actions.move_page import MovePageAction
from wagtail.actions.unpublish_page import UnpublishPageAction
from wagtail.models import Page

from accounts.models import User
from products.tests.factories import make_category, make_tree
from storefront.models import HomePage

pytestmark = pytest.mark.django_db

NAMES = ["home", "catalogue", "index"]


@pytest.fixture
def tree():
    return make_tree()


def is_as_it_was(page):
    """Say whether the page is still live in its old place."""
    now = Page.objects.filter(pk=page.pk, live=True).first()
    return now is not None and now.path == page.path


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("action", ["unpublish", "delete", "move"])
def test_the_editors_action_pages_refuse(editor, tree, name, action):
    page = getattr(tree, name)

    response = editor.post(reverse(f"wagtailadmin_pages:{action}", args=[page.pk]), {"confirm": "1"})

    assert (response.status_code, response["Location"]) == (302, reverse("wagtailadmin_home"))
    assert is_as_it_was(page)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("action", ["unpublish", "delete", "move"])
def test_bulk_actions_leave_them_out_and_say_why(editor, tree, name, action):
    page, other = getattr(tree, name), make_category("Rolls")
    address = reverse("wagtail_bulk_action", args=["wagtailcore", "page", action])
    data = {"chooser": other.pk} if action == "move" else {}

    response = editor.post(f"{address}?id={page.pk}&next=/admin/", data, follow=True)

    told = [message.message for message in response.context["messages"]]
    assert any("it can be neither unpublished, moved nor deleted." in text for text in told)
    assert is_as_it_was(page)


@pytest.mark.parametrize("name", NAMES)
def test_the_actions_behind_the_api_refuse(tree, name):
    user, page = User.objects.create_superuser("root@example.com", "secret"), getattr(tree, name)
    elsewhere = Page.get_first_root_node() if name != "home" else make_category("Rolls")
    base = Page.objects.get(pk=page.pk)

    for action in (
        DeletePageAction(base, user=user),
        UnpublishPageAction(base, user=user),
        MovePageAction(base, elsewhere, pos="last-child", user=user),
    ):
        with pytest.raises(PermissionDenied):
            action.execute()

    assert is_as_it_was(page)


def test_siblings_can_still_be_reordered(tree):
    user = User.objects.create_superuser("root@example.com", "secret")

    Page.objects.get(pk=tree.index.pk).move(Page.objects.get(pk=tree.home.pk), pos="first-child", user=user)

    assert Page.objects.get(pk=tree.home.pk).get_first_child().pk == tree.index.pk


def test_an_expiry_date_is_refused_at_its_field(tree, at):
    tree.catalogue.expire_at = at + dt.timedelta(days=1)

    with pytest.raises(ValidationError) as refused:
        tree.catalogue.full_clean()

    assert refused.value.message_dict == {"expire_at": ["The shop needs this page: it cannot expire."]}


def test_a_home_page_of_no_site_can_be_removed(tree):
    user = User.objects.create_superuser("root@example.com", "secret")
    spare = Page.get_first_root_node().add_child(instance=HomePage(title="Spare", slug="spare"))

    Page.objects.get(pk=spare.pk).delete(user=user)

    assert not Page.objects.filter(pk=spare.pk).exists()


def test_the_editor_explains_the_missing_buttons(editor, tree):
    html = editor.get(reverse("wagtailadmin_pages:edit", args=[tree.catalogue.pk])).content.decode()

    assert "The shop needs this page where it is" in html
    assert reverse("wagtailadmin_pages:delete", args=[tree.catalogue.pk]) not in html
    assert reverse("wagtailadmin_pages:unpublish", args=[tree.catalogue.pk]) not in html

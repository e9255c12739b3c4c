"""What products add to the CMS: the Shop group, quick add, the variants tab's script, archiving after deletion."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import include, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.components import Component
from wagtail.admin.widgets import Button
from wagtail.models import Page

from accounts.models import User
from common import clock
from common.actors import Actor
from common.models import Picture
from products.editing import urls as admin_urls
from products.editing.viewsets import ProductPageViewSet, ShopGroup
from products.models import ProductPage
from products.services.skus import archive_orphans
from products.unshown import unshown_pictures

MOST_NAMED = 10


@hooks.register("register_admin_viewset")
def register_viewsets() -> list:
    return [ShopGroup(), ProductPageViewSet()]


@hooks.register("register_admin_urls")
def register_addresses() -> list:
    return [path("products/", include(admin_urls))]


class QuickAddItem(MenuItem):
    """Shown to those who may add SKUs."""

    def is_shown(self, request: HttpRequest) -> bool:
        return request.user.has_perm("products.add_sku")


@hooks.register("register_admin_menu_item")
def register_quick_add() -> MenuItem:
    address = reverse("products_admin:quick-add")
    return QuickAddItem(_("Quick add product"), address, name="quick-add-product", icon_name="plus", order=240)


@hooks.register("register_page_header_buttons")
def variants_in_header(page: Page, user: User, view_name: str, next_url: str | None = None) -> Iterator[Button]:
    """Lead to the variants on their own address: an alias has no editor, and so no tab."""
    yield from _variants_button(page, user)


@hooks.register("register_page_listing_more_buttons")
def variants_in_listing(page: Page, user: User, next_url: str | None = None) -> Iterator[Button]:
    yield from _variants_button(page, user)


def _variants_button(page: Page, user: User) -> Iterator[Button]:
    if issubclass(page.specific_class or Page, ProductPage) and user.has_perm("products.view_sku"):
        address = reverse("products_admin:variants", args=[page.pk])
        yield Button(_("Variants, prices and stock"), address, icon_name="tag", priority=12)


class UnshownPicturesPanel(Component):
    """Names pictures on live products that buyers do not see."""

    name = "unshown_pictures"
    order = 60
    template_name = "products/admin/unshown_pictures.html"

    def __init__(self, pictures: list[Picture]) -> None:
        self.pictures = pictures

    def get_context_data(self, parent_context: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"pictures": self.pictures[:MOST_NAMED], "has_more": len(self.pictures) > MOST_NAMED}


@hooks.register("construct_homepage_panels")
def add_unshown_pictures(request: HttpRequest, panels: list[Component]) -> None:
    if request.user.has_perm("common.change_picture"):
        found = list(unshown_pictures(clock.now())[: MOST_NAMED + 1])
        if found:
            panels.append(UnshownPicturesPanel(found))


@hooks.register("insert_editor_js")
def variants_script() -> str:
    return format_html('<script type="module" src="{}"></script>', static("products/variants.js"))


@hooks.register("insert_global_admin_css")
def variants_style() -> str:
    return format_html('<link rel="stylesheet" href="{}">', static("products/variants.css"))


@hooks.register("after_delete_page")
def archive_after_delete(request: HttpRequest, page: Page) -> None:
    _archive(request)


@hooks.register("after_bulk_action")
def archive_after_bulk_delete(request: HttpRequest, action_type: str, objects: list, action: object) -> None:
    if action_type == "delete" and issubclass(action.model, Page):
        _archive(request)


@hooks.register("before_bulk_action")
def refuse_undeclared_products(
    request: HttpRequest, action_type: str, objects: list, action: object
) -> HttpResponse | None:
    """Refuse to publish drafts without an allergen declaration: the action itself would answer with an error."""
    if action_type != "publish" or not issubclass(action.model, Page):
        return None
    chosen = Q(pk__in=[page.pk for page in objects])
    if request.POST.get("include_descendants"):
        for page in objects:
            chosen |= Q(path__startswith=page.path)
    undeclared = Q(latest_revision__content__allergen_status="") | Q(latest_revision=None, allergen_status="")
    titles = list(
        ProductPage.objects.filter(chosen).filter(undeclared).order_by("pk").values_list("title", flat=True)[:6]
    )
    if not titles:
        return None
    text = _("Nothing was published. These products lack an allergen declaration: %(titles)s.")
    messages.error(request, text % {"titles": ", ".join([*titles[:5], *(["…"] if len(titles) > 5 else [])])})
    return redirect(action.next_url)


def _archive(request: HttpRequest) -> None:
    actor = Actor(label=str(request.user), user_id=request.user.pk)
    archived = archive_orphans(actor=actor, at=clock.now())
    if archived:
        text = ngettext(
            "%(count)d variant that no page shows any more was archived. Orders, prices and stock stay.",
            "%(count)d variants that no page shows any more were archived. Orders, prices and stock stay.",
            archived,
        )
        messages.warning(request, text % {"count": archived})

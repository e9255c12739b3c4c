"""What products add to the CMS: the Shop group, quick add, the variants tab's script, archiving after deletion."""

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import include, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.menu import MenuItem
from wagtail.models import Page

from common import clock
from common.actors import Actor
from products import admin_urls
from products.services.skus import archive_orphans
from products.viewsets import ProductPageViewSet, ShopGroup


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

"""Hooks of products in the CMS: the Shop group, quick add, the variants tab's script, archiving after deletion."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import include, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.components import Component
from wagtail.admin.widgets import Button
from wagtail.log_actions import LogActionRegistry, LogFormatter
from wagtail.models import ModelLogEntry, Page

from accounts.actors import actor_of
from accounts.models import User
from common import clock
from common.models import Picture
from products.broken_pictures import broken_pictures
from products.editing import urls as admin_urls
from products.editing.bulk_views import DeletePages, MovePages, PublishPages, UnpublishPages
from products.editing.meanwhile import changed_meanwhile
from products.editing.viewsets import ProductPageViewSet, ShopGroup
from products.missed_schedules import missed_schedules
from products.models import ProductPage
from products.publishing import Fault, faults
from products.services.schedules import DISMISSED, REFUSED
from products.services.skus import archive_orphans
from products.services.without_page import keep_pages

MOST_NAMED = 10


@hooks.register("register_admin_viewset")
def register_viewsets() -> list:
    return [ShopGroup(), ProductPageViewSet()]


@hooks.register("register_admin_urls")
def register_addresses() -> list:
    return [path("products/", include(admin_urls))]


class QuickAddItem(MenuItem):
    """A menu item for people who may add SKUs."""

    def is_shown(self, request: HttpRequest) -> bool:
        return request.user.has_perm("products.add_sku")


@hooks.register("register_admin_menu_item")
def register_quick_add() -> MenuItem:
    address = reverse("products_admin:quick-add")
    return QuickAddItem(_("Quick add product"), address, name="quick-add-product", icon_name="plus", order=240)


class WithoutPageItem(MenuItem):
    """A menu item of the reports for people who may change SKUs."""

    def is_shown(self, request: HttpRequest) -> bool:
        return request.user.has_perm("products.change_sku")


@hooks.register("register_reports_menu_item")
def register_without_page() -> MenuItem:
    address = reverse("products_admin:without-page")
    return WithoutPageItem(_("Products without a page"), address, name="without-page", icon_name="history", order=900)


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


class BrokenPicturesPanel(Component):
    """Name the pictures on live products that buyers do not see."""

    name = "broken_pictures"
    order = 60
    template_name = "products/admin/broken_pictures.html"

    def __init__(self, pictures: list[Picture]) -> None:
        self.pictures = pictures

    def get_context_data(self, parent_context: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"pictures": self.pictures[:MOST_NAMED], "has_more": len(self.pictures) > MOST_NAMED}


@hooks.register("construct_homepage_panels")
def add_broken_pictures(request: HttpRequest, panels: list[Component]) -> None:
    if request.user.has_perm("common.change_picture"):
        found = list(broken_pictures(clock.now())[: MOST_NAMED + 1])
        if found:
            panels.append(BrokenPicturesPanel(found))


class MissedSchedulesPanel(Component):
    """Name the products that missed their schedule and wait for somebody to complete them."""

    name = "missed_schedules"
    order = 55
    template_name = "products/admin/missed_schedules.html"

    def __init__(self, drafts: list[tuple[ProductPage, list[Fault]]]) -> None:
        self.drafts = drafts

    def get_context_data(self, parent_context: Mapping[str, Any]) -> Mapping[str, Any]:
        # A component is rendered without the request.
        return {"drafts": self.drafts, "csrf_token": parent_context.get("csrf_token")}


@hooks.register("construct_homepage_panels")
def add_missed_schedules(request: HttpRequest, panels: list[Component]) -> None:
    mine = (draft for draft in missed_schedules() if draft.permissions_for_user(request.user).can_edit())
    drafts = list(islice(mine, MOST_NAMED))
    if drafts:
        panels.append(MissedSchedulesPanel([(draft, faults(draft)) for draft in drafts]))


@hooks.register("register_log_actions")
def name_log_actions(actions: LogActionRegistry) -> None:
    @actions.register_action(REFUSED)
    class RefusedFormatter(LogFormatter):
        label = _("Schedule ended")

        def format_message(self, log_entry: ModelLogEntry) -> str:
            reasons = " ".join(log_entry.data.get("reasons", ()))
            return gettext("Was not published as scheduled. %(reasons)s") % {"reasons": reasons}

    @actions.register_action(DISMISSED)
    class DismissedFormatter(LogFormatter):
        label = _("Notice dismissed")
        message = _("The notice that it was not published as scheduled was dismissed.")


@hooks.register("after_copy_page")
def say_what_a_copy_lacks(request: HttpRequest, page: Page, new_page: Page) -> None:
    if isinstance(new_page, ProductPage) and new_page.alias_of_id is None:
        address = reverse("products_admin:variants", args=[new_page.pk])
        button = messages.button(address, gettext("Variants, prices and stock"))
        text = gettext("The copy is a draft: it has no variants yet. Add them, then publish it.")
        messages.info(request, text, buttons=[button])


@hooks.register("before_edit_page")
def tell_of_prices_on_opening(request: HttpRequest, page: Page) -> None:
    if request.method == "GET":
        _tell_of_prices(request, page)


@hooks.register("before_publish_page")
def tell_of_prices_on_publishing(request: HttpRequest, page: Page) -> None:
    _tell_of_prices(request, page)


def _tell_of_prices(request: HttpRequest, page: Page) -> None:
    told = changed_meanwhile(page, request.user) if isinstance(page, ProductPage) else ""
    if told:
        messages.info(request, told)


@hooks.register("insert_editor_js")
def variants_script() -> str:
    return format_html('<script type="module" src="{}"></script>', static("products/variants.js"))


@hooks.register("insert_global_admin_css")
def variants_style() -> str:
    return format_html('<link rel="stylesheet" href="{}">', static("products/variants.css"))


for replaced in (PublishPages, UnpublishPages, DeletePages, MovePages):
    # After Wagtail's own: of two actions of one type the later one counts.
    hooks.register("register_bulk_action", replaced, order=10)


@hooks.register("before_delete_page")
def keep_before_delete(request: HttpRequest, page: Page) -> None:
    if request.method == "POST":
        keep_pages(page_ids=[page.pk], at=clock.now())


@hooks.register("after_delete_page")
def archive_after_delete(request: HttpRequest, page: Page) -> None:
    _archive(request)


@hooks.register("after_bulk_action")
def archive_after_bulk_delete(request: HttpRequest, action_type: str, objects: list, action: object) -> None:
    if action_type == "delete" and issubclass(action.model, Page):
        _archive(request)


def _archive(request: HttpRequest) -> None:
    actor = actor_of(request.user)
    archived = archive_orphans(actor=actor, at=clock.now())
    if archived:
        text = ngettext(
            "%(count)d variant that no page shows any more was archived. Orders, prices and stock stay.",
            "%(count)d variants that no page shows any more were archived. Orders, prices and stock stay.",
            archived,
        )
        messages.warning(request, text % {"count": archived})

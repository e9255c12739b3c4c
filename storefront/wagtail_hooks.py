"""The site's additions to the CMS: the first steps of a new shop on the admin's home page."""

from collections.abc import Mapping
from typing import Any, cast

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.action_menu import ActionMenuItem
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.components import Component
from wagtail.admin.ui.sidebar import LinkMenuItem as LinkMenuItemComponent
from wagtail.admin.userbar import AccessibilityItem
from wagtail.models import Page

from accounts.models import User
from accounts.roles import may
from common import clock
from storefront.first_steps import Step, first_steps
from storefront.waiting import Waiting, waiting_for


class FirstStepsPanel(Component):
    """The list of steps left to do; gone once all are done."""

    name = "first_steps"
    order = 50
    template_name = "storefront/admin_first_steps.html"

    def __init__(self, steps: list[Step]) -> None:
        self.steps = steps

    def get_context_data(self, parent_context: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"steps": self.steps, "left": sum(not step.done for step in self.steps)}


@hooks.register("construct_homepage_panels")
def add_first_steps(request: HttpRequest, panels: list[Component]) -> None:
    if may(request.user, "staff.manage"):
        steps = first_steps()
        if steps:
            panels.append(FirstStepsPanel(steps))


class WaitingPanel(Component):
    """What waits for a decision, and the result of the nightly check."""

    name = "waiting"
    order = 45
    template_name = "storefront/admin_waiting.html"

    def __init__(self, waiting: Waiting) -> None:
        self.waiting = waiting

    def get_context_data(self, parent_context: Mapping[str, Any]) -> Mapping[str, Any]:
        check = self.waiting.check
        checked_at = date_format(timezone.localtime(check.at), "j F Y, H:i") if check else ""
        return {"waiting": self.waiting, "checked_at": checked_at}


@hooks.register("construct_homepage_panels")
def add_waiting(request: HttpRequest, panels: list[Component]) -> None:
    waiting = waiting_for(cast(User, request.user), clock.now())
    if waiting is not None:
        panels.append(WaitingPanel(waiting))


class StaffPanelItem(MenuItem):
    """A menu item for people who may enter the staff panel."""

    def is_shown(self, request: HttpRequest) -> bool:
        return may(request.user, "orders.view_board")


class OwnScreenItem(MenuItem):
    """A menu item that is marked as current on its own address only.

    The sidebar marks the item whose address a screen's own begins with, and every screen's begins with the overview's
    and with the shop's.
    """

    def render_component(self, request: HttpRequest) -> LinkMenuItemComponent:
        component = super().render_component(request)
        if request.path != self.url:
            component.url = f"{self.url}?"
        return component


@hooks.register("register_admin_menu_item")
def register_home() -> MenuItem:
    """Link every screen to the overview, with the first steps and everything that needs attention."""
    return OwnScreenItem(_("Overview"), reverse("wagtailadmin_home"), name="overview", icon_name="home", order=10)


@hooks.register("register_admin_menu_item")
def register_shop() -> MenuItem:
    return OwnScreenItem(
        _("View the shop"), reverse("wagtail_serve", args=[""]), name="view-shop", icon_name="view", order=20
    )


@hooks.register("register_admin_menu_item")
def register_staff_panel() -> MenuItem:
    return StaffPanelItem(_("Staff panel"), reverse("staff:board"), name="staff-panel", icon_name="tasks", order=30)


@hooks.register("construct_help_menu")
def leave_out_help_about_wagtail(request: HttpRequest, items: list[MenuItem]) -> None:
    """Keep the shortcuts only: Wagtail's guide and news describe a different editor from the one people see here."""
    items[:] = [item for item in items if not item.name.startswith(("editor-guide", "whats-new"))]


@hooks.register("construct_page_action_menu")
def publish_first_when_live(items: list[ActionMenuItem], request: HttpRequest, context: Mapping[str, Any]) -> None:
    """Make Publish the main button for a live page: people who correct it mean the page that buyers see.

    New pages, old versions and pages waiting for approval keep Wagtail's order.
    """
    page = context.get("page")
    if context["view"] == "edit" and page.live and not page.workflow_in_progress:
        items.sort(key=lambda item: item.name != "action-publish")


@hooks.register("construct_wagtail_userbar")
def leave_prices_out_of_content_checks(request: HttpRequest, items: list, page: Page) -> None:
    """Exclude prices from the content checks: they look like headings, and no editor can change that."""
    for item in items:
        if isinstance(item, AccessibilityItem):
            item.axe_exclude = [*item.axe_exclude, ".price"]


@hooks.register("insert_global_admin_css")
def style() -> str:
    return format_html('<link rel="stylesheet" href="{}">', static("css/admin.css"))

"""What the site as a whole adds to the CMS: the first steps of a new shop on the admin's home page."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.utils.html import format_html
from wagtail import hooks
from wagtail.admin.ui.components import Component

from accounts.roles import may
from storefront.first_steps import Step, first_steps


class FirstStepsPanel(Component):
    """The list of what is left to do; gone with the first order."""

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


@hooks.register("insert_global_admin_css")
def style() -> str:
    return format_html('<link rel="stylesheet" href="{}">', static("css/admin.css"))

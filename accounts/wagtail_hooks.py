"""What accounts change in the CMS: the way to one's password, and no bulk actions on users.

Wagtail's bulk actions list, change and delete accounts by any id, customers' too.
"""

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from wagtail import hooks
from wagtail.users.views.bulk_actions import AssignRoleBulkAction, DeleteBulkAction, SetActiveStateBulkAction


class _Closed:
    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        raise Http404("staff are changed one by one")


class ClosedAssignRole(_Closed, AssignRoleBulkAction):
    """Roles are given by change_role."""


class ClosedDelete(_Closed, DeleteBulkAction):
    """People are deactivated, never deleted."""


class ClosedSetActiveState(_Closed, SetActiveStateBulkAction):
    """Staff leave by deactivate."""


# A later registration of an action replaces an earlier one.
for _action in (ClosedAssignRole, ClosedDelete, ClosedSetActiveState):
    hooks.register("register_bulk_action", _action, order=1000)


@hooks.register("register_account_menu_item")
def change_password(request: HttpRequest) -> dict[str, str]:
    """Lead from the account page of the CMS to the one page where passwords are changed."""
    return {
        "url": reverse("account_change_password"),
        "label": gettext("Change password"),
        "help_text": gettext("The password for the shop, the staff panel and the CMS: it is one."),
    }

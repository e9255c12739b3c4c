"""What accounts change in the CMS: the audit, the way to one's password, and no bulk actions on users.

Wagtail's bulk actions list, change and delete accounts by any id, customers' too.
"""

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import include, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.users.views.bulk_actions import AssignRoleBulkAction, DeleteBulkAction, SetActiveStateBulkAction

from accounts.audit_report import AuditReportView
from accounts.roles import may

audit_urls = (
    [
        path("", AuditReportView.as_view(), name="audit"),
        path("results/", AuditReportView.as_view(results_only=True), name="audit-results"),
    ],
    "accounts_admin",
)


@hooks.register("register_admin_urls")
def register_addresses() -> list:
    return [path("audit/", include(audit_urls))]


class AuditItem(MenuItem):
    """A menu item of the reports for those who manage people."""

    def is_shown(self, request: HttpRequest) -> bool:
        return may(request.user, "staff.manage")


@hooks.register("register_reports_menu_item")
def register_audit() -> MenuItem:
    return AuditItem(_("Who did what"), reverse("accounts_admin:audit"), name="audit", icon_name="history", order=910)


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

"""Closes Wagtail's bulk actions on users: they list, change and delete accounts by any id, customers' too."""

from django.http import Http404, HttpRequest, HttpResponse
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

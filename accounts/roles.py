"""Roles of staff: the one table of what each may do. A person without a role is a customer.

A role is a group of that name; groups are made by `setup_shop`, with their CMS permissions from
storefront/services/role_groups.py. Every action here is asked somewhere; tests/test_rights.py says where.
"""

from django.utils.translation import gettext_lazy as _

from accounts.models import User

ROLES = {
    "owner": _("Owner"),
    "shop_manager": _("Shop manager"),
    "employee": _("Employee"),
    "courier": _("Courier"),
    "editor": _("Editor"),
    "price_manager": _("Price manager"),
}

_COUNTER = frozenset({"owner", "shop_manager", "employee"})
_ACTIONS: dict[str, frozenset[str]] = {
    "orders.view_board": _COUNTER,
    "orders.change_status": _COUNTER,
    "orders.hand_over": _COUNTER,
    "orders.cancel": _COUNTER,
    "orders.reveal": _COUNTER,
    "orders.refund": frozenset({"owner", "shop_manager"}),
    "shop.pause": _COUNTER,
    "prices.change": frozenset({"owner", "price_manager"}),
    "staff.manage": frozenset({"owner"}),
}


def role_of(user: User | None) -> str | None:
    """Return the role code of a user, None for customers and visitors; one query, kept on the instance."""
    if user is None or not getattr(user, "pk", None) or not user.is_active:
        return None
    if not hasattr(user, "_role"):
        names = set(user.groups.values_list("name", flat=True))
        user._role = next((role for role in ROLES if role in names), None)
    return user._role


def is_staff_member(user: User | None) -> bool:
    """Return whether the user has any role."""
    return role_of(user) is not None


def may(user: User | None, action: str) -> bool:
    """Return whether the user's role allows `action`; an unknown action is a programming error (KeyError)."""
    return role_of(user) in _ACTIONS[action]

"""Roles of staff: the one table of what each may do. A person without a role is a customer.

A role is a group of that name; `setup_shop` makes the groups. The staff panel, the steps between statuses of an order
(orders/statuses.py) and the rights in the CMS (storefront/services/role_groups.py) all ask for the rights named here.
docs/how-to/give-a-role-a-right.md tells how to change the table.
"""

from dataclasses import dataclass

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


@dataclass(frozen=True)
class Right:
    """Who may do something, and the name of the address where they do it: a right without a screen is left out.

    `means` says it in words, for docs/reference/rights.md.
    """

    roles: frozenset[str]
    screen: str
    means: str


_COUNTER = frozenset({"owner", "shop_manager", "employee"})
RIGHTS: dict[str, Right] = {
    "orders.view_board": Right(_COUNTER, "staff:board", "see the open orders of their shops"),
    "orders.view_past": Right(
        frozenset({"owner", "shop_manager"}), "staff:order", "see orders that ended more than a day ago"
    ),
    "orders.change_status": Right(_COUNTER, "staff:step", "move orders on, and undo that"),
    "orders.hand_over": Right(_COUNTER, "staff:scan", "scan codes and hand orders over"),
    "orders.cancel": Right(_COUNTER, "staff:cancel", "cancel orders"),
    "orders.reveal": Right(
        _COUNTER, "staff:show-phone", "show a buyer's phone number, or an invoice with its buyer, which is recorded"
    ),
    "orders.refund": Right(
        frozenset({"owner", "shop_manager"}),
        "staff:attention",
        "decide where money waits for a person, and cancel paid orders",
    ),
    "orders.make_refund": Right(
        _COUNTER, "staff:refund", "refund an order or parts of it, up to the limit of their role in Settings > Orders"
    ),
    "orders.close_cash": Right(
        frozenset({"owner", "shop_manager"}), "staff:cash", "read the cash book of their shops and close a day"
    ),
    "customers.register": Right(_COUNTER, "staff:register-customer", "register customers at the counter"),
    "customers.verify_phone": Right(
        _COUNTER, "staff:verify-phone", "look up a whole phone number and verify it, which is recorded"
    ),
    "shop.pause": Right(_COUNTER, "staff:pause", "pause and resume taking orders"),
    "prices.change": Right(
        frozenset({"owner", "price_manager"}),
        "products_admin:quick-add",
        "add products, and change prices and variants",
    ),
    "staff.manage": Right(
        frozenset({"owner"}),
        "wagtailusers_users:index",
        "invite, change and deactivate people who work here, and read the audit",
    ),
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


def roles_with(right: str) -> frozenset[str]:
    """Return the roles that have a right; an unknown right is a programming error (KeyError)."""
    return RIGHTS[right].roles


def may(user: User | None, right: str) -> bool:
    """Return whether the user's role has a right; an unknown right is a programming error (KeyError)."""
    return role_of(user) in roles_with(right)

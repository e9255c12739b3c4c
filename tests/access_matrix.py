"""Who may open which address: one row for each of our addresses, one for each prefix of other packages.

An address without a row fails tests/test_access.py. `Who` says how an anonymous visitor and a customer are answered.
"""

from dataclasses import dataclass, field
from enum import Enum

ORDER = {"number": "0A1B2C3D"}
TOKEN = {"token": "A" * 43}
NO_ROW = "00000000-0000-0000-0000-000000000000"
COUNTER = ("owner", "shop_manager", "employee")
MANAGERS = ("owner", "shop_manager")
CMS = ("owner", "shop_manager", "editor", "price_manager")


class Who(Enum):
    """Who may open an address.

    PUBLIC: anybody. SIGNED_IN: others are sent to sign in. COUNTER, MANAGERS, CMS: like SIGNED_IN, and 404 without the
    role. MACHINE: checks a signature, never asks a visitor to sign in. DEVELOPER: not available in production.
    """

    PUBLIC = "public"
    SIGNED_IN = "signed in"
    COUNTER = "counter"
    MANAGERS = "managers"
    CMS = "cms"
    MACHINE = "machine"
    DEVELOPER = "developer"


@dataclass(frozen=True)
class Row:
    """`name` is the URL's name with its namespace, or its path if it has no name.

    `method` is the one for which the view itself decides.
    """

    name: str
    who: Who
    kwargs: dict[str, str] = field(default_factory=dict)
    method: str = "get"


OURS = (
    Row("healthz", Who.PUBLIC),
    Row("readyz", Who.PUBLIC),
    Row("favicon", Who.PUBLIC),
    Row("touch-icon", Who.PUBLIC),
    Row("accent", Who.PUBLIC, {"colour": "b3202c", "version": "1"}),
    Row("media", Who.PUBLIC, {"path": "none.webp"}),
    Row("payment-webhook", Who.MACHINE, {"gateway": "demo_bank"}, "post"),
    # The catalogue.
    Row("search:page", Who.PUBLIC),
    Row("search:suggest", Who.PUBLIC),
    Row("header-fragment", Who.PUBLIC),
    Row("choose-shop", Who.PUBLIC, method="post"),
    Row("robots", Who.PUBLIC),
    Row("sitemap", Who.PUBLIC),
    Row("styleguide", Who.DEVELOPER),
    # Cart and checkout: only their cookie finds a guest's cart.
    Row("cart:page", Who.PUBLIC),
    Row("cart:add", Who.PUBLIC, method="post"),
    Row("cart:update", Who.PUBLIC, method="post"),
    Row("cart:drawer", Who.PUBLIC),
    Row("checkout:page", Who.PUBLIC),
    # Signing up, in and out.
    Row("account_login", Who.PUBLIC),
    Row("_util/login/", Who.PUBLIC),
    Row("account_logout", Who.PUBLIC),
    Row("account_signup", Who.PUBLIC),
    Row("account_resend_confirmation", Who.PUBLIC),
    Row("account_confirm_email", Who.PUBLIC, {"key": "MQ:1abcde:none"}),
    Row("account_reset_password", Who.PUBLIC),
    Row("account_reset_password_from_key", Who.PUBLIC, {"uidb36": "1", "key": "none-at-all"}),
    Row("account_reauthenticate", Who.SIGNED_IN),
    Row("account_email", Who.SIGNED_IN),
    Row("account_change_password", Who.SIGNED_IN),
    Row("account_set_password", Who.SIGNED_IN),
    # The buyer's pages: an order's address is its secret.
    Row("orders:find", Who.PUBLIC),
    Row("orders:list", Who.SIGNED_IN),
    Row("orders:status", Who.PUBLIC, TOKEN),
    Row("orders:fragment", Who.PUBLIC, TOKEN),
    Row("orders:pay", Who.PUBLIC, TOKEN, "post"),
    Row("orders:return", Who.PUBLIC, TOKEN),
    Row("orders:cancel", Who.PUBLIC, TOKEN, "post"),
    Row("orders:calendar", Who.PUBLIC, TOKEN),
    Row("collect", Who.COUNTER, {"secret": "0" * 26}),
    # The staff panel.
    Row("staff:board", Who.COUNTER),
    Row("staff:live", Who.COUNTER),
    Row("staff:attention", Who.MANAGERS),
    Row("staff:attention-payment", Who.MANAGERS, {"key": NO_ROW, "verb": "accept"}, "post"),
    Row("staff:attention-refund", Who.MANAGERS, {"key": NO_ROW, "verb": "repeat"}, "post"),
    Row("staff:attention-order", Who.MANAGERS, {**ORDER, "verb": "charge"}, "post"),
    Row("staff:attention-message", Who.MANAGERS, {"key": "0", "verb": "retry"}, "post"),
    Row("staff:pause", Who.COUNTER, method="post"),
    Row("staff:recall", Who.COUNTER, method="post"),
    Row("staff:find", Who.COUNTER, method="post"),
    Row("staff:scan", Who.COUNTER),
    Row("staff:order", Who.COUNTER, ORDER),
    Row("staff:step", Who.COUNTER, ORDER, "post"),
    Row("staff:undo", Who.COUNTER, ORDER, "post"),
    Row("staff:cancel", Who.COUNTER, ORDER, "post"),
    Row("staff:show-phone", Who.COUNTER, ORDER, "post"),
    Row("staff:hand-over", Who.COUNTER, ORDER, "post"),
    Row("staff:slip", Who.COUNTER, ORDER),
)

# Views of other packages: their prefixes, and whether an anonymous visitor may see them.
PREFIXES = (
    ("_util/login/", Who.PUBLIC, "our sign-in instead of Wagtail's"),
    ("admin/", Who.CMS, "Wagtail's administration"),
    ("accounts/", Who.PUBLIC, "allauth: signing up, in and out; views that need a session ask for it"),
    ("documents/", Who.PUBLIC, "documents in public collections"),
    ("_util/authenticate_with_password/", Who.PUBLIC, "Wagtail's pages behind a shared password"),
    ("", Who.PUBLIC, "Wagtail's page serving"),
)

# Addresses under admin/ without anybody's data, which answer without a session.
ADMIN_OPEN = ("/admin/login/", "/admin/logout/", "/admin/jsi18n/", "/admin/sprite/")

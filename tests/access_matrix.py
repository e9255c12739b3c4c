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
OWNERS = ("owner",)
COURIERS = ("courier",)
CMS = ("owner", "shop_manager", "editor", "price_manager")


class Who(Enum):
    """Who may open an address.

    PUBLIC: anybody. SIGNED_IN: others are sent to sign in. COUNTER, MANAGERS, OWNERS, COURIERS, CMS: like SIGNED_IN,
    and 404 without the role. MACHINE: checks what the body holds, never asks to sign in. TOKEN: 401 without an access
    token, whatever cookies are sent. DEVELOPER: not in production.
    """

    PUBLIC = "public"
    SIGNED_IN = "signed in"
    COUNTER = "counter"
    MANAGERS = "managers"
    OWNERS = "owners"
    COURIERS = "couriers"
    CMS = "cms"
    MACHINE = "machine"
    TOKEN = "token"
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
    # The API: the first two take a password or a token in the body.
    Row("api:token", Who.MACHINE, method="post"),
    Row("api:refresh", Who.MACHINE, method="post"),
    Row("api:logout", Who.TOKEN, method="post"),
    Row("api:me", Who.TOKEN),
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
    Row("cart:again", Who.PUBLIC, method="post"),
    Row("checkout:page", Who.PUBLIC),
    # Signing up, in and out.
    Row("account_login", Who.PUBLIC),
    Row("_util/login/", Who.PUBLIC),
    Row("account_logout", Who.PUBLIC),
    Row("account_signup", Who.PUBLIC),
    Row("account_email_verification_sent", Who.PUBLIC),
    Row("account_resend_confirmation", Who.PUBLIC),
    Row("account_confirm_email", Who.PUBLIC, {"key": "MQ:1abcde:none"}),
    Row("account_activate", Who.PUBLIC, {"key": "MQ:1abcde:none"}),
    Row("account_take_back", Who.PUBLIC, {"key": "MQ:1abcde:none"}),
    Row("account_reset_password", Who.PUBLIC),
    Row("account_reset_password_done", Who.PUBLIC),
    Row("account_reset_password_from_key", Who.PUBLIC, {"uidb36": "1", "key": "none-at-all"}),
    Row("account_reauthenticate", Who.SIGNED_IN),
    Row("account_email", Who.SIGNED_IN),
    Row("mfa_authenticate", Who.SIGNED_IN),
    Row("mfa_index", Who.SIGNED_IN),
    Row("mfa_activate_totp", Who.SIGNED_IN),
    Row("mfa_another_app", Who.SIGNED_IN),
    Row("mfa_deactivate_totp", Who.SIGNED_IN),
    Row("mfa_view_recovery_codes", Who.SIGNED_IN),
    Row("mfa_generate_recovery_codes", Who.SIGNED_IN, method="post"),
    Row("mfa_download_recovery_codes", Who.SIGNED_IN),
    Row("account_change_password", Who.SIGNED_IN),
    Row("account_set_password", Who.SIGNED_IN),
    Row("mine:profile", Who.SIGNED_IN),
    Row("mine:news", Who.SIGNED_IN, method="post"),
    Row("mine:addresses", Who.SIGNED_IN),
    Row("mine:address-new", Who.SIGNED_IN),
    Row("mine:address", Who.SIGNED_IN, {"key": NO_ROW}),
    Row("mine:address-remove", Who.SIGNED_IN, {"key": NO_ROW}, "post"),
    # Couriers, and people who have applied to be one.
    Row("courier:home", Who.COURIERS),
    Row("courier:apply", Who.PUBLIC),
    Row("mine:phone", Who.SIGNED_IN),
    Row("mine:phone-send", Who.SIGNED_IN, method="post"),
    Row("mine:phone-check", Who.SIGNED_IN, method="post"),
    Row("mine:security", Who.SIGNED_IN),
    Row("mine:end-session", Who.SIGNED_IN, method="post"),
    Row("mine:privacy", Who.SIGNED_IN),
    Row("mine:download", Who.SIGNED_IN, method="post"),
    Row("mine:delete", Who.SIGNED_IN),
    Row("mine:deleted", Who.PUBLIC),
    # The buyer's pages: an order's address is its secret.
    Row("orders:find", Who.PUBLIC),
    Row("orders:overview", Who.SIGNED_IN),
    Row("orders:list", Who.SIGNED_IN),
    Row("orders:status", Who.PUBLIC, TOKEN),
    Row("orders:fragment", Who.PUBLIC, TOKEN),
    Row("orders:pay", Who.PUBLIC, TOKEN, "post"),
    Row("orders:return", Who.PUBLIC, TOKEN),
    Row("orders:cancel", Who.PUBLIC, TOKEN, "post"),
    Row("orders:calendar", Who.PUBLIC, TOKEN),
    Row("orders:receipt", Who.PUBLIC, TOKEN, "post"),
    Row("orders:invoice", Who.PUBLIC, TOKEN, "post"),
    Row("orders:document", Who.PUBLIC, {**TOKEN, "name": "R-2026-000001"}),
    Row("collect", Who.COUNTER, {"secret": "0" * 26}),
    # The staff panel.
    Row("staff:board", Who.COUNTER),
    Row("staff:live", Who.COUNTER),
    Row("staff:attention", Who.MANAGERS),
    Row("staff:attention-payment", Who.MANAGERS, {"key": NO_ROW, "verb": "accept"}, "post"),
    Row("staff:attention-refund", Who.MANAGERS, {"key": NO_ROW, "verb": "repeat"}, "post"),
    Row("staff:attention-order", Who.MANAGERS, {**ORDER, "verb": "charge"}, "post"),
    Row("staff:attention-message", Who.MANAGERS, {"key": "0", "verb": "retry"}, "post"),
    Row("staff:cash", Who.MANAGERS),
    Row("staff:applications", Who.OWNERS),
    Row("staff:application", Who.OWNERS, {"key": "0", "verb": "approve"}, "post"),
    Row("staff:register-customer", Who.COUNTER),
    Row("staff:verify-phone", Who.COUNTER),
    Row("staff:verified-phone", Who.COUNTER, {"key": "0"}, "post"),
    Row("staff:registered", Who.COUNTER, {"key": "0"}),
    Row("staff:registered-slip", Who.COUNTER, {"key": "0"}),
    Row("staff:registered-renew", Who.COUNTER, {"key": "0"}, "post"),
    Row("staff:registered-mail", Who.COUNTER, {"key": "0"}, "post"),
    Row("staff:pause", Who.COUNTER, method="post"),
    Row("staff:recall", Who.COUNTER, method="post"),
    Row("staff:find", Who.COUNTER, method="post"),
    Row("staff:scan", Who.COUNTER),
    Row("staff:order", Who.COUNTER, ORDER),
    Row("staff:step", Who.COUNTER, ORDER, "post"),
    Row("staff:undo", Who.COUNTER, ORDER, "post"),
    Row("staff:cancel", Who.COUNTER, ORDER, "post"),
    Row("staff:refund", Who.COUNTER, ORDER),
    Row("staff:show-phone", Who.COUNTER, ORDER, "post"),
    Row("staff:receipt", Who.COUNTER, ORDER, "post"),
    Row("staff:document", Who.COUNTER, {**ORDER, "name": "R-2026-000001"}),
    Row("staff:show-document", Who.COUNTER, {**ORDER, "name": "R-2026-000001"}, "post"),
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

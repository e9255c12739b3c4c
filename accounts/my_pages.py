"""The parts of My account, in the order of its menu. Some are shown by upper layers; they are named by address only."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Part:
    """A page of My account. `beside`: names of other pages during which it is marked in the menu."""

    url_name: str
    label: str | Promise
    icon: str
    beside: frozenset[str] = frozenset()

    def is_current(self, view_name: str) -> bool:
        """Return whether somebody who is on the page of that name is in this part."""
        return view_name == self.url_name or view_name in self.beside


# Pages about how one signs in, which the page Security leads to.
SIGNING_IN = frozenset(
    {
        "account_change_password",
        "account_set_password",
        "mfa_index",
        "mfa_activate_totp",
        "mfa_another_app",
        "mfa_deactivate_totp",
        "mfa_view_recovery_codes",
    }
)
PARTS = (
    Part("orders:overview", _("Overview"), "user"),
    Part("orders:list", _("Orders"), "bag"),
    Part("mine:profile", _("Profile"), "card", frozenset({"account_email", "mine:news"})),
    Part("mine:phone", _("Phone"), "phone", frozenset({"mine:phone-send", "mine:phone-check"})),
    Part(
        "mine:addresses", _("Addresses"), "pin", frozenset({"mine:address-new", "mine:address", "mine:address-remove"})
    ),
    Part("mine:security", _("Security"), "lock", SIGNING_IN),
    Part("mine:privacy", _("Your data"), "box", frozenset({"mine:download", "mine:delete"})),
)

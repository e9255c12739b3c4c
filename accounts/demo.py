"""The demo's sign-ins. Their passwords are public, so they exist only where `load_demo` made them."""

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import ROLES

PASSWORD = "zerno-demo-2026"  # noqa: S105 - public on purpose


@dataclass(frozen=True)
class DemoAccount:
    """One sign-in of the demo; `role` is a role code or "customer"."""

    role: str
    name: str
    email: str
    phone: str = ""
    password: str = PASSWORD

    @property
    def label(self) -> str:
        """Return the role's name."""
        return str(ROLES.get(self.role, _("Customer")))


DEMO_ACCOUNTS = (
    DemoAccount("owner", "Olga Zernova", "owner@zerno.example"),
    DemoAccount("shop_manager", "Mark Visser", "manager@zerno.example"),
    DemoAccount("employee", "Anna Berg", "anna@zerno.example"),
    DemoAccount("editor", "Eva Smit", "editor@zerno.example"),
    DemoAccount("price_manager", "Pavel Novak", "prices@zerno.example"),
    DemoAccount("customer", "Mira Stone", "customer@zerno.example", "+31612345678"),
)


def shown_accounts() -> list[DemoAccount]:
    """Return the sign-ins to show on the sign-in page: none unless this is a demo that has them."""
    if not settings.DEMO:
        return []
    there = set(User.objects.filter(email__in=[a.email for a in DEMO_ACCOUNTS]).values_list("email", flat=True))
    return [account for account in DEMO_ACCOUNTS if account.email in there]


def account_for(role: str | None) -> DemoAccount | None:
    """Return the demo's sign-in for a role code, None outside a demo."""
    return next((account for account in shown_accounts() if account.role == role), None) if role else None

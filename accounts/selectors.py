"""Finding people: by what they sign in with, and those who are staff."""

from collections.abc import Collection

from allauth.account.models import EmailAddress
from django.db.models import QuerySet

from accounts.emails import normalise
from accounts.models import SignUp, User
from accounts.phones import look_up_form
from accounts.roles import ROLES


def find_by_login(text: str) -> User | None:
    """Return the account with this email or phone, in any spelling."""
    return find_by_email(text) if "@" in text else find_by_phone(text)


def find_by_email(text: str) -> User | None:
    """Return the account whose own address this is, in any spelling; one that is not confirmed yet finds nobody."""
    email = normalise(text)
    return User.objects.filter(email=email).first() if email else None


def find_by_phone(text: str) -> User | None:
    """Return the account with this phone, however it is written."""
    phone = look_up_form(text)
    return User.objects.filter(phone=phone).first() if phone else None


def sign_up_for(text: str, *, preferred: Collection[int] = (), only_preferred: bool = False) -> SignUp | None:
    """Return the newest sign-up for a mailbox, one of those `preferred` if there is any; None without one."""
    email = normalise(text)
    rows = SignUp.objects.filter(email=email).order_by("-created_at", "-pk")
    own = rows.filter(pk__in=preferred).first() if preferred else None
    return own or (None if only_preferred else rows.first())


def has_proven_mailbox(user: User) -> bool:
    """Return whether the account's own address is verified."""
    return EmailAddress.objects.filter(user=user, email__iexact=user.email or "", verified=True).exists()


def staff_users() -> QuerySet[User]:
    """Return everybody who works here, active or not. Never a customer; the break-glass account is not listed."""
    return User.objects.filter(pk__in=User.objects.filter(groups__name__in=ROLES).values("pk"))

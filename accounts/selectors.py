"""Finding people: by what they sign in with, and those who are staff."""

from django.db.models import QuerySet

from accounts.models import User
from accounts.phones import normalise
from accounts.roles import ROLES


def find_by_login(text: str) -> User | None:
    """Return the account with this e-mail (any case) or phone (any spelling)."""
    text = text.strip()
    if not text or "\x00" in text:
        return None
    if "@" in text:
        return User.objects.filter(email__iexact=text).first()
    return find_by_phone(text)


def find_by_phone(text: str) -> User | None:
    """Return the account with this phone, however it is written."""
    phone = normalise(text)
    return User.objects.filter(phone=phone).first() if phone else None


def staff_users() -> QuerySet[User]:
    """Return everybody who works here, active or not. Never a customer; the break-glass account is not listed."""
    return User.objects.filter(pk__in=User.objects.filter(groups__name__in=ROLES).values("pk"))

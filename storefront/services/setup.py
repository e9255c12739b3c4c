"""Setting up a shop: groups, pages, tax classes and owners. Every step keeps what exists and adds what is missing."""

import datetime as dt
import os
import shlex
import sys
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from accounts.models import User
from accounts.selectors import find_by_email
from accounts.services.staff import create_staff
from common.actors import Actor
from common.errors import DomainError
from products.models import TaxClass, TaxRate
from storefront.services.role_groups import make_groups
from storefront.services.root_pages import make_root_pages

# Dutch rates, to match the default country of phone numbers; owners set their own in the CMS.
TAX_CLASSES = (
    ("standard", {"en": "Standard rate", "ru": "Основная ставка"}, Decimal("0.21")),
    ("reduced", {"en": "Reduced rate", "ru": "Сниженная ставка"}, Decimal("0.09")),
    ("zero", {"en": "No tax", "ru": "Без налога"}, Decimal(0)),
)
TAX_SINCE = dt.date(2020, 1, 1)


class BadOwner(DomainError):
    """An owner's email address or password cannot be used."""

    code = "bad_owner"


@dataclass(frozen=True)
class Owner:
    """An owner to create at installation."""

    email: str
    password: str
    name: str


def read_owner(text: str) -> Owner:
    """Parse `email:password` from STORE_OWNERS; the password may contain colons. Raises BadOwner."""
    email, separator, password = text.strip().partition(":")
    if not separator:
        raise BadOwner("Write each owner of STORE_OWNERS as email:password, separated by commas.")
    return Owner(email.strip(), password, email.split("@")[0])


def owners_of_environment() -> list[Owner]:
    """Return the owners named in STORE_OWNERS. Raises BadOwner."""
    return [read_owner(text) for text in settings.STORE_OWNERS if text.strip()]


def set_up(*, owners: list[Owner], actor: Actor, at: dt.datetime) -> list[User]:
    """Create whatever a working shop still lacks; return the owners created.

    Safe to repeat; an existing owner keeps their name and password. Raises BadOwner.
    """
    for owner in owners:
        _check(owner)
    with transaction.atomic():
        make_groups()
        make_root_pages()
        _make_tax_classes()
        return [_make_owner(owner, actor, at) for owner in owners if not _exists(owner)]


def no_owner_hint() -> str:
    """Return the command to type, from any folder, if nobody can manage this installation."""
    variables = {"DJANGO_SETTINGS_MODULE": os.environ["DJANGO_SETTINGS_MODULE"], "VAR_DIR": str(settings.VAR_DIR)}
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "create_staff", "--role", "owner"]
    words = [f"{name}={shlex.quote(value)}" for name, value in variables.items()] + [shlex.quote(w) for w in command]
    return (
        "This shop has no owner yet, so nobody can manage it. Create one with your email and name:\n"
        f"  {' '.join(words)} --email you@example.com --name 'Your Name' --ask-password\n"
        "or set STORE_OWNERS=you@example.com:password and restart."
    )


def has_owner() -> bool:
    """Say whether anybody can manage this installation."""
    return User.objects.filter(groups__name="owner", is_active=True).exists()


def _check(owner: Owner) -> None:
    try:
        validate_email(owner.email)
        if not _exists(owner):
            validate_password(owner.password, User(email=owner.email, name=owner.name))
    except ValidationError as error:
        raise BadOwner(f"The owner {owner.email} cannot be created: {' '.join(error.messages)}") from error


def _exists(owner: Owner) -> bool:
    return find_by_email(owner.email) is not None


def _make_owner(owner: Owner, actor: Actor, at: dt.datetime) -> User:
    return create_staff(email=owner.email, name=owner.name, role="owner", password=owner.password, actor=actor, at=at)


def _make_tax_classes() -> None:
    for code, name, rate in TAX_CLASSES:
        tax_class, made = TaxClass.objects.get_or_create(code=code, defaults={"name": name})
        if made:
            TaxRate.objects.create(tax_class=tax_class, rate=rate, since=TAX_SINCE)

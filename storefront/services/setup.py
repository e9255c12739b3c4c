"""Setting up a shop: groups, pages, tax classes and owners. Every step keeps what exists and adds what is missing."""

import datetime as dt
import os
import shlex
import sys
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from accounts.models import User
from accounts.selectors import find_by_email, has_owner
from accounts.services.staff import create_staff
from common.actors import Actor
from common.errors import DomainError
from common.reading import Unreadable, split_owner
from common.typed_text import clean_text
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
    """An owner's email address, name or password cannot be used."""

    code = "bad_owner"


@dataclass(frozen=True)
class Owner:
    """An owner to create at installation."""

    email: str
    password: str
    name: str


def read_owner(text: str) -> Owner:
    """Parse `Name <email>:password`; the password may contain colons. Raises BadOwner.

    Without a name the owner is called what stands before the @ of their address.
    """
    try:
        name, email, password = split_owner(text)
    except Unreadable as error:
        raise BadOwner(str(error)) from error
    return Owner(email, password, name or email.partition("@")[0])


def read_owners(path: Path) -> list[Owner]:
    """Parse a file with an owner a line; empty lines and those that begin with # are left out. Raises BadOwner."""
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise BadOwner(f"The file of owners, {path}, cannot be read: {error}") from error
    owners = []
    for number, line in enumerate(lines, 1):
        if line.strip() and not line.lstrip().startswith("#"):
            try:
                owners.append(read_owner(line))
            except BadOwner:
                raise BadOwner(f"Line {number} of {path} is not an owner. Write Name <email>:password.") from None
    return owners


def owners_of_environment() -> list[Owner]:
    """Return the owners named in STORE_OWNERS and in the file that STORE_OWNERS_FILE names. Raises BadOwner."""
    named = [read_owner(text) for text in settings.STORE_OWNERS if text.strip()]
    path = Path(settings.STORE_OWNERS_FILE) if settings.STORE_OWNERS_FILE else None
    # Thrown away after the installation, as a file with passwords should be.
    is_done = path is not None and not path.exists() and has_owner()
    return named if path is None or is_done else named + read_owners(path)


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
        "or set STORE_OWNERS='Your Name <you@example.com>:password' and restart."
    )


def _check(owner: Owner) -> None:
    try:
        validate_email(owner.email)
        User._meta.get_field("name").clean(clean_text(owner.name), None)
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

"""Making an account for a customer."""

import datetime as dt

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.phones import normalise
from common.actors import Actor
from common.errors import DomainError


class EmailTaken(DomainError):
    """Another account has this e-mail address."""

    code = "email_taken"


class BadPhone(DomainError):
    """This is no phone number."""

    code = "bad_phone"


def register_customer(
    *,
    email: str,
    name: str,
    password: str | None,
    phone: str = "",
    verified: bool = False,
    language: str = "",
    actor: Actor,
    at: dt.datetime,
) -> User:
    """Make a customer's account. Raises EmailTaken, BadPhone.

    Until his mailbox is proven (`verified`) he cannot sign in. A phone that another account has is left out
    without a word: whoever signs up learns nothing about others.
    """
    email, number = clean_email(email), clean_phone(phone)
    if number and User.objects.filter(phone=number).exists():
        number = None
    row = User(email=email, name=name.strip(), phone=number, language=language, date_joined=at)
    row.set_password(password)
    try:
        return _save(row, verified)
    except EmailTaken:
        raise
    except IntegrityError:  # somebody else took the phone since it was looked up
        row.phone = None
        return _save(row, verified)


def save_with_address(user: User, *, verified: bool) -> User:
    """Insert a new user and his e-mail address in the caller's transaction."""
    user.save(force_insert=True)
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=verified)
    return user


def clean_email(text: str) -> str:
    """Return the address as it is kept: trimmed, lower case."""
    return text.strip().lower()


def clean_phone(text: str) -> str | None:
    """Return the number in E.164, None when there is none. Raises BadPhone."""
    if not text:
        return None
    number = normalise(str(text))
    if number is None:
        raise BadPhone(_("Enter a phone number with its country code, for example +31 6 12345678."))
    return number


def email_taken() -> EmailTaken:
    """Return the refusal for an address in use."""
    return EmailTaken(_("Another account has this e-mail address."))


def _save(row: User, verified: bool) -> User:
    row.pk = None
    try:
        with transaction.atomic():
            return save_with_address(row, verified=verified)
    except IntegrityError:
        if User.objects.filter(email__iexact=row.email).exists():
            raise email_taken() from None
        raise

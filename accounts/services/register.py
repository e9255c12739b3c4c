"""Making a customer's account once the address is verified."""

import datetime as dt

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.emails import normalise
from accounts.models import SignUp, User
from accounts.phones import read_phone
from accounts.services import audit
from common.actors import Actor
from common.errors import DomainError
from common.typed_text import clean_name


class EmailTaken(DomainError):
    """Another account has this email address."""

    code = "email_taken"


def register_customer(
    *,
    email: str,
    name: str,
    password: str | None,
    phone: str = "",
    language: str = "",
    actor: Actor,
    at: dt.datetime,
) -> User:
    """Make a customer's account whose address is verified; the phone is not, yet. Raises EmailTaken, BadPhone."""
    row = User(
        email=normalise(email), name=clean_name(name), phone=clean_phone(phone), language=language, date_joined=at
    )
    row.set_password(password)
    return insert_customer(row=row, actor=actor, at=at)


def insert_customer(*, row: User, actor: Actor, at: dt.datetime) -> User:
    """Insert an account with a verified address and drop what others asked for with this address. Raises EmailTaken."""
    row.pk = None
    try:
        with transaction.atomic():
            save_with_address(row, verified=True)
            forget_claims(email=row.email or "", user_id=row.pk)
            audit.record(action="account.create", target=f"user:{row.pk}", actor=actor, at=at)
    except IntegrityError:
        if User.objects.filter(email__iexact=row.email).exists():
            raise email_taken() from None
        raise
    return row


def save_with_address(user: User, *, verified: bool) -> User:
    """Insert a new user and their email address in the caller's transaction."""
    user.save(force_insert=True)
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=verified)
    return user


def forget_claims(*, email: str, user_id: int) -> None:
    """Drop what others asked for with an address that is now verified as this user's, in the caller's transaction."""
    SignUp.objects.filter(email=email).delete()
    EmailAddress.objects.filter(email=email, verified=False).exclude(user_id=user_id).delete()


def clean_phone(text: str) -> str | None:
    """Return the number in E.164, None if there is none. Raises BadPhone."""
    return read_phone(text) if text else None


def email_taken() -> EmailTaken:
    """Return the refusal for an address in use."""
    return EmailTaken(_("Another account has this email address."))

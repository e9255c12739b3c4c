"""The phone of an account and whether it is verified."""

import datetime as dt

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services.register import clean_phone
from accounts.services.staff import PhoneTaken


def set_phone(*, user_id: int, phone: str, verified: bool, at: dt.datetime) -> None:
    """Set a user's phone; a new one is not verified. Raises BadPhone, PhoneTaken."""
    number = clean_phone(phone)
    try:
        with transaction.atomic():
            User.objects.filter(pk=user_id).update(phone=number, phone_verified_at=at if verified else None)
    except IntegrityError:
        raise PhoneTaken(_("Another account has this phone number.")) from None


def confirm_phone(*, user_id: int, phone: str, at: dt.datetime) -> bool:
    """Mark the phone as verified if the user still has it; return whether they do."""
    with transaction.atomic():
        found = User.objects.filter(pk=user_id, phone=clean_phone(phone)).update(phone_verified_at=at)
    return bool(found)

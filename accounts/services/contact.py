"""The phone of an account. How it becomes verified stands in verify_phone.py."""

import datetime as dt

from django.db import transaction

from accounts.models import PhoneCode, User
from accounts.services import audit
from accounts.services.lock import lock_account
from accounts.services.register import clean_phone
from common.actors import Actor


@transaction.atomic
def set_phone(*, user_id: int, phone: str, actor: Actor, at: dt.datetime) -> User:
    """Set a user's phone, "" to take it away; a new one is not verified. Raises BadPhone, AccountGone. Idempotent."""
    number = clean_phone(phone)
    user = lock_account(user_id)
    if user.phone == number:
        return user
    user.phone, user.phone_verified_at = number, None
    user.save(update_fields=["phone", "phone_verified_at"])
    PhoneCode.objects.filter(user=user).delete()
    audit.record(action="account.phone_changed", target=f"user:{user.pk}", actor=actor, at=at)
    return user

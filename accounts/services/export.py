"""Handing a person everything that is kept of them."""

import datetime as dt

from django.db import transaction

from accounts import limits
from accounts.services import audit
from accounts.services.lock import lock_account
from common import throttle
from common.actors import Actor
from common.registry import Row, export_of


def export_data(*, user_id: int, actor: Actor, at: dt.datetime) -> dict[str, list[Row]]:
    """Return all data of the account by section, and record that it was taken out.

    Raises TooManyAttempts, AccountGone.
    """
    throttle.take_or_refuse(limits.EXPORT, str(user_id), at=at)
    with transaction.atomic():
        # What is recorded of an account names its person, so nothing is once that name has been erased.
        lock_account(user_id)
        audit.record(action="account.export", target=f"user:{user_id}", actor=actor, at=at)
    return export_of(user_id)

"""Handing a person everything that is kept of them."""

import datetime as dt

from accounts import limits
from accounts.services import audit
from common import throttle
from common.actors import Actor
from common.registry import Row, export_of


def export_data(*, user_id: int, actor: Actor, at: dt.datetime) -> dict[str, list[Row]]:
    """Return all data of the account by section, and record that it was taken out. Raises TooManyAttempts."""
    throttle.take_or_refuse(limits.EXPORT, str(user_id), at=at)
    audit.record(action="account.export", target=f"user:{user_id}", actor=actor, at=at)
    return export_of(user_id)

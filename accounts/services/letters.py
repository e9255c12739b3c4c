"""Asking for mail about an account. Only ids are written down; addresses and links are made at delivery."""

import datetime as dt
import secrets

from django.db import transaction
from django.utils.translation import get_language

from common.outbox.services import enqueue

CONFIRM, EXISTS, RESET, CHANGED = (
    "account.confirm",
    "account.exists",
    "account.reset",
    "account.password_changed",
)


@transaction.atomic
def ask_for_letter(*, event: str, subject_id: int, at: dt.datetime) -> None:
    """Have the worker send a letter: CONFIRM about an EmailAddress, the others about a User, in today's language."""
    payload = {"id": subject_id, "language": get_language() or ""}
    enqueue(event=event, key=f"{event}:{subject_id}:{secrets.token_hex(6)}", payload=payload, at=at)

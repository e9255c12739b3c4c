"""Helpers of the accounts tests: the worker's round and the links in its emails."""

import datetime as dt
import re

from django.core import mail
from django.utils import timezone

from common.outbox.services import deliver_due

SIGN_IN = "/accounts/login/"


def deliver_mail() -> list:
    """Let the worker deliver due messages; return the emails it sent."""
    before = len(mail.outbox)
    deliver_due(at=timezone.now() + dt.timedelta(minutes=1))
    return mail.outbox[before:]


def link_in(message) -> str:
    """Return the path of the first link in an email."""
    return re.search(r"https?://[^/\s]+(/\S+)", message.body).group(1)


def sign_in(client, login: str, password: str, path: str = SIGN_IN, **extra: object):
    """Post the sign-in form."""
    return client.post(path, {"login": login, "password": password, **extra})


def is_signed_in(client) -> bool:
    """Say whether anybody is signed in in this browser."""
    return "_auth_user_id" in client.session

"""What the tests of accounts share: the worker's round and the links of its mail."""

import datetime as dt
import re

from django.core import mail
from django.utils import timezone

from common.outbox.services import deliver_due

SIGN_IN = "/accounts/login/"


def deliver_mail() -> list:
    """Let the worker deliver what is due; return the mails sent by it."""
    before = len(mail.outbox)
    deliver_due(at=timezone.now() + dt.timedelta(minutes=1))
    return mail.outbox[before:]


def link_in(message) -> str:
    """Return the path of the first link of a mail."""
    return re.search(r"https?://[^/\s]+(/\S+)", message.body).group(1)


def sign_in(client, login: str, password: str, path: str = SIGN_IN, **extra: object):
    """Post the sign-in form."""
    return client.post(path, {"login": login, "password": password, **extra})


def is_signed_in(client) -> bool:
    """Return whether this browser has a session of a person."""
    return "_auth_user_id" in client.session

"""What the worker does with letters about accounts. Each asks first whether it is still wanted."""

import datetime as dt

from allauth.account.models import EmailAddress

from accounts import mails
from accounts.models import User
from accounts.services.letters import CHANGED, CONFIRM, EXISTS, RESET
from common.outbox.models import OutboxMessage
from common.outbox.services import handles


def _user(message: OutboxMessage) -> User | None:
    return User.objects.filter(pk=message.payload["id"], is_active=True, email__isnull=False).first()


@handles(CONFIRM)
def confirm(message: OutboxMessage, at: dt.datetime) -> None:
    """Send the confirmation link, unless the address is proven or gone by now."""
    address = EmailAddress.objects.filter(pk=message.payload["id"], verified=False, user__is_active=True).first()
    if address:
        mails.send_confirmation(address, key=message.key, language=message.payload["language"])


@handles(EXISTS)
def exists(message: OutboxMessage, at: dt.datetime) -> None:
    """Tell that there is an account already."""
    if user := _user(message):
        mails.send_account_exists(user, key=message.key, language=message.payload["language"])


@handles(RESET)
def reset(message: OutboxMessage, at: dt.datetime) -> None:
    """Send the link to a new password."""
    if user := _user(message):
        mails.send_reset(user, key=message.key, language=message.payload["language"])


@handles(CHANGED)
def password_changed(message: OutboxMessage, at: dt.datetime) -> None:
    """Warn about a changed password."""
    if user := _user(message):
        mails.send_password_changed(user, key=message.key, language=message.payload["language"])

"""Text messages about accounts, worded when they are delivered."""

from django.utils.translation import gettext as _

from accounts.mails import language_of
from accounts.models import PhoneCode
from accounts.phone_codes import code_of
from accounts.sms.registry import sender
from common.mail import site_name
from common.outbox.models import OutboxMessage


def send_code(row: PhoneCode, message: OutboxMessage) -> None:
    """Text a code to its phone, if this installation still sends any. Raises what a sender raises."""
    found = sender()
    if found is None:
        return
    with language_of(message):
        words = _("%(code)s is your code at %(shop)s. It works for ten minutes. Tell it to nobody.")
        found.send(to=str(row.phone), text=words % {"code": code_of(row), "shop": site_name()}, key=message.key)

"""Handing a mail to the mail server."""

import logging
import re
from smtplib import SMTPRecipientsRefused

from django.core.mail import EmailMessage

logger = logging.getLogger(__name__)
# RFC 3463: class 5 is permanent, subject 1 is the address. Other refusals (5.7.1, no relaying) are the shop's own
# account at the mail server: those mails must wait until somebody has mended it.
_BAD_ADDRESS = re.compile(rb"5\.1\.\d{1,3}\b")


def send(message: EmailMessage) -> bool:
    """Send a mail; False when the server says that there is no such address, so that trying again is useless.

    Raises what Django's mail backend raises for anything else: the outbox then tries again.
    """
    try:
        message.send()
    except SMTPRecipientsRefused as error:
        if not all(_BAD_ADDRESS.match(text) for _, text in error.recipients.values()):
            raise
        logger.warning("The mail server knows no such address; the mail ends")
        return False
    return True

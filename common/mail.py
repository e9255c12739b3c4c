"""Composing emails, and handing them to the mail server."""

import logging
import re
from collections.abc import Callable
from smtplib import SMTPRecipientsRefused
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from wagtail.models import Site

logger = logging.getLogger(__name__)
# RFC 3463: class 5 is permanent, subject 1 is the address. Other refusals (5.7.1, no relaying) are the shop's own
# account at the mail server: those emails must wait until somebody has fixed it.
_BAD_ADDRESS = re.compile(rb"5\.1\.\d{1,3}\b")


# The reply address is one of the owner's settings, in a layer above: `answer_to` brings it here.
_reply_to: list[Callable[[], str]] = []


def answer_to(find: Callable[[], str]) -> Callable[[], str]:
    """Register the decorated function as the source of the Reply-To address; an empty one means the sender."""
    _reply_to[:] = [find]
    return find


def compose(*, key: str, to: str, subject: str, text: str, html: str) -> EmailMultiAlternatives:
    """Return an email whose replies reach the shop.

    Its Message-ID comes from `key` alone, so an email delivered twice is recognised as one.
    """
    message = EmailMultiAlternatives(
        subject=" ".join(subject.split()),
        body=text.strip() + "\n",
        to=[to],
        reply_to=[address for find in _reply_to if (address := find())],
        headers={"Message-ID": message_id(key), "Auto-Submitted": "auto-generated"},
    )
    message.attach_alternative(html, "text/html")
    return message


def message_id(key: str) -> str:
    """Return the stable Message-ID of an outbox key."""
    return f"<{key.replace(':', '.')}@{urlsplit(settings.SITE_URL).hostname or 'localhost'}>"


def site_name() -> str:
    """Return the shop's name, used to sign emails."""
    site = Site.objects.filter(is_default_site=True).first()
    return site.site_name if site and site.site_name else settings.WAGTAIL_SITE_NAME


def send(message: EmailMessage) -> bool:
    """Send an email; return False when the server says there is no such address, so retrying is useless.

    Raises what Django's mail backend raises for anything else: the outbox then tries again.
    """
    try:
        message.send()
    except SMTPRecipientsRefused as error:
        if not all(_BAD_ADDRESS.match(text) for _, text in error.recipients.values()):
            raise
        logger.warning("The mail server knows no such address; the email is dropped")
        return False
    return True

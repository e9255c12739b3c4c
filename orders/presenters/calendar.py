"""The appointment to collect an order, as an iCalendar file."""

import datetime as dt

from django.conf import settings
from django.utils.translation import gettext

from common.urls import absolute
from orders import numbers
from orders.models import Order

VISIT = dt.timedelta(minutes=15)


def calendar_file(order: Order, *, at: dt.datetime) -> str:
    """Return an event that starts at the promised time, in UTC, at the shop. No personal data."""
    title = gettext("Collect order %(number)s at %(shop)s") % {
        "number": numbers.group(order.number),
        "shop": order.shop.name_text,
    }
    url = absolute("orders:status", order.token)
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Vitrine//Orders//EN",
        "BEGIN:VEVENT",
        f"UID:{order.number}@{settings.SITE_URL.split('//')[-1]}",
        f"DTSTAMP:{_utc(at)}",
        f"DTSTART:{_utc(order.promised_at)}",
        f"DTEND:{_utc(order.promised_at + VISIT)}",
        f"SUMMARY:{_escape(title)}",
        f"LOCATION:{_escape(f'{order.shop.name_text}, {order.shop.address_text}')}",
        f"URL:{url}",
        f"SEQUENCE:{order.version}",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(f"{_fold(line)}\r\n" for line in lines)


def _utc(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).strftime("%Y%m%dT%H%M%SZ")


def _escape(text: str) -> str:
    for plain, escaped in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r", ""), ("\n", "\\n")):
        text = text.replace(plain, escaped)
    return text


def _fold(line: str) -> str:
    """Break a line into parts of at most 75 bytes, never inside a character."""
    parts, size = [""], 0
    for character in line:
        width = len(character.encode())
        if size + width > 73:
            parts.append("")
            size = 0
        parts[-1] += character
        size += width
    return "\r\n ".join(parts)

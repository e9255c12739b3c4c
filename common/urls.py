"""Absolute addresses on this site, for emails, QR codes and other sites."""

from django.conf import settings
from django.urls import reverse


def absolute(name: str, *args: object) -> str:
    """Return the absolute address of a named page, in the active language where it has one."""
    return absolute_path(reverse(name, args=args))


def absolute_path(path: str) -> str:
    """Return the absolute address of a path on this site; an address that is absolute already stays as it is."""
    if path.startswith(("https://", "http://")):
        return path
    return f"{settings.SITE_URL.rstrip('/')}{path}"

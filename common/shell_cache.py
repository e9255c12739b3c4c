"""Forgetting what every page shares (header, footer, menu) when something in it has changed.

The shell itself is built by `storefront`, which nobody may import; what changes it lies lower.
"""

from django.conf import settings
from django.core.cache import cache
from django.db import transaction


def shell_key(language: str) -> str:
    """Return the cache key of the shell in a language."""
    return f"shell:{language}"


def forget_shell() -> None:
    """Drop the shell in all languages once the present transaction is committed."""
    transaction.on_commit(_drop, robust=True)


def _drop() -> None:
    cache.delete_many([shell_key(code) for code, _name in settings.LANGUAGES])

"""Dropping the shell that every page shares (header, footer, menu) when something in it has changed.

The shell is built by `storefront`, which nobody may import; the rows it shows belong to lower layers.
"""

from django.conf import settings
from django.core.cache import cache
from django.db import transaction


def shell_key(language: str) -> str:
    """Return the cache key of the shell in a language."""
    return f"shell:{language}"


def forget_shell() -> None:
    """Drop the shell in all languages once the current transaction is committed."""
    transaction.on_commit(_drop, robust=True)


def _drop() -> None:
    cache.delete_many([shell_key(code) for code, _name in settings.LANGUAGES])

"""Masking of secrets in paths and of people's addresses in every log line, tracebacks included."""

import logging
import re

_SECRET_PATHS = re.compile(
    r"(/(?:orders|c)/)(?!find/)[A-Za-z0-9_-]{8,}|(/accounts/(?:confirm-email|activate|not-me|password/reset/key)/)[^/\s]+"
)
# A mail server that refuses an address names it. Sixty-four characters: the longest that may stand before the @.
_MAILBOXES = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@(?=\w)")


def mask_secrets(text: str) -> str:
    """Return `text` with order tokens, collection secrets, account keys and mailboxes replaced."""
    return _MAILBOXES.sub("***@", _SECRET_PATHS.sub(lambda match: f"{match.group(1) or match.group(2)}***", text))


class MaskingFormatter(logging.Formatter):
    """Mask the formatted record: the message and the traceback below it."""

    def format(self, record: logging.LogRecord) -> str:
        return mask_secrets(super().format(record))

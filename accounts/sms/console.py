"""Text messages as files in var/sms, for development and the demo. Reaches nobody; logs neither number nor text."""

import logging
import re

from django.conf import settings

from accounts.sms.base import SmsSender

logger = logging.getLogger(__name__)
_OTHER = re.compile(r"[^0-9A-Za-z._-]")


class Console(SmsSender):
    """Writes each message to a file of its own, readable by its owner only."""

    code = "console"
    is_real = False

    def send(self, *, to: str, text: str, key: str) -> None:
        folder = settings.VAR_DIR / "sms"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = folder / f"{_OTHER.sub('-', key)}.txt"
        path.touch(mode=0o600)
        path.write_text(f"{to}\n{text}\n")
        logger.info("A text message is in %s", path)

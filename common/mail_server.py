"""Sending mail in bounded time: give up on a server that hangs or trickles its answers."""

import smtplib
import time
from typing import Any

from django.core.mail.backends.smtp import EmailBackend

# For all steps of one email together; each step alone has settings.EMAIL_TIMEOUT.
SECONDS = 20.0


class _Bounded:
    """Share one deadline between all steps of a connection. Raises TimeoutError when it has passed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._deadline = time.monotonic() + SECONDS
        super().__init__(*args, **kwargs)

    def getreply(self) -> tuple[int, bytes]:
        self._bound_next_step()
        return super().getreply()  # type: ignore[misc]

    def send(self, s: Any) -> None:
        self._bound_next_step()
        super().send(s)  # type: ignore[misc]

    def _bound_next_step(self) -> None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            self.close()  # type: ignore[attr-defined]
            raise TimeoutError(f"The mail server took more than {SECONDS:.0f} s for an email.")
        if sock := getattr(self, "sock", None):
            sock.settimeout(min(left, self.timeout))  # type: ignore[attr-defined]


class BoundedSMTP(_Bounded, smtplib.SMTP):
    """A plain connection, or one encrypted after its greeting (STARTTLS)."""


class BoundedSMTPS(_Bounded, smtplib.SMTP_SSL):
    """A connection encrypted from the start."""


class BoundedBackend(EmailBackend):
    """Django's backend over connections with a deadline."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        """Return the kind of connection to open."""
        return BoundedSMTPS if self.use_ssl else BoundedSMTP

"""Django's PostgreSQL, whose connections are asked for their health without a question to the server."""

import select
from typing import Any

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that is usable while the server has said nothing on it.

    Django asks `SELECT 1` once a request, a fortieth of what it costs to place an order. A server that stopped, or
    ended the connection, has closed the socket, which can then be read; one that vanished without a word keeps
    `SELECT 1` waiting as long as any other query.
    """

    def is_usable(self) -> bool:
        """Return whether queries may be sent; what the server has said unasked is looked at by asking it."""
        mine: Any = self.connection
        if mine is None or mine.closed:
            return False
        waiting = select.poll()
        waiting.register(mine.fileno(), select.POLLIN | select.POLLPRI)
        return not waiting.poll(0) or super().is_usable()
